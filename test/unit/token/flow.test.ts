import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createSignatures } from '../../../nginx/ports/signatures';
import { text } from '../../../nginx/ports/text';
import { ALGORITHMS } from '../../../src/model/algorithm';
import { problemBody } from '../../../src/answer/problem-details';
import { claimVariables } from '../../../src/claims/claim-variables';
import { extractBearer } from '../../../src/token/bearer';
import { bindKeys } from '../../../src/keys/bind-keys';
import { refuse, type Decision } from '../../../src/answer/decision';
import { begin, resume, type Trust, type Step } from '../../../src/token/flow';
import type { PublicKey, VerificationKey } from '../../../src/model/key';
import { hasScope } from '../../../src/claims/scope';
import type { IssuerSettings, KeySet } from '../../../src/model/settings';
import { isKeyPresent, judgeVerified } from '../../../src/token/verified-token';
import { readJwkSet, readPemFile } from '../../../src/keys/key-file';

const signatures = createSignatures(true);
const NOW = 1_700_000_000;
const ISSUER = 'https://issuer/';
const ALL = ALGORITHMS.map((algorithm) => algorithm.name);
const SECRET = 'a secret of thirty-two characters';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

function keyOf(key: typeof publicKey, kid: string | undefined): PublicKey {
  const file = readJwkSet(JSON.stringify({ keys: [{ ...key.export({ format: 'jwk' }), kid }] }), text);
  return file.keys[0] as PublicKey;
}

const TIMES = { refresh: 600, cooldown: 30, maxStale: 86400 };
const REMOTE = { kind: 'jwks', url: 'https://issuer/jwks', issuer: ISSUER, allowHttp: false } as const;

function issuerWith(changes: Partial<IssuerSettings>): IssuerSettings {
  return {
    issuer: ISSUER,
    audiences: ['api'],
    allowed: undefined,
    sources: { configured: undefined, remotes: [REMOTE] },
    ...changes,
  };
}

function keySetOf(keys: readonly VerificationKey[], changes: Partial<KeySet> = {}): KeySet {
  return { ...bindKeys(keys, undefined, ALL, 1), ...changes };
}

function judgeOf(issuers: readonly IssuerSettings[], keySets: readonly KeySet[], clockSkew = 60): Trust {
  return {
    settings: {
      issuers,
      clockSkew,
      times: TIMES,
      cache: { size: 10, age: 60 },
      denyPath: undefined,
      claimVariables: undefined,
      plainBudget: 25,
      nativeKeys: [],
    },
    keySets,
    text,
  };
}

function judgeWith(keys: readonly VerificationKey[], issuer: Partial<IssuerSettings> = {}, clockSkew = 60): Trust {
  return judgeOf([issuerWith(issuer)], [keySetOf(keys)], clockSkew);
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

const CLAIMS = { iss: ISSUER, aud: 'api', exp: NOW + 300, scope: 'write:hamsters  read:hamsters' };

function signed(claims: object = CLAIMS, header: object = {}, key = privateKey): string {
  const input = encode({ alg: 'RS256', kid: 'one', ...header }) + '.' + encode(claims);
  return input + '.' + sign('sha256', Buffer.from(input), key).toString('base64url');
}

/** The driver of these tests: performs each step with the adapter that nginx uses; newer keys never come. */
async function judgeRequest(trust: Trust, authorization: readonly string[], now = NOW): Promise<Step> {
  const bearer = extractBearer(authorization);
  if (!bearer.ok) return { kind: 'refused', decision: refuse(bearer.reason) };
  let step = begin(trust, bearer.value);
  while (step.kind === 'verify') {
    step = resume(trust, step.pending, await signatures.verify(step.pending.request), now);
  }
  return step;
}

async function decide(trust: Trust, authorization: readonly string[], now = NOW): Promise<Decision> {
  const step = await judgeRequest(trust, authorization, now);
  if (step.kind === 'refused') return step.decision;
  if (step.kind === 'verified') return judgeVerified(step.verified, undefined, text, now);
  if (step.kind === 'refetch') return step.otherwise;
  throw new Error('a step was left over');
}

const ONE = judgeWith([keyOf(publicKey, 'one')]);

async function reasonOf(token: string, trust = ONE): Promise<string> {
  return (await decide(trust, ['Bearer ' + token])).reason;
}

describe('the judge', () => {
  it('allows a good token and hands on its scopes and claims', async () => {
    const decision = await decide(ONE, ['bEaReR ' + signed({ ...CLAIMS, sub: 'me' })]);
    expect(decision).toMatchObject({ allowed: true, status: 200, reason: '', challenge: '', subject: 'me' });
    expect(decision.scopes).toBe('write:hamsters read:hamsters');
    expect(problemBody(decision)).toBe('');
  });

  it('answers no credentials with a bare challenge (RFC 6750 §3.1)', async () => {
    expect(await decide(ONE, [])).toMatchObject({ status: 401, reason: 'credentials_missing', challenge: 'Bearer' });
    expect(await decide(ONE, ['Basic eDp5'])).toMatchObject({ status: 401, challenge: 'Bearer' });
  });

  it('answers two Authorization headers with invalid_request, good as they may be', async () => {
    const bearer = 'Bearer ' + signed();
    const decision = await decide(ONE, [bearer, bearer]);
    expect(decision).toMatchObject({ allowed: false, status: 400, reason: 'authorization_repeated' });
    expect(decision.challenge).toContain('error="invalid_request"');
  });

  it('answers a bad token with invalid_token and a body that is JSON', async () => {
    const decision = await decide(ONE, ['Bearer ' + signed(CLAIMS, {}, stranger.privateKey)]);
    expect(decision).toMatchObject({
      status: 401,
      reason: 'signature_invalid',
      scopes: '',
      subject: '',
      claims: undefined,
    });
    expect(decision.challenge).toMatch(/^Bearer error="invalid_token", error_description="[ !#-[\]-~]+"$/);
    expect(JSON.parse(problemBody(decision))).toMatchObject({ status: 401, reason: 'signature_invalid' });
  });

  it('looks at no payload before a signature over it is valid', async () => {
    const input = encode({ alg: 'RS256', kid: 'one' }) + '.' + Buffer.from('not json').toString('base64url');
    const forged = input + '.' + sign('sha256', Buffer.from(input), stranger.privateKey).toString('base64url');
    const honest = input + '.' + sign('sha256', Buffer.from(input), privateKey).toString('base64url');
    expect(await reasonOf(forged)).toBe('signature_invalid');
    expect(await reasonOf(honest)).toBe('payload_malformed');
  });
});

describe('keys', () => {
  it('refuses a kid that names no key even if another key would fit', async () => {
    expect(await reasonOf(signed(CLAIMS, { kid: 'two' }))).toBe('key_unknown');
    expect(await reasonOf(signed(CLAIMS, { kid: '' }))).toBe('key_unknown');
  });

  it('tries a key without kid, as a PEM file gives, for any kid', async () => {
    const pem = readPemFile(publicKey.export({ type: 'spki', format: 'pem' }).toString()).keys;
    expect(await reasonOf(signed(CLAIMS, { kid: 'two' }), judgeWith(pem))).toBe('');
  });

  it('tries the keys that fit when the token names none, within a bound', async () => {
    const others = Array.from({ length: 3 }, (_, index) => keyOf(stranger.publicKey, index.toString()));
    const last = keyOf(publicKey, 'last');
    const nameless = signed(CLAIMS, { kid: undefined });
    expect(await reasonOf(nameless, judgeWith([...others, last]))).toBe('');
    expect(await reasonOf(nameless, judgeWith([...others, keyOf(stranger.publicKey, 'x'), last]))).toBe(
      'signature_invalid',
    );
  });

  it('holds a key to its own alg', async () => {
    const bound = { ...keyOf(publicKey, 'one'), algorithms: ['PS256' as const] };
    expect(await reasonOf(signed(), judgeWith([bound, keyOf(publicKey, 'two')]))).toBe('key_mismatch');
    expect(await reasonOf(signed(), judgeWith([bound]))).toBe('algorithm_refused');
  });

  it('never uses the public key as a secret (RFC 8725 §2.1)', async () => {
    const input = encode({ alg: 'HS256', kid: 'one' }) + '.' + encode(CLAIMS);
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const token = input + '.' + createHmac('sha256', pem).update(input).digest('base64url');
    expect(await reasonOf(token)).toBe('algorithm_refused');
  });

  it('A4: verifies HS256 with the secret, and nothing else with it', async () => {
    const algorithms = ['HS256', 'HS384', 'HS512'] as const;
    const trust = judgeWith([
      { kind: 'secret', kid: undefined, type: 'oct', algorithms, secret: Buffer.from(SECRET).toString('base64') },
    ]);
    const input = encode({ alg: 'HS256' }) + '.' + encode(CLAIMS);
    const mac = (secret: string) => createHmac('sha256', secret).update(input).digest('base64url');
    expect(await reasonOf(input + '.' + mac(SECRET), trust)).toBe('');
    expect(await reasonOf(input + '.' + mac(SECRET + 'x'), trust)).toBe('signature_invalid');
    expect(await reasonOf(input + '.' + mac(SECRET).slice(0, -1), trust)).toBe('token_malformed');
    expect(await reasonOf(signed(), trust)).toBe('algorithm_refused');
  });

  it('answers 503, never an allow, for an algorithm that the engine lacks', async () => {
    const engine = ALL.filter((name) => name !== 'RS256');
    const trust = judgeOf([issuerWith({})], [bindKeys([keyOf(publicKey, 'one')], undefined, engine, 1)]);
    expect(await decide(trust, ['Bearer ' + signed()])).toMatchObject({ status: 503, reason: 'algorithm_unavailable' });
    const begun = begin(ONE, signed());
    expect(begun.kind).toBe('verify');
    if (begun.kind === 'verify') {
      const step = resume(ONE, begun.pending, 'unavailable', NOW);
      expect(step.kind === 'refused' && step.decision.status).toBe(503);
    }
  });

  it('answers 503 until the first keys are there', async () => {
    const trust = judgeOf([issuerWith({})], [keySetOf([])]);
    expect(await decide(trust, ['Bearer ' + signed()])).toMatchObject({ status: 503, reason: 'keys_unavailable' });
  });

  it('wishes for newer keys when a kid is unknown and keys can be fetched, and only then', () => {
    const unknown = signed(CLAIMS, { kid: 'two' });
    expect(begin(ONE, unknown)).toMatchObject({ kind: 'refetch', issuer: 0, otherwise: { reason: 'key_unknown' } });
    expect(begin(ONE, signed()).kind).toBe('verify');
    const fixed = judgeWith([keyOf(publicKey, 'one')], { sources: { configured: keySetOf([]), remotes: [] } });
    expect(begin(fixed, unknown)).toMatchObject({ kind: 'refused', decision: { reason: 'key_unknown' } });
  });
});

describe('several sources of one issuer', () => {
  const secret: VerificationKey = {
    kind: 'secret',
    kid: undefined,
    type: 'oct',
    algorithms: ['HS256', 'HS384', 'HS512'],
    secret: Buffer.from(SECRET).toString('base64'),
  };
  const fetched = keyOf(publicKey, 'one');
  const nameless = keyOf(stranger.publicKey, undefined);

  function trustIn(keys: readonly VerificationKey[], changes: Partial<KeySet> = {}, issuer: object = {}): Trust {
    const sources = { configured: keySetOf([secret]), remotes: [REMOTE, { ...REMOTE, url: 'https://issuer/other' }] };
    return judgeOf([issuerWith({ sources, ...issuer })], [keySetOf(keys, changes)]);
  }

  function hs256(key: string | Buffer, header: object = {}): string {
    const input = encode({ alg: 'HS256', ...header }) + '.' + encode(CLAIMS);
    return input + '.' + createHmac('sha256', key).update(input).digest('base64url');
  }

  it('verify with each key what is its own, and with none what is another one’s', async () => {
    const both = trustIn([secret, fetched]);
    expect(await reasonOf(signed(), both)).toBe('');
    expect(await reasonOf(hs256(SECRET), both)).toBe('');
    expect(await reasonOf(hs256(SECRET, { kid: 'old' }), both)).toBe('');
    expect(await reasonOf(hs256(SECRET, { kid: 'one' }), both)).toBe('key_mismatch');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const der = publicKey.export({ type: 'spki', format: 'der' });
    for (const guess of [pem, der, der.toString('base64')]) {
      expect(await reasonOf(hs256(guess), both)).toBe('signature_invalid');
    }
  });

  it('make a wish for newer keys where a key without name fits and does not verify', async () => {
    const all = trustIn([secret, nameless, fetched]);
    const last = (token: string): Promise<Step> => judgeRequest(all, ['Bearer ' + token]);
    const wish = { kind: 'refetch', issuer: 0, otherwise: { reason: 'signature_invalid' } };
    expect(await last(signed(CLAIMS, { kid: 'two' }))).toMatchObject(wish);
    expect(await last(signed(CLAIMS, { kid: 'one' }, stranger.privateKey))).toMatchObject({ kind: 'refused' });
    expect(await last(hs256('x', { kid: 'two' }))).toMatchObject({ kind: 'refused' });
  });

  it.each([
    [{ isPartial: true }, 'keys_unavailable'],
    [{ isPartial: true, isStale: true }, 'keys_stale'],
  ])('of which one has no keys (%j) answer %s to what its keys could verify', async (changes, reason) => {
    const partial = trustIn([secret, nameless], changes);
    expect(await reasonOf(hs256(SECRET), partial)).toBe('');
    expect(await reasonOf(hs256('x'), partial)).toBe('signature_invalid');
    expect(await reasonOf(signed(CLAIMS, { kid: 'one' }, stranger.privateKey), partial)).toBe('');
    for (const kid of ['one', undefined, 'two']) expect(await reasonOf(signed(CLAIMS, { kid }), partial)).toBe(reason);
    expect(await reasonOf(signed(), trustIn([secret], changes))).toBe(reason);
    expect(await reasonOf(signed(), trustIn([secret], changes, { allowed: ['RS256', 'HS256'] }))).toBe(reason);
    const others = trustIn([secret], changes, { allowed: ['ES256', 'HS256'] });
    expect(await reasonOf(signed(), others)).toBe('algorithm_refused');
  });
});

describe('several issuers', () => {
  const other = issuerWith({ issuer: 'https://other/', audiences: ['elsewhere'] });
  const keySets = [keySetOf([keyOf(publicKey, 'one')]), keySetOf([keyOf(stranger.publicKey, 'one')])];
  const two = judgeOf([issuerWith({}), other], keySets);
  const theirs = { ...CLAIMS, iss: 'https://other/', aud: 'elsewhere' };

  it('B2: verifies each token with the keys of the issuer that it names, and by its rules', async () => {
    expect(await reasonOf(signed(), two)).toBe('');
    expect(await reasonOf(signed(theirs, {}, stranger.privateKey), two)).toBe('');
    expect(await reasonOf(signed({ ...theirs, aud: 'api' }, {}, stranger.privateKey), two)).toBe('audience_refused');
  });

  it("refuses one issuer's token signed by another's key", async () => {
    expect(await reasonOf(signed(theirs), two)).toBe('signature_invalid');
    expect(await reasonOf(signed(CLAIMS, {}, stranger.privateKey), two)).toBe('signature_invalid');
  });

  it('refuses an issuer that is not among them before any signature is checked', () => {
    const step = begin(two, signed({ ...CLAIMS, iss: 'https://third/' }));
    expect(step).toMatchObject({ kind: 'refused', decision: { reason: 'issuer_refused' } });
    expect(begin(two, signed({ ...CLAIMS, iss: undefined }))).toMatchObject({ decision: { reason: 'issuer_missing' } });
    expect(begin(two, signed({ ...CLAIMS, iss: 5 }))).toMatchObject({ decision: { reason: 'issuer_refused' } });
  });

  it('keeps an issuer without keys from stopping the others', async () => {
    const half = judgeOf([issuerWith({}), other], [keySetOf([keyOf(publicKey, 'one')]), keySetOf([])]);
    expect(await reasonOf(signed(), half)).toBe('');
    expect(await reasonOf(signed(theirs, {}, stranger.privateKey), half)).toBe('keys_unavailable');
  });
});

describe('a token seen before', () => {
  async function remember(claims: object, now = NOW) {
    const step = await judgeRequest(ONE, ['Bearer ' + signed(claims)], now);
    if (step.kind !== 'verified') throw new Error('not accepted');
    return step.verified;
  }

  it('gets the same decision without its signature, until it expires', async () => {
    const verified = await remember(CLAIMS);
    expect(judgeVerified(verified, undefined, text, NOW)).toMatchObject({
      allowed: true,
      scopes: 'write:hamsters read:hamsters',
    });
    expect(judgeVerified(verified, undefined, text, CLAIMS.exp + 59).allowed).toBe(true);
    expect(judgeVerified(verified, undefined, text, CLAIMS.exp + 60)).toMatchObject({ status: 401, reason: 'expired' });
  });

  it('is held to nbf and iat again, should the clock go back', async () => {
    const verified = await remember({ ...CLAIMS, nbf: NOW });
    expect(judgeVerified(verified, undefined, text, NOW - 61).reason).toBe('not_yet_valid');
    expect(judgeVerified(await remember({ ...CLAIMS, iat: NOW }), undefined, text, NOW - 61).reason).toBe(
      'issued_in_future',
    );
  });

  it.each([
    ['jti:j1', true],
    ['sub:me', true],
    ['client_id:c', true],
    ['azp:a', true],
    ['kid:one', true],
    ['jti:j', false],
    ['sub:one', false],
    ['iss:https://issuer/', false],
    ['', false],
  ])('is refused once the deny list has %j: %s', async (entry, denied) => {
    const verified = await remember({ ...CLAIMS, jti: 'j1', sub: 'me', client_id: 'c', azp: 'a' });
    const decision = judgeVerified(verified, { holds: (wanted) => wanted === entry, timesOf: () => [] }, text, NOW);
    expect(decision.reason).toBe(denied ? 'token_revoked' : '');
    expect(decision.status).toBe(denied ? 401 : 200);
  });

  it('is remembered only when it was accepted', async () => {
    for (const claims of [
      { ...CLAIMS, exp: NOW - 60 },
      { ...CLAIMS, aud: 'x' },
    ]) {
      const step = await judgeRequest(ONE, ['Bearer ' + signed(claims)]);
      expect(step).toMatchObject({ kind: 'refused' });
    }
  });

  it('ends when its key leaves the set, changes, or may no longer do what it did', async () => {
    const { key } = await remember(CLAIMS);
    const stranger1 = keyOf(stranger.publicKey, 'one');
    expect(isKeyPresent(keySetOf([stranger1, keyOf(publicKey, 'one')]), key)).toBe(true);
    expect(isKeyPresent(keySetOf([stranger1]), key)).toBe(false);
    expect(isKeyPresent(keySetOf([keyOf(publicKey, 'two')]), key)).toBe(false);
    expect(isKeyPresent(keySetOf([{ ...keyOf(publicKey, 'one'), algorithms: ['RS256'] }]), key)).toBe(false);
    expect(isKeyPresent(keySetOf([]), key)).toBe(false);
    expect(isKeyPresent(keySetOf([{ ...keyOf(publicKey, 'one'), issuer: 'https://a.example' }]), key)).toBe(false);
  });

  it('ends when its provider binds the key to another issuer', async () => {
    const { key } = await remember(CLAIMS);
    const bound = { ...keyOf(publicKey, 'one'), issuer: 'https://login.example/other/v2.0' };
    expect(isKeyPresent(keySetOf([bound]), key)).toBe(false);
    expect(isKeyPresent(keySetOf([bound]), bound)).toBe(true);
  });
});

describe('claims', () => {
  it.each([
    ['equal to now', 0, NOW, 'expired'],
    ['one second ahead', 0, NOW + 1, ''],
    ['just outside the skew', 60, NOW - 60, 'expired'],
    ['just inside the skew', 60, NOW - 59, ''],
    ['a fraction ahead', 0, NOW + 0.5, ''],
  ])('judges an exp %s (RFC 7519 §4.1.4)', async (_, clockSkew, exp, reason) => {
    const trust = judgeWith([keyOf(publicKey, 'one')], {}, clockSkew);
    expect(await reasonOf(signed({ ...CLAIMS, exp }), trust)).toBe(reason);
  });

  it.each([
    [{ exp: undefined }, 'expiry_missing'],
    [{ exp: String(NOW + 9) }, 'claim_malformed'],
    [{ exp: 1e17 }, 'claim_malformed'],
    [{ nbf: NOW + 61 }, 'not_yet_valid'],
    [{ nbf: NOW + 60 }, ''],
    [{ iat: NOW + 61 }, 'issued_in_future'],
    [{ iat: NOW }, ''],
    [{ iss: undefined }, 'issuer_missing'],
    [{ iss: 'https://issuer' }, 'issuer_refused'],
    [{ iss: [ISSUER] }, 'claim_malformed'],
    [{ aud: undefined }, 'audience_missing'],
    [{ aud: 'ap' }, 'audience_refused'],
    [{ aud: [] }, 'audience_refused'],
    [{ aud: ['x', 'api'] }, ''],
    [{ aud: ['api', 5] }, 'claim_malformed'],
    [{ aud: { api: 1 } }, 'claim_malformed'],
    [{ sub: 5 }, 'claim_malformed'],
    [{ sub: 'a\r\nX: y' }, 'claim_malformed'],
    [{ scope: ['a', 'b'] }, ''],
    [{ scope: ['a b'] }, 'scope_malformed'],
    [{ scope: 'a\nb' }, 'scope_malformed'],
    [{ scope: 7 }, 'scope_malformed'],
  ])('judges %j', async (changes, reason) => {
    expect(await reasonOf(signed({ ...CLAIMS, ...changes }))).toBe(reason);
  });

  it('accepts any audience, or none, for *', async () => {
    const trust = judgeWith([keyOf(publicKey, 'one')], { audiences: undefined });
    expect(await reasonOf(signed({ ...CLAIMS, aud: undefined }), trust)).toBe('');
    expect(await reasonOf(signed({ ...CLAIMS, aud: 5 }), trust)).toBe('claim_malformed');
  });

  it("A9: gives Okta's scp array the form of a scope string", async () => {
    const decision = await decide(ONE, ['Bearer ' + signed({ ...CLAIMS, scope: undefined, scp: ['a', 'b:c'] })]);
    expect(decision.scopes).toBe('a b:c');
  });

  it('A10: turns claims into variables', async () => {
    const claims = {
      ...CLAIMS,
      yes: true,
      list: ['a', 'b'],
      tree: { a: [1] },
      half: 0.5,
      'x.y': 1,
      x_y: 2,
      é: 3,
      crlf: 'a\r\nb',
    };
    const decision = await decide(ONE, ['Bearer ' + signed(claims)]);
    const variables = decision.claims === undefined ? [] : claimVariables(decision.claims, text);
    const byName = Object.fromEntries(variables.map((variable) => [variable.name, variable.value]));
    expect(byName).toMatchObject({
      exp: NOW + 300,
      yes: 'true',
      list: 'a b',
      tree: '{"a":[1]}',
      half: '0.5',
      x_y: 2,
      _: 3,
    });
    expect(byName).not.toHaveProperty('crlf');
  });
});

describe('scopes', () => {
  it.each([
    ['write:hamsters', true],
    ['read', true],
    ['write:hamster', false],
    ['write:hamsters2', false],
    ['', false],
    ['write:hamsters read', false],
    ['hamsters', false],
  ])('finds %j as a whole word: %s', (scope, found) => {
    expect(hasScope('write:hamsters read', scope)).toBe(found);
  });
});

describe('the real Auth0 token', () => {
  const directory = new URL('../../fixtures/auth0/', import.meta.url);
  const token = readFileSync(new URL('token.jwt', directory), 'utf8').trim();
  const pem = (name: string) => readPemFile(readFileSync(new URL(name, directory), 'utf8')).keys;
  const sets = [
    ['pubkey.pem', pem('pubkey.pem')],
    ['certificate.pem', pem('certificate.pem')],
    ['jwks.json', readJwkSet(readFileSync(new URL('jwks.json', directory), 'utf8'), text).keys],
  ] as const;

  it.each(sets)('A12: passes with %s in its day, and is expired today', async (_, keys) => {
    const issuer = 'https://nickram44.auth0.com/';
    const trust = judgeWith(keys, { issuer, audiences: ['https://api.mywebsite.com'] });
    const then = await decide(trust, ['Bearer ' + token], 1_541_548_800);
    expect(then).toMatchObject({ allowed: true, scopes: 'write:hamsters read:hamsters' });
    expect((await decide(trust, ['Bearer ' + token])).reason).toBe('expired');
  });
});
