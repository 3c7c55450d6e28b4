// The build's check for what njs 0.7.9 cannot load.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildNginx } from '../../../scripts/build-nginx.mjs';
import { findUnsupportedSyntax } from '../../../scripts/njs-syntax.mjs';

test.each([
  ['for..of', 'for (const a of b) a();'],
  ['class', 'class A {}'],
  ['destructuring', 'const { a } = b;'],
  ['destructuring', 'const [a] = b;'],
  ['spread', 'f(...a);'],
  ['spread', 'const a = { ...b };'],
  ['default parameter', 'function f(a = 1) {}'],
  ['BigInt', 'const a = 1n;'],
  ['?.', 'a?.b;'],
  ['??=', 'a ??= b;'],
  ['catch without a binding', 'try { a(); } catch { b(); }'],
  ['await in arguments', 'async function f() { g(await h()); }'],
  ['flag of a regular expression', '/a/u.test(b);'],
  ['$ in a regular expression', '/^a$/.test(b);'],
  ['Map', 'const a = new Map();'],
  ['.replaceAll', 'a.replaceAll("b", "c");'],
  ['Array.from', 'Array.from(a);'],
  ['export list', 'const a = 1; export { a as default };'],
])('finds %s in `%s`', (what, code) => {
  expect(findUnsupportedSyntax(code)).toEqual([`1: ${what}`]);
});

test.each([
  'for (let a = 0; a < b.length; a++) c(b[a]);',
  'const a = b ?? c;',
  'try { a(); } catch (error) { b(); }',
  'async function f() { const a = await h(); g(a); }',
  '/[^a-z]/.test(b);',
  'const a = b.map((c) => c.Map);',
  'export default a;',
])('finds nothing in `%s`', (code) => {
  expect(findUnsupportedSyntax(code)).toEqual([]);
});

test('the built module passes, says what it is, and ends in one default export', async () => {
  const code = readFileSync(await buildNginx(), 'utf8');
  expect(findUnsupportedSyntax(code)).toEqual([]);
  expect(code).toMatch(/^\/\/ jwtverify \d+\.\d+\.\d+: .*Apache-2\.0\n/);
  expect(code).toMatch(/\nexport default \w+;\n$/);
});
