// Deny lists in real proxies, changed in each way that there is: HAProxy's map by its CLI, nginx's file, nginx's dictionary.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { cliLine, runCli } from './haproxy-cli';
import { checkHaproxy, failHaproxy, IS_STOCK, shown, SHOW, startHaproxy, type Load } from './haproxy-server';
import { AUDIENCE, makeKey, publicPart, signWith } from './issuer-server';
import { LANE_SUITES } from './lane-variant';
import { ENGINES, startNginx, type Engine } from './nginx-server';
import { freePort, SUITES, type SuiteName } from './suite';

const ISSUER = 'https://issuer.example';
/** Signs all tokens. */
export const KEY = await makeKey();

export const sign = (claims = {}): Promise<string> => signWith(KEY, ISSUER, 600, claims);
const keys = (): string => JSON.stringify({ keys: [publicPart(KEY)] });

export interface DenyList {
  readonly port: number;
  /** `allowed`, or the reason of the refusal. */
  ask(token: string): Promise<string>;
  deny(entry: string): Promise<void>;
  allow(entry: string): Promise<void>;
  stop(): Promise<void>;
}

export interface DenyLauncher {
  readonly name: string;
  /** @param denied the list at the start */
  readonly start: (denied: string) => Promise<DenyList>;
  /** What is logged where the list is not there: everything is refused, or nothing starts. */
  readonly refusals: () => Promise<readonly string[]>;
  /** Whether the list is a file. */
  readonly hasFile: boolean;
}

const WITHOUT_FILE = {
  OAUTH_ISSUER: ISSUER,
  OAUTH_AUDIENCE: AUDIENCE,
  OAUTH_JWKS_PATH: 'DIRECTORY/jwks.json',
};
const SETTINGS = { ...WITHOUT_FILE, OAUTH_DENY_PATH: 'DIRECTORY/denied' };

async function startMap(suite: SuiteName, load: Load, hasLane: boolean, denied: string): Promise<DenyList> {
  const cli = await freePort();
  const haproxy = await startHaproxy(suite, {
    settings: SETTINGS,
    files: { 'jwks.json': keys(), denied },
    global: [cliLine(cli), 'nbthread 2'],
    load,
    hasLane,
    rules: ['http-request lua.jwtenforce', ...SHOW],
  });
  // The map's name on the CLI is its path.
  const map = /\((.*denied)\)/.exec(await runCli(cli, 'show map'))?.[1] ?? 'none';
  return {
    port: haproxy.port,
    ask: async (token) => {
      const seen = shown(await haproxy.askWith(token));
      return seen['authorized'] === '1' ? 'allowed' : (seen['reason'] ?? '');
    },
    deny: async (entry) => {
      expect(await runCli(cli, `add map ${map} ${entry} 1`)).toBe('\n');
    },
    allow: async (entry) => {
      await runCli(cli, `del map ${map} ${entry}`);
    },
    stop: async () => {
      await haproxy.stop();
      expect(haproxy.leaks()).toEqual([]);
      expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
    },
  };
}

/** The list of a proxy that does not start. */
async function refuseStart(suite: SuiteName): Promise<readonly string[]> {
  const outputs: string[] = [];
  for (const run of [checkHaproxy, failHaproxy]) {
    const { code, output } = await run(suite, { settings: SETTINGS, files: { 'jwks.json': keys() } });
    expect(code).toBe(1);
    outputs.push(output);
  }
  return outputs;
}

const ZONES = `js_shared_dict_zone zone=jwtverify:4m timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_keys:1m timeout=2d evict;
  js_shared_dict_zone zone=jwtverify_deny:1m;`;
const LOCATIONS = `
    location = /_jwtverify { internal; js_content jwtverify.auth; }
    location = /authorizer { js_content jwtverify.authorizer; }
    location / { auth_request /_jwtverify; empty_gif; }`;
const DENY = `
    location = /deny { js_content jwtverify.deny; }`;

type Change = (method: string, entry: string, entries: ReadonlySet<string>) => Promise<void>;

async function startOnNginx(engine: Engine, isFile: boolean, http: string, denied: string): Promise<DenyList> {
  const nginx = await startNginx(engine, {
    http,
    workers: 2,
    server: isFile ? LOCATIONS : LOCATIONS + DENY,
    env: isFile ? SETTINGS : WITHOUT_FILE,
    files: { 'jwks.json': keys(), denied },
  });
  const entries = new Set<string>();
  const place = join(nginx.directory, 'denied');
  const write: Change = (_, _entry, all) => {
    // As an operator should: the file is replaced whole. Lines end in both ways, and a remark may follow an entry.
    const lines = [...all].map((one, index) => (index % 2 === 0 ? `${one} # stolen\n` : `${one}\r\n`));
    writeFileSync(`${place}.new`, `# revoked today\n${lines.join('')}`);
    renameSync(`${place}.new`, place);
    return Promise.resolve();
  };
  const send: Change = async (method, entry) => {
    const path = `/deny?entry=${encodeURIComponent(entry)}`;
    expect((await nginx.ask({ method, path })).status).toBe(200);
  };
  const change = isFile ? write : send;
  return {
    port: nginx.port,
    ask: async (token) => {
      const { status } = await nginx.askWith(token);
      const authorizer = await nginx.askWith(token, { path: '/authorizer' });
      expect(status === 200).toBe(authorizer.status === 200);
      return status === 200 ? 'allowed' : (authorizer.headers['x-oauth-reason'] ?? '');
    },
    deny: (entry) => change('PUT', entry, entries.add(entry)),
    allow: async (entry) => {
      entries.delete(entry);
      await change('DELETE', entry, entries);
    },
    stop: async () => {
      await nginx.stop();
      expect(nginx.leaks()).toEqual([]);
    },
  };
}

/** The log of a proxy that refuses every request. */
async function refuseAll(engine: Engine, http: string): Promise<readonly string[]> {
  const nginx = await startNginx(engine, { http, env: SETTINGS, files: { 'jwks.json': keys() } });
  expect((await nginx.askWith(await sign())).status).toBe(403);
  await nginx.stop();
  return [nginx.messages().join('\n')];
}

/** Each kind of list on each proxy; without luaossl there is but HAProxy to try. */
export const DENY_LISTS: readonly DenyLauncher[] = [
  ...SUITES.flatMap((suite) =>
    (['lua-load', 'lua-load-per-thread'] as const).map((load) => ({
      name: `HAProxy of ${suite}, ${load}`,
      start: (denied: string) => startMap(suite, load, false, denied),
      refusals: () => refuseStart(suite),
      hasFile: true,
    })),
  ),
  ...(IS_STOCK ? [] : LANE_SUITES).map((suite) => ({
    name: `HAProxy of ${suite}, lane`,
    start: (denied: string) => startMap(suite, 'lua-load-per-thread', true, denied),
    refusals: () => refuseStart(suite),
    hasFile: true,
  })),
  ...(IS_STOCK ? [] : ENGINES).flatMap((engine) =>
    (engine.hasSharedDict ? ['', ZONES] : ['']).map((http) => ({
      name: `nginx of ${engine.suite}, ${engine.name}, by a file ${http === '' ? 'without' : 'with'} dictionaries`,
      start: (denied: string) => startOnNginx(engine, true, http, denied),
      refusals: () => refuseAll(engine, http),
      hasFile: true,
    })),
  ),
  ...(IS_STOCK ? [] : ENGINES.filter((engine) => engine.hasSharedDict)).map((engine) => ({
    name: `nginx of ${engine.suite}, ${engine.name}, by the dictionary`,
    start: (denied: string) => startOnNginx(engine, false, ZONES, denied),
    refusals: () => Promise.resolve([]),
    hasFile: false,
  })),
];
