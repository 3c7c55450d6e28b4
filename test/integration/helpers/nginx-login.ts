// Real nginx that signs browsers in at a real provider, in each way that it has, in front of a backend that answers with what
// reached it.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { startEchoBackend, type EchoBackend } from './echo-backend';
import type { LoginProvider } from './login-provider';
import { CLIENT_ID, CLIENT_SECRET, SCOPES } from './login-configuration';
import { ACCESS_VARIABLES, wire, type Asking } from './nginx-policy';
import { startNginx, type Engine, type Nginx } from './nginx-server';

/** The dictionaries that login needs, where njs has them. */
export function loginDictionaries(engine: Engine): string {
  if (!engine.hasSharedDict) return '';
  return `js_shared_dict_zone zone=jwtverify:4m timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_keys:4m timeout=2d evict;
  js_shared_dict_zone zone=jwtverify_ended:1m timeout=9h;`;
}

export interface NginxLogin extends Nginx {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  readonly backend: EchoBackend;
}

export interface NginxLoginOptions {
  readonly asking: Asking;
  readonly workers?: number;
  /** More members of the policy's `login`. */
  readonly login?: Readonly<Record<string, unknown>>;
  /** More members of the policy. */
  readonly policy?: Readonly<Record<string, unknown>>;
  /** In place of the dictionaries. */
  readonly dictionaries?: string;
  /** More lines of `server`. */
  readonly server?: string;
  /** More lines of the location for everything. */
  readonly location?: string;
  /** Whether the addresses of login have no location. */
  readonly isUnreached?: boolean;
  readonly backend?: EchoBackend;
  /** Whether njs without dictionaries has a deny list that its workers may write. */
  readonly denies?: boolean;
  /** For which way the lines of `jwtverify.forward` are; left out: for the one that asks. */
  readonly lines?: Asking;
}

/** The public members of RSA keys (RFC 7518 §6.3.1). */
function publicKeys(provider: LoginProvider): object {
  return { keys: provider.keys.map(({ kty, n, e, kid, alg, use }) => ({ kty, n, e, kid, alg, use })) };
}

function endpointsOf({ issuer }: LoginProvider): object {
  return {
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    end_session_endpoint: `${issuer}/session/end`,
    authorization_response_iss_parameter_supported: true,
  };
}

/** Document 003: `/app1` for everybody who is signed in, `/app2` for members of `group2`. */
export function policyFor(engine: Engine, provider: LoginProvider, options: Omit<NginxLoginOptions, 'asking'>): object {
  const keys = engine.hasSharedDict ? { discovery: true } : { jwks_file: 'DIRECTORY/keys.json' };
  return {
    allow_http: true,
    issuers: [{ issuer: provider.issuer, audiences: ['https://api.example'], keys, claims: { groups: 'groups' } }],
    login: {
      client_id: CLIENT_ID,
      client_secret_env: 'LOGIN_SECRET',
      scopes: SCOPES.split(' '),
      cookie: { secret_env: 'COOKIE_SECRET', secure: false },
      logout: { issuer: true, back_channel: true },
      ...(engine.hasSharedDict ? {} : { endpoints: endpointsOf(provider) }),
      ...options.login,
    },
    rules: [
      { name: 'open', paths: ['/open/**'], access: 'public' },
      { name: 'app2', paths: ['/app2/**'], require: { groups: 'group2' } },
      { name: 'rest', paths: ['/**'] },
    ],
    forward: { 'X-User': 'subject', 'X-Groups': 'groups' },
    ...(options.denies === true && !engine.hasSharedDict ? { deny_path: 'DIRECTORY/deny' } : {}),
    ...options.policy,
  };
}

/** As docs/nginx.md has it. */
const SIGN_IN = 'error_page 401 403 = @jwtverify_sign_in;';

function serverFor(backend: EchoBackend, options: NginxLoginOptions): string {
  const isAsked = options.asking === 'auth_request';
  const login =
    'location /oauth2/ { client_max_body_size 16k; client_body_buffer_size 16k; js_content jwtverify.login; }';
  return `
    location / {
      ${isAsked ? `auth_request /_jwtverify; ${SIGN_IN}` : 'js_access jwtverify.access;'}
      include DIRECTORY/forward.conf;
      ${options.location ?? ''}
      proxy_pass http://127.0.0.1:${String(backend.port)};
    }
    ${options.isUnreached === true ? '' : login}
    location @jwtverify_sign_in { js_content jwtverify.login; }
    location = /_jwtverify { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.auth; }
    location = /_forward { js_content jwtverify.forward; }
    location = /_deny { js_content jwtverify.deny; }
    ${options.server ?? ''}
`;
}

/** Starts nginx; its `stop` ends the backend too. */
export async function startNginxLogin(
  engine: Engine,
  provider: LoginProvider,
  options: NginxLoginOptions,
): Promise<NginxLogin> {
  const backend = options.backend ?? (await startEchoBackend());
  const nginx = await startNginx(engine, {
    env: {
      OAUTH_POLICY: 'DIRECTORY/policy.json',
      LOGIN_SECRET: CLIENT_SECRET,
      COOKIE_SECRET: 'a secret of 32 bytes, or of more.',
    },
    http: `${options.dictionaries ?? loginDictionaries(engine)}
  ${options.asking === 'js_access' ? ACCESS_VARIABLES : ''}
  client_header_buffer_size 4k;`,
    server: serverFor(backend, options),
    files: {
      'policy.json': JSON.stringify(policyFor(engine, provider, options)),
      'keys.json': JSON.stringify(publicKeys(provider)),
      'forward.conf': '',
      deny: '',
    },
    ...(options.workers === undefined ? {} : { workers: options.workers }),
  });
  chmodSync(join(nginx.directory, 'deny'), 0o666);
  const origin = `http://127.0.0.1:${String(nginx.port)}`;
  provider.serve([origin], `${origin}/oauth2/backchannel_logout`);
  await wire(nginx, (options.lines ?? options.asking) === 'auth_request' ? '?auth_request' : '');
  return {
    ...nginx,
    origin,
    backend,
    stop: async () => {
      await nginx.stop();
      await backend.stop();
    },
  };
}
