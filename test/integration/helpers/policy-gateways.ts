// Both proxies with a policy: one launcher for each, so that a suite runs on both.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { cliLine, runCli } from './haproxy-cli';
import { SECRET, startWithPolicy } from './haproxy-policy-server';
import { checkHaproxy, IS_STOCK } from './haproxy-server';
import { KEYS_CACHE, keysLocation } from './keys-location';
import { askingsOf, type Asking } from './nginx-policy';
import { startPolicyNginx } from './nginx-policy-server';
import { ENGINES, startNginx, type Engine } from './nginx-server';
import {
  asQuestion,
  AUTHORIZER,
  bearer,
  HEALTH,
  type GatewayOptions,
  type PolicyGateway,
  type RunningGateway,
  type Wanted,
  type Way,
} from './policy-gateway';
import { freePort, SUITES, type HttpAnswer, type SuiteName } from './suite';

const SHOWN: Readonly<Record<string, string>> = {
  authorized: 'authorized',
  status: 'oauth_status',
  reason: 'oauth_reason',
  challenge: 'oauth_challenge',
  scopes: 'oauth_scopes',
  subject: 'oauth.sub',
  rule: 'oauth_rule',
  shadow: 'oauth_shadow',
  known_subject: 'oauth_known_subject',
  known_client: 'oauth_known_client',
};

const RULES: readonly string[] = [
  ...Object.entries(SHOWN).map(
    ([name, variable]) => `http-after-response set-header x-told-${name} "%[var(txn.${variable})]"`,
  ),
  `http-request set-log-level silent if { path ${HEALTH} }`,
  `http-request use-service lua.jwtverify_health if { path ${HEALTH} }`,
  `acl asked path ${AUTHORIZER}`,
  ...['method', 'target', 'host'].map(
    (fact) => `http-request set-var(txn.oauth_${fact}) req.fhdr(X-Asked-${fact}) if asked`,
  ),
  'http-request use-service lua.jwtauthorizer if asked',
  'http-request lua.jwtenforce',
];

async function startHaproxy(suite: SuiteName, policy: object, options: GatewayOptions): Promise<RunningGateway> {
  const { env, files, faketime, haproxy = {} } = options;
  const cli = await freePort();
  const proxy = await startWithPolicy(suite, {
    policy,
    rules: RULES,
    // As the documents have it: a query may have a token.
    frontend: ['log-format "%ci %HM %HP %ST"'],
    ...haproxy,
    global: [cliLine(cli), ...(haproxy.global ?? [])],
    ...(env === undefined ? {} : { env }),
    ...(files === undefined ? {} : { files }),
    ...(faketime === undefined ? {} : { faketime }),
  });
  return {
    backend: proxy.backend,
    port: () => proxy.port,
    http2Port: () => proxy.port,
    ask: (wanted) => proxy.ask(wanted),
    askWith: (token, wanted) => proxy.askWith(token, wanted),
    askAbout: (question) => proxy.ask(asQuestion(question)),
    askHealth: (method = 'GET') => proxy.ask({ path: HEALTH, method }),
    log: () => proxy.output(),
    accessLog: () => proxy.output(),
    counts: () => runCli(cli, 'show jwtverify'),
    leaks: () => proxy.leaks(),
    stop: () => proxy.stop(),
  };
}

/** Each problem of the policy stops the start. */
async function refuseAtStart(suite: SuiteName, policy: object): Promise<string> {
  const configuration = `global
  setenv OAUTH_POLICY DIRECTORY/policy.json
  lua-load DIRECTORY/jwtverify.lua
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend api
  bind 127.0.0.1:PORT
  http-request lua.jwtenforce
`;
  const files = { 'policy.json': JSON.stringify(policy) };
  const { code, output } = await checkHaproxy(suite, { configuration, files });
  if (code !== 1) throw new Error(`HAProxy starts, or ends with ${String(code)}: ${output}`);
  return output;
}

/** What an engine needs to get the keys of issuers at these addresses. */
function keysOf(engine: Engine, urls: readonly string[]): { readonly http: string; readonly server: string } {
  if (engine.hasSharedDict || urls.length === 0) return { http: 'js_fetch_timeout 5s;', server: '' };
  const cases = urls.map((url, index) => `${String(index)} ${url};`).join(' ');
  return { http: `${KEYS_CACHE} map $arg_issuer $jwtverify_url { volatile; ${cases} }`, server: keysLocation('') };
}

async function startNginxGateway(engine: Engine, policy: object, options: GatewayOptions): Promise<RunningGateway> {
  const { env, files, faketime, keyUrls = [], nginx: own = {} } = options;
  const keys = keysOf(engine, keyUrls);
  const nginx = await startPolicyNginx(engine, policy, {
    ...own,
    env: { HAMSTER_SECRET: SECRET, ...env },
    // The hardest case: nginx itself hands names with `_` on.
    http: (backend) =>
      ['underscores_in_headers on; error_log DIRECTORY/error.log info;', keys.http, own.http?.(backend) ?? ''].join(
        '\n  ',
      ),
    server: `${keys.server} ${own.server ?? ''}`,
    ...(files === undefined ? {} : { files }),
    ...(faketime === undefined ? {} : { faketime }),
  });
  const asking = (way: Way | undefined): Asking => (way === 'js_access' ? 'js_access' : 'auth_request');
  const ask = ({ way, ...wanted }: Wanted = {}): Promise<HttpAnswer> =>
    nginx.ask({ ...wanted, port: nginx.portOf(asking(way)) });
  return {
    backend: nginx.backend,
    port: (way) => nginx.portOf(asking(way)),
    http2Port: (way) => nginx.http2PortOf(asking(way)),
    ask,
    askWith: (token, wanted = {}) => ask({ ...wanted, headers: [bearer(token), ...(wanted.headers ?? [])] }),
    askAbout: (question) => nginx.ask(asQuestion(question)),
    askHealth: (method = 'GET') => nginx.ask({ path: HEALTH, method }),
    log: () => nginx.errorLog(),
    accessLog: () => readFileSync(join(nginx.directory, 'access.log'), 'utf8'),
    counts: () => Promise.resolve(''),
    leaks: () => nginx.leaks(),
    stop: async () => {
      await nginx.stop();
      const failures = /js exception|js call exception|unhandled|internal error/.exec(nginx.errorLog());
      if (failures !== null) throw new Error(`nginx logged \`${failures[0]}\`: ${nginx.errorLog()}`);
    },
  };
}

/** Each problem of the policy refuses every request. */
async function refuseAll(engine: Engine, policy: object): Promise<string> {
  const nginx = await startNginx(engine, {
    env: { OAUTH_POLICY: 'DIRECTORY/policy.json' },
    files: { 'policy.json': JSON.stringify(policy) },
  });
  const { status, headers } = await nginx.ask({ path: '/authorizer' });
  await nginx.stop();
  if (status !== 503 || headers['x-oauth-reason'] !== 'settings_invalid')
    throw new Error(`nginx answers ${String(status)} ${headers['x-oauth-reason'] ?? ''}`);
  return nginx.messages().join('\n');
}

const HAPROXIES: readonly PolicyGateway[] = SUITES.map((suite) => ({
  name: `HAProxy of ${suite}`,
  proxy: 'HAProxy',
  suite,
  ways: ['the action'],
  remembers: true,
  start: (policy, options = {}) => startHaproxy(suite, policy, options),
  refusalOf: (policy) => refuseAtStart(suite, policy),
}));

const NGINXES: readonly PolicyGateway[] = ENGINES.map((engine) => ({
  name: `nginx of ${engine.suite}, ${engine.name}`,
  proxy: 'nginx',
  suite: engine.suite,
  ways: askingsOf(engine),
  remembers: engine.hasSharedDict,
  start: (policy, options = {}) => startNginxGateway(engine, policy, options),
  refusalOf: (policy) => refuseAll(engine, policy),
}));

/** Every proxy; without luaossl there is but HAProxy to try. */
export const POLICY_GATEWAYS: readonly PolicyGateway[] = IS_STOCK ? HAPROXIES : [...HAPROXIES, ...NGINXES];

/** Starts a gateway before the tests of a suite, and stops it after them: then nothing that was sent may be in its log. */
export function useGateway(gateway: PolicyGateway, policy: object, options: GatewayOptions = {}): () => RunningGateway {
  let running: RunningGateway | undefined;
  beforeAll(async () => {
    running = await gateway.start(policy, options);
  });
  afterAll(async () => {
    await running?.stop();
    expect(running?.leaks()).toEqual([]);
  });
  return () => {
    if (running === undefined) throw new Error(`${gateway.name} is not there`);
    return running;
  };
}
