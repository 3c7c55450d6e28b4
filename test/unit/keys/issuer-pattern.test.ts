// Discovery documents of many tenants, the other address of a document, and keys that are bound to one tenant.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { continueFetching, startFetching } from '../../../src/keys/fetch-keys';
import { discoveryUrl, metadataUrl, readDiscovery } from '../../../src/keys/key-url';
import { readJwkSet } from '../../../src/keys/key-file';
import type { RemoteKeys } from '../../../src/model/settings';

const PATTERN = 'https://login.example/{tid}/v2.0';
const tenancy = (tenants: readonly string[] | undefined) => ({
  before: 'https://login.example/',
  claim: 'tid',
  after: '/v2.0',
  tenants,
});

function sourceWith(changes: Partial<RemoteKeys> = {}): RemoteKeys {
  return { kind: 'discovery', url: 'https://login.example/x', issuer: PATTERN, allowHttp: false, ...changes };
}

function accepts(source: RemoteKeys, issuer: unknown): boolean {
  return readDiscovery(JSON.stringify({ issuer, jwks_uri: 'https://login.example/keys' }), source, text).ok;
}

describe('a discovery document for many tenants', () => {
  it.each([
    ['https://login.example/{tenantid}/v2.0', true, true],
    ['https://login.example/{tid}/v2.0', true, true],
    ['https://login.example/a/v2.0', true, true],
    ['https://login.example/c/v2.0', false, true],
    ['https://login.example//v2.0', false, false],
    ['https://login.example/a/b/v2.0', false, false],
    ['https://login.example/{a/b}/v2.0', false, false],
    ['https://login.example/{}/v2.0', false, false],
    ['https://login.example/{/v2.0', false, false],
    ['https://login.example/a/v2.0/', false, false],
    ['https://evil.example/a/v2.0', false, false],
    [undefined, false, false],
    [7, false, false],
  ])('that names %s counts for two tenants: %s, for any: %s', (issuer, forList, forAny) => {
    expect(accepts(sourceWith({ tenancy: tenancy(['a', 'b']) }), issuer)).toBe(forList);
    expect(accepts(sourceWith({ tenancy: tenancy(undefined) }), issuer)).toBe(forAny);
    // Without tenants the document must be exactly the issuer's.
    expect(accepts(sourceWith({ issuer: 'https://login.example/a/v2.0' }), issuer)).toBe(
      issuer === 'https://login.example/a/v2.0',
    );
  });
});

describe('the other address of a document', () => {
  it.each([
    ['https://a.example', 'https://a.example/.well-known/oauth-authorization-server'],
    ['https://a.example/', 'https://a.example/.well-known/oauth-authorization-server'],
    ['https://a.example/x', 'https://a.example/.well-known/oauth-authorization-server/x'],
    ['https://a.example:8443/x/y/', 'https://a.example:8443/.well-known/oauth-authorization-server/x/y'],
    ['http://127.0.0.1:9/x', 'http://127.0.0.1:9/.well-known/oauth-authorization-server/x'],
  ])('of %s is %s', (issuer, url) => {
    expect(metadataUrl(issuer)).toBe(url);
  });

  const issuer = 'https://a.example/x';
  const source = sourceWith({ url: discoveryUrl(issuer), issuer, fallback: metadataUrl(issuer) });
  const answer = (status: number, body = '') =>
    ({ ok: true, status, body, cacheControl: '', contentEncoding: '', contentType: '' }) as const;
  const document = JSON.stringify({ issuer, jwks_uri: 'https://a.example/keys' });

  it('is asked after a 404 alone, and must be of the same issuer', () => {
    expect(startFetching(source)).toMatchObject({ kind: 'get', stage: 'discovery' });
    const other = continueFetching(source, 'discovery', answer(404), text);
    expect(other).toEqual({ kind: 'get', url: metadataUrl(issuer), stage: 'metadata' });
    expect(continueFetching(source, 'metadata', answer(200, document), text)).toEqual({
      kind: 'get',
      url: 'https://a.example/keys',
      stage: 'jwks',
    });
    for (const status of [400, 401, 403, 410, 500, 503])
      expect(continueFetching(source, 'discovery', answer(status), text)).toMatchObject({ kind: 'done' });
    const foreign = document.replace('a.example/x', 'b.example/x');
    expect(continueFetching(source, 'metadata', answer(200, foreign), text)).toMatchObject({
      fetched: { ok: false, problem: expect.stringContaining('another issuer') as string },
    });
    expect(continueFetching(source, 'metadata', answer(404), text)).toMatchObject({
      fetched: { ok: false, problem: `it answers with status 404 here, and 404 at \`${source.url}\`` },
    });
    expect(continueFetching(sourceWith(), 'discovery', answer(404), text)).toMatchObject({
      fetched: { ok: false, problem: 'it answers with status 404' },
    });
  });
});

describe('a key with an issuer of its own', () => {
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const issuerIn = (issuer: unknown): unknown =>
    readJwkSet(JSON.stringify({ keys: [{ ...jwk, issuer }] }), text).keys[0]?.issuer;

  it('is bound to it, or to the issuers of its pattern', () => {
    expect(issuerIn('https://login.example/a/v2.0')).toBe('https://login.example/a/v2.0');
    expect(issuerIn('https://login.example/{tenantid}/v2.0')).toBe('https://login.example/{tenantid}/v2.0');
    for (const unset of [undefined, null, '', []]) expect(issuerIn(unset)).toBeUndefined();
  });

  it('is bound to no tenant when the member is no text', () => {
    for (const odd of [7, { a: 1 }, ['https://login.example/a/v2.0'], true]) expect(issuerIn(odd)).toBe('');
  });
});
