// Both proxies with settings and no policy, asked in the same words: one launcher for each way to keep keys and tokens.
import { expect } from 'vitest';
import { residentMemory } from '../../../bench/processes.mjs';
import { cliLine, runCli } from './haproxy-cli';
import { checkHaproxy, failHaproxy, IS_STOCK, SHOW, startHaproxy, type Load } from './haproxy-server';
import { eventually, pause } from './keep-alive';
import { KEYS_CACHE, keysLocation } from './keys-location';
import { LANE_SUITES } from './lane-variant';
import { ENGINES, startNginx, type Engine } from './nginx-server';
import { freePort, SUITES, type HttpAnswer, type HttpRequest, type SuiteName } from './suite';

type Settings = Readonly<Record<string, string>>;

/** What a proxy makes of a token: `allowed`, or the reason of the refusal. */
export type Verdict = string;

export interface RunningSettings {
  readonly port: number;
  verdict(token: string): Promise<Verdict>;
  /** Asks again and again until the verdict is this one. @throws when it does not come within 45 seconds */
  until(verdict: Verdict, token: string | (() => Promise<string>)): Promise<void>;
  /** The exact answer: its status, and the reason in `x-oauth-reason`. */
  ask(wanted?: Omit<HttpRequest, 'port' | 'path'>): Promise<HttpAnswer>;
  askWith(token: string): Promise<HttpAnswer>;
  /** The status by which it says whether tokens can be judged. */
  readiness(): Promise<number>;
  /** What an operator reads of the keys. */
  state(): Promise<string>;
  /** How many tokens it remembers; undefined where nobody can count them. */
  remembered(): Promise<number | undefined>;
  /** What the process has in use that answers, its dictionaries included, in bytes; nginx must have one worker. */
  memory(): number;
  log(): string;
  leaks(): readonly string[];
  /** @throws when the proxy logged a failure of its own */
  stop(): Promise<void>;
}

export interface SettingsOptions {
  readonly settings: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly faketime?: string;
  /** Threads of HAProxy, workers of nginx; two when left out. */
  readonly workers?: number;
  /** The URL that nginx fetches keys from where it has no dictionary. */
  readonly keyUrl?: string;
  /** Whether no request is logged, and connections have no end: a load would make too much of it. */
  readonly isQuiet?: boolean;
  /** The size of nginx's dictionary of tokens; 4m when left out. */
  readonly zone?: string;
}

/**
 * What keeps keys and tokens: one state of Lua for all threads, or one for each, or nginx's dictionaries if it has some. With
 * `lane` remembered tokens pass in HAProxy's own C.
 */
export type Keeping = Load | `lane, ${Load}` | 'dictionary' | 'no dictionary';

export interface SettingsGateway {
  readonly name: string;
  readonly proxy: 'HAProxy' | 'nginx';
  readonly keeping: Keeping;
  readonly start: (options: SettingsOptions) => Promise<RunningSettings>;
  /** What it logs of settings by which it judges nobody: HAProxy twice. @throws when it judges all the same */
  readonly refusalsOf: (options: SettingsOptions, tokens?: readonly string[]) => Promise<readonly string[]>;
}

/** No proxy may have logged this. */
const FAILURES = /lua (runtime )?error|internal error|js exception|js call exception|unhandled|exited on signal/i;

/** What both have in common, above what each asks in its own way. */
function complete(proxy: Omit<RunningSettings, 'until'>): RunningSettings {
  return {
    ...proxy,
    until: async (wanted, token) => {
      let seen = '';
      await eventually(`the verdict is ${wanted}`, async () => {
        // While a change spreads, one worker may still believe what another no longer does.
        seen = await proxy.verdict(typeof token === 'string' ? token : await token()).catch(String);
        return seen === wanted;
      }).catch((problem: unknown) => {
        throw new Error(`${String(problem)}; it is ${seen}`);
      });
    },
    stop: async () => {
      await proxy.stop();
      const failure = FAILURES.exec(proxy.log());
      if (failure !== null) throw new Error(`the proxy logged \`${failure[0]}\`: ${proxy.log()}`);
    },
  };
}

const READY = [
  'http-request return status 503 if { path /ready } !{ lua.jwtverify_ready -m bool }',
  'http-request return status 200 if { path /ready }',
];

const given = <T>(name: string, value: T | undefined): Readonly<Record<string, T>> =>
  value === undefined ? {} : { [name]: value };

/** `setenv` has no empty values: the environment of the process has these. */
function placed(settings: Readonly<Record<string, string>>): { readonly settings: Settings; readonly env: Settings } {
  const entries = Object.entries(settings);
  return {
    settings: Object.fromEntries(entries.filter(([, value]) => value !== '')),
    env: Object.fromEntries(entries.filter(([, value]) => value === '')),
  };
}

async function startOnHaproxy(
  suite: SuiteName,
  load: Load,
  hasLane: boolean,
  options: SettingsOptions,
): Promise<RunningSettings> {
  const cli = await freePort();
  const haproxy = await startHaproxy(suite, {
    ...placed(options.settings),
    load,
    hasLane,
    rules: [...(options.isQuiet === true ? ['no log'] : []), ...READY, 'http-request lua.jwtenforce', ...SHOW],
    global: [cliLine(cli), `nbthread ${String(options.workers ?? 2)}`],
    ...given('files', options.files),
    ...given('faketime', options.faketime),
  });
  const ask = async (wanted?: Omit<HttpRequest, 'port'>): Promise<HttpAnswer> => {
    const answer = await haproxy.ask(wanted);
    return { ...answer, headers: { ...answer.headers, 'x-oauth-reason': answer.headers['x-reason'] ?? '' } };
  };
  const askWith = (token: string): Promise<HttpAnswer> => ask({ headers: [['Authorization', `Bearer ${token}`]] });
  const state = (): Promise<string> => runCli(cli, 'show jwtverify');
  return complete({
    port: haproxy.port,
    ask,
    askWith,
    verdict: async (token) => {
      const { status, headers } = await askWith(token);
      expect(headers['x-authorized'] === '1').toBe(status === 200);
      return status === 200 ? 'allowed' : (headers['x-oauth-reason'] ?? '');
    },
    readiness: async () => (await haproxy.ask({ path: '/ready' })).status,
    state,
    remembered: async () => Number(/^cache: (\d+)/m.exec(await state())?.[1] ?? 'NaN'),
    memory: () => residentMemory(haproxy.pid),
    log: () => haproxy.output(),
    leaks: () => haproxy.leaks(),
    stop: () => haproxy.stop(),
  });
}

/** Each problem of the settings stops the check and the start. */
async function refuseAtStart(suite: SuiteName, load: Load, options: SettingsOptions): Promise<readonly string[]> {
  const outputs: string[] = [];
  for (const run of [checkHaproxy, failHaproxy]) {
    const ended = await run(suite, { ...placed(options.settings), load, ...given('files', options.files) });
    expect(ended).toEqual({ code: 1, output: expect.stringContaining('jwtverify cannot start') as string });
    expect(ended.output).not.toMatch(/stack traceback|attempt to/);
    outputs.push(ended.output);
  }
  return outputs;
}

/** Counts the tokens in the dictionary. */
const LISTING = `
const tokens = () => ngx.shared.jwtverify.keys(1000000).filter((name) => name.slice(0, 6).toLowerCase() === 'bearer');
export default { count: (r) => r.return(200, String(tokens().length)) };
`;
const zones = (size: string): string => `js_shared_dict_zone zone=jwtverify:${size} timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_keys:1m timeout=2d evict; js_fetch_timeout 5s;
  js_import listing from DIRECTORY/listing.js;`;
const LOCATIONS = `
    location / { auth_request /_jwtverify; empty_gif; }
    location = /_jwtverify { internal; js_content jwtverify.auth; }
    location = /authorizer { js_content jwtverify.authorizer; }
    location = /health { js_content jwtverify.health; }`;
const OWN = `
    location = /count { js_content listing.count; }
    location @jwtverify { js_periodic jwtverify.refresh interval=1s; }`;

function linesFor(
  hasDictionary: boolean,
  { keyUrl, isQuiet = false, zone = '4m' }: SettingsOptions,
): { readonly http: string; readonly server: string } {
  const locations = isQuiet ? `keepalive_requests 10000000; access_log off; ${LOCATIONS}` : LOCATIONS;
  if (hasDictionary) return { http: zones(zone), server: locations + OWN };
  if (keyUrl === undefined) return { http: '', server: locations };
  return { http: KEYS_CACHE, server: locations + keysLocation(`set $jwtverify_url ${keyUrl};`) };
}

async function startOnNginx(
  engine: Engine,
  hasDictionary: boolean,
  options: SettingsOptions,
): Promise<RunningSettings> {
  const nginx = await startNginx(engine, {
    env: options.settings,
    ...linesFor(hasDictionary, options),
    workers: options.workers ?? 2,
    files: { 'listing.js': LISTING, ...options.files },
    ...given('faketime', options.faketime),
  });
  /** Both ways of nginx must agree, but where the keys or the end of a token came in between, in one worker and then another. */
  const ask = async (wanted: Omit<HttpRequest, 'port'> = {}): Promise<HttpAnswer> => {
    for (let turn = 1; ; turn += 1) {
      const first = await nginx.ask({ ...wanted, path: '/' });
      // `auth_request` knows 401 and 403 alone; the reason is in the other answer.
      const exact = await nginx.ask({ ...wanted, path: '/authorizer' });
      if ((exact.status === 200) === (first.status === 200)) return exact;
      if (turn === 4)
        throw new Error(`the authorizer answers ${String(exact.status)}, and auth_request ${String(first.status)}`);
      await pause(100);
    }
  };
  const askWith = (token: string): Promise<HttpAnswer> => ask({ headers: [['Authorization', `Bearer ${token}`]] });
  return complete({
    port: nginx.port,
    ask,
    askWith,
    verdict: async (token) => {
      const { status, headers } = await askWith(token);
      return status === 200 ? 'allowed' : (headers['x-oauth-reason'] ?? '');
    },
    readiness: async () => (await nginx.ask({ path: '/health' })).status,
    state: async () => (await nginx.ask({ path: '/health' })).body,
    remembered: async () => (hasDictionary ? Number((await nginx.ask({ path: '/count' })).body) : undefined),
    memory: () => residentMemory(nginx.workers()[0] ?? 0),
    log: () => nginx.errorLog(),
    leaks: () => nginx.leaks(),
    stop: () => nginx.stop(),
  });
}

/** Each problem of the settings refuses every request. */
async function refuseAll(
  engine: Engine,
  options: SettingsOptions,
  tokens: readonly string[],
): Promise<readonly string[]> {
  const nginx = await startNginx(engine, { env: options.settings, ...given('files', options.files) });
  for (const token of tokens) {
    const { status, body } = await nginx.askWith(token);
    expect([status, body.includes('reached')]).toEqual([403, false]);
  }
  const exact = await nginx.ask({ path: '/authorizer' });
  expect([exact.status, exact.headers['x-oauth-reason']]).toEqual([503, 'settings_invalid']);
  await nginx.stop();
  expect(nginx.leaks()).toEqual([]);
  const [first = ''] = nginx.messages();
  expect(first).toContain('jwtverify: every request is refused: ');
  return [first];
}

const HAPROXIES: readonly SettingsGateway[] = (['lua-load', 'lua-load-per-thread'] as const).flatMap((load) =>
  SUITES.map((suite) => ({
    name: `HAProxy of ${suite}, ${load}`,
    proxy: 'HAProxy' as const,
    keeping: load,
    start: (options: SettingsOptions) => startOnHaproxy(suite, load, false, options),
    refusalsOf: (options: SettingsOptions) => refuseAtStart(suite, load, options),
  })),
);

const LANES: readonly SettingsGateway[] = (['lua-load', 'lua-load-per-thread'] as const).flatMap((load) =>
  LANE_SUITES.map((suite) => ({
    name: `HAProxy of ${suite}, lane, ${load}`,
    proxy: 'HAProxy' as const,
    keeping: `lane, ${load}` as const,
    start: (options: SettingsOptions) => startOnHaproxy(suite, load, true, options),
    refusalsOf: (options: SettingsOptions) => refuseAtStart(suite, load, options),
  })),
);

const NGINXES: readonly SettingsGateway[] = (['dictionary', 'no dictionary'] as const).flatMap((keeping) =>
  ENGINES.filter((engine) => keeping === 'no dictionary' || engine.hasSharedDict).map((engine) => ({
    name: `nginx of ${engine.suite}, ${engine.name}, ${keeping}`,
    proxy: 'nginx' as const,
    keeping,
    start: (options: SettingsOptions) => startOnNginx(engine, keeping === 'dictionary', options),
    refusalsOf: (options: SettingsOptions, tokens: readonly string[] = []) => refuseAll(engine, options, tokens),
  })),
);

/** Those that keep keys and tokens in one of these; without luaossl there is but HAProxy to try. */
export function settingsGateways(...keepings: readonly Keeping[]): readonly SettingsGateway[] {
  return [...HAPROXIES, ...(IS_STOCK ? [] : [...LANES, ...NGINXES])].filter(({ keeping }) =>
    keepings.includes(keeping),
  );
}
