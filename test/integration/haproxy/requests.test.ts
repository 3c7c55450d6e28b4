// What a configuration sees of a request's token: variables, scopes, refusals and answers, through real HAProxy.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SHOW, shown, startHaproxy, type Haproxy } from '../helpers/haproxy-server';
import { AUDIENCE, ISSUER, claims, makeKeyPair, signToken } from '../helpers/tokens';
import { SUITES, type HttpAnswer } from '../helpers/suite';

const RSA = makeKeyPair('RS256');
const OTHER = makeKeyPair('RS256');
const SECRET = 'a secret of more than sixty-four bytes, so that any of the three will take it';

const RULES = [
  'http-request set-var(txn.authorized) bool(true) if { path_beg /tricked }',
  'http-request set-var(txn.oauth_scopes) str(write:hamsters) if { path_beg /tricked }',
  'http-request lua.jwtenforce if { path_beg /enforce }',
  'http-request lua.jwtverify if !{ path_beg /enforce }',
  // A second call in the same transaction, with another token.
  'http-request set-header authorization "Bearer %[req.hdr(x-second)]" if { req.hdr(x-second) -m found }',
  'http-request del-header authorization if { req.hdr(x-second) none }',
  'http-request lua.jwtverify if { req.hdr(x-second) -m found }',
  'http-request set-var(txn.is_bool) str(yes) if { var(txn.authorized) -m bool }',
  'http-request set-var(txn.is_sub) str(yes) if { var(txn.oauth_scopes) -m sub write:hamsters }',
  'http-request set-var(txn.is_exact) str(yes) if { var(txn.oauth_scopes),lua.oauth_has(write:hamsters) -m bool }',
  'http-request deny if { path_beg /deny } ! { var(txn.authorized) -m bool }',
  ...['bool', 'sub', 'exact'].map((name) => `http-after-response set-header x-is-${name} "%[var(txn.is_${name})]"`),
  ...SHOW,
];

const SETTINGS = {
  OAUTH_ISSUER: ISSUER,
  OAUTH_AUDIENCE: `https://other.example ${AUDIENCE}`,
  OAUTH_PUBKEY_PATH: 'DIRECTORY/key.pem',
};

const sign = (changes: Readonly<Record<string, unknown>> = {}, header: Readonly<Record<string, unknown>> = {}) =>
  signToken(RSA.privateKey, 'RS256', claims(changes), header);

/** What an accepted request shows besides its claims. */
const ALLOWED = { authorized: '1', status: '200', 'reason-length': '0', 'challenge-length': '0' };

function expectRefused(answer: HttpAnswer, status: number, reason: string): void {
  const seen = shown(answer);
  expect(seen).toMatchObject({ authorized: '0', status: String(status), reason, 'scopes-length': '0' });
  expect(Object.keys(seen).filter((name) => name.startsWith('claim-') || name === 'names')).toEqual([]);
  expect(answer.headers['x-is-bool']).toBe('');
}

describe.each(SUITES)('%s', (suite) => {
  let haproxy: Haproxy;

  beforeAll(async () => {
    haproxy = await startHaproxy(suite, { settings: SETTINGS, files: { 'key.pem': RSA.pem }, rules: RULES });
  });
  afterAll(() => haproxy.stop());
  afterEach(() => {
    expect(haproxy.leaks()).toEqual([]);
    expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
  });

  test('A6: a valid token is boolean true, and sets every variable', async () => {
    const answer = await haproxy.askWith(await sign());
    expect(shown(answer)).toMatchObject({ ...ALLOWED, scopes: 'read:hamsters write:hamsters' });
    expect(answer.headers['x-is-bool']).toBe('yes');
  });

  test('A3: the audience may be a string or a list, and any of several passes', async () => {
    for (const aud of [AUDIENCE, 'https://other.example', ['https://third.example', AUDIENCE]]) {
      expect(shown(await haproxy.askWith(await sign({ aud })))).toMatchObject(ALLOWED);
    }
    for (const aud of ['https://third.example', [], ['https://third.example'], `${AUDIENCE}/`]) {
      expectRefused(await haproxy.askWith(await sign({ aud })), 401, 'audience_refused');
    }
  });

  test('A3: the issuer must match exactly, its last slash included', async () => {
    for (const iss of [ISSUER.slice(0, -1), `${ISSUER}/`, ISSUER.toUpperCase(), 'https://issuer.example.org/']) {
      expectRefused(await haproxy.askWith(await sign({ iss })), 401, 'issuer_refused');
    }
  });

  test('A5: the header name and the scheme may be in any case, and the space after the colon may lack', async () => {
    const token = await sign();
    for (const name of ['authorization', 'AUTHORIZATION', 'aUtHoRiZaTiOn']) {
      for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR']) {
        const answer = await haproxy.ask({ headers: [[name, `${scheme} ${token}`]] });
        expect(shown(answer)).toMatchObject(ALLOWED);
      }
    }
    // The test's client writes `name: value`; a request line of our own has no space.
    const answer = await haproxy.ask({ headers: [['X-A', `1\r\nAuthorization:Bearer ${token}`]] });
    expect(shown(answer)).toMatchObject(ALLOWED);
    expectRefused(await haproxy.ask({ headers: [['Authorization', `Basic ${token}`]] }), 401, 'scheme_unsupported');
  });

  test.each([
    ['issuer_refused', () => sign({ iss: 'https://elsewhere.example/' })],
    ['audience_refused', () => sign({ aud: 'https://elsewhere.example' })],
    ['expired', () => sign({ exp: 1_700_000_000 })],
    ['not_yet_valid', () => sign({ nbf: 4_000_000_000 })],
    ['signature_invalid', () => signToken(OTHER.privateKey, 'RS256')],
    ['algorithm_refused', () => signToken(RSA.pem, 'HS256')],
    ['algorithm_none', async () => (await sign()).replace(/^[^.]+/, 'eyJhbGciOiJub25lIn0')],
  ])('A7: one fault alone, %s, is false and gets 403 with the page of HAProxy', async (reason, make) => {
    const token = await make();
    expectRefused(await haproxy.askWith(token), 401, reason);
    const denied = await haproxy.askWith(token, { path: '/deny' });
    expect(denied.status).toBe(403);
    expect(denied.body).toContain('Request forbidden by administrative rules.');
    expect((await haproxy.askWith(await sign(), { path: '/deny' })).status).toBe(200);
  });

  test.each([
    ['credentials_missing', undefined],
    ['credentials_missing', ''],
    ['scheme_unsupported', 'garbage'],
    ['scheme_unsupported', 'Basic dHVyYm86aGFtc3Rlcg=='],
    ['token_malformed', 'Bearer garbage'],
    ['header_malformed', 'Bearer ..'],
    ['token_malformed', 'Bearer a.b'],
    ['token_malformed', 'Bearer \x80\xff.\xfe.\x01'],
    ['token_encrypted', 'Bearer a.b.c.d.e'],
    ['header_malformed', 'Bearer e30.e30.e30'],
    ['header_malformed', `Bearer ${Buffer.from('[').toString('base64url')}.e30.e30`],
    ['header_malformed', `Bearer ${Buffer.from([0x7b, 0xed, 0xa0, 0x80, 0x7d]).toString('base64url')}.e30.e30`],
  ])('A8: %s is refused for %j, without an error in Lua', async (reason, value) => {
    const headers = value === undefined ? [] : ([['Authorization', value]] as const);
    const answer = await haproxy.ask({ headers });
    expectRefused(answer, 401, reason);
  });

  test('A8: a missing exp is refused, and one that is not a number', async () => {
    expectRefused(await haproxy.askWith(await sign({ exp: undefined })), 401, 'expiry_missing');
    expectRefused(await haproxy.askWith(await sign({ exp: null })), 401, 'claim_malformed');
  });

  test('A9: scopes are one string whether `scope` or `scp` is text or a list', async () => {
    const list = ['read:hamsters', 'write:hamsters'];
    for (const form of [{ scope: list.join(' ') }, { scope: list }, { scp: list.join(' ') }, { scp: list }]) {
      const answer = await haproxy.askWith(await sign({ scope: undefined, ...form }));
      expect(shown(answer)).toMatchObject({ ...ALLOWED, scopes: list.join(' ') });
      expect(answer.headers).toMatchObject({ 'x-is-sub': 'yes', 'x-is-exact': 'yes' });
    }
    const none = await haproxy.askWith(await sign({ scope: undefined }));
    expect(shown(none)).toMatchObject({ ...ALLOWED, 'scopes-length': '0' });
    expect(none.headers).toMatchObject({ 'x-is-sub': '', 'x-is-exact': '' });
  });

  test('A9: oauth_has compares whole words, which -m sub does not', async () => {
    const longer = await haproxy.askWith(await sign({ scope: 'write:hamsters2 xwrite:hamsters' }));
    expect(longer.headers).toMatchObject({ 'x-is-sub': 'yes', 'x-is-exact': '' });
    const whole = await haproxy.askWith(await sign({ scope: 'write:hamsters2 write:hamsters' }));
    expect(whole.headers).toMatchObject({ 'x-is-sub': 'yes', 'x-is-exact': 'yes' });
  });

  test('A10: each top-level claim is a variable of its own', async () => {
    const token = await sign({
      admin: true,
      level: 7,
      ratio: 0.5,
      groups: ['keepers', 'vets'],
      address: { city: 'Burrow' },
      'https://hamsters.example/team': 'wheel',
    });
    expect(shown(await haproxy.askWith(token))).toMatchObject({
      ...ALLOWED,
      'claim-iss': ISSUER,
      'claim-sub': 'turbo',
      'claim-aud': AUDIENCE,
      'claim-scope': 'read:hamsters write:hamsters',
      'claim-admin': '1',
      'claim-level': '7',
      'claim-ratio': '0.5',
      'claim-groups': 'keepers vets',
      'claim-address': '{"city":"Burrow"}',
      'claim-https___hamsters_example_team': 'wheel',
    });
  });

  test('A10: no claim is a variable before the token has been verified', async () => {
    expectRefused(await haproxy.askWith(await signToken(OTHER.privateKey, 'RS256')), 401, 'signature_invalid');
    expectRefused(await haproxy.askWith(await sign({ exp: 1_700_000_000 })), 401, 'expired');
  });

  test('a claim with a line break does not become a variable, the others do', async () => {
    const seen = shown(await haproxy.askWith(await sign({ admin: 'a\r\nX-Evil: 1', level: 3 })));
    expect(seen).toMatchObject({ ...ALLOWED, 'claim-level': '3' });
    expect(seen['claim-admin']).toBeUndefined();
  });

  test('A12: a client-credentials token passes, with gty, azp and a sub that ends in @clients', async () => {
    const token = await sign({ gty: 'client-credentials', azp: '4Jz2', sub: '4Jz2@clients' });
    expect(shown(await haproxy.askWith(token))).toMatchObject({
      ...ALLOWED,
      'claim-gty': 'client-credentials',
      'claim-azp': '4Jz2',
      'claim-sub': '4Jz2@clients',
    });
  });

  test('several Authorization headers are refused with 400, with any values', async () => {
    const token = await sign();
    for (const second of [`Bearer ${token}`, 'Basic dHVyYm86aGFtc3Rlcg==', '']) {
      const headers = [
        ['Authorization', `Bearer ${token}`],
        ['authorization', second],
      ] as const;
      expectRefused(await haproxy.ask({ headers }), 400, 'authorization_repeated');
    }
  });

  test('a second call in a transaction removes what the first one set', async () => {
    const first = await sign({ level: 7, admin: true, only_first: 'yes' });
    const headers = (second: string) => [['X-Second', second]] as const;
    expectRefused(await haproxy.askWith(first, { headers: headers('garbage') }), 401, 'token_malformed');
    expectRefused(await haproxy.askWith(first, { headers: headers(await sign({ exp: 1 })) }), 401, 'expired');
    expectRefused(await haproxy.askWith(first, { headers: headers('none') }), 401, 'credentials_missing');
    const second = shown(
      await haproxy.askWith(first, { headers: headers(await sign({ level: 8, scope: 'read:hamsters' })) }),
    );
    expect(second).toMatchObject({ ...ALLOWED, 'claim-level': '8', scopes: 'read:hamsters' });
    expect(second['claim-only_first']).toBeUndefined();
    expect(second['claim-admin']).toBeUndefined();
  });

  test('a second call accepts what the first one refused', async () => {
    const headers = [['X-Second', await sign()]] as const;
    expect(shown(await haproxy.askWith('garbage', { headers }))).toMatchObject(ALLOWED);
  });

  test('a second call removes every claim of a token with very many of them', async () => {
    const own = await startHaproxy(suite, { settings: SETTINGS, files: { 'key.pem': RSA.pem }, rules: RULES });
    try {
      const many = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`c${String(index)}`, 'x']));
      const first = await sign({ ...many, only_first: 'yes', groups: ['keepers'] });
      const alone = await own.askWith(first);
      expect(shown(alone)).toMatchObject({ ...ALLOWED, 'claim-only_first': 'yes', 'claim-groups': 'keepers' });
      expect(shown(alone)['names']).toContain('only_first');
      const headers = (second: string) => [['X-Second', second]] as const;
      expectRefused(await own.askWith(first, { headers: headers('garbage') }), 401, 'token_malformed');
      const second = shown(await own.askWith(first, { headers: headers(await sign({ level: 8 })) }));
      expect(second).toMatchObject({ ...ALLOWED, 'claim-level': '8' });
      expect(second['claim-only_first']).toBeUndefined();
      expect(second['claim-groups']).toBeUndefined();
      expect(second['claim-sub']).toBe('turbo');
    } finally {
      await own.stop();
    }
  });

  test('what the configuration set before the call does not count', async () => {
    const answer = await haproxy.askWith('garbage', { path: '/tricked' });
    expectRefused(answer, 401, 'token_malformed');
    expect(answer.headers).toMatchObject({ 'x-is-sub': '', 'x-is-exact': '' });
  });

  test('jwtenforce answers a refusal with status, challenge and problem details', async () => {
    const expired = await haproxy.askWith(await sign({ exp: 1 }), { path: '/enforce' });
    expect(expired.status).toBe(401);
    expect(expired.headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/problem+json' });
    expect(expired.headers['www-authenticate']).toMatch(/^Bearer error="invalid_token"/);
    expect(JSON.parse(expired.body)).toMatchObject({ status: 401, reason: 'expired' });

    const bare = await haproxy.ask({ path: '/enforce' });
    expect(bare.status).toBe(401);
    expect(bare.headers['www-authenticate']).toBe('Bearer');
    expect(JSON.parse(bare.body)).toMatchObject({ reason: 'credentials_missing' });

    const token = await sign();
    const headers = [['Authorization', 'Bearer x']] as const;
    const repeated = await haproxy.askWith(token, { path: '/enforce', headers });
    expect(repeated.status).toBe(400);
    expect(repeated.headers['www-authenticate']).toMatch(/^Bearer error="invalid_request"/);
  });

  test('jwtenforce lets a good token pass, with the variables set', async () => {
    const answer = await haproxy.askWith(await sign(), { path: '/enforce' });
    expect(shown(answer)).toMatchObject({ ...ALLOWED, 'claim-sub': 'turbo' });
  });

  test('a token of nearly 16384 characters is judged, a longer one is refused', async () => {
    const large = await startHaproxy(suite, {
      settings: SETTINGS,
      files: { 'key.pem': RSA.pem },
      global: ['tune.bufsize 65536'],
      rules: RULES,
    });
    const sized = (length: number) => sign({ filler: 'x'.repeat(length) });
    const fits = await large.askWith(await sized(11_500));
    const tooLong = await large.askWith(await sized(13_000));
    await large.stop();
    expect(shown(fits)).toMatchObject(ALLOWED);
    expectRefused(tooLong, 401, 'token_too_large');
  });
});

describe.each(SUITES)('%s with a shared secret', (suite) => {
  test('A4: HS256, HS384 and HS512 pass, and another secret does not', async () => {
    const settings = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_HMAC_SECRET: SECRET };
    const haproxy = await startHaproxy(suite, { settings });
    const seen: Record<string, string | undefined>[] = [];
    for (const algorithm of ['HS256', 'HS384', 'HS512']) {
      const token = await signToken(SECRET, algorithm);
      seen.push(shown(await haproxy.askWith(token)));
      seen.push(shown(await haproxy.askWith(await signToken(`${SECRET}.`, algorithm))));
      seen.push(shown(await haproxy.askWith(token.slice(0, -1))));
    }
    const rsa = shown(await haproxy.askWith(await sign()));
    await haproxy.stop();
    for (const [index, one] of seen.entries()) {
      const wanted = index % 3 === 0 ? ALLOWED : { authorized: '0', status: '401' };
      expect(one).toMatchObject(wanted);
    }
    expect(rsa).toMatchObject({ authorized: '0', reason: 'algorithm_refused' });
    expect(haproxy.leaks()).toEqual([]);
    expect(haproxy.output()).not.toContain(SECRET);
  });
});
