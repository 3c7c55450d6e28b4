// The contract's nginx configuration as it is printed, on every engine.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENGINES, SHARED_DICT, startNginx, type Nginx } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const key = makeKeyPair('RS256');
const otherKey = makeKeyPair('RS256');
const ENV = {
  OAUTH_ISSUER: ISSUER,
  OAUTH_AUDIENCE: `https://other.example ${AUDIENCE}`,
  OAUTH_PUBKEY_PATH: 'DIRECTORY/k',
};
const FILES = { k: key.pem };
/** What an operator adds so that a client sees the challenge and the exact status. */
const WITH_CHALLENGE = `
    location /api/ {
      auth_request /_jwtverify;
      auth_request_set $oauth_scopes $sent_http_x_oauth_scopes;
      auth_request_set $oauth_status $sent_http_x_oauth_status;
      auth_request_set $oauth_challenge $sent_http_www_authenticate;
      add_header WWW-Authenticate $oauth_challenge always;
      error_page 401 403 = @refused;
      proxy_pass http://apiservers;
      proxy_set_header X-Scopes $oauth_scopes;
    }
    location @refused {
      add_header WWW-Authenticate $oauth_challenge always;
      if ($oauth_status = 400) { return 400; }
      if ($oauth_status = 403) { return 403; }
      if ($oauth_status = 503) { return 503; }
      return 401;
    }
    location = /_jwtverify { internal; js_content jwtverify.auth; }
`;
const good = (changes: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  signToken(key.privateKey, 'RS256', claims(changes));

describe.each(ENGINES)('$suite, $name', (engine) => {
  let nginx: Nginx;

  beforeAll(async () => {
    nginx = await startNginx(engine, {
      env: ENV,
      files: FILES,
      workers: 2,
      http: engine.hasSharedDict ? SHARED_DICT : '',
    });
  });
  afterAll(async () => {
    await nginx.stop();
    expect(nginx.leaks()).toEqual([]);
    expect(nginx.messages()).toEqual([]);
  });

  const reasonOf = async (token: string): Promise<string | undefined> => {
    const answer = await nginx.askWith(token, { path: '/authorizer' });
    expect(answer.headers['x-oauth-status']).toBe(String(answer.status));
    return answer.headers['x-oauth-reason'];
  };

  test('A9: passes a valid token on, with its scopes, whatever the method and body', async () => {
    for (const method of ['GET', 'POST', 'DELETE', 'PUT']) {
      const answer = await nginx.askWith(await good(), { method, path: '/api/hamsters?x=1', body: 'food=seeds' });
      expect(answer.status).toBe(200);
      expect(answer.body).toBe(`reached: ${method} /api/hamsters?x=1 (read:hamsters write:hamsters)`);
    }
  });

  test('A9: gives the same scopes for a scope string, a scope array and the scp array of Okta', async () => {
    for (const form of [{ scope: 'a b' }, { scope: ['a', 'b'] }, { scope: undefined, scp: ['a', 'b'] }]) {
      expect((await nginx.askWith(await good(form))).body).toBe('reached: GET /api/hamsters (a b)');
    }
    expect((await nginx.askWith(await good({ scope: undefined }))).body).toBe('reached: GET /api/hamsters ()');
  });

  test('A5: accepts the header name and the scheme in any case', async () => {
    const token = await good();
    for (const [name, scheme] of [
      ['authorization', 'bearer'],
      ['AUTHORIZATION', 'BEARER'],
      ['aUthOrization', 'bEaReR'],
    ]) {
      expect((await nginx.ask({ headers: [[name ?? '', `${scheme ?? ''} ${token}`]] })).status).toBe(200);
    }
  });

  test('A3: accepts an aud that is a string or an array, when any of it is among the audiences', async () => {
    for (const aud of [AUDIENCE, ['https://x.example', AUDIENCE], 'https://other.example']) {
      expect((await nginx.askWith(await good({ aud }))).status).toBe(200);
    }
    for (const aud of ['https://x.example', [], ['https://x.example'], `${AUDIENCE}/`, '']) {
      expect((await nginx.askWith(await good({ aud }))).status).toBe(401);
    }
  });

  test('A7: refuses each single fault alone, with its own reason', async () => {
    const past = Math.floor(Date.now() / 1000) - 3600;
    const token = await good();
    const [header = '', payload = '', signature = ''] = token.split('.');
    const foreign = Buffer.from(JSON.stringify({ alg: 'RS257', typ: 'JWT' })).toString('base64url');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    const faults: readonly (readonly [string, string])[] = [
      [`${foreign}.${payload}.${signature}`, 'algorithm_unsupported'],
      [`${unsigned}.${payload}.`, 'algorithm_none'],
      [await signToken(key.pem, 'HS256'), 'algorithm_refused'],
      [await signToken(otherKey.privateKey, 'RS256'), 'signature_invalid'],
      [
        `${header}.${Buffer.from(JSON.stringify(claims({ sub: 'eve' }))).toString('base64url')}.${signature}`,
        'signature_invalid',
      ],
      [await good({ exp: past, iat: past - 60 }), 'expired'],
      [await good({ iss: 'https://issuer.example' }), 'issuer_refused'],
      [await good({ aud: 'https://api.hamsters.example.evil' }), 'audience_refused'],
      [await good({ nbf: past + 7200 }), 'not_yet_valid'],
    ];
    for (const [faulty, reason] of faults) {
      expect(await reasonOf(faulty)).toBe(reason);
      const answer = await nginx.askWith(faulty);
      expect(answer.status).toBe(401);
      expect(answer.body).not.toContain('reached');
    }
  });

  test('A8: refuses garbage, an empty header and a missing exp, and logs no JavaScript error', async () => {
    const garbage = [
      '',
      'x',
      '.',
      '..',
      '...',
      'Bearer',
      '\x80\xff',
      'a.b.c',
      `${'a'.repeat(20000)}.b.c`,
      'e30.e30.e30',
    ];
    for (const token of garbage) expect((await nginx.askWith(token)).status).toBe(401);
    for (const value of ['', 'Bearer', 'Bearer ', 'Basic dXNlcjpwYXNz', 'Bearer a b', ',', 'Bearer\ta']) {
      expect((await nginx.ask({ headers: [['Authorization', value]] })).status).toBe(401);
    }
    expect((await nginx.ask()).status).toBe(401);
    expect((await nginx.askWith(await good({ exp: undefined }))).status).toBe(401);
    expect(await reasonOf(await good({ exp: undefined }))).toBe('expiry_missing');
    expect(nginx.errorLog()).not.toMatch(/js exception|js call exception|unhandled|js: Error|\[(crit|alert|emerg)\]/);
  });

  test('D1: never gives auth_request anything but 200, 401 and 403', async () => {
    for (const token of ['', 'x', await good(), await signToken(otherKey.privateKey, 'RS256')]) {
      expect([200, 401, 403]).toContain((await nginx.askWith(token)).status);
    }
    expect(nginx.errorLog()).not.toContain('auth request unexpected status');
  });

  test('never lets one of several Authorization headers pass', async () => {
    const token = await good();
    for (const other of [token, 'x', '']) {
      const headers = [
        ['Authorization', `Bearer ${token}`],
        ['authorization', `Bearer ${other}`],
      ] as const;
      for (const path of ['/api/hamsters', '/authorizer']) {
        const answer = await nginx.ask({ path, headers });
        // nginx's own answer: the module is not asked.
        expect([answer.status, answer.headers['x-oauth-status']]).toEqual([400, undefined]);
        expect(answer.body).toContain('<center>nginx');
      }
    }
  });

  test('ignores X-OAuth headers that a client sends', async () => {
    const headers = [
      ['X-OAuth-Status', '200'],
      ['X-OAuth-Scopes', 'admin'],
      ['X-Scopes', 'admin'],
    ] as const;
    expect((await nginx.ask({ headers })).status).toBe(401);
    const answer = await nginx.askWith(await good({ scope: 'a' }), { headers });
    expect(answer.body).toBe('reached: GET /api/hamsters (a)');
  });

  test('does not answer the internal location from outside', async () => {
    expect((await nginx.askWith(await good(), { path: '/_jwtverify' })).status).toBe(404);
  });

  test('D3: a question for groups is refused where no policy says what they are, with a remembered token too', async () => {
    const asking = await startNginx(engine, {
      env: ENV,
      files: FILES,
      http: engine.hasSharedDict ? SHARED_DICT : '',
      server: `
        location /api/ { auth_request /_any; proxy_pass http://apiservers; }
        location /staff/ { auth_request /_staff; proxy_pass http://apiservers; }
        location = /_any { internal; js_content jwtverify.auth; }
        location = /_staff { internal; set $args allowed_groups=staff; js_content jwtverify.auth; }
        location = /authorizer { js_content jwtverify.authorizer; }`,
    });
    const token = await good({ groups: ['staff'] });
    for (let round = 0; round < 3; round += 1) {
      expect((await asking.askWith(token)).status).toBe(200);
      expect((await asking.askWith(token, { path: '/authorizer?rd=/x' })).status).toBe(200);
      const refused = await asking.askWith(token, { path: '/authorizer?rd=/x&allowed_groups=staff' });
      expect([refused.status, refused.headers['x-oauth-reason']]).toEqual([503, 'settings_invalid']);
      expect((await asking.askWith(token, { path: '/staff/x' })).status).toBe(403);
    }
    await asking.stop();
    expect(asking.messages().join('\n')).toContain('`allowed_groups` needs a policy, which defines the claims');
  });

  test('the authorizer answers the exact status, with challenge and problem details', async () => {
    const allowed = await nginx.askWith(await good(), { path: '/authorizer', method: 'DELETE' });
    expect(allowed.status).toBe(200);
    expect(allowed.headers).toMatchObject({
      'x-oauth-status': '200',
      'x-oauth-scopes': 'read:hamsters write:hamsters',
      'x-oauth-subject': 'turbo',
    });
    expect(allowed.headers['x-oauth-reason']).toBeUndefined();
    const bare = await nginx.ask({ path: '/authorizer' });
    expect(bare.status).toBe(401);
    expect(bare.headers['www-authenticate']).toBe('Bearer');
    const refused = await nginx.askWith(await good({ iss: 'x' }), { path: '/authorizer' });
    expect(refused.headers['www-authenticate']).toMatch(/^Bearer error="invalid_token", error_description="[^"]+"$/);
    expect(refused.headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(refused.body)).toMatchObject({ status: 401, reason: 'issuer_refused' });
    expect(refused.headers['x-oauth-subject']).toBeUndefined();
  });

  test('a subject outside ASCII is a header, one with a control character never is', async () => {
    expect((await nginx.askWith(await good({ sub: 'ž€😀' }), { path: '/authorizer' })).status).toBe(200);
    for (const sub of ['a\r\nX-Evil: 1', 'a\0b', 'a\x7fb']) {
      const answer = await nginx.askWith(await good({ sub }), { path: '/authorizer' });
      expect(answer.status).toBe(401);
      expect(answer.headers['x-evil']).toBeUndefined();
      expect(answer.headers['x-oauth-subject']).toBeUndefined();
    }
  });

  describe('with the documented lines for challenge and status', () => {
    let refusing: Nginx;
    let broken: Nginx;

    beforeAll(async () => {
      refusing = await startNginx(engine, { env: ENV, files: FILES, server: WITH_CHALLENGE });
      broken = await startNginx(engine, { env: { OAUTH_ISSUER: ISSUER }, server: WITH_CHALLENGE });
    });
    afterAll(async () => {
      await refusing.stop();
      await broken.stop();
      expect(refusing.leaks().concat(broken.leaks())).toEqual([]);
    });

    test('a 401 hands the challenge on, an allowed request has none', async () => {
      const bare = await refusing.ask();
      expect([bare.status, bare.headers['www-authenticate']]).toEqual([401, 'Bearer']);
      const expired = await refusing.askWith(await good({ exp: 1 }));
      expect(expired.status).toBe(401);
      expect(expired.headers['www-authenticate']).toContain('error="invalid_token"');
      const allowed = await refusing.askWith(await good());
      expect([allowed.status, allowed.headers['www-authenticate']]).toEqual([200, undefined]);
    });

    test('broken settings answer 503, without a challenge', async () => {
      for (const answer of [await broken.ask(), await broken.askWith(await good())]) {
        expect([answer.status, answer.headers['www-authenticate']]).toEqual([503, undefined]);
      }
    });
  });
});
