// What of the command Node loads: each start costs what it loads, so each loads what it needs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli, copyCli } from '../../../scripts/build-cli.mjs';

const ROOT = join(import.meta.dirname, '../../..');
const work = mkdtempSync(join(tmpdir(), 'parts-'));
const POLICY = 'examples/policies/keycloak.json';

let cli = '';
beforeAll(async () => {
  copyCli(await buildCli(), join(work, 'cli'));
  cli = join(work, 'cli/jwtverify.mjs');
});
afterAll(() => {
  rmSync(work, { recursive: true });
});

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

/** The files of the command that Node loads, as its own record of what ran has them. */
function loadedBy(words: readonly string[]): readonly string[] {
  const record = mkdtempSync(join(work, 'record-'));
  const env = { ...process.env, NODE_V8_COVERAGE: record };
  execFileSync(process.execPath, [cli, ...words], { cwd: ROOT, env, stdio: 'pipe' });
  const own = join(work, 'cli');
  return readdirSync(record)
    .flatMap((name) => (JSON.parse(readFileSync(join(record, name), 'utf8')) as Coverage).result)
    .filter(({ url }) => url.startsWith('file:'))
    .map(({ url }) => fileURLToPath(url))
    .filter((path) => dirname(path) === own);
}

const sizeOf = (paths: readonly string[]): number => paths.reduce((sum, path) => sum + statSync(path).size, 0);

/** The packages whose code is in files. */
const packagesIn = (paths: readonly string[]): readonly string[] => {
  const names = paths.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/^\/\/ node_modules\/((?:@[\w-]+\/)?[\w.-]+)\//gm)].map(
      ([, name = '']) => name,
    ),
  );
  return [...new Set(names)].sort();
};

describe('loads what it needs', () => {
  test.each([['--version'], ['--help'], ['help', 'check'], ['completion', 'bash']])('%s %s', (...words) => {
    const loaded = loadedBy(words);
    expect(packagesIn(loaded)).toEqual(['commander', 'picocolors']);
    expect(sizeOf(loaded)).toBeLessThan(200_000);
  });

  test.each([
    ['check', POLICY],
    ['fmt', POLICY],
    ['keys', 'test/fixtures/auth0/jwks.json'],
  ])('%s %s needs neither YAML, JSON Schema nor prompts', (...words) => {
    expect(packagesIn(loadedBy(words))).toEqual(['commander', 'picocolors']);
  });

  test('check of a policy reads no configuration of a proxy', () => {
    const texts = loadedBy(['check', POLICY]).map((path) => readFileSync(path, 'utf8'));
    expect(texts.some((text) => text.includes('// src/settings/policy-file/'))).toBe(true);
    expect(texts.some((text) => /^\/\/ cli\/desk\/(?:nginx|haproxy)-conf\.ts$/m.test(text))).toBe(false);
  });
});

test('nothing is left of a build before', () => {
  const names = readdirSync(join(ROOT, 'dist/cli')).filter((name) => name.startsWith('part-'));
  const texts = [join(ROOT, 'dist/cli/jwtverify.mjs'), ...names.map((name) => join(ROOT, 'dist/cli', name))].map(
    (path) => readFileSync(path, 'utf8'),
  );
  const unnamed = names.filter((name) => !texts.some((text) => text.includes(`./${basename(name)}`)));
  expect(unnamed).toEqual([]);
});
