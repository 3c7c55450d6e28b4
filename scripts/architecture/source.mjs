// What a TypeScript file imports, and which names it exports, as its syntax shows them.
import path from 'node:path';
import ts from 'typescript';

/**
 * @typedef {object} Source
 * @property {readonly string[]} imports what is between the quotes of each import, `import type` and re-exports too
 * @property {readonly string[]} exports names
 * @property {ReadonlySet<string>} words every string in quotes
 */

/** @param {ts.Node} node @returns {string | undefined} what a node imports */
function importOf(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const from = node.moduleSpecifier;
    return from !== undefined && ts.isStringLiteral(from) ? from.text : undefined;
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return node.argument.literal.text;
  }
  const isCall = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const first = isCall ? node.arguments[0] : undefined;
  return first !== undefined && ts.isStringLiteral(first) ? first.text : undefined;
}

/** @param {ts.Statement} statement @returns {readonly string[]} the names that a statement exports */
function exportsOf(statement) {
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    return clause !== undefined && ts.isNamedExports(clause) ? clause.elements.map(({ name }) => name.text) : [];
  }
  if (ts.isExportAssignment(statement)) {
    const value = statement.expression;
    if (!ts.isObjectLiteralExpression(value)) return [];
    return value.properties.map((member) => member.name?.getText() ?? '');
  }
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  const name = /** @type {ts.Statement & { name?: ts.Identifier }} */ (statement).name;
  return name === undefined ? [] : [name.text];
}

/**
 * Reads a file's imports and exports.
 * @param {string} file
 * @param {string} text
 * @returns {Source}
 */
export function readSource(file, text) {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  /** @type {string[]} */
  const imports = [];
  /** @type {Set<string>} */
  const words = new Set();
  /** @param {ts.Node} node */
  const visit = (node) => {
    const specifier = importOf(node);
    if (specifier !== undefined) imports.push(specifier);
    if (ts.isStringLiteral(node)) words.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { imports, exports: tree.statements.flatMap(exportsOf), words };
}

/**
 * The file that an import names. `part:NAME` is a part of the njs module, `inner:NAME` one within a part, which the build makes (scripts/build-nginx.mjs).
 * @param {string} file
 * @param {string} specifier
 * @param {ReadonlySet<string>} files
 * @returns {string | undefined} undefined for a package, and for what does not exist
 */
export function resolveImport(file, specifier, files) {
  if (specifier.startsWith('part:')) return resolveImport('nginx/main.ts', `./parts/open-${specifier.slice(5)}`, files);
  if (specifier.startsWith('inner:')) return resolveImport('nginx/judge/x.ts', `./inner-${specifier.slice(6)}`, files);
  if (!specifier.startsWith('.')) return undefined;
  const target = path.posix.join(path.posix.dirname(file), specifier);
  return [target, `${target}.ts`, `${target}.d.ts`].find((name) => files.has(name));
}
