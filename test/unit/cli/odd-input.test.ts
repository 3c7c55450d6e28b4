// Input that nobody means to give: each command says in one line what is wrong, without a stack trace, and ends as documented.
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXIT, isFailure } from '../../../cli/desk/failure';
import { createProgram } from '../../../cli/program';
import { formatPolicy } from '../../../cli/write/policy-text';
import { createRecorder } from './recorder';

const ROOT = join(import.meta.dirname, '../../..');
const work = mkdtempSync(join(tmpdir(), 'odd-'));
const POLICY = readFileSync(join(ROOT, 'examples/policies/keycloak.json'), 'utf8');

const FILES: Readonly<Record<string, string | Buffer>> = {
  'empty.json': '',
  'bom.json': `\uFEFF${POLICY}`,
  'crlf.json': POLICY.replaceAll('\n', '\r\n'),
  'latin.json': Buffer.from(POLICY.replace('hamster-api', 'k\xe4fig'), 'latin1'),
  'binary.json': Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 167) % 256)),
  'long.json': `{"comment": "${'x'.repeat(2_000_000)}"}`,
  'word.conf': 'x'.repeat(12_000_000),
};
const LINKS: Readonly<Record<string, string>> = {
  circle: 'circle-2',
  'circle-2': 'circle',
  'circle.cfg': 'circle',
  'circle.conf': 'circle',
  'circle.test.yaml': 'circle',
};

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

beforeAll(() => {
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(work, name), content);
  for (const [name, target] of Object.entries(LINKS)) symlinkSync(target, join(work, name));
  mkdirSync(join(work, 'folder'));
});
afterAll(() => {
  rmSync(work, { recursive: true });
});

/** Runs the command as cli/main.ts does. What it would end with a stack trace rejects. */
async function run(...words: readonly string[]): Promise<Ran> {
  const recorder = createRecorder();
  let code = 0;
  const program = createProgram(recorder.output, (own) => (code = own));
  try {
    await program.parseAsync(['node', 'jwtverify', ...words]);
  } catch (error) {
    if (!isFailure(error) && !(error instanceof Error && 'syscall' in error)) throw error;
    recorder.output.error(error.message);
    code = 1;
  }
  return { code, stdout: recorder.stdout(), stderr: recorder.stderr() };
}

const COMMANDS: Readonly<Record<string, (file: string) => readonly string[]>> = {
  check: (file) => ['check', file],
  fmt: (file) => ['fmt', file],
  explain: (file) => ['explain', file, '--url', '/a', '--claims', '{}'],
  'explain --token-file': (file) => ['explain', 'crlf.json', '--url', '/a', '--token-file', file, '--offline'],
  generate: (file) => ['generate', 'nginx', file],
  keys: (file) => ['keys', file],
  'keys convert': (file) => ['keys', 'convert', file],
  'token decode': (file) => ['token', 'decode', file],
  'token make': (file) => ['token', 'make', '--policy', file],
  test: (file) => ['test', file],
  'migrate oauth2-proxy': (file) => ['migrate', 'oauth2-proxy', file],
  'migrate haproxy-lua-oauth': (file) => ['migrate', 'haproxy-lua-oauth', file],
  'migrate nginx-plus': (file) => ['migrate', 'nginx-plus', file],
};
const NAMES = ['empty.json', 'bom.json', 'latin.json', 'binary.json', 'long.json', 'circle', 'folder', 'nowhere'];

/** Files that a client could send as a token: `explain` says that they are refused. */
const NO_TOKENS = ['bom.json', 'latin.json', 'binary.json'];

/** The words of a command; the file is in the folder of this test. */
const wordsOf = (name: string, file: string): readonly string[] =>
  (COMMANDS[name]?.(file) ?? []).map((word) => (word === file || word === 'crlf.json' ? join(work, word) : word));

describe.each(Object.keys(COMMANDS))('%s', (name) => {
  test.each(NAMES)('says what is wrong with %s', async (file) => {
    const { code, stderr } = await run(...wordsOf(name, file));
    const isRefused = name === 'explain --token-file' && NO_TOKENS.includes(file);
    expect(code).toBe(isRefused ? EXIT.refused : EXIT.failure);
    if (!isRefused) expect(stderr).toMatch(/^error: /);
    expect(stderr).not.toMatch(/^ +at |node:internal|\uFFFD/m);
  });
});

describe('its words', () => {
  test.each([
    ['check', 'bom.json', /begins with a byte order mark; save it as UTF-8 without one/],
    ['fmt', 'bom.json', /begins with a byte order mark/],
    ['check', 'latin.json', /is not UTF-8/],
    ['fmt', 'latin.json', /is not UTF-8/],
    ['fmt', 'long.json', /long\.json: is longer than 1 MB/],
    ['check', 'circle', /is a circle of symbolic links/],
    ['check', 'circle.cfg', /is a circle of symbolic links/],
    ['check', 'circle.conf', /is a circle of symbolic links/],
    ['test', 'circle.test.yaml', /circle\.test\.yaml: is a circle of symbolic links/],
    ['keys', 'binary.json', /binary\.json` is neither a JSON Web Key Set/],
    ['token decode', 'folder', /the token file `.*folder`: is a directory/],
    ['token decode', 'nowhere', /the token file `.*nowhere`: no such file/],
    ['migrate nginx-plus', 'word.conf', /word\.conf: a word in it is millions of characters long/],
  ])('%s %s', async (name, file, words) => {
    const { code, stderr } = await run(...wordsOf(name, file));
    expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
    expect(stderr).toMatch(words);
  });

  test.each(['empty.cfg', 'binary.cfg', 'empty.conf', 'binary.conf'])(
    'check %s: that nothing was checked',
    async (file) => {
      const path = join(work, file);
      writeFileSync(path, FILES[file.startsWith('empty') ? 'empty.json' : 'binary.json'] ?? '');
      const { code, stdout } = await run('check', path);
      rmSync(path);
      const said = `${path}: has nothing of jwtverify, so nothing of it was checked\n0 errors, 0 warnings\n`;
      expect({ code, stdout }).toEqual({ code: 0, stdout: said });
    },
  );

  test('lines of Windows are lines', async () => {
    const path = join(work, 'crlf.json');
    expect(await run('check', path)).toEqual({ code: 0, stdout: '0 errors, 0 warnings\n', stderr: '' });
    expect((await run('fmt', path)).stdout).toBe(formatPolicy('policy', POLICY));
  });
});

test('fmt --write leaves a symbolic link what it is', async () => {
  writeFileSync(join(work, 'written.json'), POLICY);
  symlinkSync('written.json', join(work, 'link.json'));
  expect(await run('fmt', '--write', join(work, 'link.json'))).toMatchObject({ code: 0 });
  expect(lstatSync(join(work, 'link.json')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(work, 'written.json'), 'utf8')).toBe(formatPolicy('policy', POLICY));
});
