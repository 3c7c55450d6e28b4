// The metadata document (RFC 9728) for browsers: scripts of any origin may read it, and nothing else that is answered.
import { connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ISSUERS, startWithPolicy, tokenOf, type PolicyProxy } from '../helpers/haproxy-policy-server';
import { ENGINES } from '../helpers/nginx-server';
import { startPolicyNginx, type PolicyNginx } from '../helpers/nginx-policy-server';
import { CONDITIONS, freePort, SUITES, type HttpAnswer, type HttpRequest } from '../helpers/suite';

const PATH = '/.well-known/oauth-protected-resource';
const POLICY = {
  issuers: ISSUERS,
  rules: [{ name: 'read', paths: ['/read/**'], require: { scopes: ['read'] } }],
  metadata: { resource: 'https://api.example' },
};
const ORIGIN = ['Origin', 'https://inspector.example'] as const;
const PREFLIGHT: readonly (readonly [string, string])[] = [
  ORIGIN,
  ['Access-Control-Request-Method', 'GET'],
  ['Access-Control-Request-Headers', 'mcp-protocol-version'],
];

type Ask = (wanted: Omit<HttpRequest, 'port'>) => Promise<HttpAnswer>;

/** What both proxies answer. */
async function expectPublic(ask: Ask): Promise<void> {
  const document = await ask({ path: PATH, headers: [ORIGIN] });
  expect([document.status, document.headers['access-control-allow-origin']]).toEqual([200, '*']);
  expect(JSON.parse(document.body)).toMatchObject({ resource: 'https://api.example' });
  const question = await ask({ method: 'OPTIONS', path: PATH, headers: PREFLIGHT });
  expect([question.status, question.body]).toEqual([204, '']);
  expect(question.headers).toMatchObject({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, HEAD',
    'access-control-allow-headers': expect.stringMatching(/\bMCP-Protocol-Version\b/) as unknown,
  });
  expect(question.headers['access-control-allow-credentials']).toBeUndefined();
}

/** The document is answered whole, whatever a client says that it has already (RFC 9110 §13). */
async function expectWhole(ask: Ask): Promise<void> {
  const { body } = await ask({ path: PATH });
  for (const field of CONDITIONS) {
    const document = await ask({ path: PATH, headers: [field] });
    expect([field, Math.floor(document.status / 100), document.body]).toEqual([field, 2, body]);
    const judged = await ask({ path: '/read/x', headers: [field] });
    expect([field, judged.status]).toEqual([field, 401]);
  }
}

/** Answers that were judged: another path, another spelling, no preflight, another method. */
async function expectJudged(ask: Ask): Promise<void> {
  const judged = [
    await ask({ path: '/read/x', headers: [ORIGIN] }),
    await ask({ method: 'OPTIONS', path: '/read/x', headers: PREFLIGHT }),
    await ask({ method: 'OPTIONS', path: `${PATH}/x`, headers: PREFLIGHT }),
    await ask({ method: 'OPTIONS', path: PATH, headers: [ORIGIN] }),
    await ask({ method: 'POST', path: PATH, headers: PREFLIGHT }),
  ];
  for (const [index, answer] of judged.entries()) {
    expect([index, answer.status >= 400]).toEqual([index, true]);
    expect([index, answer.headers['access-control-allow-origin']]).toEqual([index, undefined]);
  }
}

/** Asks over HTTP/2 without TLS. */
function askOverHttp2(port: number, wanted: Omit<HttpRequest, 'port'>): Promise<HttpAnswer> {
  return new Promise((done, fail) => {
    const session = connect(`http://127.0.0.1:${String(port)}`);
    session.on('error', fail);
    const stream = session.request({
      ':method': wanted.method ?? 'GET',
      ':path': wanted.path ?? '/',
      ...Object.fromEntries((wanted.headers ?? []).map(([name, value]) => [name.toLowerCase(), value])),
    });
    let body = '';
    let headers: Readonly<Record<string, string>> = {};
    let status = 0;
    stream.on('response', (answer) => {
      status = Number(answer[':status']);
      headers = Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, String(value)]));
    });
    stream.setEncoding('utf8').on('data', (text: string) => (body += text));
    stream.on('end', () => {
      session.close();
      done({ status, headers, body });
    });
    stream.end();
  });
}

describe.each(SUITES)('HAProxy of %s', (suite) => {
  let proxy: PolicyProxy;
  let http2 = 0;

  beforeAll(async () => {
    http2 = await freePort();
    const frontend = [`bind 127.0.0.1:${String(http2)} proto h2`];
    proxy = await startWithPolicy(suite, { policy: POLICY, frontend });
  });
  afterAll(() => proxy.stop());

  test('the metadata document, and a preflight for it, are answered to every origin, over HTTP/1.1 and 2', async () => {
    await expectPublic((wanted) => proxy.ask(wanted));
    await expectPublic((wanted) => askOverHttp2(http2, wanted));
    expect((await askOverHttp2(http2, { method: 'HEAD', path: PATH })).status).toBe(200);
  });

  test('the metadata document is answered whole, whatever is said on conditions', async () => {
    await expectWhole((wanted) => proxy.ask(wanted));
  });

  test('no judged answer may be read by every origin', async () => {
    await expectJudged((wanted) => proxy.ask(wanted));
    await expectJudged((wanted) => askOverHttp2(http2, wanted));
    const token = tokenOf({ scope: 'read' });
    const allowed = await proxy.askWith(token, { path: '/read/x', headers: [ORIGIN] });
    expect([allowed.status, allowed.headers['access-control-allow-origin']]).toEqual([200, undefined]);
  });
});

describe.each(ENGINES)('nginx, $suite, $name', (engine) => {
  let nginx: PolicyNginx;

  beforeAll(async () => {
    nginx = await startPolicyNginx(engine, POLICY, { env: { HAMSTER_SECRET: 's'.repeat(40) } });
  });
  afterAll(() => nginx.stop());

  test('the metadata document, and a preflight for it, are answered to every origin', async () => {
    const ways = engine.hasAccess ? (['auth_request', 'js_access'] as const) : (['auth_request'] as const);
    for (const way of ways) {
      await expectPublic((wanted) => nginx.ask({ ...wanted, port: nginx.portOf(way) }));
      await expectJudged((wanted) => nginx.ask({ ...wanted, port: nginx.portOf(way) }));
    }
  });
  test('the metadata document is answered whole, whatever is said on conditions', async () => {
    const ways = engine.hasAccess ? (['auth_request', 'js_access'] as const) : (['auth_request'] as const);
    for (const way of ways) await expectWhole((wanted) => nginx.ask({ ...wanted, port: nginx.portOf(way) }));
  });
});
