// The operator's values that problems repeat: names and paths, and nothing that may be a secret at the wrong place.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { ALGORITHMS } from '../../../src/model/algorithm';
import { describeProblems } from '../../../src/model/problem';
import { compileSettings } from '../../../src/settings/environment';
import { ISSUER, problemsOf } from '../policy/compile';

const SECRET = 's3cr3t-value-of-thirty-two-characters';
const PRIVATE = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const introspection = (changes: object): object => ({
  issuers: [{ ...ISSUER, introspection: { url: 'https://us/introspect', client_id: 'zoo', ...changes } }],
  otherwise: 'authenticated',
});
const keys = (member: object): object => ({ issuers: [{ ...ISSUER, keys: member }], otherwise: 'authenticated' });

/** The problems of an environment in which no file can be read. */
function problemsIn(changes: Readonly<Record<string, string>>): string {
  const environment: Readonly<Record<string, string>> = {
    OAUTH_ISSUER: 'https://us/',
    OAUTH_AUDIENCE: 'a',
    ...changes,
  };
  const source = {
    environment: (name: string) => environment[name],
    readFile: () => ({ ok: false as const, problem: 'no such file' }),
  };
  const answer = compileSettings(
    source,
    text,
    ALGORITHMS.map(({ name }) => name),
  );
  return answer.ok ? '' : describeProblems(answer.problems).join('\n');
}

describe('a value at the place of its name', () => {
  it.each([
    ['secret_env', keys({ secret_env: SECRET })],
    ['a list of secret_env', keys({ secret_env: ['HAMSTER_SECRET', SECRET] })],
    ['secret_file', keys({ secret_file: SECRET })],
    ['a secret in base64 as secret_file', keys({ secret_file: `/${'Ab+/'.repeat(10)}=` })],
    ['public_key_file', keys({ public_key_file: PRIVATE.toString() })],
    ['jwks_file', keys({ jwks_file: `{"keys":[{"kty":"oct","k":"${SECRET}"}]}` })],
    ['client_secret_env', introspection({ client_secret_env: SECRET })],
    ['client_secret_file', introspection({ client_secret_file: SECRET })],
    ['deny_path', { otherwise: 'authenticated', deny_path: `token:${SECRET} eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.x` }],
  ])('is a problem that does not repeat it: %s', (_, document) => {
    const problems = problemsOf(document as Readonly<Record<string, unknown>>);
    expect(problems.length).toBeGreaterThan(0);
    const said = problems.join('\n');
    for (const part of [SECRET, 'Ab+/', PRIVATE.toString().split('\n')[1] ?? '']) expect(said).not.toContain(part);
  });

  it.each([
    ['OAUTH_HMAC_SECRET_FILE', SECRET],
    ['OAUTH_PUBKEY_PATH', PRIVATE.toString()],
    ['OAUTH_JWKS_PATH', `{"keys":[{"k":"${SECRET}"}]}`],
    ['OAUTH_POLICY', `{"secret":"${SECRET}"}`],
    ['OAUTH_DENY_PATH', `eyJhbGciOiJIUzI1NiJ9.${'eyJzdWIiOiJhIn0'.repeat(4)}.${SECRET}`],
  ])('is a problem that does not repeat it: %s', (name, value) => {
    const said = problemsIn({ [name]: value });
    expect(said).toContain(name);
    for (const part of [SECRET, PRIVATE.toString().split('\n')[1] ?? '']) expect(said).not.toContain(part);
  });
});

describe('a name or a path', () => {
  it('is repeated in the problem', () => {
    expect(problemsOf(keys({ secret_env: 'NO_SUCH' }) as Record<string, unknown>).join()).toContain('`NO_SUCH`');
    expect(problemsOf(keys({ secret_file: '/run/no/such' }) as Record<string, unknown>).join()).toContain(
      '`/run/no/such`',
    );
    expect(problemsIn({ OAUTH_PUBKEY_PATH: 'no-such.pem' })).toContain('`no-such.pem`');
    expect(problemsIn({ OAUTH_HMAC_SECRET_FILE: './no-such' })).toContain('`./no-such`');
  });
});
