// The configuration of docs/haproxy.md, "Login": a browser signs in with it, and a gateway asks about its session.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf } from '../helpers/docs-blocks';
import type { Browser } from '../helpers/login-browser';
import { startLoginHaproxy, type LoginHaproxy } from '../helpers/login-haproxy';
import { SUITES } from '../helpers/suite';

const block = blocksOf('docs/haproxy.md').find(({ text }) => text.includes('lua.jwtlogin'));
const ASKED = [
  'http-request set-var(txn.oauth_method) str(GET)',
  'http-request set-var(txn.oauth_target) req.hdr(x-asked)',
  'http-request set-var(txn.oauth_host) req.hdr(host)',
  'http-request use-service lua.jwtauthorizer if { path /ask }',
];

function configuration(): string {
  const text = (block?.text ?? '')
    .replaceAll('/usr/local/share/haproxy/', 'DIRECTORY/')
    .replaceAll('/etc/haproxy/', 'DIRECTORY/')
    .replace(' :8080', ' 127.0.0.1:PORT')
    .replace('127.0.0.1:3001', '127.0.0.1:BACKEND');
  return text.replace(/( *)http-request lua\.jwtenforce/, (line) => `  ${ASKED.join('\n  ')}\n${line}`);
}

/** The cookies of login; the provider is on the same host. */
function sessionOf(gateway: LoginHaproxy, { jar }: Browser): string {
  const pairs = jar.field(new URL(gateway.origin)).split('; ');
  return pairs.filter((pair) => pair.startsWith('jwtverify')).join('; ');
}

describe.each(SUITES)('HAProxy of %s', (suite) => {
  let gateway: LoginHaproxy;
  beforeAll(async () => {
    gateway = await startLoginHaproxy(suite, { configuration: configuration() });
  });
  afterAll(() => gateway.stop());

  test('signs a browser in with the documented configuration, and logs nothing of it', async () => {
    const browser = await gateway.signIn('test', '/app1?x=1');
    expect([browser.page.status, browser.page.body]).toEqual([200, 'user test at /app1?x=1']);
    expect((await browser.open(`${gateway.origin}/app2/`)).status).toBe(403);
    expect(gateway.given.at(-1)?.headers.cookie).not.toContain('jwtverify');
    const output = gateway.haproxy.output();
    expect([...gateway.provider.secrets].filter((secret) => output.includes(secret))).toEqual([]);
    const cookie = sessionOf(gateway, browser);
    expect(cookie).toContain('jwtverify=1.');
    expect(output).not.toContain(cookie.slice(-40));
  });

  test('leaves other cookies to the application', async () => {
    const browser = await gateway.signIn();
    for (const other of ['theme=dark', 'theme=light']) {
      const cookie = `${other}; ${sessionOf(gateway, browser)}; last=1`;
      for (let turn = 0; turn < 2; turn += 1) {
        expect((await gateway.haproxy.ask({ path: '/app1', headers: [['Cookie', cookie]] })).status).toBe(200);
        expect(gateway.given.at(-1)?.headers.cookie).toBe(`${other}; last=1`);
        expect(gateway.given.at(-1)?.headers['cache-control']).toBe('no-store');
      }
    }
  });

  test('lets a token beside a session count alone', async () => {
    const browser = await gateway.signIn();
    const cookie = sessionOf(gateway, browser);
    for (const [authorization, status] of [
      ['Bearer x', 401],
      ['Basic eDp5', 401],
    ] as const) {
      const headers = [
        ['Cookie', cookie],
        ['Authorization', authorization],
      ] as const;
      expect((await gateway.haproxy.ask({ path: '/app1', headers })).status, authorization).toBe(status);
    }
    const value = cookie.slice(cookie.indexOf('.') + 1);
    const named = [['Authorization', `session ${value}`]] as const;
    expect((await gateway.haproxy.ask({ path: '/app1', headers: named })).status).toBe(401);
  });

  test('answers a gateway about a session', async () => {
    const browser = await gateway.signIn();
    const cookie = sessionOf(gateway, browser);
    const ask = (target: string, value: string) =>
      gateway.haproxy.ask({
        path: '/ask',
        headers: [
          ['X-Asked', target],
          ['Cookie', value],
        ],
      });
    expect(await ask('/app1', cookie)).toMatchObject({ status: 200, headers: { 'x-user': 'test' } });
    expect((await ask('/app2/', cookie)).status).toBe(403);
    expect((await ask('/app1', '')).status).toBe(401);
    expect((await ask('/app1', cookie.slice(0, -2))).status).toBe(401);
  });
});
