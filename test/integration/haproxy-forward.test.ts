// What a backend behind HAProxy is told of the caller, and what of the client's own headers never reaches it.
import { connect } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reachedBy, valuesOf } from './echo-backend';
import { ISSUERS, SHOW_POLICY, startWithPolicy, tokenOf, type PolicyProxy } from './haproxy-policy-server';
import { SUITES, type HttpAnswer, type SuiteName } from './suite';
import { FORGED, forgeries } from './systems';

const FORWARD = {
  'X-Auth-Request-User': 'user',
  'X-Auth-Request-Email': 'email',
  'X-Auth-Request-Groups': 'groups',
  'X-Auth-Request-Preferred-Username': 'preferred_username',
  'X-Auth-Request-Access-Token': 'token',
};

const POLICY = {
  issuers: ISSUERS,
  rules: [
    { name: 'open', paths: ['/open/**'], access: 'public' },
    { name: 'shadow', paths: ['/shadow/**'], mode: 'shadow', require: { scopes: ['never'] } },
    { name: 'read', methods: ['GET'], paths: ['/**'] },
    { name: 'write', paths: ['/**'], require: { scopes: ['write'] } },
  ],
  otherwise: 'deny',
  forward: FORWARD,
  authorization: 'remove',
};

const WHO = { sub: 'u-1', email: 'ann@example.com', preferred_username: 'ann', groups: ['staff', 'a,b', '100%'] };

function askHttp2(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<HttpAnswer> {
  return new Promise((done, fail) => {
    const session = connect(`http://127.0.0.1:${port}`);
    session.on('error', fail);
    const stream = session.request({ ':path': path, ':authority': 'api.example', ...headers });
    let status = 0;
    let answered: Record<string, string> = {};
    let body = '';
    stream.setEncoding('latin1');
    stream.on('response', (got) => {
      status = Number(got[':status']);
      answered = Object.fromEntries(Object.entries(got).map(([name, value]) => [name, String(value)]));
    });
    stream.on('data', (text: string) => (body += text));
    stream.on('error', fail);
    stream.on('end', () => {
      session.close();
      done({ status, headers: answered, body });
    });
    stream.end();
  });
}

async function start(
  suite: SuiteName,
  more: Partial<Parameters<typeof startWithPolicy>[1]> = {},
): Promise<PolicyProxy> {
  return startWithPolicy(suite, { policy: POLICY, load: 'lua-load-per-thread', ...more });
}

describe.each(SUITES)('headers through HAProxy of %s', (suite) => {
  let proxy: PolicyProxy;

  beforeAll(async () => {
    proxy = await start(suite);
  });
  afterAll(async () => {
    await proxy.stop();
    expect(proxy.leaks()).toEqual([]);
  });

  test('B5: the backend is told the user, the email, the groups, the name and on request the token', async () => {
    const token = tokenOf(WHO);
    for (let round = 0; round < 2; round += 1) {
      const reached = reachedBy(await proxy.askWith(token, { path: '/x' }));
      expect(Object.keys(FORWARD).map((name) => valuesOf(reached, name))).toEqual([
        ['u-1'],
        ['ann@example.com'],
        ['staff,a%2Cb,100%25'],
        ['ann'],
        [token],
      ]);
    }
  });

  test('B5: a value that could break out of its header never becomes one', async () => {
    for (const claims of [{ email: 'a@b\r\nX-Admin: 1' }, { groups: ['a\nb'] }, { preferred_username: 'a\u0000b' }]) {
      const answer = await proxy.askWith(tokenOf(claims), { path: '/x' });
      expect([answer.status, answer.headers['x-oauth-reason']]).toEqual([401, 'claim_malformed']);
    }
    const nobody = reachedBy(await proxy.askWith(tokenOf(), { path: '/x' }));
    expect(valuesOf(nobody, 'X-Auth-Request-Groups')).toEqual([]);
  });

  test('B6: an email that is said to be unverified is refused; without one the user is the subject', async () => {
    const unverified = await proxy.askWith(tokenOf({ ...WHO, email_verified: false }), { path: '/x' });
    expect([unverified.status, unverified.headers['x-oauth-reason']]).toEqual([403, 'email_unverified']);
    const reached = reachedBy(await proxy.askWith(tokenOf({ sub: 'machine' }), { path: '/x' }));
    expect(valuesOf(reached, 'X-Auth-Request-User')).toEqual(['machine']);
  });

  test.each(['/x', '/open/x', '/shadow/x'])('B7: nothing that the client forges reaches %s', async (path) => {
    for (const authorization of [[], [['Authorization', `Bearer ${tokenOf(WHO)}`]]] as const) {
      const answer = await proxy.ask({ path, headers: [...FORGED, ...authorization, ['X-Other', 'kept']] });
      const reached = reachedBy(answer);
      expect(reached === undefined).toBe(path === '/x' && authorization.length === 0);
      if (reached === undefined) continue;
      expect(forgeries(reached)).toEqual([]);
      expect(valuesOf(reached, 'X-Other')).toEqual(['kept']);
      const known = path !== '/open/x' && authorization.length > 0;
      expect(valuesOf(reached, 'X-Auth-Request-User')).toEqual(known ? ['u-1'] : []);
      expect(valuesOf(reached, 'X-Auth-Request-Access-Token').length).toBe(known ? 1 : 0);
    }
  });

  test('B7: nor over HTTP/2, nor twice, nor among a hundred others', async () => {
    const forged = Object.fromEntries(FORGED.map(([name, value]) => [name.toLowerCase(), value]));
    const answer = await askHttp2(proxy.port, '/open/x', forged);
    expect([answer.status, forgeries(reachedBy(answer))]).toEqual([200, []]);
    const many = Array.from({ length: 70 }, (_, index) => [`X-Filler-${index}-${'x'.repeat(30)}`, 'kept'] as const);
    const crowd = await proxy.ask({
      path: '/open/x',
      headers: [...many, ...FORGED.slice(0, 8), ...FORGED.slice(0, 8)],
    });
    expect([crowd.status, forgeries(reachedBy(crowd))]).toEqual([200, []]);
    expect(reachedBy(crowd)?.headers.filter(([, value]) => value === 'kept').length).toBe(70);
  });

  test('B8: the backend does not see Authorization, not even on a public route', async () => {
    for (const path of ['/x', '/open/x', '/shadow/x']) {
      const reached = reachedBy(await proxy.askWith(tokenOf(), { path }));
      expect([path, reached === undefined, valuesOf(reached, 'authorization')]).toEqual([path, false, []]);
    }
  });

  test('a Connection header that names an identity header has no effect', async () => {
    const reached = reachedBy(
      await proxy.askWith(tokenOf(WHO), {
        path: '/x',
        headers: [
          ['Connection', 'close, X-Auth-Request-User'],
          ['connection', 'x-auth-request-groups, Authorization'],
        ],
      }),
    );
    expect(valuesOf(reached, 'X-Auth-Request-User')).toEqual(['u-1']);
    const options = valuesOf(reached, 'connection').join(',').toLowerCase();
    expect(options).not.toMatch(/auth/);
  });

  test('D6: a WebSocket upgrade still is one, and is judged', async () => {
    const upgrade = [
      ['Connection', 'keep-alive, Upgrade'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Version', '13'],
      ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
    ] as const;
    const refused = await proxy.ask({ path: '/x', headers: upgrade });
    expect(refused.status).toBe(401);
    const before = proxy.backend.count();
    const raw = await upgraded(proxy.port, [...upgrade, ['Authorization', `Bearer ${tokenOf(WHO)}`]]);
    expect(raw).toMatch(/^HTTP\/1\.1 101 /);
    expect(raw.toLowerCase()).toContain('["upgrade","websocket"]');
    expect(raw).toContain('"u-1"');
    expect(proxy.backend.count()).toBe(before + 1);
  });

  test('shadow mode decides, reports and lets through', async () => {
    const nobody = await proxy.ask({ path: '/shadow/x' });
    expect(nobody.headers).toMatchObject({
      'x-authorized': '1',
      'x-oauth-status': '200',
      'x-oauth-reason': '',
      'x-oauth-rule': 'shadow',
      'x-oauth-shadow': 'credentials_missing',
    });
    const known = await proxy.askWith(tokenOf(WHO), { path: '/shadow/x' });
    expect(known.headers).toMatchObject({ 'x-oauth-shadow': 'insufficient_scope', 'x-oauth-sub': 'u-1' });
    const other = await proxy.askWith(tokenOf(WHO), { path: '/x' });
    expect(other.headers).toMatchObject({ 'x-oauth-shadow': '', 'x-oauth-rule': 'read' });
    await expect
      .poll(() => proxy.output())
      .toContain('jwtverify: shadow mode: rule `shadow` would have refused a request: insufficient_scope');
  });
});

/** Asks for a WebSocket and reads until the connection ends. */
function upgraded(port: number, headers: readonly (readonly [string, string])[]): Promise<string> {
  return new Promise((done, fail) => {
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(`GET /x HTTP/1.1\r\nHost: a\r\n${lines}\r\n`));
    let text = '';
    socket.setTimeout(5000, () => socket.destroy());
    socket.on('data', (bytes) => (text += bytes.toString('latin1')));
    socket.on('error', fail).on('close', () => {
      done(text);
    });
  });
}

describe.each(SUITES)('the action in a configuration of HAProxy of %s', (suite) => {
  test('B7: what is refused may be let through all the same: without the headers that the client forged', async () => {
    const proxy = await start(suite, { rules: [...SHOW_POLICY, 'http-request lua.jwtverify'] });
    const answer = await proxy.ask({ path: '/x', headers: [...FORGED, ['Authorization', 'Bearer x.y.z']] });
    await proxy.stop();
    expect([answer.status, answer.headers['x-authorized'], answer.headers['x-oauth-status']]).toEqual([
      200,
      '0',
      '401',
    ]);
    expect(forgeries(reachedBy(answer))).toEqual([]);
    expect(valuesOf(reachedBy(answer), 'authorization')).toEqual([]);
  });

  test('where the policy keeps Authorization a second call judges again, and nothing is told twice', async () => {
    const policy = { ...POLICY, authorization: 'keep' };
    const rules = ['http-request lua.jwtverify', 'http-request lua.jwtenforce', ...SHOW_POLICY];
    const proxy = await start(suite, { policy, rules });
    const token = tokenOf(WHO);
    const answer = await proxy.askWith(token, { path: '/x' });
    await proxy.stop();
    expect(valuesOf(reachedBy(answer), 'authorization')).toEqual([`Bearer ${token}`]);
    expect(valuesOf(reachedBy(answer), 'X-Auth-Request-User')).toEqual(['u-1']);
  });

  test('B9: the policy judges the path that stands at its place: before a rewrite, or after it', async () => {
    const rewrite = 'http-request set-path /open%[path]';
    const before = await start(suite, { rules: ['http-request lua.jwtenforce', rewrite] });
    const judged = await before.ask({ path: '/x' });
    const open = await before.ask({ path: '/open/x' });
    await before.stop();
    expect([judged.status, reachedBy(open)?.line]).toEqual([401, 'GET /open/open/x HTTP/1.1']);
    const after = await start(suite, { rules: [rewrite, 'http-request lua.jwtenforce'] });
    const rewritten = await after.ask({ path: '/x' });
    const over2 = await askHttp2(after.port, '/x', {});
    await after.stop();
    expect([reachedBy(rewritten)?.line, over2.status]).toEqual(['GET /open/x HTTP/1.1', 200]);
  });

  test('B10: X-Forwarded-* and kin decide nothing', async () => {
    const proxy = await start(suite);
    const lies = [
      'X-Forwarded-Uri',
      'X-Original-URI',
      'X-Forwarded-Path',
      'X-Forwarded-Prefix',
      'X-Auth-Request-Redirect',
    ];
    const headers = [
      ...lies.map((name) => [name, '/open/x'] as const),
      ['X-Forwarded-Method', 'GET'] as const,
      ['X-Original-Method', 'GET'] as const,
    ];
    expect((await proxy.ask({ path: '/x', headers })).status).toBe(401);
    const post = await proxy.askWith(tokenOf(), { method: 'POST', path: '/x', headers });
    expect([post.status, post.headers['x-oauth-reason']]).toEqual([403, 'insufficient_scope']);
    await proxy.stop();
  });

  test('a token whose headers do not fit is refused, not let through untold', async () => {
    const policy = { ...POLICY, authorization: 'keep' };
    const proxy = await start(suite, { policy, global: ['tune.bufsize 8192', 'tune.maxrewrite 1024'] });
    const answer = await proxy.askWith(tokenOf({ filler: 'x'.repeat(3500) }), { path: '/x' });
    const output = proxy.output();
    await proxy.stop();
    expect([answer.status, output]).toEqual([503, expect.stringContaining('no room for the headers')]);
  });
});
