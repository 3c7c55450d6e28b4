// Real nginx that judges by a policy in every way it has, in front of a backend that answers with what reached it.
import { startEchoBackend, type EchoBackend } from './echo-backend';
import { ACCESS_VARIABLES, AUTH_REQUEST, dictionaries, JS_ACCESS, wire, type Asking } from './nginx-policy';
import { startNginx, type Engine, type Nginx } from './nginx-server';
import { freePort } from './suite';

export interface PolicyNginx extends Nginx {
  readonly backend: EchoBackend;
  /** The port of the server that asks so. */
  portOf(asking: Asking): number;
  /** Its port for HTTP/2 without TLS. */
  http2PortOf(asking: Asking): number;
}

export interface PolicyNginxOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly faketime?: string;
  readonly workers?: number;
  /** More lines of `http`, given the backend's port. */
  readonly http?: (backend: number) => string;
  /** More lines of the server that asks by `auth_request`. */
  readonly server?: string;
}

/** A gateway brings the facts of the request that it asks about in headers of this name. */
const AUTHORIZER = `
    location = /_authorizer {
      auth_request off;
      set $jwtverify_method $http_x_asked_method;
      set $jwtverify_target $http_x_asked_target;
      set $jwtverify_host $http_x_asked_host;
      js_content jwtverify.authorizer;
    }`;

/** Judged as everything else is. @param judge what the location says to have it judged */
function metadataLocation(judge: string): string {
  return `location = /.well-known/oauth-protected-resource {
      ${judge}
      include DIRECTORY/forward.conf;
      js_content jwtverify.metadata;
    }`;
}

function http2Listener(port: number): string {
  return `listen 127.0.0.1:${String(port)} http2; keepalive_requests 100000;`;
}

/** The servers besides the first one: `js_access` where njs has it. */
function accessServer(engine: Engine, port: number, http2: number, backend: string): string {
  if (!engine.hasAccess) return '';
  const judge = `${JS_ACCESS} add_header X-Told-challenge $oauth_challenge always;`;
  return `${ACCESS_VARIABLES} js_var $oauth_challenge;
  server {
    listen 127.0.0.1:${String(port)};
    ${http2Listener(http2)}
    location / {
      ${judge}
      include DIRECTORY/forward.conf;
      proxy_pass ${backend};
    }
    ${metadataLocation(judge)}
  }`;
}

/** Starts nginx with a policy; `stop` ends the backend too. */
export async function startPolicyNginx(
  engine: Engine,
  policy: object,
  options: PolicyNginxOptions = {},
): Promise<PolicyNginx> {
  const backend = await startEchoBackend();
  const access = await freePort();
  const http2 = { auth_request: await freePort(), js_access: await freePort() };
  // A token of the query is taken from the target in a variable of the lines.
  const namesQuery = /"token":.*"query":/.test(JSON.stringify(policy));
  const address = `http://127.0.0.1:${String(backend.port)}${namesQuery ? '$jwtverify_uri' : ''}`;
  const server = `
    ${http2Listener(http2.auth_request)}
    ${AUTH_REQUEST}
    add_header X-Told-challenge $told_challenge always;
    location / {
      include DIRECTORY/forward.conf;
      proxy_pass ${address};
    }
    location = /_jwtverify { internal; js_content jwtverify.auth; }
    location = /_forward { auth_request off; js_content jwtverify.forward; }
    location = /_health { auth_request off; access_log off; js_content jwtverify.health; }
    ${AUTHORIZER}
    ${metadataLocation('')}
    ${options.server ?? ''}`;
  const http = [
    namesQuery ? 'js_var $jwtverify_uri;' : '',
    dictionaries(engine),
    accessServer(engine, access, http2.js_access, address),
    options.http?.(backend.port) ?? '',
  ];
  try {
    const nginx = await startNginx(engine, {
      env: { OAUTH_POLICY: 'DIRECTORY/policy.json', ...options.env },
      http: http.join('\n  '),
      server,
      files: { 'policy.json': JSON.stringify(policy), 'forward.conf': '', ...options.files },
      ...(options.faketime === undefined ? {} : { faketime: options.faketime }),
      ...(options.workers === undefined ? {} : { workers: options.workers }),
    });
    await wire(nginx);
    return {
      ...nginx,
      backend,
      portOf: (asking) => (asking === 'js_access' ? access : nginx.port),
      http2PortOf: (asking) => http2[asking],
      // The backend answers with all that it got, tokens included.
      leaks: () => nginx.leaks().filter((leak) => !leak.startsWith('an answer')),
      stop: async () => {
        await nginx.stop();
        await backend.stop();
      },
    };
  } catch (problem) {
    await backend.stop();
    throw problem;
  }
}
