// `lua.jwtverify_metrics`: what HAProxy counts, over all its threads.
import { beforeAll, describe, expect, test } from 'vitest';
import { AUDIENCE, ISSUER, SECRET, startWithPolicy, tokenOf, type PolicyProxy } from '../helpers/haproxy-policy-server';
import { startHaproxy } from '../helpers/haproxy-server';
import { COUNTED as POLICY, pick, readMetrics } from '../helpers/metrics';
import { checkMetrics, preparePrometheus } from '../helpers/prometheus';
import { SUITES } from '../helpers/suite';

beforeAll(preparePrometheus);

const METRICS = 'http-request use-service lua.jwtverify_metrics if { path /metrics }';
const RULES = [METRICS, 'http-request lua.jwtenforce', 'http-request return status 200'];
const LOADS = [
  { load: 'lua-load', threads: 1, states: 1 },
  { load: 'lua-load', threads: 4, states: 1 },
  { load: 'lua-load-per-thread', threads: 1, states: 1 },
  { load: 'lua-load-per-thread', threads: 4, states: 4 },
] as const;
const COUNTERS = ['jwtverify_requests_total', 'jwtverify_tokens_total', 'jwtverify_lua_states'];

async function ask(proxy: PolicyProxy, times: number, path: string, token?: string): Promise<void> {
  for (let turn = 0; turn < times; turn += 1) {
    if (token === undefined) await proxy.ask({ path });
    else await proxy.askWith(token, { path });
  }
}

describe.concurrent.each(SUITES)('HAProxy of %s', { timeout: 60_000 }, (suite) => {
  test.each(LOADS)('counts are exact with $load and $threads threads', async ({ load, threads, states }) => {
    const proxy = await startWithPolicy(suite, {
      policy: POLICY,
      load,
      rules: RULES,
      global: [`nbthread ${String(threads)}`],
    });
    const token = tokenOf({ scope: 'read' });
    await Promise.all([
      ask(proxy, 7, '/open'),
      ask(proxy, 5, '/read'),
      ask(proxy, 6, '/read', token),
      ask(proxy, 3, '/write', token),
      ask(proxy, 4, '/tried', token),
      ask(proxy, 2, '/read', 'nonsense'),
    ]);
    for (let turn = 0; turn < 2; turn += 1) {
      const answer = await proxy.ask({ path: '/metrics' });
      expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      const samples = readMetrics(answer.body);
      const fresh = samples['jwtverify_tokens_total{source="new"}'] ?? 0;
      expect(fresh).toBeGreaterThan(0);
      expect(pick(samples, ...COUNTERS)).toEqual({
        'jwtverify_requests_total{decision="allow",reason="",rule="open"}': 7,
        'jwtverify_requests_total{decision="allow",reason="",rule="read"}': 6,
        'jwtverify_requests_total{decision="deny",reason="token_malformed",rule="read"}': 2,
        'jwtverify_requests_total{decision="deny",reason="insufficient_scope",rule="write"}': 3,
        'jwtverify_requests_total{decision="deny",reason="credentials_missing",rule="read"}': 5,
        'jwtverify_requests_total{decision="shadow",reason="insufficient_scope",rule="tried"}': 4,
        'jwtverify_tokens_total{source="new"}': fresh,
        'jwtverify_tokens_total{source="remembered"}': 13 - fresh,
        'jwtverify_lua_states{state="answered"}': states,
        'jwtverify_lua_states{state="silent"}': 0,
      });
      // Requests at once may verify one token several times.
      expect(samples['jwtverify_remembered_tokens']).toBeGreaterThan(0);
      expect(samples['jwtverify_remembered_tokens']).toBeLessThanOrEqual(fresh);
      expect(samples['jwtverify_remembered_tokens_limit']).toBe(10000 * states);
      expect(samples[`jwtverify_issuer_ready{issuer="${ISSUER}"}`]).toBe(1);
      expect(samples['jwtverify_ready']).toBe(1);
      expect(await checkMetrics(answer.body)).toBe('');
      expect(answer.body).not.toContain(token);
    }
    await proxy.stop();
  });

  test('requests without a policy are counted, a new process begins with zero', async () => {
    const first = await startHaproxy(suite, {
      env: { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_HMAC_SECRET: SECRET },
      load: 'lua-load-per-thread',
      global: ['nbthread 3', 'stats socket DIRECTORY/admin.sock level admin expose-fd listeners'],
      rules: RULES,
      isReloaded: true,
    });
    const token = tokenOf();
    const count = async (proxy: typeof first): Promise<Record<string, number>> => {
      for (let turn = 0; turn < 4; turn += 1) expect((await proxy.askWith(token)).status).toBe(200);
      expect((await proxy.ask()).status).toBe(401);
      return pick(readMetrics((await proxy.ask({ path: '/metrics' })).body), 'jwtverify_requests_total');
    };
    const expected = {
      'jwtverify_requests_total{decision="allow",reason="",rule=""}': 4,
      'jwtverify_requests_total{decision="deny",reason="credentials_missing",rule=""}': 1,
    };
    expect(await count(first)).toEqual(expected);
    const second = await first.succeed({ arguments: ['-x', 'DIRECTORY/admin.sock'] });
    expect(await count(second)).toEqual(expected);
    await second.stop();
  });
});
