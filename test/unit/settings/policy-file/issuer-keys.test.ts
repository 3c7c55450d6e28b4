// The sources of an issuer's keys in a policy: one or several, and every mistake with its place.
import { describe, expect, it } from 'vitest';
import { problemsOf, settingsOf } from '../../policy/compile';

const ENVIRONMENT = { ONE: '1'.repeat(32), TWO: '2'.repeat(32), HEX: 'ab'.repeat(32), SHORT: 'short' };

function policyWith(keys: unknown, more: object = {}): Readonly<Record<string, unknown>> {
  return { issuers: [{ issuer: 'https://us/', audiences: 'a', keys, ...more }], otherwise: 'authenticated' };
}

function sourcesOf(keys: unknown, more: object = {}): object {
  const sources = settingsOf(policyWith(keys, more), ENVIRONMENT).issuers[0]?.sources;
  return {
    configured: sources?.configured?.keys.map((key) => `${key.kind} ${key.algorithms.join(' ')}`),
    remotes: sources?.remotes.map(({ kind, url }) => `${kind} ${url}`),
  };
}

const SECRET = 'secret HS256 HS384 HS512';
const WELL_KNOWN = 'discovery https://us/.well-known/openid-configuration';

describe('`keys`', () => {
  it('is one source or a list, each key with its own algorithms', () => {
    expect(sourcesOf({ discovery: true })).toEqual({ configured: undefined, remotes: [WELL_KNOWN] });
    expect(sourcesOf([{ discovery: true }])).toEqual({ configured: undefined, remotes: [WELL_KNOWN] });
    const all = [
      { discovery: true },
      { jwks_url: 'https://us/a' },
      { jwks_url: 'https://us/b' },
      { public_key_file: '/key.pem' },
      { secret_env: ['ONE', 'TWO'] },
      { secret_env: 'HEX', encoding: 'hex' },
    ];
    expect(sourcesOf(all)).toEqual({
      configured: [SECRET, SECRET, SECRET, 'public ES256'],
      remotes: [WELL_KNOWN, 'jwks https://us/a', 'jwks https://us/b'],
    });
    expect(sourcesOf(all, { algorithms: ['HS256', 'RS256', 'ES256'] })).toMatchObject({
      configured: ['secret HS256', 'secret HS256', 'secret HS256', 'public ES256'],
    });
  });

  it.each([
    [[], '/issuers/0/keys: is empty'],
    ['discovery', '/issuers/0/keys: is a string; it must be an object'],
    [['discovery'], '/issuers/0/keys/0: is a string; it must be an object'],
    [[{}], '/issuers/0/keys/0: names no source of keys; name one of discovery, '],
    [{ discovery: true, secret_env: 'ONE' }, '/issuers/0/keys: names discovery and secret_env; name one of'],
    [[{ secret_env: 'ONE', secret_file: '/secret' }], '/issuers/0/keys/0: names secret_env and secret_file'],
    [[{ discovery: true }, { discovery: true }], '/issuers/0/keys/1: is the source of an earlier one'],
    [[{ jwks_url: 'https://a/' }, { jwks_url: 'https://a/' }], '/issuers/0/keys/1: is the source of an earlier one'],
    [[{ secret_env: 'ONE' }, { secret_env: 'ONE' }], '/issuers/0/keys/1: is the source of an earlier one'],
    [{ secret_env: ['ONE', 'ONE'] }, '/issuers/0/keys/secret_env/1: is in the list twice'],
    [{ secret_env: ['ONE', 'NONE'] }, '/issuers/0/keys/secret_env/1: names the variable `NONE`, which is not set'],
    [
      [{ secret_env: ['ONE', 'SHORT'] }],
      '/issuers/0/keys/0/secret_env/1: the variable `SHORT` is shorter than 32 bytes',
    ],
    [{ secret_file: ['/missing'] }, '/issuers/0/keys/secret_file/0: cannot read `/missing`: no such file'],
    [{ secret_file: '/key.pem' }, '/issuers/0/keys/secret_file: `/key.pem` holds a PEM block'],
    [{ secret_env: 'ONE', encoding: 'Hex' }, '/issuers/0/keys/encoding: is not one of text, base64, base64url, hex'],
    [{ discovery: true, encoding: 'hex' }, '/issuers/0/keys/encoding: has no effect without secret_env or secret_file'],
    [{ secret: 'x' }, '/issuers/0/keys/secret: is not a known key'],
    [[{ jwks_url: 'http://us/keys' }], '/issuers/0/keys/0/jwks_url: is a plain http:// URL'],
    [
      Array.from({ length: 9 }, (_, index) => ({ jwks_url: `https://us/${String(index)}` })),
      '/issuers/0/keys: has more than 8 sources of keys',
    ],
  ])('is not %j', (keys, problem) => {
    expect(problemsOf(policyWith(keys), ENVIRONMENT).join('\n')).toContain(problem);
  });

  it('has four secrets at the most, which is what one token is tried with', () => {
    const environment = Object.fromEntries([1, 2, 3, 4, 5].map((one) => [`S${String(one)}`, String(one).repeat(32)]));
    const names = Object.keys(environment);
    expect(problemsOf(policyWith({ secret_env: names.slice(1) }), environment)).toEqual([]);
    const spread = [{ secret_env: names.slice(0, 3) }, { secret_env: names.slice(3) }];
    expect(problemsOf(policyWith(spread), environment)).toEqual([
      '/issuers/0/keys: has more than 4 secrets; remove the oldest',
    ]);
  });

  const BOTH = [{ discovery: true }, { secret_env: 'ONE' }];

  it.each([
    [[{ discovery: true }], ['HS256'], '`HS256` needs `keys.secret_env` or `keys.secret_file`'],
    [
      [{ public_key_file: '/key.pem' }, { secret_env: 'ONE' }],
      ['RS256', 'HS256'],
      '`RS256` fits none of the public keys',
    ],
    [BOTH, ['RS256'], 'names none of HMAC, so the secrets would have no effect'],
    [BOTH, ['HS256'], 'names HMAC alone, so the public keys would have no effect'],
  ])('%j contradicts the algorithms %j', (keys, algorithms, problem) => {
    const problems = problemsOf(policyWith(keys, { algorithms }), ENVIRONMENT);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('/issuers/0/algorithms: ' + problem);
  });
});
