// Finds what njs 0.7.9 cannot load or run in a built module, from its syntax tree.
import ts from 'typescript';

const { SyntaxKind: Kind } = ts;

const REFUSED_KINDS = new Map([
  [Kind.ForOfStatement, 'for..of'],
  [Kind.ClassDeclaration, 'class'],
  [Kind.ClassExpression, 'class'],
  [Kind.ObjectBindingPattern, 'destructuring'],
  [Kind.ArrayBindingPattern, 'destructuring'],
  [Kind.SpreadElement, 'spread'],
  [Kind.SpreadAssignment, 'spread'],
  [Kind.BigIntLiteral, 'BigInt'],
  [Kind.YieldExpression, 'generator'],
  [Kind.QuestionDotToken, '?.'],
  [Kind.QuestionQuestionEqualsToken, '??='],
  [Kind.BarBarEqualsToken, '||='],
  [Kind.AmpersandAmpersandEqualsToken, '&&='],
  [Kind.MetaProperty, 'import.meta'],
  [Kind.ExportDeclaration, 'export list'],
]);

const REFUSED_NAMES = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'BigInt', 'Proxy', 'Reflect', 'structuredClone']);
const REFUSED_MEMBERS = new Set([
  'replaceAll',
  'hasOwn',
  'fromEntries',
  'flat',
  'flatMap',
  'at',
  'matchAll',
  'allSettled',
  'findLast',
]);

function isAwaitInArguments(node) {
  if (node.kind !== Kind.AwaitExpression) return false;
  for (let outer = node; outer.parent !== undefined && !ts.isFunctionLike(outer); outer = outer.parent) {
    if (ts.isCallExpression(outer.parent) && outer.parent.arguments.includes(outer)) return true;
  }
  return false;
}

/** The name of what njs 0.7.9 lacks, or undefined. */
function refuse(node) {
  if (REFUSED_KINDS.has(node.kind)) return REFUSED_KINDS.get(node.kind);
  if (ts.isParameter(node) && node.initializer !== undefined) return 'default parameter';
  if (ts.isCatchClause(node) && node.variableDeclaration === undefined) return 'catch without a binding';
  if (isAwaitInArguments(node)) return 'await in arguments';
  if (ts.isRegularExpressionLiteral(node)) return refuseRegularExpression(node.text);
  if (ts.isIdentifier(node) && REFUSED_NAMES.has(node.text) && !isMemberName(node)) return node.text;
  if (ts.isPropertyAccessExpression(node)) return refuseMember(node);
  return undefined;
}

function isMemberName(node) {
  return ts.isPropertyAccessExpression(node.parent) && node.parent.name === node;
}

function refuseMember(node) {
  if (REFUSED_MEMBERS.has(node.name.text)) return `.${node.name.text}`;
  return node.getText() === 'Array.from' ? 'Array.from' : undefined;
}

/** Besides the flags: njs's `$` also matches before a final line feed, so that a check written with it lets one in. */
function refuseRegularExpression(literal) {
  const end = literal.lastIndexOf('/');
  if (/[suvdy]/.test(literal.slice(end + 1))) return 'flag of a regular expression';
  return /(^|[^\\])\$/.test(literal.slice(1, end)) ? '$ in a regular expression' : undefined;
}

/**
 * Lists what njs 0.7.9 does not have in `code`.
 * @param {string} code a module in JavaScript
 * @returns {string[]} one line for each finding, `LINE: what`; empty when it will load
 */
export function findUnsupportedSyntax(code) {
  const file = ts.createSourceFile('module.js', code, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const findings = [];
  function visit(node) {
    const name = refuse(node);
    if (name !== undefined) {
      findings.push(`${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${name}`);
    }
    ts.forEachChild(node, visit);
  }
  visit(file);
  return findings;
}
