// What tests of sign-in want of a proxy, whichever of the two it is, and the policy that both have.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect } from 'vitest';
import { makeCookieJar } from './cookie-jar';
import type { EchoBackend } from './echo-backend';
import { publicPart } from './issuer-server';
import { enter, makeBrowser, valuesOf, type Browser, type Page } from './login-browser';
import { API, CLIENT_ID, CLIENT_SECRET, SCOPES } from './login-configuration';
import { startLoginProvider, type LoginProvider } from './login-provider';
import type { SuiteName } from './suite';

export interface LoginOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** Workers of nginx, threads of HAProxy. */
  readonly processes?: number;
  /** Certificate and key (PEM) where the proxy serves https. */
  readonly certificate?: string;
  /** The authority (PEM) that the issuer's certificate is of. */
  readonly authority?: string;
  /** The port of a name server. */
  readonly nameServer?: number;
  /** The lines of a document in place of the usual ones. */
  readonly lines?: string;
  /** The port of another backend than the one that answers with what reached it. */
  readonly backend?: number;
}

/** A proxy that signs browsers in. */
export interface RunningProxy {
  readonly port: number;
  readonly backend: EchoBackend;
  log(): string;
  accessLog(): string;
  stop(): Promise<void>;
}

export interface LoginGateway {
  readonly name: string;
  readonly proxy: 'HAProxy' | 'nginx';
  readonly suite: SuiteName;
  /** Whether it fetches the discovery document by itself. */
  readonly discovers: boolean;
  /** Whether it can end a session that a browser still has. */
  readonly ends: boolean;
  start(policy: object, options?: LoginOptions): Promise<RunningProxy>;
}

export const COOKIE_SECRET = randomBytes(32).toString('base64');
export const COOKIE = 'jwtverify';
export const SECRETS = { LOGIN_SECRET: CLIENT_SECRET, COOKIE_SECRET };

/** Parts of a policy that a test changes. */
export interface PolicyChanges {
  readonly login?: object;
  readonly cookie?: object;
  readonly issuer?: object;
  readonly more?: object;
}

/** What the discovery document says, for a proxy that cannot fetch it. */
function configured(provider: LoginProvider): { readonly keys: object; readonly login: object } {
  const { issuer } = provider;
  return {
    keys: { jwks_file: 'DIRECTORY/keys.json' },
    login: {
      endpoints: {
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        end_session_endpoint: `${issuer}/session/end`,
        authorization_response_iss_parameter_supported: true,
      },
    },
  };
}

/** Document 003's applications: `/app1` for everybody, `/app2` for group2, and an API for scripts. */
export function loginPolicy(provider: LoginProvider, changes: PolicyChanges = {}, discovers = true): object {
  const { keys, login } = discovers ? { keys: { discovery: true }, login: {} } : configured(provider);
  return {
    issuers: [{ issuer: provider.issuer, audiences: [API], keys, ...changes.issuer }],
    allow_http: true,
    jwks_cooldown: 1,
    login: {
      client_id: CLIENT_ID,
      client_secret_env: 'LOGIN_SECRET',
      scopes: SCOPES.split(' '),
      cookie: { secret_env: 'COOKIE_SECRET', secure: false, ...changes.cookie },
      logout: { issuer: true, back_channel: true },
      ...login,
      ...changes.login,
    },
    rules: [
      { name: 'public', paths: ['/public'], access: 'public' },
      { name: 'app1', paths: ['/app1/**', '/'] },
      { name: 'app2', paths: ['/app2/**'], require: { groups: { any: ['group2'] } } },
      { name: 'asks', paths: ['/asks/**'], sign_in: 'page' },
      { name: 'api', paths: ['/api/**'], sign_in: 'never' },
    ],
    forward: { 'X-User': 'user', 'X-Email': 'email', 'X-Groups': 'groups' },
    ...changes.more,
  };
}

/** A proxy, and the browsers that have been before it. */
export interface RunningLogin extends RunningProxy {
  readonly provider: LoginProvider;
  /** `http://app.zoo.example:8080`. */
  readonly origin: string;
  /** A fresh browser; what it gets is remembered as secret. */
  browser(): Browser;
  /** A browser that is signed in, and the page that it ended at. */
  signIn(user?: string, path?: string): Promise<{ readonly browser: Browser; readonly page: Page }>;
  /** Each code, token, cookie and secret that is somewhere where it must not be. */
  leaks(): readonly string[];
}

/** Starts a gateway for a provider. @param host of the application */
export async function startLogin(
  gateway: LoginGateway,
  provider: LoginProvider,
  changes: PolicyChanges = {},
  options: LoginOptions = {},
  host = 'app.zoo.example',
): Promise<RunningLogin> {
  const running = await gateway.start(loginPolicy(provider, changes, gateway.discovers), {
    ...options,
    files: { 'keys.json': JSON.stringify({ keys: provider.keys.map(publicPart) }), ...options.files },
    env: { ...SECRETS, ...options.env },
  });
  const scheme = options.certificate === undefined ? 'http' : 'https';
  const origin = `${scheme}://${host}:${String(running.port)}`;
  provider.serve([origin], `${scheme}://127.0.0.1:${String(running.port)}/oauth2/backchannel_logout`);
  const seen = new Set<string>();
  const browser = (): Browser =>
    makeBrowser(makeCookieJar(), {
      onAnswer: (answer) => {
        if (answer.url.origin !== origin) return;
        for (const field of valuesOf(answer, 'set-cookie')) {
          const value = /^[^=]*=([^;]*)/.exec(field)?.[1] ?? '';
          if (value.length >= 16) seen.add(value);
        }
      },
    });
  return {
    ...running,
    provider,
    origin,
    browser,
    signIn: async (user = 'test', path = '/app1/') => {
      const fresh = browser();
      const page = await enter(fresh, await fresh.open(`${origin}${path}`), user);
      expect([page.status, page.url.href]).toEqual([200, `${origin}${path}`]);
      return { browser: fresh, page };
    },
    leaks: () => {
      const places = {
        'the log': running.log(),
        'the access log': running.accessLog(),
        'the backend': JSON.stringify(running.backend.reached),
      };
      const secrets = [...seen, ...provider.secrets, CLIENT_SECRET, COOKIE_SECRET];
      return Object.entries(places).flatMap(([where, text]) =>
        secrets.filter((secret) => text.includes(secret)).map((secret) => `${where} has ${secret}`),
      );
    },
  };
}

/** A provider and a proxy for the tests of one `describe`. @param take gets both before the first test */
export function useLogin(
  gateway: LoginGateway,
  take: (started: { readonly provider: LoginProvider; readonly login: RunningLogin }) => void,
): void {
  let provider: LoginProvider;
  let login: RunningLogin;
  beforeAll(async () => {
    provider = await startLoginProvider();
    login = await startLogin(gateway, provider);
    take({ provider, login });
  });
  afterAll(async () => {
    await login.stop();
    await provider.stop();
    expect(login.leaks()).toEqual([]);
  });
}
