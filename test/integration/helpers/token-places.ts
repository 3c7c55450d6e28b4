// Both proxies with a token at several places by settings, without a policy.
import { reachedBy, startEchoBackend, valuesOf } from './echo-backend';
import { ISSUERS, SECRET } from './haproxy-policy-server';
import { SHOW, startHaproxy } from './haproxy-server';
import { askingsOf, dictionaries, type Asking } from './nginx-policy';
import { ENGINES, startNginx, type Engine, type Nginx } from './nginx-server';
import { SUITES, type HttpAnswer, type HttpRequest, type SuiteName } from './suite';

export const basic = (token: string): string => `Basic ${Buffer.from(`user:${token}`).toString('base64')}`;

const PLACES = 'bearer header:X-Jwt cookie:jwt query:access_token basic_password websocket_protocol';
const SETTINGS = {
  OAUTH_ISSUER: ISSUERS[0]?.issuer ?? '',
  OAUTH_AUDIENCE: ISSUERS[0]?.audiences[0] ?? '',
  OAUTH_HMAC_SECRET: SECRET,
};

export interface PlainGateway {
  ask(wanted: Omit<HttpRequest, 'port'>): Promise<HttpAnswer>;
  /** Whom the proxy names to the configuration. */
  userOf(answer: HttpAnswer): string;
  /** The status of a request that is malformed. */
  readonly malformed: number;
  /** Whether it asks caches by itself to store nothing, where it removes a token. */
  readonly forbidsStorage: boolean;
  stop(): Promise<void>;
}

async function startOnHaproxy(suite: SuiteName, from: string): Promise<PlainGateway> {
  const backend = await startEchoBackend();
  const check = 'http-request deny deny_status 503 unless { var(txn.authorized) -m bool }';
  const proxy = await startHaproxy(suite, {
    env: { ...SETTINGS, OAUTH_TOKEN_FROM: from },
    rules: [...SHOW.slice(0, -1), 'http-request lua.jwtenforce', check],
    backend: backend.port,
  });
  return {
    ask: (wanted) => proxy.ask(wanted),
    userOf: (answer) => answer.headers['x-claim-sub'] ?? '',
    malformed: 400,
    forbidsStorage: true,
    stop: async () => {
      await proxy.stop();
      await backend.stop();
    },
  };
}

/** As docs/nginx.md has it for settings without a policy. */
const VARIABLES = `
  js_var $jwtverify_uri $request_uri; js_var $jwtverify_args $args; js_var $jwtverify_cookie $http_cookie;
  js_var $jwtverify_authorization $http_authorization; js_var $jwtverify_protocols $http_sec_websocket_protocol;`;
const LINES = `
      proxy_set_header X-Jwt ""; proxy_set_header Cookie $jwtverify_cookie;
      proxy_set_header Authorization $jwtverify_authorization;
      proxy_set_header Sec-WebSocket-Protocol $jwtverify_protocols;`;
const JUDGE: Readonly<Record<Asking, string>> = {
  auth_request:
    'auth_request /_jwtverify; auth_request_set $subject $sent_http_x_oauth_subject; proxy_set_header X-User $subject;',
  js_access: 'js_access jwtverify.access; proxy_set_header X-User $oauth_subject;',
};

/**
 * @param isDeclared whether the configuration has the variables and lines of the document
 * @param from the places of OAUTH_TOKEN_FROM
 */
export function startPlainNginx(
  engine: Engine,
  asking: Asking,
  port: number,
  isDeclared: boolean,
  from = PLACES,
): Promise<Nginx> {
  const address = `http://127.0.0.1:${String(port)}`;
  return startNginx(engine, {
    env: { ...SETTINGS, OAUTH_TOKEN_FROM: from },
    http: `${dictionaries(engine)} ${isDeclared ? VARIABLES : ''} ${asking === 'js_access' ? 'js_var $oauth_subject; js_var $oauth_reason;' : ''}`,
    server: `
    location / {
      ${JUDGE[asking]}
      ${isDeclared ? LINES : ''}
      proxy_pass ${address}${isDeclared ? '$jwtverify_uri' : ''};
    }
    location = /_jwtverify { internal; js_content jwtverify.auth; }`,
  });
}

async function startOnNginx(engine: Engine, asking: Asking, from: string): Promise<PlainGateway> {
  const backend = await startEchoBackend();
  const nginx = await startPlainNginx(engine, asking, backend.port, true, from);
  return {
    ask: (wanted) => nginx.ask(wanted),
    userOf: (answer) => valuesOf(reachedBy(answer), 'x-user').join(),
    malformed: asking === 'js_access' ? 400 : 401,
    forbidsStorage: false,
    stop: async () => {
      await nginx.stop();
      await backend.stop();
    },
  };
}

export const PLAIN_GATEWAYS: readonly {
  readonly name: string;
  readonly start: (from?: string) => Promise<PlainGateway>;
}[] = [
  ...SUITES.map((suite) => ({ name: `HAProxy of ${suite}`, start: (from = PLACES) => startOnHaproxy(suite, from) })),
  ...ENGINES.flatMap((engine) =>
    askingsOf(engine).map((asking) => ({
      name: `nginx of ${engine.suite}, ${engine.name}, ${asking}`,
      start: (from = PLACES) => startOnNginx(engine, asking, from),
    })),
  ),
];
