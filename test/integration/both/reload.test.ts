// Either proxy is reloaded under load with keep-alive clients, at last with another key set: no request is dropped, none
// wrongly answered, and once the old processes are gone only the new keys count.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startHaproxy, type Load } from '../helpers/haproxy-server';
import { AUDIENCE, makeKey, publicPart, signWith } from '../helpers/issuer-server';
import { startLoad } from '../helpers/keep-alive';
import { LANE_SUITES } from '../helpers/lane-variant';
import { ENGINES, SHARED_DICT, startNginx, type Engine } from '../helpers/nginx-server';
import { SUITES, type SuiteName } from '../helpers/suite';

const ISSUER = 'https://issuer.example';
const SETTINGS = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_JWKS_PATH: 'DIRECTORY/jwks.json' };
const KEYS = { removed: await makeKey(), kept: await makeKey(), added: await makeKey('RS256') };
type Kind = keyof typeof KEYS;
const KINDS: readonly Kind[] = ['removed', 'kept', 'added'];

const setOf = (...kinds: readonly Kind[]): string =>
  JSON.stringify({ keys: kinds.map((kind) => publicPart(KEYS[kind])) });

interface Reloadable {
  readonly port: number;
  /** Reloads, with another key set if there is one; resolves when nothing of before is left. */
  reload(keys?: string): Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

async function startOnHaproxy(suite: SuiteName, load: Load, hasLane: boolean, keys: string): Promise<Reloadable> {
  let haproxy = await startHaproxy(suite, {
    settings: SETTINGS,
    files: { 'jwks.json': keys },
    load,
    hasLane,
    isReloaded: true,
    rules: ['http-request lua.jwtenforce', 'http-request return status 200 content-type text/plain string fine'],
    // The heir asks for the sockets that the old process listens on: no connection waits on one that is closed.
    global: ['nbthread 2', 'stats socket DIRECTORY/admin.sock level admin expose-fd listeners'],
  });
  const logs: string[] = [];
  return {
    port: haproxy.port,
    reload: async (next) => {
      const files = next === undefined ? {} : { 'jwks.json': next };
      logs.push(haproxy.output());
      haproxy = await haproxy.succeed({ arguments: ['-x', 'DIRECTORY/admin.sock'], files });
    },
    log: () => [...logs, haproxy.output()].join('\n'),
    stop: () => haproxy.stop(),
  };
}

const SERVER = `
    location / { auth_request /_jwtverify; empty_gif; }
    location = /_jwtverify { internal; js_content jwtverify.auth; }`;

async function startOnNginx(engine: Engine, http: string, keys: string): Promise<Reloadable> {
  const nginx = await startNginx(engine, {
    workers: 2,
    http,
    server: SERVER,
    env: SETTINGS,
    files: { 'jwks.json': keys },
  });
  return {
    port: nginx.port,
    reload: async (next) => {
      if (next !== undefined) {
        // Moved there whole, as an operator does it: whoever reads a file that is half written has no keys.
        const jwks = join(nginx.directory, 'jwks.json');
        writeFileSync(`${jwks}.new`, next);
        renameSync(`${jwks}.new`, jwks);
      }
      await nginx.reload();
    },
    log: () => nginx.errorLog(),
    stop: () => nginx.stop(),
  };
}

const RELOADABLES: readonly { readonly name: string; readonly start: (keys: string) => Promise<Reloadable> }[] = [
  ...SUITES.flatMap((suite) =>
    (['lua-load', 'lua-load-per-thread'] as const).map((load) => ({
      name: `HAProxy of ${suite}, ${load}`,
      start: (keys: string) => startOnHaproxy(suite, load, false, keys),
    })),
  ),
  ...LANE_SUITES.map((suite) => ({
    name: `HAProxy of ${suite}, lane`,
    start: (keys: string) => startOnHaproxy(suite, 'lua-load-per-thread', true, keys),
  })),
  ...ENGINES.flatMap((engine) =>
    (engine.hasSharedDict ? ['', SHARED_DICT] : ['']).map((http) => ({
      name: `nginx of ${engine.suite}, ${engine.name}, ${http === '' ? 'without' : 'with'} a dictionary`,
      start: (keys: string) => startOnNginx(engine, http, keys),
    })),
  ),
];

// One after the other: the loads share this process.
describe.each(RELOADABLES)('$name', ({ start }) => {
  test('reloads under load drop no request and answer none wrongly, and the new keys count from then on', async () => {
    const tokens: Readonly<Record<Kind, string>> = {
      removed: await signWith(KEYS.removed, ISSUER),
      kept: await signWith(KEYS.kept, ISSUER),
      added: await signWith(KEYS.added, ISSUER),
    };
    const proxy = await start(setOf('removed', 'kept'));
    let phase = 'before';
    const load = startLoad(proxy.port, (turn) => {
      const kind = KINDS[turn % 3] ?? 'kept';
      return [kind === 'kept' ? kind : `${kind}, ${phase}`, tokens[kind]];
    });
    try {
      await load.more('removed, before', 50);
      for (let reload = 0; reload < 2; reload += 1) {
        await proxy.reload();
        await load.more('kept', 50);
        await load.more('removed, before', 50);
      }
      phase = 'meanwhile';
      await load.settle();
      await proxy.reload(setOf('kept', 'added'));
      phase = 'after';
      await load.more('added, after', 50);
    } finally {
      await load.end();
      await proxy.stop();
    }
    expect(load.seen('kept')).toEqual(['200']);
    expect([load.seen('removed, before'), load.seen('added, before')]).toEqual([['200'], ['401']]);
    expect([load.seen('removed, after'), load.seen('added, after')]).toEqual([['401'], ['200']]);
    expect(proxy.log()).not.toMatch(/lua (runtime )?error|internal error|js exception|unhandled|exited on signal/i);
  });
});
