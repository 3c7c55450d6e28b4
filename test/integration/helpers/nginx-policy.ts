// Real nginx with a policy file, in front of a backend that answers with what reached it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EchoBackend } from './echo-backend';
import { startNginx, type Engine, type Nginx, type NginxOptions } from './nginx-server';

/** By what nginx asks: `auth_request`, or `js_access` where njs has it. */
export type Asking = 'auth_request' | 'js_access';

export function askingsOf(engine: Engine): readonly Asking[] {
  return engine.hasAccess ? ['auth_request', 'js_access'] : ['auth_request'];
}

/** What the tests look at, beside what the backend gets. */
const TOLD = ['rule', 'shadow', 'reason', 'status', 'scopes', 'subject', 'known_subject', 'known_client'];

/** What `js_access` needs declared in `http` to tell them. */
export const ACCESS_VARIABLES = TOLD.map((name) => `js_var $oauth_${name};`).join(' ');

/** Asks by a subrequest, and shows what it was answered. */
export const AUTH_REQUEST = `
    auth_request /_jwtverify;
    ${TOLD.map((name) => `auth_request_set $told_${name} $sent_http_x_oauth_${name};`).join('\n    ')}
    auth_request_set $told_challenge $sent_http_www_authenticate;
    add_header WWW-Authenticate $told_challenge always;
    ${TOLD.map((name) => `add_header X-Told-${name} $told_${name} always;`).join('\n    ')}
`;

/** Asks within the request, and shows what came of it. */
export const JS_ACCESS = `
    js_access jwtverify.access;
    ${TOLD.map((name) => `add_header X-Told-${name} $oauth_${name} always;`).join('\n    ')}
`;

export interface PolicyOptions {
  readonly asking?: Asking;
  readonly env?: Readonly<Record<string, string>>;
  readonly http?: string;
  /** More lines of `server`. */
  readonly server?: string;
  /** More lines of the location for everything; they replace the `include` where `bare`. */
  readonly location?: string;
  readonly bare?: boolean;
  readonly files?: Readonly<Record<string, string>>;
  readonly faketime?: string;
  readonly workers?: number;
}

/** Dictionaries, where njs has them. */
export function dictionaries(engine: Engine): string {
  if (!engine.hasSharedDict) return '';
  return `js_shared_dict_zone zone=jwtverify:4m timeout=1h evict; js_shared_dict_zone zone=jwtverify_keys:4m timeout=2d evict;`;
}

function serverFor(backend: EchoBackend, options: PolicyOptions): string {
  return `
    ${options.asking === 'js_access' ? '' : AUTH_REQUEST}
    location / {
      ${options.asking === 'js_access' ? JS_ACCESS : ''}
      ${options.bare === true ? '' : 'include DIRECTORY/forward.conf;'}
      ${options.location ?? ''}
      proxy_pass http://127.0.0.1:${String(backend.port)};
    }
    location = /_jwtverify { internal; js_content jwtverify.auth; }
    location = /_forward { auth_request off; js_content jwtverify.forward; }
    ${options.server ?? ''}
`;
}

/** Writes the lines that the module makes for the policy, and has nginx take them up. @param query which lines */
export async function wire(nginx: Nginx, query = ''): Promise<string> {
  const answer = await nginx.ask({ path: `/_forward${query}` });
  if (answer.status !== 200) throw new Error(`no lines: ${String(answer.status)} ${nginx.messages().join('\n')}`);
  writeFileSync(join(nginx.directory, 'forward.conf'), answer.body);
  await nginx.reload();
  return answer.body;
}

/** Starts nginx with a policy, and with what the module says that its headers take. */
export async function startWithPolicy(
  engine: Engine,
  policy: unknown,
  backend: EchoBackend,
  options: PolicyOptions = {},
): Promise<Nginx> {
  const given: NginxOptions = {
    env: { OAUTH_POLICY: 'DIRECTORY/policy.json', ...options.env },
    http: `${dictionaries(engine)} ${options.asking === 'js_access' ? ACCESS_VARIABLES : ''} ${options.http ?? ''}`,
    server: serverFor(backend, options),
    files: { 'policy.json': JSON.stringify(policy), 'forward.conf': '', ...options.files },
    ...(options.faketime === undefined ? {} : { faketime: options.faketime }),
    ...(options.workers === undefined ? {} : { workers: options.workers }),
  };
  const nginx = await startNginx(engine, given);
  if (options.bare !== true) await wire(nginx);
  return nginx;
}
