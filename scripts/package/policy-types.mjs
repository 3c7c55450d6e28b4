// TypeScript types of a policy out of its JSON Schema, for those who write policies in TypeScript.

/** @typedef {Readonly<Record<string, unknown>>} Node */

/** @param {unknown} value */
const literal = (value) => JSON.stringify(value);

/** @param {string} name */
const typeName = (name) => name.charAt(0).toUpperCase() + name.slice(1);

/** @param {readonly string[]} types */
const union = (types) => [...new Set(types)].join(' | ');

/** @param {Node} node @param {string} pad */
function objectType(node, pad) {
  const required = /** @type {readonly string[]} */ (node.required ?? []);
  const inner = `${pad}  `;
  const members = Object.entries(/** @type {Record<string, Node>} */ (node.properties ?? {})).map(([name, member]) => {
    const words =
      typeof member.description === 'string' ? `${inner}/** ${member.description.replaceAll('*/', '')} */\n` : '';
    return `${words}${inner}readonly ${literal(name)}${required.includes(name) ? '' : '?'}: ${typeOf(member, inner)};`;
  });
  const others = node.additionalProperties;
  if (typeof others === 'object' && others !== null) {
    const type = typeOf(/** @type {Node} */ (others), inner);
    if (members.length === 0) return `Readonly<Record<string, ${type}>>`;
  }
  return members.length === 0 ? 'Readonly<Record<string, unknown>>' : `{\n${members.join('\n')}\n${pad}}`;
}

const PLAIN = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean', null: 'null' };

/**
 * The type of a part. What only narrows another part (`not`, `required` alone) is no type.
 * @param {Node} node @param {string} [pad] @returns {string}
 */
export function typeOf(node, pad = '') {
  if (typeof node.$ref === 'string') return typeName(node.$ref.slice('#/$defs/'.length));
  if (node.const !== undefined) return literal(node.const);
  if (Array.isArray(node.enum)) return union(node.enum.map(literal));
  if (node.type === 'array') return `readonly (${typeOf(/** @type {Node} */ (node.items ?? {}), pad)})[]`;
  if (node.type === 'object') return objectType(node, pad);
  if (typeof node.type === 'string') return PLAIN[node.type] ?? 'unknown';
  if (Array.isArray(node.type)) return union(node.type.map((type) => typeOf({ ...node, type }, pad)));
  const parts = /** @type {readonly Node[]} */ (node.anyOf ?? node.oneOf ?? []);
  return parts.length === 0 ? 'unknown' : union(parts.map((part) => typeOf(part, pad)));
}

/** @param {Node} schema the schema of a policy */
export function writePolicyTypes(schema) {
  const definitions = Object.entries(/** @type {Record<string, Node>} */ (schema.$defs)).map(
    ([name, node]) => `export type ${typeName(name)} = ${typeOf(node)};\n`,
  );
  const head = '// Types of a policy of jwtverify, made from policy.schema.json, which says more than types can.\n';
  return `${head}\nexport type Policy = ${typeOf({ ...schema, type: 'object' })};\n\n${definitions.join('\n')}`;
}
