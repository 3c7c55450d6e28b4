// The caller's headers for a backend behind HAProxy, by what its configuration does before and after the action.
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reachedBy, valuesOf } from '../helpers/echo-backend';
import { SHOW_POLICY, startWithPolicy, tokenOf, type PolicyProxy } from '../helpers/haproxy-policy-server';
import { askHttp2 } from '../helpers/http2';
import { SUITES, type SuiteName } from '../helpers/suite';
import { FORGED, forgeries, FORWARDING, WHO } from '../helpers/systems';

async function start(
  suite: SuiteName,
  more: Partial<Parameters<typeof startWithPolicy>[1]> = {},
): Promise<PolicyProxy> {
  return startWithPolicy(suite, { policy: FORWARDING, load: 'lua-load-per-thread', ...more });
}

// Each waits for the end of a connection: at once.
describe.concurrent.each(SUITES)('an upgrade through HAProxy of %s', (suite) => {
  let proxy: PolicyProxy;

  beforeAll(async () => {
    proxy = await start(suite);
  });
  afterAll(async () => {
    await proxy.stop();
    expect(proxy.leaks()).toEqual([]);
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
});

/** Asks for a WebSocket and reads until the connection ends. */
function upgraded(port: number, headers: readonly (readonly [string, string])[]): Promise<string> {
  return new Promise((done, fail) => {
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(`GET /x HTTP/1.1\r\nHost: a\r\n${lines}\r\n`));
    let text = '';
    socket.setTimeout(20_000, () => socket.destroy());
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

  test('where the policy keeps Authorization a second call judges again, and the backend gets each header once', async () => {
    const policy = { ...FORWARDING, authorization: 'keep' };
    const rules = ['http-request lua.jwtverify', 'http-request lua.jwtenforce', ...SHOW_POLICY];
    const proxy = await start(suite, { policy, rules });
    const token = tokenOf(WHO);
    const answer = await proxy.askWith(token, { path: '/x' });
    await proxy.stop();
    expect(valuesOf(reachedBy(answer), 'authorization')).toEqual([`Bearer ${token}`]);
    expect(valuesOf(reachedBy(answer), 'X-Auth-Request-User')).toEqual(['u-1']);
  });

  test('B9: the policy judges the path as it is at its place: before a rewrite, or after it', async () => {
    const rewrite = 'http-request set-path /open%[path]';
    const before = await start(suite, { rules: ['http-request lua.jwtenforce', rewrite] });
    const judged = await before.ask({ path: '/x' });
    const open = await before.ask({ path: '/open/x' });
    await before.stop();
    expect([judged.status, reachedBy(open)?.line]).toEqual([401, 'GET /open/open/x HTTP/1.1']);
    const after = await start(suite, { rules: [rewrite, 'http-request lua.jwtenforce'] });
    const rewritten = await after.ask({ path: '/x' });
    const over2 = await askHttp2(after.port, { ':path': '/x' });
    await after.stop();
    expect([reachedBy(rewritten)?.line, over2.status]).toEqual(['GET /open/x HTTP/1.1', 200]);
  });

  test('a token whose headers do not fit is refused, not let through untold', async () => {
    const policy = { ...FORWARDING, authorization: 'keep' };
    const proxy = await start(suite, { policy, global: ['tune.bufsize 8192', 'tune.maxrewrite 1024'] });
    const answer = await proxy.askWith(tokenOf({ filler: 'x'.repeat(3500) }), { path: '/x' });
    const output = proxy.output();
    await proxy.stop();
    expect([answer.status, output]).toEqual([503, expect.stringContaining('there is no room for the headers')]);
  });
});
