// HAProxy that signs browsers in, in front of an application that shows what it was given, beside the real provider.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { enter, makeBrowser, type Browser, type Page } from './login-browser';
import { CLIENT_ID, CLIENT_SECRET, SCOPES } from './login-configuration';
import { startLoginProvider, type LoginProvider } from './login-provider';
import { startHaproxy, type Haproxy, type Load } from './haproxy-server';
import type { SuiteName } from './suite';

export const COOKIE_SECRET = 'a secret for cookies of 32 bytes, or of more';

/** The recommended lines of a frontend. */
export const RULES: readonly string[] = [
  'http-request use-service lua.jwtlogin if { path_beg /oauth2/ }',
  'http-request lua.jwtenforce',
  'http-request deny deny_status 503 unless { var(txn.authorized) -m bool }',
  'http-response lua.jwtsession',
];

export interface LoginHaproxyOptions {
  readonly load?: Load;
  readonly global?: readonly string[];
  readonly rules?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A whole configuration instead; `BACKEND` in it becomes the application's port. */
  readonly configuration?: string;
  /** More members of `login`. */
  readonly login?: object;
  /** More members of the policy. */
  readonly policy?: object;
  /** The body of the application's answer to a target; undefined: the user. */
  readonly answer?: (target: string) => string | undefined;
}

export interface LoginHaproxy {
  readonly haproxy: Haproxy;
  readonly provider: LoginProvider;
  readonly origin: string;
  /** Each request that the application was given. */
  readonly given: readonly IncomingMessage[];
  /** A browser that has signed in, and loads a page. */
  signIn(user?: string, path?: string): Promise<Browser & { readonly page: Page }>;
  stop(): Promise<void>;
}

const RULES_OF_POLICY = [
  { name: 'public', paths: ['/public/**'], access: 'public' },
  { name: 'app2', paths: ['/app2/**'], require: { groups: 'group2' } },
  { name: 'page', paths: ['/page/**'], sign_in: 'page' },
  { name: 'never', paths: ['/never/**'], sign_in: 'never' },
];

/** A policy that signs in at a provider. */
export function policyFor(provider: Pick<LoginProvider, 'issuer'>, { login, policy }: LoginHaproxyOptions): object {
  return {
    issuers: [{ issuer: provider.issuer, audiences: ['https://api.example'], claims: { groups: 'groups' } }],
    allow_http: true,
    forward: { 'X-User': 'user', 'X-Groups': 'groups' },
    login: {
      client_id: CLIENT_ID,
      scopes: SCOPES.split(' '),
      client_secret_env: 'CLIENT_SECRET',
      cookie: { secret_env: 'COOKIE_SECRET', secure: false, name: 'jwtverify' },
      ...login,
    },
    rules: RULES_OF_POLICY,
    otherwise: 'authenticated',
    ...policy,
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((done) =>
    server.listen(0, '127.0.0.1', () => {
      done((server.address() as AddressInfo).port);
    }),
  );
}

export async function startLoginHaproxy(suite: SuiteName, options: LoginHaproxyOptions = {}): Promise<LoginHaproxy> {
  const provider = await startLoginProvider();
  const given: IncomingMessage[] = [];
  const application = createServer((request, response) => {
    given.push(request);
    response.setHeader('content-type', 'text/plain');
    response.end(
      options.answer?.(request.url ?? '') ??
        `user ${String(request.headers['x-user'] ?? 'nobody')} at ${request.url ?? ''}`,
    );
  });
  const backend = await listen(application);
  const haproxy = await startHaproxy(suite, {
    settings: { OAUTH_POLICY: 'DIRECTORY/policy.json' },
    files: { 'policy.json': JSON.stringify(policyFor(provider, options)) },
    env: { CLIENT_SECRET, COOKIE_SECRET, ...options.env },
    global: ['tune.maxrewrite 8192', 'tune.bufsize 32768', ...(options.global ?? [])],
    ...(options.configuration === undefined
      ? { rules: options.rules ?? RULES }
      : { configuration: options.configuration.replaceAll('BACKEND', String(backend)) }),
    isCheckedByItself: true,
    backend,
    ...(options.load === undefined ? {} : { load: options.load }),
  });
  const origin = `http://127.0.0.1:${String(haproxy.port)}`;
  provider.serve([origin], `${origin}/oauth2/backchannel_logout`);
  return {
    haproxy,
    provider,
    origin,
    given,
    signIn: async (user = 'test', path = '/app1') => {
      const browser = makeBrowser();
      const page = await enter(browser, await browser.open(origin + path), user);
      return { ...browser, page };
    },
    stop: async () => {
      await Promise.all([haproxy.stop(), provider.stop(), new Promise((done) => application.close(done))]);
    },
  };
}
