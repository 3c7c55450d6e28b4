// `jwtverify.metrics`: what nginx counts, over all its workers.
import { beforeAll, describe, expect, test } from 'vitest';
import { AUDIENCE, ISSUER, SECRET, tokenOf } from '../helpers/haproxy-policy-server';
import { COUNTED as POLICY, pick, readMetrics } from '../helpers/metrics';
import { startPolicyNginx, type PolicyNginx } from '../helpers/nginx-policy-server';
import { CONTRACT_LOCATIONS, ENGINES, SHARED_DICT, startNginx } from '../helpers/nginx-server';
import { checkMetrics, preparePrometheus } from '../helpers/prometheus';

beforeAll(preparePrometheus);

const ZONE = 'js_shared_dict_zone zone=jwtverify_metrics:1m type=number;';
const METRICS = 'location = /_metrics { auth_request off; js_content jwtverify.metrics; }';
const COUNTERS = ['jwtverify_requests_total', 'jwtverify_tokens_total'];

async function ask(proxy: PolicyNginx, port: number, times: number, path: string, token?: string): Promise<void> {
  for (let turn = 0; turn < times; turn += 1) {
    if (token === undefined) await proxy.ask({ port, path });
    else await proxy.askWith(token, { port, path });
  }
}

describe.concurrent.each(ENGINES)('$suite, $name', { timeout: 60_000 }, (engine) => {
  const counts = engine.hasSharedDict;
  const ways = engine.hasAccess ? (['auth_request', 'js_access'] as const) : (['auth_request'] as const);

  test.each(ways)('counts are exact over two workers and a reload, asked by %s', async (way) => {
    const proxy = await startPolicyNginx(engine, POLICY, {
      env: { HAMSTER_SECRET: SECRET },
      workers: 2,
      http: () => (counts ? ZONE : ''),
      server: METRICS,
    });
    const port = proxy.portOf(way);
    const token = tokenOf({ scope: 'read' });
    const askAll = (): Promise<unknown> =>
      Promise.all([
        ask(proxy, port, 7, '/open'),
        ask(proxy, port, 5, '/read'),
        ask(proxy, port, 6, '/read', token),
        ask(proxy, port, 3, '/write', token),
        ask(proxy, port, 4, '/tried', token),
        ask(proxy, port, 2, '/read', 'nonsense'),
      ]);
    const expectCounts = async (times: number): Promise<void> => {
      const answer = await proxy.ask({ path: '/_metrics' });
      expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      const samples = readMetrics(answer.body.replace(/^# Nothing is counted .*$/m, ''));
      const fresh = samples['jwtverify_tokens_total{source="new"}'] ?? 0;
      expect(pick(samples, ...COUNTERS)).toEqual(
        counts
          ? {
              'jwtverify_requests_total{decision="allow",reason="",rule="open"}': 7 * times,
              'jwtverify_requests_total{decision="allow",reason="",rule="read"}': 6 * times,
              'jwtverify_requests_total{decision="deny",reason="token_malformed",rule="read"}': 2 * times,
              'jwtverify_requests_total{decision="deny",reason="insufficient_scope",rule="write"}': 3 * times,
              'jwtverify_requests_total{decision="deny",reason="credentials_missing",rule="read"}': 5 * times,
              'jwtverify_requests_total{decision="shadow",reason="insufficient_scope",rule="tried"}': 4 * times,
              'jwtverify_tokens_total{source="new"}': fresh,
              'jwtverify_tokens_total{source="remembered"}': 13 * times - fresh,
            }
          : {},
      );
      expect(answer.body.includes('# Nothing is counted without')).toBe(!counts);
      if (counts) expect(fresh).toBeGreaterThan(0);
      expect(samples[`jwtverify_issuer_ready{issuer="${ISSUER}"}`]).toBe(1);
      expect(samples['jwtverify_ready']).toBe(1);
      expect(await checkMetrics(answer.body)).toBe('');
      expect(answer.body).not.toContain(token);
    };
    await askAll();
    await expectCounts(1);
    await proxy.reload();
    await askAll();
    await expectCounts(2);
    await proxy.stop();
  });

  test('requests without a policy are counted, and remembered tokens too', async () => {
    const nginx = await startNginx(engine, {
      env: { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_HMAC_SECRET: SECRET },
      http: counts ? `${SHARED_DICT} ${ZONE}` : '',
      server: `${CONTRACT_LOCATIONS} ${METRICS}`,
    });
    const token = tokenOf();
    for (let turn = 0; turn < 4; turn += 1) expect((await nginx.askWith(token)).status).toBe(200);
    expect((await nginx.ask()).status).toBe(401);
    const samples = readMetrics((await nginx.ask({ path: '/_metrics' })).body.replace(/^# Nothing.*$/m, ''));
    const fresh = samples['jwtverify_tokens_total{source="new"}'] ?? 0;
    expect(pick(samples, ...COUNTERS)).toEqual(
      counts
        ? {
            'jwtverify_requests_total{decision="allow",reason="",rule=""}': 4,
            'jwtverify_requests_total{decision="deny",reason="credentials_missing",rule=""}': 1,
            'jwtverify_tokens_total{source="new"}': fresh,
            'jwtverify_tokens_total{source="remembered"}': 4 - fresh,
          }
        : {},
    );
    if (counts) expect(fresh).toBeGreaterThan(0);
    if (counts) expect(samples['jwtverify_dictionary_size_bytes{dictionary="jwtverify"}']).toBe(16 * 1024 * 1024);
    expect((await nginx.ask({ path: '//_metrics' })).status).not.toBe(200);
    await nginx.stop();
  });
});

describe.concurrent.each(ENGINES.filter(({ hasSharedDict }) => hasSharedDict))('$suite, $name', (engine) => {
  const start = (zone: string): ReturnType<typeof startNginx> =>
    startNginx(engine, {
      env: { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_HMAC_SECRET: SECRET },
      http: `${SHARED_DICT} ${zone}`,
      server: `${CONTRACT_LOCATIONS} ${METRICS}`,
    });

  test('a dictionary of texts changes no decision, and the answer names the mend', async () => {
    const nginx = await start('js_shared_dict_zone zone=jwtverify_metrics:1m;');
    const token = tokenOf();
    for (let turn = 0; turn < 3; turn += 1) expect((await nginx.askWith(token)).status).toBe(200);
    expect((await nginx.ask()).status).toBe(401);
    const answer = await nginx.ask({ path: '/_metrics' });
    expect(answer.status).toBe(500);
    expect(answer.body).toContain('type=number');
    await nginx.stop();
  });
});
