// Document 003's set-up after `jwtverify migrate oauth2-proxy`: its compose file and the flags of its supervisord.conf become a
// whole configuration, which signs browsers in at a real provider, on both proxies. First the proxy is in front of the
// application by itself; then the document's own nginx.conf asks it as it asked OAuth2-Proxy.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { migrate } from '../../../cli/commands/migrate';
import { createRecorder } from '../../unit/cli/recorder';
import { startEchoBackend, valuesOf as linesOf, type EchoBackend } from '../helpers/echo-backend';
import { eventually } from '../helpers/keep-alive';
import { enter, headerOf, headingOf, makeBrowser, reachedBy, type Browser, type Page } from '../helpers/login-browser';
import { CLIENT_ID, CLIENT_SECRET, SCOPES } from '../helpers/login-configuration';
import { startLoginProvider, type LoginProvider } from '../helpers/login-provider';
import {
  freePort,
  HAPROXY,
  makeWorkDirectory,
  startIn,
  SUITES,
  waitForPort,
  type Running,
  type SuiteName,
} from '../helpers/suite';

const COOKIE_SECRET = 'Ie1OKaRV4-CpoTSTw7WuKSg3iUENTY6YO7yPEytUBk4=';

/** The document's variables. Its issuer, client, backend and port become those of the test. */
const COMPOSE = `version: "0.1"
services:
  secured-app: 
    build: .
    environment:
      OAUTH2_PROXY_UPSTREAMS: http://127.0.0.1:AT_BACKEND/ 
      OAUTH2_PROXY_PROVIDER: keycloak-oidc 
      OAUTH2_PROXY_OIDC_ISSUER_URL: AT_ISSUER
      OAUTH2_PROXY_CLIENT_ID: ${CLIENT_ID}
      OAUTH2_PROXY_CLIENT_SECRET: npXBg26U4NjbhC4lms42xvikvXaHNDlR
      OAUTH2_PROXY_PASS_ACCESS_TOKEN: true 
      OAUTH2_PROXY_EMAIL_DOMAINS: '*' 
      OAUTH2_PROXY_REDIRECT_URL: AT_ORIGIN/oauth2/callback 
      OAUTH2_PROXY_COOKIE_SECRET: ${COOKIE_SECRET}
      OAUTH2_PROXY_REVERSE_PROXY: true
      OAUTH2_PROXY_COOKIES_SECURE: false
      OAUTH2_PROXY_COOKIES_SAMESITE: false
      OAUTH2_PROXY_COOKIE_DOMAINS: "localhost"
      OAUTH2_PROXY_SET_XAUTHREQUEST: true
      OAUTH2_PROXY_SET_AUTHORIZATION_HEADER: true
      OAUTH2_PROXY_PASS_HOST_HEADER: true
      OAUTH2_PROXY_CUSTOM_SIGN_IN_LOGO: logo.jpeg
      OAUTH2_PROXY_CUSTOM_TEMPLATES_DIR: custom_templates
`;

/** Its flags; the scopes are one word, as its author meant them. */
const SUPERVISOR = `[program:proxy]
command=bash -c 'sleep 15 && /oauth2-proxy-v7.4.0.linux-arm64/oauth2-proxy --http-address=0.0.0.0:4180 --cookie-secure=false "--scope=${SCOPES}"'
`;

/** njs before 0.8.0 reads no discovery document: OAuth2-Proxy without discovery has these. */
const UNDISCOVERED = `      OAUTH2_PROXY_SKIP_OIDC_DISCOVERY: true
      OAUTH2_PROXY_OIDC_JWKS_URL: AT_ISSUER/jwks
      OAUTH2_PROXY_LOGIN_URL: AT_ISSUER/auth
      OAUTH2_PROXY_REDEEM_URL: AT_ISSUER/token
`;

/** The document's nginx.conf, whose file for both applications is that of its repository as far as it is about users. */
const APPLICATION = `
      error_page 401 = /oauth2/sign_in;
      auth_request_set $user   $upstream_http_x_auth_request_user;
      auth_request_set $email  $upstream_http_x_auth_request_email;
      proxy_set_header X-User  $user;
      proxy_set_header X-Email $email;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";`;

/** The lines of each address that it sends on to OAuth2-Proxy. Its port is 80, which `$host` need not name. */
const ASKED = `
      proxy_set_header Host             $http_host;
      proxy_set_header X-Real-IP        $remote_addr;
      proxy_set_header X-Scheme         $scheme;`;
const WITHOUT_BODY = `
      proxy_set_header Content-Length   "";
      proxy_pass_request_body           off;`;

const FRONT = `daemon off;
user www-data;
pid DIRECTORY/nginx.pid;
error_log stderr notice;
events { worker_connections 1024; }
http {
  access_log off;
  proxy_temp_path DIRECTORY/proxy;
  client_body_temp_path DIRECTORY/body;
  proxy_buffer_size 128k;
  proxy_buffers 4 256k;
  proxy_busy_buffers_size 256k;
  server {
    listen 127.0.0.1:PORT;
    server_name localhost;
    location /oauth2/ {
      proxy_pass http://127.0.0.1:ASKED;${ASKED}
      proxy_set_header X-Auth-Request-Redirect $request_uri;
    }
    location = /oauth2/auth { proxy_pass http://127.0.0.1:ASKED;${ASKED}${WITHOUT_BODY}
    }
    location = /oauth2/auth_group2 { proxy_pass http://127.0.0.1:ASKED/oauth2/auth?allowed_groups=group2;${ASKED}${WITHOUT_BODY}
    }
    location = /oauth2/sign_out { proxy_pass http://127.0.0.1:ASKED;${ASKED}${WITHOUT_BODY}
    }
    location /app1 {
      auth_request /oauth2/auth;${APPLICATION}
      proxy_pass http://127.0.0.1:BACKEND/app1;
    }
    location /app2 {
      auth_request /oauth2/auth_group2;${APPLICATION}
      proxy_pass http://127.0.0.1:BACKEND/app2;
    }
  }
}
`;

interface Kind {
  readonly name: string;
  readonly suite: SuiteName;
  readonly to: 'haproxy' | 'nginx';
}

const MODULES = { haproxy: 'jwtverify.lua', nginx: 'jwtverify.js' } as const;

const NJS: Readonly<Record<SuiteName, string>> = { bookworm: '0.7.9', trixie: '0.8.9', sid: '1.0' };
const KINDS: readonly Kind[] = SUITES.flatMap((suite) =>
  (['haproxy', 'nginx'] as const).map((to) => ({ name: `${to} of ${suite}`, suite, to })),
);
const hasDiscovery = ({ to, suite }: Kind): boolean => to === 'haproxy' || suite !== 'bookworm';

/** Without memory that workers share a copy of the session's cookie still counts. */
const signedOut = (kind: Kind): string => `You are signed out${hasDiscovery(kind) ? '' : ' in this browser'}`;

/** In front of the application by itself, or asked by the document's nginx. */
type Mode = 'itself' | 'asked';

interface SetUp {
  readonly origin: string;
  log(): string;
  stop(): Promise<void>;
}

/** The files that come of the document's options. @param inside where they are on the proxy */
function migrateDocument(kind: Kind, source: string, listen: string, inside: string): Readonly<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'migrate-'));
  const [compose, flags, out] = ['docker-compose.yml', 'supervisord.conf', 'out'].map((name) => join(folder, name));
  if (compose === undefined || flags === undefined || out === undefined) throw new Error('three paths');
  writeFileSync(compose, source);
  writeFileSync(flags, SUPERVISOR);
  const module = `${inside}/${MODULES[kind.to]}`;
  const options = {
    to: kind.to,
    directory: out,
    listen,
    njs: NJS[kind.suite],
    module,
    issuer: undefined,
    audience: [],
  };
  const recorder = createRecorder();
  const code = migrate('oauth2-proxy', [compose, flags], options, recorder.output);
  expect([code, recorder.stdout().includes('without an equal')]).toEqual([0, false]);
  const files = readdirSync(out).map((name): [string, string] => {
    const text = readFileSync(join(out, name), 'utf8');
    return [name, text.replaceAll(out, inside).replaceAll(/\/var\/(?:log|lib)\/nginx/g, inside)];
  });
  rmSync(folder, { recursive: true });
  expect(JSON.stringify(files)).not.toMatch(/npXBg26U|Ie1OKaRV/);
  return Object.fromEntries(files);
}

async function startFront(
  suite: SuiteName,
  ports: Readonly<Record<'PORT' | 'ASKED' | 'BACKEND', number>>,
): Promise<Running> {
  const work = makeWorkDirectory(suite);
  const text = Object.entries({ ...ports, DIRECTORY: work.inside }).reduce(
    (rest, [name, value]) => rest.replaceAll(name, String(value)),
    FRONT,
  );
  writeFileSync(join(work.outside, 'nginx.conf'), text);
  const running = startIn(suite, ['nginx', '-c', `${work.inside}/nginx.conf`]);
  await waitForPort(ports.PORT, running);
  return running;
}

/** Starts what comes of the document's options, as it is. */
async function start(kind: Kind, mode: Mode, provider: LoginProvider, backend: EchoBackend): Promise<SetUp> {
  const [port, front] = [await freePort(), await freePort()];
  const origin = `http://localhost:${String(mode === 'itself' ? port : front)}`;
  provider.serve([origin]);
  const work = makeWorkDirectory(kind.suite);
  const source = (COMPOSE + (hasDiscovery(kind) ? '' : UNDISCOVERED))
    .replaceAll('AT_BACKEND', String(backend.port))
    .replaceAll('AT_ISSUER', provider.issuer)
    .replaceAll('AT_ORIGIN', origin);
  const { lua, js } = inject('artifacts');
  cpSync(kind.to === 'haproxy' ? lua : js, join(work.outside, MODULES[kind.to]));
  const files = migrateDocument(kind, source, `127.0.0.1:${String(port)}`, work.inside);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(work.outside, name), text);
  const globals = `daemon off; pid ${work.inside}/nginx.pid; error_log stderr notice;`;
  const command =
    kind.to === 'haproxy'
      ? [...HAPROXY, '-f', `${work.inside}/haproxy.cfg`]
      : ['nginx', '-c', `${work.inside}/nginx.conf`, '-g', globals];
  const env = {
    OAUTH2_PROXY_CLIENT_SECRET: CLIENT_SECRET,
    OAUTH2_PROXY_COOKIE_SECRET: COOKIE_SECRET,
    // Before njs 0.8.8 the policy's path comes from the environment of the service.
    ...(kind.to === 'nginx' ? { OAUTH_POLICY: `${work.inside}/policy.json` } : {}),
  };
  const running = startIn(kind.suite, command, { env });
  await waitForPort(port, running);
  const ports = { PORT: front, ASKED: port, BACKEND: backend.port };
  const asking = mode === 'asked' ? await startFront(kind.suite, ports) : undefined;
  return {
    origin,
    log: () => running.output() + (asking?.output() ?? ''),
    stop: async () => {
      await asking?.stop();
      await running.stop();
    },
  };
}

/** The page of the issuer, by the button of the proxy's own; the first answers of the issuer may be still to come. */
async function press(browser: Browser, page: Page): Promise<Page> {
  const href = /href="(\/oauth2\/start[^"]*)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
  let next = page;
  await eventually('the button leads to the issuer', async () => {
    next = await browser.open(`${page.url.origin}${href}`, page.url);
    return headingOf(next) === 'Sign in to the zoo';
  });
  return next;
}

const USER = ['x-forwarded-user', 'x-auth-request-user', 'x-auth-request-email', 'x-auth-request-groups'];

describe.each(KINDS)('$name', (kind) => {
  let provider: LoginProvider;
  let backend: EchoBackend;
  let setUp: SetUp;

  const use = (mode: Mode): void => {
    beforeAll(async () => {
      [provider, backend] = [await startLoginProvider(), await startEchoBackend()];
      setUp = await start(kind, mode, provider, backend);
    });
    afterAll(async () => {
      await setUp.stop();
      await backend.stop();
      await provider.stop();
      const secrets = [...provider.secrets, CLIENT_SECRET, COOKIE_SECRET];
      expect(secrets.filter((secret) => setUp.log().includes(secret))).toEqual([]);
    });
  };

  async function signIn(user: string, path: string): Promise<{ readonly browser: Browser; readonly page: Page }> {
    const browser = makeBrowser();
    const page = await enter(browser, await press(browser, await browser.open(setUp.origin + path)), user);
    return { browser, page };
  }

  describe('by itself', () => {
    use('itself');

    test('D4, D5: a page load gets a page with a button, which leads to the issuer and back to the page', async () => {
      const asked = await makeBrowser().open(`${setUp.origin}/app1/deep?a=1&b=2`);
      expect([asked.status, headingOf(asked), asked.hops.length]).toEqual([401, 'Sign in', 1]);
      const { page } = await signIn('test', '/app1/deep?a=1&b=2');
      expect([page.status, page.url.href]).toEqual([200, `${setUp.origin}/app1/deep?a=1&b=2`]);
      const parameters = page.hops.flatMap(({ url }) => [...url.searchParams.keys()]);
      expect(parameters).toEqual(expect.arrayContaining(['code', 'state']));
    });

    test('D6, D7: user, email, groups and access token of the session reach the backend, and none of a client', async () => {
      const { browser } = await signIn('keeper', '/app1/');
      const forged = Object.fromEntries(USER.map((name) => [name, 'root']));
      const reached = reachedBy(await browser.send(`${setUp.origin}/app1/x`, { headers: forged }));
      expect(USER.map((name) => linesOf(reached, name))).toEqual([
        ['keeper'],
        ['keeper'],
        ['keeper@zoo.example'],
        ['group1,group2'],
      ]);
      const [token = ''] = linesOf(reached, 'x-auth-request-access-token');
      expect(provider.secrets.has(token)).toBe(true);
      expect(linesOf(reached, 'cookie')).toEqual([]);
    });

    test('D5: signing out ends the session; without one scripts get 401 and no redirect', async () => {
      const { browser } = await signIn('test', '/app1/');
      expect((await browser.fetch(`${setUp.origin}/app1/`)).status).toBe(200);
      const page = await browser.open(`${setUp.origin}/oauth2/sign_out`, new URL(setUp.origin));
      expect(headingOf(page)).toBe(signedOut(kind));
      const after = await browser.fetch(`${setUp.origin}/app1/`);
      expect([after.status, headerOf(after, 'location')]).toEqual([401, '']);
    });
  });

  describe("asked by the document's nginx", () => {
    use('asked');

    test('D1, D4, D5: a 401 becomes the page with the button, which leads back to the page asked for', async () => {
      const asked = await makeBrowser().open(`${setUp.origin}/app1/deep?a=1&b=2`);
      expect([headingOf(asked), reachedBy(asked)]).toEqual(['Sign in', undefined]);
      const { page } = await signIn('test', '/app1/deep?a=1&b=2');
      expect([page.status, page.url.href]).toEqual([200, `${setUp.origin}/app1/deep?a=1&b=2`]);
      expect(['x-user', 'x-email'].map((name) => linesOf(reachedBy(page), name))).toEqual([
        ['test'],
        ['test@zoo.example'],
      ]);
    });

    test('D2, D3: /app1 is for everybody, /app2 for group2; the wrong group gets 403, and no loop', async () => {
      const { browser } = await signIn('test', '/app1/');
      const refused = await browser.open(`${setUp.origin}/app2/x`);
      expect([refused.status, refused.hops.length, reachedBy(refused)]).toEqual([403, 1, undefined]);
      const { page } = await signIn('keeper', '/app2/x');
      expect([page.status, linesOf(reachedBy(page), 'x-user')]).toEqual([200, ['keeper']]);
    });

    test('D6: a WebSocket without a session does not reach the application', async () => {
      const before = backend.reached.length;
      const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
      const answer = await makeBrowser().send(`${setUp.origin}/app1/_stcore/stream`, { headers });
      expect([answer.status === 101, backend.reached.length - before]).toEqual([false, 0]);
    });

    test('D5: signing out ends the session', async () => {
      const { browser } = await signIn('test', '/app1/');
      expect(headingOf(await browser.open(`${setUp.origin}/oauth2/sign_out`, new URL(setUp.origin)))).toBe(
        signedOut(kind),
      );
      expect(reachedBy(await browser.open(`${setUp.origin}/app1/`))).toBeUndefined();
    });
  });
});
