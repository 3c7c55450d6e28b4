// Both proxies with sign-in: one launcher for each, so that a suite runs on both.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEchoBackend, type EchoBackend } from './echo-backend';
import { startHaproxy } from './haproxy-server';
import type { LoginGateway, LoginOptions, RunningProxy } from './login-gateway';
import { ACCESS_VARIABLES, wire } from './nginx-policy';
import { ENGINES, startNginx, type Engine } from './nginx-server';
import { SUITES, type SuiteName } from './suite';

const NO_BACKEND: EchoBackend = {
  port: 0,
  reached: [],
  count: () => 0,
  clear: () => undefined,
  stop: () => Promise.resolve(),
};

const HAPROXY_LINES = `http-request use-service lua.jwtlogin if { path_beg /oauth2/ }
  http-request lua.jwtenforce
  http-request deny deny_status 503 unless { var(txn.authorized) -m bool }
  http-response lua.jwtsession`;

/** The backend that answers with what reached it, unless the test has another one. */
async function backendFor(options: LoginOptions): Promise<EchoBackend> {
  return options.backend === undefined ? startEchoBackend() : { ...NO_BACKEND, port: options.backend };
}

async function startOnHaproxy(suite: SuiteName, policy: object, options: LoginOptions): Promise<RunningProxy> {
  const backend = await backendFor(options);
  const threads = options.processes ?? 1;
  const configuration = `global
  log stdout format raw local0
  nbthread ${String(threads)}
  ${options.authority === undefined ? '' : 'httpclient.ssl.ca-file DIRECTORY/authority.pem'}
  tune.bufsize 32768
  tune.maxrewrite 8192
  lua-load-per-thread DIRECTORY/jwtverify.lua
  setenv OAUTH_POLICY DIRECTORY/policy.json
${options.nameServer === undefined ? '' : `resolvers default\n  nameserver test 127.0.0.1:${String(options.nameServer)}`}
defaults
  log global
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  log-format "access: %ci %HM %HP %ST"
frontend app
  bind 127.0.0.1:PORT ${options.certificate === undefined ? '' : 'ssl crt DIRECTORY/site.pem'}
  http-request use-service lua.jwtverify_metrics if { path /_metrics }
  ${options.lines ?? HAPROXY_LINES}
  default_backend apps
backend apps
  server app 127.0.0.1:${String(backend.port)}
`;
  const haproxy = await startHaproxy(suite, {
    configuration,
    files: { ...filesFor(policy, options) },
    env: { ...options.env },
  });
  return {
    port: haproxy.port,
    backend,
    log: () => haproxy.output(),
    accessLog: () => '',
    stop: async () => {
      await haproxy.stop();
      await backend.stop();
    },
  };
}

function filesFor(policy: object, options: LoginOptions): Readonly<Record<string, string>> {
  return {
    'policy.json': JSON.stringify(policy),
    'site.pem': options.certificate ?? '',
    'authority.pem': options.authority ?? '',
    ...options.files,
  };
}

/** Dictionaries, where njs has them. */
const DICTIONARIES = `js_shared_dict_zone zone=jwtverify:4m timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_keys:4m timeout=2d evict;
  js_shared_dict_zone zone=jwtverify_ended:1m timeout=9h;
  js_shared_dict_zone zone=jwtverify_metrics:1m type=number;`;

/** What asks, and what a refused request gets. */
function judgeLines(engine: Engine): string {
  if (engine.hasAccess) return 'js_access jwtverify.access;';
  return 'auth_request /_jwtverify; error_page 401 403 = @jwtverify_sign_in;';
}

/** The locations of the application and of login. */
function nginxLines(engine: Engine): string {
  return `
    location / {
      ${judgeLines(engine)}
      include DIRECTORY/forward.conf;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_pass http://apps;
    }
    location /oauth2/ { client_max_body_size 16k; client_body_buffer_size 16k; js_content jwtverify.login; }
    location @jwtverify_sign_in { js_content jwtverify.login; }
    location = /_jwtverify { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.auth; }`;
}

async function startOnNginx(engine: Engine, policy: object, options: LoginOptions): Promise<RunningProxy> {
  const backend = await backendFor(options);
  const tls =
    options.certificate === undefined
      ? ''
      : 'ssl_certificate DIRECTORY/site.pem; ssl_certificate_key DIRECTORY/site.pem;';
  const trust = options.authority === undefined ? '' : 'js_fetch_trusted_certificate DIRECTORY/authority.pem;';
  const resolver = options.nameServer === undefined ? '' : `resolver 127.0.0.1:${String(options.nameServer)} ipv6=off;`;
  const nginx = await startNginx(engine, {
    env: { OAUTH_POLICY: 'DIRECTORY/policy.json', ...options.env },
    http: `${engine.hasSharedDict ? DICTIONARIES : ''} ${engine.hasAccess ? ACCESS_VARIABLES : ''} ${trust} ${resolver}
  js_fetch_timeout 10s;
  upstream apps { server 127.0.0.1:${String(backend.port)}; }
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }`,
    server: `
    ${tls}
    ${options.lines ?? nginxLines(engine)}
    location = /_metrics { js_content jwtverify.metrics; }
    location = /_forward { js_content jwtverify.forward; }`,
    files: { 'forward.conf': '', ...filesFor(policy, options) },
    workers: options.processes ?? 1,
  });
  await wire(nginx, engine.hasAccess ? '' : '?auth_request');
  if (tls !== '') await nginx.reload((text) => text.replace(/(listen 127\.0\.0\.1:\d+);/, '$1 ssl;'));
  return {
    port: nginx.port,
    backend,
    log: () => nginx.errorLog(),
    accessLog: () => readFileSync(join(nginx.directory, 'access.log'), 'utf8'),
    stop: async () => {
      await nginx.stop();
      await backend.stop();
    },
  };
}

/** Every proxy. */
export const LOGIN_GATEWAYS: readonly LoginGateway[] = [
  ...SUITES.map((suite) => ({
    name: `HAProxy of ${suite}`,
    proxy: 'HAProxy' as const,
    suite,
    discovers: true,
    ends: true,
    start: (policy: object, options: LoginOptions = {}) => startOnHaproxy(suite, policy, options),
  })),
  ...ENGINES.map((engine) => ({
    name: `nginx of ${engine.suite}, ${engine.name}`,
    proxy: 'nginx' as const,
    suite: engine.suite,
    discovers: engine.hasSharedDict,
    ends: engine.hasSharedDict,
    start: (policy: object, options: LoginOptions = {}) => startOnNginx(engine, policy, options),
  })),
];
