import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { asObject } from '../../../src/codec/json';
import { parseJson } from '../../../src/codec/json-parse';
import type { Login } from '../../../src/model/login';
import type { Problem } from '../../../src/model/problem';
import { compileLogin } from '../../../src/settings/policy-file/login';
import { trustOf } from './provider';

const SECRET = 'a secret of 32 bytes, or of more.';
const pemOf = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }));
const FILES: Record<string, string> = {
  '/cookie': `${SECRET}\n`,
  '/old': 'an old secret of 32 bytes and more',
  '/client': 'client secret'.replace(' ', '-'),
  '/short': 'short',
  '/rsa.pem': pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
  '/p384.pem': `-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n${pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey)}`,
  '/ed25519.pem': pemOf(generateKeyPairSync('ed25519').privateKey),
  '/hex': '0123456789abcdef'.repeat(2),
};
FILES['/same.pem'] = FILES['/rsa.pem'] ?? '';
const GOOD = { client_id: 'gateway', client_secret_file: '/client', cookie: { secret_file: '/cookie' } };

interface Compiled {
  readonly login: Login | undefined;
  readonly problems: readonly string[];
  readonly notices: readonly string[];
}

/** Compiles the `login` of a policy. */
function compile(login: unknown, count = 1): Compiled {
  const value = asObject(parseJson(JSON.stringify({ login }), text));
  const issuer = trustOf({ keys: { discovery: true } }).settings.issuers[0];
  if (value === undefined || issuer === undefined) throw new Error('nothing to compile');
  const problems: Problem[] = [];
  const source = {
    signsIn: true,
    signs: ['RS256' as const, 'PS256' as const, 'ES384' as const],
    environment: (name: string) => (name === 'COOKIE' ? SECRET : undefined),
    readFile: (path: string) => {
      const found = FILES[path];
      return found === undefined
        ? ({ ok: false, problem: 'no such file' } as const)
        : ({ ok: true, text: found } as const);
    },
  };
  const compilation = { source, text, engine: [], problems, notices: [] };
  const notices: Problem[] = [];
  const reader = { text, file: 'policy.json', problems, notices };
  const issuers = Array.from({ length: count }, (_, index) =>
    index === 0 ? issuer : { ...issuer, issuer: `https://${String(index)}/` },
  );
  const compiled = compileLogin({ compilation, reader, allowHttp: false }, { value, pointer: '' }, issuers, []);
  const write = ({ setting, message }: Problem): string => `${setting.slice(12)}: ${message}`;
  return { login: compiled, problems: problems.map(write), notices: notices.map(write) };
}

describe('`login` in a policy', () => {
  test('needs a client, its secret and one for cookies; the rest is the safest that works', () => {
    const { login, problems } = compile(GOOD);
    expect(problems).toEqual([]);
    expect(login).toMatchObject({
      issuer: 0,
      clientId: 'gateway',
      credentials: [{ authorization: `Basic ${Buffer.from('gateway:client-secret').toString('base64')}` }],
      scopes: 'openid profile email',
      prefix: '/oauth2',
      redirectUri: undefined,
      cookie: { name: '__Host-jwtverify', domain: undefined, path: '/', sameSite: 'lax', secure: true },
      maxAge: 28_800,
      returnTo: [],
      claimsFrom: ['id_token'],
      keepsIdToken: false,
    });
    const marks = [login?.keys.session, login?.keys.login, login?.keys.signOut].map((keys) => keys?.[0]?.mark);
    expect(new Set(marks).size).toBe(3);
  });

  test('is undefined where a policy has none', () => {
    expect(compile(undefined)).toEqual({ login: undefined, problems: [], notices: [] });
  });

  test('has words for everything', () => {
    const { login, problems } = compile(
      {
        comment: 'x',
        issuer: 'https://1/',
        client_id: 'gateway',
        client_secret_file: ['/client', '/old'],
        token_endpoint_auth_method: 'client_secret_post',
        scopes: ['openid', 'groups'],
        prefix: '/sign/in',
        redirect_uri: 'https://app.zoo.example/sign/in/callback',
        claims_from: ['access_token', 'id_token'],
        cookie: { name: '__Secure-zoo', secret_env: ['COOKIE'], domain: 'zoo.example', same_site: 'none', max_age: 60 },
        return_to: ['App.example', '.zoo.example', 'dev.example:8443', 'any.example:*'],
        logout: { issuer: true, back_channel: true },
      },
      2,
    );
    expect(problems).toEqual([
      '/login/client_secret_file/1: `/old` has characters other than visible ASCII; ask for one without (RFC 6749 appendix A)',
    ]);
    expect(login).toMatchObject({
      issuer: 1,
      credentials: [{ form: '&client_id=gateway&client_secret=client-secret' }],
      scopes: 'openid groups',
      prefix: '/sign/in',
      redirectUri: 'https://app.zoo.example/sign/in/callback',
      cookie: { name: '__Secure-zoo', domain: 'zoo.example', sameSite: 'none', secure: true },
      maxAge: 60,
      returnTo: [
        { host: 'app.example', port: '' },
        { host: '.zoo.example', port: '' },
        { host: 'dev.example', port: '8443' },
        { host: 'any.example', port: '*' },
      ],
      claimsFrom: ['access_token', 'id_token'],
      keepsIdToken: true,
    });
  });

  const cookie = (changes: object) => ({ cookie: { ...GOOD.cookie, ...changes } });

  test.each<[object, string]>([
    [{ client_idd: 'x' }, '/login/client_idd: is not a known key'],
    [{ client_id: undefined }, '/login: has no `client_id`'],
    [{ client_secret_file: undefined }, '/login: has no `client_secret_file`'],
    [{ client_secret_file: '/none' }, '/login/client_secret_file: cannot read `/none`: no such file'],
    [{ issuer: 'https://other/' }, '/login/issuer: names no issuer of `issuers`'],
    [{ scopes: ['profile'] }, '/login/scopes: has no `openid`'],
    [{ scopes: ['openid', 'a b'] }, '/login/scopes/1: is not one scope'],
    [{ scopes: [] }, '/login/scopes: is empty'],
    [{ prefix: 'oauth2' }, '/login/prefix: is not a path'],
    [{ prefix: '/oauth2/' }, '/login/prefix: is not a path'],
    [{ prefix: '/' }, '/login/prefix: is not a path'],
    [{ prefix: '/a/../b' }, '/login/prefix: is not a path'],
    [{ redirect_uri: 'http://a.example/oauth2/callback' }, '/login/redirect_uri: is a plain http'],
    [{ redirect_uri: 'https://a.example/back' }, '/login/redirect_uri: does not end with `/oauth2/callback`'],
    [{ claims_from: ['userinfo'] }, '/login/claims_from/0: is not one of id_token, access_token'],
    [{ claims_from: ['id_tokn'] }, 'did you mean `id_token`?'],
    [{ cookie: undefined }, '/login/cookie: has no `secret_file`'],
    [{ cookie: 'x' }, '/login/cookie: is a string; it must be an object'],
    [cookie({ secret_env: 'COOKIE' }), '/login/cookie: names secret_file and secret_env'],
    [cookie({ secret_file: '/short' }), '/login/cookie/secret_file: `/short` is shorter than 32 bytes'],
    [cookie({ secret_file: ['/cookie', '/hex'] }), '/login/cookie/secret_file/1: `/hex` is hexadecimal and shorter'],
    [cookie({ name: 'a b' }), '/login/cookie/name: is not up to 64 letters'],
    [
      cookie({ name: '__Host-a', domain: 'a.example' }),
      '/login/cookie/name: begins with `__Host-`, which browsers refuse with a `domain`',
    ],
    [
      cookie({ name: '__Host-a', secure: false }),
      '/login/cookie/name: begins with `__Host-`, which browsers refuse with `secure: false`',
    ],
    [cookie({ name: '__Secure-a', secure: false }), '/login/cookie/name: begins with `__Secure-`'],
    [cookie({ domain: 'A.example' }), '/login/cookie/domain: is not a domain'],
    [cookie({ domain: 'example' }), '/login/cookie/domain: is not a domain'],
    [cookie({ domain: 'a.example:8443' }), '/login/cookie/domain: is not a domain'],
    [cookie({ same_site: 'strict' }), '/login/cookie/same_site: is `strict`'],
    [cookie({ same_site: 'None' }), '/login/cookie/same_site: is not one of lax, none'],
    [
      cookie({ same_site: 'none', secure: false }),
      '/login/cookie/same_site: is `none`, which browsers accept of secure',
    ],
    [cookie({ max_age: 59 }), '/login/cookie/max_age: is not a whole number from 60 to 2592000'],
    [{ return_to: ['https://a.example'] }, '/login/return_to: `https://a.example` is not a host'],
    [{ return_to: ['*.a.example'] }, '/login/return_to: `*.a.example` is not a host'],
    [{ return_to: ['.example'] }, '/login/return_to: `.example` is not a host'],
    [{ return_to: ['a.example/b'] }, '/login/return_to: `a.example/b` is not a host'],
    [{ return_to: ['a.example:8443:*'] }, '/login/return_to: `a.example:8443:*` is not a host'],
    [{ logout: { issuers: true } }, '/login/logout/issuers: is not a known key'],
    [{ logout: { back_channel: 1 } }, '/login/logout/back_channel: is a number; it must be true or false'],
  ])('%j is a problem with its place and its mend', (changes, problem) => {
    const { problems } = compile({ ...GOOD, ...changes });
    expect(problems.join('\n')).toContain(problem);
    expect(problems).toHaveLength(1);
  });

  test.each([
    ['https://zoo.example/oauth2/callback', 0],
    ['https://app.zoo.example:8443/oauth2/callback', 0],
    ['https://appzoo.example/oauth2/callback', 1],
    ['https://zoo.example.evil/oauth2/callback', 1],
  ])('says what a domain costs, and wants the callback %s below it: %i', (uri, count) => {
    const { problems, notices } = compile({ ...GOOD, ...cookie({ domain: 'zoo.example' }), redirect_uri: uri });
    expect(problems.filter((one) => one.startsWith('/login/redirect_uri: is outside'))).toHaveLength(count);
    expect([problems.length, notices]).toEqual([
      count,
      [expect.stringMatching(/^\/login\/cookie\/domain: gives sessions to every host below `zoo.example`/)],
    ]);
    expect(compile(GOOD).notices).toEqual([]);
  });

  test('names every problem at once, and no secret', () => {
    const { problems } = compile({ cookie: { secret_file: '/short', max_age: 0 }, scopes: [], return_to: ['/'] }, 2);
    expect(problems.length).toBeGreaterThanOrEqual(7);
    expect(problems.join()).not.toContain('`short`');
  });

  test('has a cookie for each way that browsers allow', () => {
    const nameOf = (changes: object): string | undefined => compile({ ...GOOD, ...cookie(changes) }).login?.cookie.name;
    expect(nameOf({ domain: 'zoo.example' })).toBe('__Secure-jwtverify');
    expect(nameOf({ secure: false })).toBe('jwtverify');
    expect(nameOf({ name: 'zoo' })).toBe('zoo');
  });
});

describe('`private_key_jwt`', () => {
  const SIGNED = {
    client_id: 'gateway',
    token_endpoint_auth_method: 'private_key_jwt',
    client_key_file: '/rsa.pem',
    cookie: { secret_file: '/cookie' },
  };
  const signed = (changes: object): Compiled => compile({ ...SIGNED, ...changes });
  const readHeader = (segment = ''): unknown => JSON.parse(Buffer.from(segment, 'base64url').toString()) as unknown;
  const headerOf = ({ login }: Compiled): unknown => readHeader(login?.credentials[0]?.key?.header);

  test('needs a key and no secret, and signs with what is usual for the key', () => {
    const { login, problems } = signed({});
    expect(problems).toEqual([]);
    expect(login?.credentials).toHaveLength(1);
    expect(login?.credentials[0]?.authorization).toBeUndefined();
    expect(login?.credentials[0]?.form).toBe(
      '&client_id=gateway&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=',
    );
    expect(headerOf(signed({}))).toEqual({ alg: 'RS256', typ: 'JWT' });
    expect(headerOf(signed({ client_key_file: '/p384.pem', client_key_id: 'k-1' }))).toEqual({
      alg: 'ES384',
      typ: 'JWT',
      kid: 'k-1',
      'x5t#S256': createHash('sha256')
        .update(Buffer.from([0x30, 0]))
        .digest('base64url'),
    });
    expect(headerOf(signed({ token_endpoint_auth_signing_alg: 'PS256' }))).toEqual({ alg: 'PS256', typ: 'JWT' });
  });

  test.each([
    [
      'no key',
      { client_key_file: undefined },
      '/login: has no `client_key_file`; name the PEM file of the private key',
    ],
    ['no file', { client_key_file: '/none' }, '/login/client_key_file: cannot read `/none`: no such file'],
    [
      'no key in the file',
      { client_key_file: '/client' },
      '/login/client_key_file: `/client` has no private key in PEM (`-----BEGIN PRIVATE KEY-----`)',
    ],
    [
      'a key with which this proxy cannot sign',
      { client_key_file: '/ed25519.pem' },
      '/login/client_key_file: asks for EdDSA, with which this proxy cannot sign; it can with RS256, PS256, ES384',
    ],
    [
      'an algorithm for other keys',
      { token_endpoint_auth_signing_alg: 'ES256' },
      '/login/token_endpoint_auth_signing_alg: is not for a key of type RSA; write one of RS256, PS256, RS384, RS512, PS384, PS512',
    ],
    [
      'an algorithm that this proxy lacks',
      { token_endpoint_auth_signing_alg: 'RS384' },
      '/login/token_endpoint_auth_signing_alg: asks for RS384, with which this proxy cannot sign; it can with RS256, PS256, ES384',
    ],
    [
      'one kid for two keys',
      { client_key_file: ['/rsa.pem', '/p384.pem'], client_key_id: 'k' },
      '/login/client_key_id: names 1 for 2 keys; name one for each file, in their order',
    ],
    [
      'a second file that is none',
      { client_key_file: ['/rsa.pem', '/none'] },
      '/login/client_key_file/1: cannot read `/none`: no such file',
    ],
    [
      'an audience of its own',
      { client_assertion_audience: 'issuers' },
      '/login/client_assertion_audience: is not one of token_endpoint, issuer; did you mean `issuer`?',
    ],
    ['an empty kid', { client_key_id: 'a b' }, '/login/client_key_id: is not 1 to 256 visible characters of ASCII'],
    [
      'a secret beside it',
      { client_secret_file: '/client' },
      '/login/client_secret_file: has no effect with `private_key_jwt`; remove it',
    ],
  ])('%s is a problem', (_name, changes, problem) => {
    expect(signed(changes).problems).toEqual([problem]);
  });

  test('signs for the token endpoint, or for the issuer', () => {
    expect(signed({}).login?.credentials[0]?.audience).toBeUndefined();
    const { login, problems } = signed({ client_assertion_audience: 'issuer' });
    expect(problems).toEqual([]);
    expect(login?.credentials[0]?.audience).toBe(trustOf({ keys: { discovery: true } }).settings.issuers[0]?.issuer);
  });

  test('has several keys, in their order, each with its own identifier', () => {
    const files = ['/rsa.pem', '/p384.pem'];
    const { login, problems } = signed({ client_key_file: files, client_key_id: ['new', 'old'] });
    expect(problems).toEqual([]);
    const headers = login?.credentials.map(({ key }) => readHeader(key?.header));
    expect(headers).toMatchObject([
      { alg: 'RS256', kid: 'new' },
      { alg: 'ES384', kid: 'old' },
    ]);
  });

  test('a key that is named twice is a notice, and signs once', () => {
    const { login, notices, problems } = signed({ client_key_file: ['/rsa.pem', '/same.pem'] });
    expect([problems, notices]).toEqual([[], ['/login/client_key_file/1: is the same key once more']]);
    expect(login?.credentials).toHaveLength(1);
  });

  test('an unknown method is one problem', () => {
    const { problems } = compile({ ...GOOD, token_endpoint_auth_method: 'tls_client_auth' });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^\/login\/token_endpoint_auth_method: .*private_key_jwt/);
  });

  test('a key that stands where its path belongs is not repeated', () => {
    const key = FILES['/rsa.pem'] ?? '';
    const { problems } = signed({ client_key_file: key.replaceAll('\n', ' ') });
    expect(problems).toEqual(['/login/client_key_file: cannot read the file that it names: no such file']);
  });

  test('a key without it is a problem', () => {
    expect(compile({ ...GOOD, client_key_file: '/rsa.pem' }).problems).toEqual([
      '/login/client_key_file: has no effect without `"token_endpoint_auth_method": "private_key_jwt"`; write that, or remove it',
    ]);
  });
});
