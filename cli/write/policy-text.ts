// The canonical text of a policy: members in the order of the schema, two blanks for each level, on one line what fits there.
import { text } from '../../nginx/ports/text';
import schema from '../../schema/policy.schema.json';
import { asArray, asObject, type Json } from '../../src/codec/json';
import { formatJson } from '../../src/codec/json-format';
import { findFaultyLine, parseJson } from '../../src/codec/json-parse';
import { failure } from '../desk/failure';

const WIDTH = 120;

/** A part of the schema: what it says of members, items and alternatives. */
interface Node {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly allOf?: readonly Node[];
}

const DEFINITIONS = schema.$defs as Readonly<Record<string, Node>>;

/** A part with everything that it refers to. */
function spread(node: Node): readonly Node[] {
  const referred = node.$ref === undefined ? undefined : DEFINITIONS[node.$ref.slice('#/$defs/'.length)];
  const others = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])];
  return [node, ...(referred === undefined ? [] : spread(referred)), ...others.flatMap(spread)];
}

const partsOf = (nodes: readonly Node[]): readonly Node[] => nodes.flatMap(spread);

function innerOf(nodes: readonly Node[], name: string): readonly Node[] {
  return partsOf(nodes).flatMap(({ properties, additionalProperties }) => {
    const own = properties?.[name];
    if (own !== undefined) return [own];
    return typeof additionalProperties === 'object' ? [additionalProperties] : [];
  });
}

const pad = (depth: number): string => '  '.repeat(depth);

/** On one line, as prettier writes it. */
function inline(value: Json): string {
  const items = asArray(value)?.items;
  if (items !== undefined) return `[${items.map(inline).join(', ')}]`;
  const object = asObject(value);
  if (object === undefined) return formatJson(value);
  const members = object.values.map((member, index) => `${formatJson(object.names[index] ?? '')}: ${inline(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** Members that the schema does not know keep their order, behind the others. */
function sortNames(names: readonly string[], nodes: readonly Node[]): readonly string[] {
  const known = partsOf(nodes).flatMap(({ properties }) => Object.keys(properties ?? {}));
  const place = (name: string): number => (known.includes(name) ? known.indexOf(name) : known.length);
  return [...names].sort((one, other) => place(one) - place(other));
}

/** The same value with its members in order. */
function arrange(value: Json, nodes: readonly Node[]): Json {
  const items = asArray(value)?.items;
  if (items !== undefined) {
    const inner = partsOf(nodes).flatMap((node) => (node.items === undefined ? [] : [node.items]));
    return { kind: 'array', items: items.map((item) => arrange(item, inner)) };
  }
  const object = asObject(value);
  if (object === undefined) return value;
  const names = sortNames(object.names, nodes);
  const values = names.map((name) => arrange(object.values[object.names.indexOf(name)] ?? false, innerOf(nodes, name)));
  return { kind: 'object', names, values };
}

function format(value: Json, depth: number, before: number): string {
  const line = inline(value);
  if (depth > 0 && pad(depth).length + before + line.length < WIDTH) return line;
  const items = asArray(value)?.items;
  if (items !== undefined && items.length > 0) {
    return `[\n${items.map((item) => pad(depth + 1) + format(item, depth + 1, 0)).join(',\n')}\n${pad(depth)}]`;
  }
  const object = asObject(value);
  if (object === undefined || object.names.length === 0) return line;
  const members = object.values.map((member, index) => {
    const head = `${formatJson(object.names[index] ?? '')}: `;
    return pad(depth + 1) + head + format(member, depth + 1, head.length);
  });
  return `{\n${members.join(',\n')}\n${pad(depth)}}`;
}

/**
 * Writes a policy in its canonical form. Nothing of it is checked but that it is strict JSON.
 * @throws a failure with the line where it is not
 */
export function formatPolicy(path: string, source: string): string {
  const document = parseJson(source, text);
  if (document === undefined) {
    throw failure(`${path}: is not strict JSON at line ${String(findFaultyLine(source, text) ?? 1)}`);
  }
  return `${format(arrange(document, [schema as unknown as Node]), 0, 0)}\n`;
}
