import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { ALGORITHMS, type AlgorithmName } from '../../../src/model/algorithm';
import { compileSettings } from '../../../src/settings/environment';
import { describeProblems } from '../../../src/model/problem';
import type { IssuerSettings } from '../../../src/model/settings';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
const ed = generateKeyPairSync('ed25519').publicKey;
const SECRET = 'a secret of thirty-two characters';
const ALL = ALGORITHMS.map((algorithm) => algorithm.name);

const FILES: Record<string, string> = {
  '/rsa.pem': rsa.export({ type: 'spki', format: 'pem' }).toString(),
  '/ed.pem': ed.export({ type: 'spki', format: 'pem' }).toString(),
  '/empty.pem': '',
  '/set.json': JSON.stringify({
    keys: [
      { ...rsa.export({ format: 'jwk' }), kid: 'r' },
      { kty: 'oct', k: 'AA' },
    ],
  }),
  '/both.json': JSON.stringify({ keys: [rsa.export({ format: 'jwk' }), ed.export({ format: 'jwk' })] }),
  '/large.json': ' '.repeat(1048577),
};

const GOOD = { OAUTH_ISSUER: 'https://issuer/', OAUTH_AUDIENCE: 'https://api', OAUTH_PUBKEY_PATH: '/rsa.pem' };

function compile(environment: Record<string, string | undefined>, engine: readonly AlgorithmName[] = ALL) {
  const source = {
    environment: (name: string) => environment[name],
    readFile: (path: string) => {
      const content = FILES[path];
      return content === undefined
        ? { ok: false as const, problem: 'no such file' }
        : { ok: true as const, text: content };
    },
  };
  return compileSettings(source, text, engine);
}

/** The one issuer of the environment and its keys, as one object to look into. */
function settingsOf(environment: Record<string, string | undefined>, engine?: readonly AlgorithmName[]) {
  const answer = compile({ ...GOOD, ...environment }, engine);
  if (!answer.ok) throw new Error(describeProblems(answer.problems).join('\n'));
  const { issuers, ...rest } = answer.settings;
  const issuer = issuers[0] as IssuerSettings;
  const keySet = issuer.sources.configured ?? { keys: [], algorithms: [] };
  return { ...rest, ...issuer, ...keySet };
}

function problemsOf(environment: Record<string, string | undefined>, engine?: readonly AlgorithmName[]): string {
  const answer = compile({ ...GOOD, ...environment }, engine);
  if (answer.ok) throw new Error('it compiled');
  return describeProblems(answer.problems).join('\n');
}

describe('settings from the environment', () => {
  it('accepts issuer, audience and a key, and fills in the defaults', () => {
    expect(settingsOf({})).toMatchObject({ issuer: 'https://issuer/', audiences: ['https://api'], clockSkew: 60 });
  });

  it('A3: accepts several audiences, and * for any', () => {
    expect(settingsOf({ OAUTH_AUDIENCE: ' a  b\tc ' }).audiences).toEqual(['a', 'b', 'c']);
    expect(settingsOf({ OAUTH_AUDIENCE: '*' }).audiences).toBeUndefined();
  });

  it('accepts a clock skew of 0 and of an hour', () => {
    expect(settingsOf({ OAUTH_CLOCK_SKEW: '0' }).clockSkew).toBe(0);
    expect(settingsOf({ OAUTH_CLOCK_SKEW: '3600' }).clockSkew).toBe(3600);
  });

  it('allows what the keys allow, never HMAC, unless a setting allows less', () => {
    expect(settingsOf({}).algorithms).toEqual(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']);
    expect(settingsOf({ OAUTH_ALGORITHMS: 'RS256, PS256' }).algorithms).toEqual(['RS256', 'PS256']);
    expect(settingsOf({ OAUTH_ALGORITHMS: 'RS256' }).keys[0]?.algorithms).toEqual(['RS256']);
  });

  it('A4: allows HMAC, and only HMAC, when a secret is set', () => {
    const settings = settingsOf({ OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET: SECRET });
    expect(settings.algorithms).toEqual(['HS256', 'HS384', 'HS512']);
    expect(settings.keys).toHaveLength(1);
  });

  it('measures a secret in bytes, on every engine alike', () => {
    const secret = 'é€😀'.repeat(3) + 'four8';
    expect(Buffer.from(secret)).toHaveLength(32);
    expect(settingsOf({ OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET: secret }).keys).toHaveLength(1);
  });

  it('joins the keys of both files and notes each that cannot be used', () => {
    const answer = compile({ ...GOOD, OAUTH_JWKS_PATH: '/set.json' });
    expect(settingsOf({ OAUTH_JWKS_PATH: '/set.json' }).keys.map((key) => key.kid)).toEqual([undefined, 'r']);
    expect(answer.ok && describeProblems(answer.notices).join()).toContain(
      'OAUTH_JWKS_PATH: `/set.json`: key 2 cannot be used',
    );
  });

  it('sets aside what the engine cannot check, and says so', () => {
    const engine = ALL.filter((name) => name !== 'EdDSA');
    const answer = compile({ ...GOOD, OAUTH_PUBKEY_PATH: undefined, OAUTH_JWKS_PATH: '/both.json' }, engine);
    const sources = answer.ok ? answer.settings.issuers[0]?.sources : undefined;
    expect(sources).toMatchObject({ configured: { unavailable: ['EdDSA'] }, remotes: [] });
    expect(answer.ok && describeProblems(answer.notices).join()).toContain('this proxy cannot check EdDSA');
    expect(problemsOf({ OAUTH_PUBKEY_PATH: '/ed.pem' }, engine)).toContain('this proxy cannot check EdDSA');
    const named = { OAUTH_PUBKEY_PATH: undefined, OAUTH_JWKS_PATH: '/both.json', OAUTH_ALGORITHMS: 'RS256 EdDSA' };
    expect(problemsOf(named, engine)).toContain('EdDSA');
  });

  it('fetches keys from a URL, or finds it by the issuer when nothing else gives keys', () => {
    const nothing = { OAUTH_PUBKEY_PATH: undefined };
    expect(settingsOf({ ...nothing, OAUTH_JWKS_URL: 'https://us/jwks' }).sources.remotes[0]).toMatchObject({
      kind: 'jwks',
      url: 'https://us/jwks',
    });
    const discovered = settingsOf(nothing);
    expect(discovered.sources.remotes[0]).toMatchObject({
      kind: 'discovery',
      url: 'https://issuer/.well-known/openid-configuration',
    });
    expect(discovered).toMatchObject({ times: { refresh: 600, cooldown: 30 }, cache: { size: 10000, age: 3600 } });
    const set = { OAUTH_JWKS_REFRESH: '60', OAUTH_JWKS_COOLDOWN: '5', OAUTH_CACHE_SIZE: '0', OAUTH_CACHE_AGE: '60' };
    expect(settingsOf({ ...nothing, ...set })).toMatchObject({
      times: { refresh: 60, cooldown: 5 },
      cache: { size: 0, age: 60 },
    });
    const plain = { ...nothing, OAUTH_ISSUER: 'http://127.0.0.1:9', OAUTH_ALLOW_HTTP: '1' };
    expect(settingsOf(plain).sources.remotes[0]).toMatchObject({ kind: 'discovery', allowHttp: true });
  });

  it.each([
    ['no issuer', { OAUTH_ISSUER: undefined }, 'OAUTH_ISSUER: is not set'],
    ['C9: an empty issuer', { OAUTH_ISSUER: '' }, 'OAUTH_ISSUER: is empty'],
    ['an issuer with a line end', { OAUTH_ISSUER: 'https://issuer/\n' }, 'OAUTH_ISSUER: holds white space'],
    ['an issuer in quotes', { OAUTH_ISSUER: '"https://issuer/"' }, 'OAUTH_ISSUER: has quotes around it'],
    ['an issuer with a star', { OAUTH_ISSUER: 'https://issuer/*' }, 'OAUTH_ISSUER: has a placeholder'],
    ['an issuer with braces', { OAUTH_ISSUER: 'https://us/{tenantid}/v2.0' }, 'OAUTH_ISSUER: has a placeholder'],
    ['an audience in quotes', { OAUTH_AUDIENCE: "'api'" }, 'OAUTH_AUDIENCE: has quotes around it'],
    ['one of several audiences in quotes', { OAUTH_AUDIENCE: 'a "b"' }, 'OAUTH_AUDIENCE: has quotes around it'],
    ['audiences with a comma', { OAUTH_AUDIENCE: 'a,b' }, 'OAUTH_AUDIENCE: has a comma'],
    [
      'a secret with a line end',
      { OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET: SECRET + '\n' },
      'OAUTH_HMAC_SECRET: ends with a line end',
    ],
    [
      'a secret in quotes',
      { OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET: `"${SECRET}"` },
      'OAUTH_HMAC_SECRET: has quotes around it',
    ],
    ['no audience', { OAUTH_AUDIENCE: undefined }, 'OAUTH_AUDIENCE: is not set'],
    ['an empty audience', { OAUTH_AUDIENCE: ' ' }, 'OAUTH_AUDIENCE: is empty'],
    ['* among audiences', { OAUTH_AUDIENCE: 'a *' }, 'OAUTH_AUDIENCE: has *'],
    [
      'no key, and an issuer that is not a URL',
      { OAUTH_PUBKEY_PATH: undefined, OAUTH_ISSUER: 'us' },
      'OAUTH_ISSUER: is where keys come from, for OAUTH_PUBKEY_PATH,',
    ],
    [
      'a plain http issuer without keys',
      { OAUTH_PUBKEY_PATH: undefined, OAUTH_ISSUER: 'http://us' },
      'OAUTH_ALLOW_HTTP',
    ],
    ['file and URL', { OAUTH_JWKS_URL: 'https://us/jwks' }, 'OAUTH_JWKS_URL: contradicts OAUTH_PUBKEY_PATH'],
    [
      'secret and URL',
      { OAUTH_PUBKEY_PATH: undefined, OAUTH_JWKS_URL: 'https://us/', OAUTH_HMAC_SECRET: SECRET },
      'OAUTH_HMAC_SECRET: contradicts OAUTH_JWKS_URL',
    ],
    ['an empty URL', { OAUTH_PUBKEY_PATH: undefined, OAUTH_JWKS_URL: '' }, 'OAUTH_JWKS_URL: is empty'],
    [
      'a plain http URL',
      { OAUTH_PUBKEY_PATH: undefined, OAUTH_JWKS_URL: 'http://us/' },
      'OAUTH_JWKS_URL: is a plain http',
    ],
    [
      'HMAC with a URL',
      { OAUTH_PUBKEY_PATH: undefined, OAUTH_JWKS_URL: 'https://us/', OAUTH_ALGORITHMS: 'HS256' },
      '`HS256` needs',
    ],
    [
      'a doubtful http allowance',
      { OAUTH_PUBKEY_PATH: undefined, OAUTH_ALLOW_HTTP: 'yes' },
      'OAUTH_ALLOW_HTTP: is neither',
    ],
    [
      'a refresh too short',
      { OAUTH_JWKS_REFRESH: '5' },
      'OAUTH_JWKS_REFRESH: is not a whole number of seconds from 10',
    ],
    ['no cooldown', { OAUTH_JWKS_COOLDOWN: '0' }, 'OAUTH_JWKS_COOLDOWN: is not a whole number of seconds from 1'],
    ['a deny list that is not there', { OAUTH_DENY_PATH: '/none.list' }, 'OAUTH_DENY_PATH: cannot read `/none.list`'],
    ['a cache too large', { OAUTH_CACHE_SIZE: '1000001' }, 'OAUTH_CACHE_SIZE: is not a whole number of tokens'],
    ['an empty path', { OAUTH_PUBKEY_PATH: '' }, 'OAUTH_PUBKEY_PATH: is empty'],
    ['a missing file', { OAUTH_PUBKEY_PATH: '/none.pem' }, 'OAUTH_PUBKEY_PATH: cannot read `/none.pem`: no such file'],
    ['a file without a key', { OAUTH_PUBKEY_PATH: '/empty.pem' }, 'no key can be used from `/empty.pem`'],
    ['a file too large', { OAUTH_JWKS_PATH: '/large.json' }, 'longer than 1 MB'],
    ['a PEM file as a set', { OAUTH_JWKS_PATH: '/rsa.pem' }, 'not a JSON Web Key Set'],
    ['secret and public key', { OAUTH_HMAC_SECRET: SECRET }, 'OAUTH_HMAC_SECRET: contradicts OAUTH_PUBKEY_PATH'],
    ['a short secret', { OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET: 'short' }, 'OAUTH_HMAC_SECRET: is shorter'],
    [
      'a secret of 31 bytes',
      { OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET: 'é'.repeat(15) + 'x' },
      'OAUTH_HMAC_SECRET: is shorter',
    ],
    ['an empty secret', { OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET: '' }, 'OAUTH_HMAC_SECRET: is empty'],
    [
      'a public key as secret',
      { OAUTH_PUBKEY_PATH: undefined, OAUTH_HMAC_SECRET: FILES['/rsa.pem'] },
      'holds a PEM block',
    ],
    ['an unknown algorithm', { OAUTH_ALGORITHMS: 'RS256 RS257' }, 'OAUTH_ALGORITHMS: `RS257` is not known'],
    ['none', { OAUTH_ALGORITHMS: 'NONE' }, 'OAUTH_ALGORITHMS: `NONE` means no signature'],
    ['no algorithm', { OAUTH_ALGORITHMS: ' ' }, 'OAUTH_ALGORITHMS: is empty'],
    ['HMAC without a secret', { OAUTH_ALGORITHMS: 'HS256' }, '`HS256` needs OAUTH_HMAC_SECRET'],
    ['an algorithm for which there is no key', { OAUTH_ALGORITHMS: 'RS256 ES256' }, '`ES256` fits none'],
    ['a skew in words', { OAUTH_CLOCK_SKEW: '1m' }, 'OAUTH_CLOCK_SKEW: is not a whole number'],
    ['a negative skew', { OAUTH_CLOCK_SKEW: '-1' }, 'OAUTH_CLOCK_SKEW: is not a whole number'],
    ['a day of skew', { OAUTH_CLOCK_SKEW: '86400' }, 'from 0 to 3600'],
    [
      'a CA file that only the proxy can take',
      { OAUTH_CA_FILE: '/ca.pem' },
      'OAUTH_CA_FILE: is set, but only the proxy',
    ],
    ['a policy beside what it replaces', { OAUTH_POLICY: '/policy.json' }, 'OAUTH_POLICY: is set together with'],
  ])('refuses %s', (_, environment, message) => {
    expect(problemsOf(environment)).toContain(message);
  });

  it('makes every claim a variable, or those that are named, or none', () => {
    const compile = (environment: Partial<Record<string, string | undefined>>): readonly string[] | undefined =>
      settingsOf(environment).claimVariables;
    expect(compile({})).toBeUndefined();
    expect(compile({ OAUTH_CLAIM_VARIABLES: 'sub https://hamsters.example/team' })).toEqual([
      'sub',
      'https___hamsters_example_team',
    ]);
    expect(compile({ OAUTH_CLAIM_VARIABLES: '' })).toEqual([]);
  });

  it('lists every problem at once, and never a secret', () => {
    const lines = problemsOf({
      OAUTH_ISSUER: '',
      OAUTH_AUDIENCE: '',
      OAUTH_PUBKEY_PATH: '/none.pem',
      OAUTH_HMAC_SECRET: 'hunter2',
      OAUTH_ALGORITHMS: 'RS257 none',
      OAUTH_CLOCK_SKEW: 'x',
    });
    expect(lines.split('\n')).toHaveLength(8);
    expect(lines).toContain('(1 of 8) OAUTH_ISSUER');
    expect(lines).not.toContain('hunter2');
  });
});
