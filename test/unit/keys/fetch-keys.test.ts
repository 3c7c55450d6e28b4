import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { continueFetching, readMaxAge, startFetching, type FetchStep } from '../../../src/keys/fetch-keys';
import { checkKeyUrl, discoveryUrl } from '../../../src/keys/key-url';
import type { HttpAnswer } from '../../../src/ports/http';
import type { RemoteKeys } from '../../../src/model/settings';

const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
const SET = JSON.stringify({ keys: [{ ...jwk, kid: 'one' }] });
const JWKS: RemoteKeys = { kind: 'jwks', url: 'https://issuer/jwks', issuer: 'https://issuer', allowHttp: false };
const DISCOVERY: RemoteKeys = { ...JWKS, kind: 'discovery', url: discoveryUrl('https://issuer') };

function answer(body: string, changes: object = {}): HttpAnswer {
  return { ok: true, status: 200, body, cacheControl: '', contentEncoding: '', contentType: '', ...changes };
}

function problemOf(step: FetchStep): string {
  return step.kind === 'done' && !step.fetched.ok ? step.fetched.problem : 'no problem';
}

describe('fetching a JWK set', () => {
  it('returns the keys of a good answer and its age', () => {
    expect(startFetching(JWKS)).toEqual({ kind: 'get', url: JWKS.url, stage: 'jwks' });
    const step = continueFetching(JWKS, 'jwks', answer(SET, { cacheControl: 'public, max-age=120' }), text);
    expect(step).toMatchObject({ kind: 'done', fetched: { ok: true, keys: [{ kid: 'one' }], maxAge: 120 } });
  });

  it('passes over unusable keys among good ones', () => {
    const mixed = JSON.stringify({ keys: [{ kty: 'oct', k: 'AA' }, { ...jwk, kid: 'one' }, 5] });
    expect(continueFetching(JWKS, 'jwks', answer(mixed), text)).toMatchObject({ fetched: { keys: [{ kid: 'one' }] } });
  });

  it.each([
    ['an empty set', []],
    [
      'keys for other uses alone',
      [
        { ...jwk, use: 'enc' },
        { ...jwk, key_ops: ['deriveKey'] },
      ],
    ],
  ])('tells a provider that has no key from one that misbehaves: %s', (_, keys) => {
    const step = continueFetching(JWKS, 'jwks', answer(JSON.stringify({ keys })), text);
    expect(step).toMatchObject({ kind: 'done', fetched: { ok: true, keys: [] } });
  });

  it.each([
    ['no answer', { ok: false, problem: 'connection refused' } as const, 'connection refused'],
    ['404', answer(SET, { status: 404 }), 'status 404'],
    ['500', answer(SET, { status: 500 }), 'status 500'],
    ['a redirect', answer(SET, { status: 302 }), 'redirect'],
    ['another good status', answer(SET, { status: 204 }), 'status 204'],
    ['HTML', answer('<html></html>'), 'no usable key'],
    ['nothing', answer(''), 'no usable key'],
    ['{}', answer('{}'), 'no usable key'],
    ['a truncated set', answer(SET.slice(0, -5)), 'no usable key'],
    ['a `use` of another type', answer(JSON.stringify({ keys: [{ ...jwk, use: 1 }] })), 'no usable key'],
    [
      'an unusable key beside another use',
      answer(JSON.stringify({ keys: [7, { ...jwk, use: 'enc' }] })),
      'no usable key',
    ],
    ['only unusable keys', answer('{"keys":[{"kty":"oct","k":"AA"}]}'), 'no usable key'],
    [
      'thousands of keys',
      answer(JSON.stringify({ keys: Array.from({ length: 3000 }, () => jwk) })),
      'more than 100 keys',
    ],
    ['two megabytes', answer(SET + ' '.repeat(2_000_000)), 'longer than 1 MB'],
    ['a compressed answer', answer(SET, { contentEncoding: 'gzip' }), 'compressed'],
  ])('refuses %s', (_, given, phrase) => {
    expect(problemOf(continueFetching(JWKS, 'jwks', given, text))).toContain(phrase);
  });
});

describe('discovery (OpenID Connect Discovery 1.0)', () => {
  it('drops a slash at the end of the issuer', () => {
    expect(discoveryUrl('https://a/')).toBe('https://a/.well-known/openid-configuration');
    expect(discoveryUrl('https://a/b')).toBe('https://a/b/.well-known/openid-configuration');
  });

  it('C3: goes on to the jwks_uri, then to the keys', () => {
    const document = answer(JSON.stringify({ issuer: 'https://issuer', jwks_uri: 'https://keys/jwks' }));
    const step = continueFetching(DISCOVERY, 'discovery', document, text);
    expect(step).toEqual({ kind: 'get', url: 'https://keys/jwks', stage: 'jwks' });
    expect(continueFetching(DISCOVERY, 'jwks', answer(SET), text)).toMatchObject({ fetched: { ok: true } });
  });

  it.each([
    ['of another issuer', { issuer: 'https://issuer/', jwks_uri: 'https://keys/jwks' }, 'another issuer'],
    ['without issuer', { jwks_uri: 'https://keys/jwks' }, 'another issuer'],
    ['without jwks_uri', { issuer: 'https://issuer' }, 'no jwks_uri'],
    ['with a plain http jwks_uri', { issuer: 'https://issuer', jwks_uri: 'http://keys/jwks' }, 'plain http'],
    ['that is not an object', [], 'not a JSON object'],
  ])('refuses a document %s', (_, document, phrase) => {
    const step = continueFetching(DISCOVERY, 'discovery', answer(JSON.stringify(document)), text);
    expect(problemOf(step)).toContain(phrase);
  });
});

describe('key URLs', () => {
  it.each(['https://a', 'https://a:8443/x?y=z', 'https://[::1]/jwks'])('allows %s', (url) => {
    expect(checkKeyUrl(url, false, text)).toBeUndefined();
  });

  it.each([
    '',
    'a',
    'ftp://a/',
    'file:///etc/passwd',
    'https://',
    'https:///x',
    'https://u:p@a/',
    'https://a/#x',
    'https://a/ b',
    'https://a/\n',
  ])('refuses %j', (url) => {
    expect(checkKeyUrl(url, true, text)).toBeDefined();
  });

  it('D8: allows plain http only where the setting does', () => {
    expect(checkKeyUrl('http://127.0.0.1/jwks', true, text)).toBeUndefined();
    expect(checkKeyUrl('http://127.0.0.1/jwks', false, text)).toContain('OAUTH_ALLOW_HTTP=1');
  });
});

describe('Cache-Control (RFC 9111)', () => {
  it.each([
    ['', undefined],
    ['public', undefined],
    ['max-age=60', 60],
    ['Public, Max-Age=60', 60],
    ['no-store', 0],
    ['max-age=60, no-cache', 0],
    ['max-age=', 0],
    ['max-age=x', undefined],
    ['max-age=99999999999999999999', 9999999999],
  ])('reads %j as %s', (field, age) => {
    const read = readMaxAge(field);
    if (age === 9999999999) expect(read).toBeGreaterThan(99_999_999);
    else expect(read).toBe(age);
  });
});

describe('the endpoints of login', () => {
  const SIGNING_IN: RemoteKeys = { ...DISCOVERY, givesEndpoints: true };
  const DOCUMENT = {
    issuer: 'https://issuer',
    jwks_uri: 'https://issuer/jwks',
    authorization_endpoint: 'https://issuer/auth',
    token_endpoint: 'https://issuer/token',
  };
  const fetchWith = (source: RemoteKeys, document: object): FetchStep => {
    const step = continueFetching(source, 'discovery', answer(JSON.stringify(document)), text);
    return step.kind === 'done' ? step : continueFetching(source, 'jwks', answer(SET), text, step.endpoints);
  };

  it('come with the keys where somebody signs in, and nowhere else', () => {
    expect(fetchWith(SIGNING_IN, DOCUMENT)).toMatchObject({
      fetched: { ok: true, endpoints: { ok: true, endpoints: { authorization: 'https://issuer/auth' } } },
    });
    expect(fetchWith(DISCOVERY, DOCUMENT)).toMatchObject({ fetched: { ok: true, endpoints: undefined } });
  });

  it('that are no good leave the keys as they are, and say why', () => {
    expect(fetchWith(SIGNING_IN, { ...DOCUMENT, authorization_endpoint: '' })).toMatchObject({
      fetched: {
        ok: true,
        keys: [{ kid: 'one' }],
        endpoints: { ok: false, problem: expect.stringContaining('nobody') as string },
      },
    });
  });
});
