// The dashboard and the alerts of the documents, against a real Prometheus that scrapes both proxies.
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { FAMILIES } from '../../../src/metrics/families';
import { COOKIE_SECRET } from '../helpers/login-gateway';
import { startWithPolicy } from '../helpers/haproxy-policy-server';
import { ENVIRONMENT, SECRET_NAME } from '../helpers/introspection';
import { AUDIENCE, signWith, startIssuer } from '../helpers/issuer-server';
import { pause } from '../helpers/keep-alive';
import { startPolicyNginx } from '../helpers/nginx-policy-server';
import { ENGINES, type Engine } from '../helpers/nginx-server';
import { preparePrometheus, PROMETHEUS, PROMETHEUS_SUITE } from '../helpers/prometheus';
import { freePort, makeWorkDirectory, startIn, waitForPort } from '../helpers/suite';

beforeAll(preparePrometheus);

const ROOT = join(import.meta.dirname, '../../..');

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const { panels } = JSON.parse(readFileSync(join(ROOT, 'examples/grafana/jwtverify.json'), 'utf8')) as {
  readonly panels: readonly Panel[];
};
const QUERIES = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })));
/** The table of alerts in docs/operations.md. */
const [, ALERT_TABLE = ''] = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8').split('| worth an alert');
const ALERTS = [...ALERT_TABLE.matchAll(/^\| [^|]+\| `(.*?)` +\|$/gm)].map(([, expr = '']) =>
  expr.replaceAll('\\|', '|'),
);

/** HAProxy signs browsers in, and is a broker, so that there are counts of both. */
const CLIENT = {
  client_id: 'keeper',
  client_secret_env: SECRET_NAME,
  endpoints: { authorization_endpoint: 'https://issuer.example/auth', token_endpoint: 'https://issuer.example/token' },
};
const LOGIN = { ...CLIENT, cookie: { secret_env: 'COOKIE_SECRET' } };

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const BROKER = {
  issuer: 'https://login.example',
  keys: [{ kid: '1', private_key_file: 'DIRECTORY/broker.pem' }],
  audiences: { register: { redirect: 'https://register.example/in', look_up: false } },
  cookie: { secret_env: 'COOKIE_SECRET' },
};
const BROKER_LINE =
  'http-request use-service lua.jwtbroker if { path / /authorize /oauth2/v1/certs /.well-known/openid-configuration } or { path_beg /callback/ }';

/** As Grafana writes a query before it sends it. */
const fill = (expr: string): string => expr.replaceAll('$__rate_interval', '20s').replaceAll('$job', '.*');

/** Each metric of an expression with the labels that it is asked by. */
function metricsOf(expr: string): readonly { readonly name: string; readonly labels: readonly string[] }[] {
  return [...expr.matchAll(/(jwtverify_\w+)(?:\{([^}]*)\})?/g)].map(([, name = '', labels = '']) => ({
    name,
    labels: [...labels.matchAll(/(\w+)=/g)].map(([, label = '']) => label).filter((label) => label !== 'job'),
  }));
}

describe('the dashboard and the alerts', { timeout: 120_000 }, () => {
  test('name only metrics and labels that there are, and the dashboard shows every metric', () => {
    expect(ALERTS.length).toBeGreaterThan(5);
    for (const { name, labels } of [...QUERIES.map(({ expr }) => expr), ...ALERTS].flatMap(metricsOf)) {
      const family = FAMILIES.find((one) => one.name === name);
      expect(family, name).toBeDefined();
      expect(family?.labels, name).toEqual(expect.arrayContaining([...labels]));
    }
    const shown = QUERIES.flatMap(({ expr }) => metricsOf(expr)).map(({ name }) => name);
    expect([...new Set(shown)].sort()).toEqual(FAMILIES.map(({ name }) => name).sort());
  });

  test('every query of the dashboard has an answer, and every alert is understood', async () => {
    const issuer = await startIssuer({ opaque: true });
    const policy = {
      issuers: [
        {
          issuer: issuer.issuer,
          audiences: [AUDIENCE],
          keys: { jwks_url: issuer.jwksUrl },
          introspection: {
            url: `${issuer.issuer}/token/introspection`,
            client_id: 'keeper',
            client_secret_env: SECRET_NAME,
          },
        },
      ],
      allow_http: true,
      rules: [
        { name: 'tried', paths: ['/tried'], require: { scopes: ['none'] }, mode: 'shadow' },
        { name: 'read', paths: ['/**'] },
      ],
    };
    const haproxy = await startWithPolicy('sid', {
      policy: {
        ...policy,
        login: LOGIN,
        broker: { ...BROKER, providers: { corp: { issuer: issuer.issuer, user_claims: ['sub'], ...CLIENT } } },
      },
      files: { 'broker.pem': String(privateKey.export({ type: 'pkcs8', format: 'pem' })) },
      load: 'lua-load-per-thread',
      global: ['nbthread 2', 'tune.bufsize 32768', 'tune.maxrewrite 8192'],
      rules: [
        'http-request use-service lua.jwtverify_metrics if { path /_metrics }',
        BROKER_LINE,
        'http-request use-service lua.jwtlogin if { path_beg /oauth2/ }',
        'http-request lua.jwtenforce',
        'http-request return status 200',
        'http-response lua.jwtsession',
      ],
      env: { ...ENVIRONMENT, COOKIE_SECRET },
    });
    const nginx = await startPolicyNginx(ENGINES.find(({ name }) => name === 'QuickJS') as Engine, policy, {
      env: ENVIRONMENT,
      http: () => 'js_shared_dict_zone zone=jwtverify_metrics:1m type=number;',
      server: 'location = /_metrics { auth_request off; js_content jwtverify.metrics; }',
    });
    const work = makeWorkDirectory(PROMETHEUS_SUITE);
    mkdirSync(join(work.outside, 'data'));
    const port = await freePort();
    const targets = [haproxy, nginx].map((proxy) => `127.0.0.1:${String(proxy.port)}`);
    writeFileSync(
      join(work.outside, 'prometheus.yml'),
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s' },
        scrape_configs: [
          { job_name: 'jwtverify', metrics_path: '/_metrics', scrape_timeout: '1s', static_configs: [{ targets }] },
        ],
      }),
    );
    const prometheus = startIn(PROMETHEUS_SUITE, [
      PROMETHEUS,
      `--config.file=${work.inside}/prometheus.yml`,
      `--storage.tsdb.path=${work.inside}/data`,
      `--web.listen-address=127.0.0.1:${String(port)}`,
    ]);
    await waitForPort(port, prometheus);
    const query = async (expr: string): Promise<{ status: string; data?: { result: readonly unknown[] } }> => {
      const url = `http://127.0.0.1:${String(port)}/api/v1/query?query=${encodeURIComponent(fill(expr))}`;
      return (await (await fetch(url)).json()) as { status: string; data?: { result: readonly unknown[] } };
    };
    const opaque = await issuer.token();
    const [key] = issuer.keys();
    if (key === undefined) throw new Error('the issuer has no key');
    const token = await signWith(key, issuer.issuer);
    const waiting = new Set(QUERIES);
    const deadline = Date.now() + 60_000;
    while (waiting.size > 0 && Date.now() < deadline) {
      for (const proxy of [haproxy, nginx]) {
        await proxy.askWith(token, { path: '/read' });
        await proxy.askWith(token, { path: '/tried' });
        await proxy.askWith(opaque, { path: '/read' });
        await proxy.ask({ path: '/read' });
      }
      for (const one of waiting) {
        const answer = await query(one.expr);
        expect(answer.status, one.expr).toBe('success');
        if ((answer.data?.result.length ?? 0) > 0) waiting.delete(one);
      }
      await pause(300);
    }
    expect([...waiting]).toEqual([]);
    for (const alert of ALERTS) expect((await query(alert)).status, alert).toBe('success');
    for (const target of targets) {
      const { data } = await query(`sum(jwtverify_requests_total{instance="${target}"})`);
      expect(data?.result.length, target).toBe(1);
    }
    await prometheus.stop();
    await Promise.all([haproxy.stop(), nginx.stop(), issuer.stop()]);
  });
});
