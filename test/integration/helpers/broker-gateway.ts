// A proxy that is a broker, whichever of the two it is: its policy, its lines, and a browser's way through it.
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { SECOND_TENANT, TENANT } from './broker-providers';
import type { BrokerWorld } from './broker-world';
import { makeCookieJar } from './cookie-jar';
import { blocksOf } from './docs-blocks';
import { publicPart } from './issuer-server';
import { formsOf, headerOf, makeBrowser, valuesOf, type Answer, type Browser, type Page } from './login-browser';
import { CLIENT_ID, CLIENT_SECRET } from './login-configuration';
import type { LoginGateway, LoginOptions, RunningProxy } from './login-gateway';
import type { ProxyName } from './proxy-name';

const COOKIE_SECRET = randomBytes(32).toString('base64');
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** Parts of the policy that a test changes. */
export interface BrokerChanges {
  readonly broker?: object;
  readonly audiences?: object;
  readonly admin?: object;
  readonly more?: object;
}

const BLOCKS = blocksOf('docs/broker.md');

/** The lines of the document for a broker that signs people in, and on nginx those of an application. */
function linesFor(proxy: LoginGateway['proxy']): string {
  const lines = BLOCKS.filter(({ language }) => language === proxy.toLowerCase())[1]?.text ?? '';
  const application = `
    location / { auth_request /_jwtverify; include DIRECTORY/forward.conf; proxy_pass http://apps; }
    location = /_jwtverify { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.auth; }`;
  return proxy === 'nginx' ? lines + application : lines;
}

/** Where people sign in and codes are redeemed, for a proxy that cannot fetch the discovery document. */
const endpointsOf = (issuer: string, namesIssuer: boolean): object => ({
  authorization_endpoint: `${issuer}/auth`,
  token_endpoint: `${issuer}/token`,
  ...(namesIssuer ? { authorization_response_iss_parameter_supported: true } : {}),
});

/** The members by which the two providers are known. */
function providersOf({ microsoft, google }: BrokerWorld, discovers: boolean): object {
  const client = { client_id: CLIENT_ID, client_secret_file: 'DIRECTORY/client-secret' };
  const anyTenant = `${microsoft.origin}/organizations/v2.0`;
  const found = {
    microsoft: { keys: { discovery_url: `${anyTenant}/.well-known/openid-configuration` } },
    google: {},
  };
  const configured = {
    microsoft: { keys: { jwks_file: 'DIRECTORY/microsoft.json' }, endpoints: endpointsOf(anyTenant, false) },
    google: { keys: { jwks_file: 'DIRECTORY/google.json' }, endpoints: endpointsOf(google.issuer, true) },
  };
  const how = discovers ? found : configured;
  return {
    microsoft: { issuer: microsoft.pattern, tenants: [TENANT, SECOND_TENANT], ...client, ...how.microsoft },
    google: { issuer: google.issuer, scopes: ['openid', 'profile', 'email'], ...client, ...how.google },
  };
}

/** The policy of a broker that trusts itself. */
export function brokerPolicy(world: BrokerWorld, origin: string, discovers: boolean, changes: BrokerChanges): object {
  const { application, admin, key } = world;
  const own = discovers ? { discovery: true } : { public_key_file: 'DIRECTORY/public.pem' };
  return {
    issuers: [{ issuer: origin, audiences: ['register', 'zoo', 'coded', 'tenant', 'others'], keys: own }],
    otherwise: 'authenticated',
    allow_http: true,
    jwks_cooldown: 1,
    broker: {
      issuer: origin,
      keys: [{ kid: key.kid, private_key_file: 'DIRECTORY/broker.pem' }],
      signs_with: key.kid,
      token_max_age: 86_400,
      providers: providersOf(world, discovers),
      audiences: {
        register: { redirect: `${application.url}/in`, look_up: false },
        zoo: {
          redirect: [`${application.url}/zoo`, `${application.url}/other`],
          look_up: true,
          deliver: 'form_post',
        },
        coded: { redirect: `${application.url}/coded`, look_up: false, deliver: 'code' },
        tenant: { redirect: `${application.url}/tenant`, look_up: true, tenants: [SECOND_TENANT] },
        ...changes.audiences,
      },
      default_audience: 'register',
      other_audiences: { redirect_domain: 'apps.example', look_up: true },
      admin: { url: `${admin.url}/{{AUDIENCE}}`, ...changes.admin },
      cookie: { secret_file: 'DIRECTORY/cookie-secret', secure: false },
      ...changes.broker,
    },
    ...changes.more,
  };
}

/** The provider's answer on its way back, which the browser has not opened. */
export interface Returned {
  readonly browser: Browser;
  /** `ORIGIN/callback/NAME?code=…&state=…`. */
  readonly callback: string;
}

export interface RunningBroker extends RunningProxy {
  /** The issuer: `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** A fresh browser; what it gets is remembered as secret. */
  browser(): Browser;
  /** Notes a secret that must be in no log. */
  hide(secret: string): void;
  /** Each code, token, cookie and secret that is in a log. */
  leaks(): readonly string[];
}

/** Starts a broker under the name that the world has for it. */
export async function startBroker(
  world: BrokerWorld,
  gateway: LoginGateway,
  changes: BrokerChanges = {},
  options: LoginOptions = {},
): Promise<RunningBroker> {
  const name = world.names.get(gateway.name) as ProxyName;
  const origin = name.url;
  const keySet = (keys: typeof world.google.keys): string => JSON.stringify({ keys: keys.map(publicPart) });
  const running = await gateway.start(brokerPolicy(world, origin, gateway.discovers, changes), {
    lines: linesFor(gateway.proxy),
    ...options,
    files: {
      'broker.pem': world.key.pem,
      'public.pem': world.key.publicPem,
      'client-secret': CLIENT_SECRET,
      'cookie-secret': COOKIE_SECRET,
      'microsoft.json': keySet(world.microsoft.keys),
      'google.json': keySet(world.google.keys),
      ...options.files,
    },
  });
  name.lead(running.port);
  const secrets = new Set([CLIENT_SECRET, COOKIE_SECRET]);
  const note = (value: string | null | undefined): void => {
    if (typeof value === 'string' && value.length >= 16) secrets.add(value);
  };
  const onAnswer = (answer: Answer): void => {
    if (answer.url.origin !== origin) return;
    for (const field of valuesOf(answer, 'set-cookie')) note(/^[^=]*=([^;]*)/.exec(field)?.[1]);
    const location = headerOf(answer, 'location');
    if (URL.canParse(location)) {
      const { hash, searchParams } = new URL(location);
      note(hash.slice(1));
      for (const parameter of ['code', 'state', 'nonce']) note(searchParams.get(parameter));
    }
    for (const { fields } of formsOf(answer)) {
      for (const [field, value] of fields) if (['token', 'state'].includes(field)) note(value);
    }
  };
  return {
    ...running,
    origin,
    browser: () => makeBrowser(makeCookieJar(), { onAnswer }),
    hide: note,
    leaks: () => {
      const lines = world.key.pem.split('\n').filter((line) => line.length > 40);
      const internal = world.admin.requests.map(({ headers }) => headers.authorization?.slice('Bearer '.length) ?? '');
      const all = [...secrets, ...world.microsoft.secrets, ...world.google.secrets, ...lines, ...internal];
      // Of a connection that is refused nginx itself logs the whole request, whose code was redeemed by then (docs/nginx.md).
      const own = running
        .log()
        .split('\n')
        .filter((line) => !line.includes(' recv() failed ('));
      const places = { 'the log': own.join('\n'), 'the access log': running.accessLog() };
      return Object.entries(places).flatMap(([where, text]) =>
        all.filter((secret) => secret !== '' && text.includes(secret)).map((secret) => `${where} has ${secret}`),
      );
    },
  };
}

/** The page on which one chooses a provider. */
export const openSignIn = (
  broker: RunningBroker,
  browser: Browser,
  query: Readonly<Record<string, string>> = {},
): Promise<Page> => browser.open(`${broker.origin}/?${new URLSearchParams(query).toString()}`);

/** Presses the button of a provider: its own page. */
export const choose = (browser: Browser, page: Page, provider: string): Promise<Page> =>
  browser.submit(page, { provider });

/** Signs in at the provider's page, and goes on until the provider's answer, which is not opened yet. */
export async function stopBeforeCallback(
  broker: RunningBroker,
  browser: Browser,
  page: Page,
  user: string,
): Promise<string> {
  const body = new URLSearchParams({ user, password: user, do: 'sign-in' }).toString();
  const [asked] = formsOf(page);
  if (asked === undefined) throw new Error(`${String(page.status)} ${page.url.href}: ${broker.log().slice(-1000)}`);
  let answer = await browser.send(asked.action, { method: 'POST', headers: FORM, body });
  for (;;) {
    const location = headerOf(answer, 'location');
    if (location.startsWith(`${broker.origin}/callback/`)) return location;
    const [form] = formsOf(answer);
    if (form?.action.startsWith(`${broker.origin}/callback/`) === true) {
      // The provider's form comes from another site: no cookie goes with it.
      const fields = new URLSearchParams(form.fields.map(([name, value]) => [name, value])).toString();
      answer = await browser.send(form.action, { method: 'POST', headers: FORM, body: fields }, true);
      expect(answer.status).toBe(303);
      return new URL(headerOf(answer, 'location'), form.action).href;
    }
    if (location === '') throw new Error(`${String(answer.status)} ${answer.url.href}: ${answer.body.slice(0, 500)}`);
    answer = await browser.send(new URL(location, answer.url).href);
  }
}

/** Signs a user in up to the provider's answer. */
export async function returnFrom(
  broker: RunningBroker,
  provider: string,
  user: string,
  query: Readonly<Record<string, string>> = {},
  browser: Browser = broker.browser(),
): Promise<Returned> {
  const page = await choose(browser, await openSignIn(broker, browser, query), provider);
  return { browser, callback: await stopBeforeCallback(broker, browser, page, user) };
}

/** Signs a user in: the broker's answer, which nobody has followed. */
export async function signIn(
  broker: RunningBroker,
  provider: string,
  user: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Answer & { readonly browser: Browser }> {
  const { browser, callback } = await returnFrom(broker, provider, user, query);
  return { ...(await browser.send(callback)), browser };
}

/** The token of an answer: in the fragment of its address, or in its form. */
export function tokenOf(answer: Answer): string {
  const location = headerOf(answer, 'location');
  if (location !== '') return new URL(location).hash.slice(1);
  const fields = formsOf(answer).flatMap((form) => form.fields);
  return fields.find(([name]) => name === 'token')?.[1] ?? '';
}
