// `jwtverify fmt` and `completion`: the canonical form of a policy, and words for shells.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fmt, type FmtOptions } from '../../../cli/commands/fmt';
import { createProgram } from '../../../cli/program';
import { createRecorder } from './recorder';

const folder = mkdtempSync(join(tmpdir(), 'fmt-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function formatted(source: string, options: FmtOptions = {}): string {
  const recorder = createRecorder();
  fmt([write('policy.json', source)], options, recorder.output);
  return recorder.stdout();
}

const MIXED = `{"forward":{"X-B":"user","X-A":"email"},"unknown":1e3,
"rules":[{"require":{"scopes":["a"]},"paths":["/a/**"],"name":"a"}],"issuers":[{"audiences":["x"],"issuer":"https://a.example/"}]}`;

describe('fmt', () => {
  test('puts members in the order of the schema, and leaves names of the operator in theirs', () => {
    expect(formatted(MIXED)).toBe(`{
  "issuers": [{ "issuer": "https://a.example/", "audiences": ["x"] }],
  "rules": [{ "name": "a", "paths": ["/a/**"], "require": { "scopes": ["a"] } }],
  "forward": { "X-B": "user", "X-A": "email" },
  "unknown": 1e3
}
`);
  });

  test.each(readdirSync('examples/policies'))('changes no meaning, and nothing the second time: %s', (name) => {
    const source = readFileSync(join('examples/policies', name), 'utf8');
    const once = formatted(source);
    expect(JSON.parse(once)).toEqual(JSON.parse(source));
    expect(formatted(once)).toBe(once);
    for (const line of once.split('\n').filter((one) => /[{[].*[}\]]/.test(one))) expect(line.length).toBeLessThan(121);
  });

  test('lists files that are not in this form, and writes them only when that is wanted', () => {
    const recorder = createRecorder();
    const [good, bad] = [write('good.json', formatted(MIXED)), write('bad.json', MIXED)];
    expect(fmt([good], { check: true }, recorder.output)).toBe(0);
    expect(fmt([good, bad], { check: true }, recorder.output)).toBe(1);
    expect(recorder.stdout()).toBe(`${bad}\n`);
    expect(readFileSync(bad, 'utf8')).toBe(MIXED);
    expect(fmt([good, bad], { write: true }, recorder.output)).toBe(0);
    expect(readFileSync(bad, 'utf8')).toBe(readFileSync(good, 'utf8'));
  });

  test('refuses what is no strict JSON, with its line', () => {
    expect(() => formatted('{\n"issuers": [],\n}')).toThrow('line 3');
    expect(() => formatted('{"a": 1, "a": 2}')).toThrow('not strict JSON');
  });
});

async function scriptFor(shell: string): Promise<string> {
  const recorder = createRecorder();
  await createProgram(recorder.output, () => undefined).parseAsync(['completion', shell], { from: 'user' });
  return recorder.stdout();
}

describe('completion', () => {
  test.each([
    [['ge'], ['generate']],
    [['keys', 'ex'], ['export']],
    [
      ['token', 'make', '--algorithm', 'ES'],
      ['ES256', 'ES384'],
    ],
    [['generate', 'ng'], ['nginx']],
    [['generate', 'nginx', 'policy.json', '--part', 'fo'], ['forward']],
    [['check', '--li'], ['--live']],
  ])('bash completes `jwtverify %s`', async (words, wanted) => {
    const script = write('completion.bash', await scriptFor('bash'));
    const line = ['jwtverify', ...words].map((word) => `'${word}'`).join(' ');
    const ask = `. ${script}; COMP_WORDS=(${line}); COMP_CWORD=${String(words.length)}; _jwtverify; printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(execFileSync('bash', ['-c', ask], { encoding: 'utf8' }).trim().split('\n')).toEqual(wanted);
  });

  test.each(['zsh', 'fish'])('%s gets each command', async (shell) => {
    const script = await scriptFor(shell);
    for (const word of ['explain', 'generate', 'convert', 'haproxy', 'configuration']) expect(script).toContain(word);
  });
});
