// What holds the core to being pure, and all of it to what typescript-to-lua and njs 0.7.9 can read, is itself held here:
// each snippet is given to the project's own linter and compiler in the place of a real file.
import { resolve } from 'node:path';
import { ESLint } from 'eslint';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { bundle } from '../../scripts/build-nginx.mjs';
import { findUnsupportedSyntax } from '../../scripts/njs-syntax.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const CORE = 'src/claims/scope.ts';
const CODEC = 'src/codec/base64.ts';
const HAPROXY = 'haproxy/judge/action.ts';
const NGINX = 'nginx/judge/steps.ts';

const eslint = new ESLint({ cwd: ROOT });

/** The linter's messages for a text in a file's place, as `rule: message`. */
async function lint(file: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: resolve(ROOT, file) });
  return (result?.messages ?? []).map(({ ruleId, message }) => `${ruleId ?? 'parser'}: ${message}`);
}

const BANS: readonly (readonly [what: string, rule: string, file: string, snippet: string])[] = [
  ...[CORE, HAPROXY, NGINX].flatMap((file) => [
    ['a class', 'no-restricted-syntax', file, 'export class Judge { readonly a = 1 }'] as const,
    [
      '`this`',
      'no-restricted-syntax',
      file,
      'export function f(this: { a: string }): string { return this.a }',
    ] as const,
    ['an enum', 'no-restricted-syntax', file, 'export enum Reason { a, b }'] as const,
    ['a namespace', 'no-restricted-syntax', file, 'export namespace n { export const a = 1 }'] as const,
    ['a decorator', 'no decorator', file, 'declare const d: ClassDecorator; @d export class A {}'] as const,
    ['the truth of a string', 'strict-boolean', file, 'export const f = (a: string): number => (a ? 1 : 0)'] as const,
    ['the truth of a number', 'strict-boolean', file, 'export const f = (a: number): number => (a ? 1 : 0)'] as const,
    ['the truth of an object', 'strict-boolean', file, 'export const f = (a?: object): number => (a ? 1 : 0)'] as const,
    ['`==`', 'eqeqeq', file, 'export const f = (a: number): boolean => a == 1'] as const,
    ['`||=`', 'no-restricted-syntax', file, 'export function f(a: string): string { a ||= "b"; return a }'] as const,
    ['`&&=`', 'no-restricted-syntax', file, 'export function f(a: string): string { a &&= "b"; return a }'] as const,
  ]),
  ...[CORE, NGINX].flatMap((file) => [
    [
      'for..of',
      'no-restricted-syntax',
      file,
      'export function f(a: string[]): void { for (const b of a) f([b]) }',
    ] as const,
    [
      'destructuring',
      'no-restricted-syntax',
      file,
      'export const f = (a: { b: string }): string => { const { b } = a; return b }',
    ] as const,
    [
      'a destructured parameter',
      'no-restricted-syntax',
      file,
      'export const f = ({ b }: { b: string }): string => b',
    ] as const,
    [
      'array destructuring',
      'no-restricted-syntax',
      file,
      'export const f = (a: string[]): unknown => { const [b] = a; return b }',
    ] as const,
    ['spread in an array', 'no-restricted-syntax', file, 'export const f = (a: string[]): string[] => [...a]'] as const,
    [
      'spread in an object',
      'no-restricted-syntax',
      file,
      'export const f = (a: object): object => ({ ...a })',
    ] as const,
    ['a default parameter', 'no-restricted-syntax', file, 'export const f = (a = 1): number => a'] as const,
    ['BigInt', 'no-restricted-syntax', file, 'export const a = 1n'] as const,
    ['a generator', 'no-restricted-syntax', file, 'export function* f(): unknown { yield 1 }'] as const,
  ]),
  ...[CORE, HAPROXY].flatMap((file) => [
    [
      '`??=` within an expression',
      'no-restricted-syntax',
      file,
      'export const f = (a: { b?: string }): string => (a.b ??= "c")',
    ] as const,
    [
      'a copy that writes what may be undefined over a member',
      'house/lost-undefined',
      file,
      'export const f = (a: { b: string | undefined }, c: string | undefined): object => Object.assign({}, a, { b: c })',
    ] as const,
  ]),
  [
    'a spread that writes what may be undefined over a member',
    'house/lost-undefined',
    HAPROXY,
    'export const f = (a: { b: string | undefined }, c: string | undefined): object => ({ ...a, b: c })',
  ],
  ['a regular expression', 'no-restricted-syntax', CORE, 'export const a = /a/'],
  ['`>>`', 'no-restricted-syntax', CORE, 'export const f = (a: number): number => a >> 1'],
  ['`| 0`', 'no-restricted-syntax', CORE, 'export const f = (a: number): number => a | 0'],
  ['for..in', 'no-restricted-syntax', CORE, 'export function f(a: object): void { for (const b in a) f([b]) }'],
  ['throw', 'no-restricted-syntax', CORE, 'export function f(): void { throw new Error("a") }'],
  ['try', 'no-restricted-syntax', CORE, 'export function f(): void { try { f() } finally { f() } }'],
  [
    'an async function',
    'no-restricted-syntax',
    CORE,
    'export async function f(a: Promise<void>): Promise<void> { await a }',
  ],
  ['an import at run time', 'no-restricted-syntax', CORE, 'export const f = (): unknown => import("./reason")'],
  ...[
    'JSON.parse("1")',
    'Date.now()',
    'new Map()',
    'new Set()',
    'Promise.resolve()',
    'console.log(1)',
    'process.env',
    'Buffer.from("")',
    'setTimeout(() => 1, 1)',
    'fetch("a")',
    'crypto.subtle',
    'performance.now()',
    'globalThis.Date',
    'require("fs")',
    'ngx.fetch("a")',
    'core.log(1, "a")',
    'os.time()',
  ].map((use) => [`\`${use}\``, 'no-restricted-globals', CORE, `export const f = (): unknown => ${use}`] as const),
  ['`Math.random`', 'no-restricted-properties', CORE, 'export const f = (): number => Math.random()'],
  ['a package', 'no-restricted-imports', CORE, 'import { a } from "jose"; export const b: unknown = a'],
  ['a module of Node', 'no-restricted-imports', CORE, 'import { a } from "node:fs"; export const b: unknown = a'],
  ['a host', 'no-restricted-imports', CORE, 'import { a } from "../../haproxy/ports/log"; export const b: unknown = a'],
  [
    'the other host',
    'no-restricted-imports',
    CODEC,
    'import { a } from "../../nginx/answer/reply"; export const b: unknown = a',
  ],
  [
    'a host not yet there',
    'no-restricted-imports',
    CORE,
    'import { a } from "../cli/main"; export const b: unknown = a',
  ],
  [
    'a value of a port',
    'no-restricted-imports',
    CORE,
    'import { a } from "../ports/http"; export const b: unknown = a',
  ],
  ['an upper room', 'house/rooms', CORE, 'import { a } from "../token/flow"; export const b: unknown = a'],
  ['a folder that is not a room', 'house/rooms', CORE, 'import { a } from "../core/flow"; export const b: unknown = a'],
  ['an upper room', 'house/rooms', NGINX, 'import { a } from "../operate/health"; export const b: unknown = a'],
  ['an upper room', 'house/rooms', HAPROXY, 'import { a } from "../main"; export const b: unknown = a'],
  [
    'nginx',
    'no-restricted-imports',
    HAPROXY,
    'import { a } from "../../nginx/answer/reply"; export const b: unknown = a',
  ],
  [
    'haproxy',
    'no-restricted-imports',
    NGINX,
    'import { a } from "../../haproxy/answer/reply"; export const b: unknown = a',
  ],
];

describe('the linter', () => {
  test.each(BANS)('refuses %s (%s) in %s', async (_what, rule, file, snippet) => {
    expect((await lint(file, snippet)).join('\n')).toContain(rule);
  });

  test('lets through what the core is written in', async () => {
    const text = `import { refuse } from '../answer/decision';
import type { Text } from '../codec/text';

export function countWords(words: readonly string[], text: Text): number {
  let count = 0;
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (word !== undefined && !text.hasControl(word)) count += 1;
  }
  return refuse('expired').status >>> 0 === 401 ? Math.floor(count) : 0;
}
`;
    expect(await lint(CORE, text)).toEqual([]);
  });

  test.each([CORE, HAPROXY, NGINX])('lets through what the compilers lower well, in %s', async (file) => {
    const text = `interface Named {
  readonly name: string;
  readonly title?: string;
  readonly place: string | undefined;
}

export function title(named: Named | undefined, spare: readonly string[] | undefined): string {
  let title = named?.title;
  title ??= spare?.[0];
  return title ?? named?.name.trim() ?? '';
}

export function rename(named: Named, name: string, place: string): Named {
  return Object.assign({}, named, { name, place });
}
`;
    expect(await lint(file, text)).toEqual([]);
  });

  test('lets a catch without a binding through in a host', async () => {
    const text = `export function isGood(use: () => void): boolean {
  try {
    use();
    return true;
  } catch {
    return false;
  }
}
`;
    expect(await lint(HAPROXY, text)).toEqual([]);
    expect(await lint(NGINX, text)).toEqual([]);
  });

  test('lets a regular expression through in a host', async () => {
    expect(await lint(NGINX, 'export const a = /^a$/;\n')).toEqual([]);
    expect(
      await lint(HAPROXY, 'export function f(a: readonly string[]): void {\n  for (const b of a) f([b]);\n}\n'),
    ).toEqual([]);
  });
});

/** What the compiler says of a text in the place of a file of src/, with the project's own src/tsconfig.json. */
function compile(text: string): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(resolve(ROOT, 'src/tsconfig.json'), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
      throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
    },
  });
  expect(config?.fileNames).toContain(resolve(ROOT, CORE));
  const options = config?.options ?? {};
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, languageVersion, ...rest) =>
    resolve(name) === resolve(ROOT, CORE)
      ? ts.createSourceFile(name, text, languageVersion)
      : read(name, languageVersion, ...rest);
  const program = ts.createProgram({ rootNames: [resolve(ROOT, CORE)], options, host });
  return ts
    .getPreEmitDiagnostics(program)
    .map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
}

describe('the compiler, with no types but the language', () => {
  test.each([
    'console.log(1)',
    'process.env',
    'Buffer.from("")',
    'setTimeout(() => 1, 1)',
    'fetch("a")',
    'crypto.subtle',
    'performance.now()',
    'new TextEncoder()',
    'require("fs")',
    'ngx.fetch("a")',
    'core.log(1, "a")',
    'os.time()',
    '"a".replaceAll("a", "b")',
    'Object.hasOwn({}, "a")',
  ])('does not know `%s`', (use) => {
    const problems = compile(`export const f = (): unknown => ${use};`).join('\n');
    expect(problems).toMatch(/Cannot find name|does not exist on type/);
  });

  test('knows no module of Node', () => {
    expect(
      compile('import { readFileSync } from "node:fs"; export const f: unknown = readFileSync;').join('\n'),
    ).toMatch(/Cannot find (module|name) .*node:fs/);
  });

  test('does not take an element of an array as being there', () => {
    expect(compile('export const f = (a: readonly string[]): string => a[0];').join('\n')).toContain('undefined');
  });

  test('accepts the language itself', () => {
    expect(compile('export const f = (a: readonly string[]): string => a.join(" ").trim();')).toEqual([]);
  });
});

/** What esbuild makes of a text, with the options of the njs module. */
const lower = (contents: string): Promise<string> => bundle({ stdin: { contents, loader: 'ts' }, logLevel: 'silent' });

describe('the build for njs', () => {
  test.each([
    'export const f = (a) => a?.b.c?.[0];',
    'export function f(a) { a.b ??= 1; return a }',
    'export function f(g) { try { return g() } catch { return 0 } }',
    'export const f = (a, b) => Object.assign({}, a, { b });',
  ])('lowers `%s` to what njs 0.7.9 reads', async (text) => {
    expect(findUnsupportedSyntax((await lower(text)).replace(/export \{[^}]*\};/, ''))).toEqual([]);
  });

  test.each([
    'export function f(a) { for (const b of a) f(b) }',
    'export const f = ({ b }) => b;',
    'export const f = (a) => { const { b } = a; return b };',
    'export const f = (a) => { const [b] = a; return b };',
    'export const f = (a) => [...a];',
    'export const f = (a = 1) => a;',
    'export const f = () => 1n;',
    'export function* f() { yield 1 }',
  ])('does not know how to lower `%s`', async (text) => {
    await expect(lower(text)).rejects.toThrow(/not supported|esbuild warned/);
  });
});
