// A policy's pieces that nginx's dictionary drops while a request is judged: at each look into the dictionary once, which no
// real nginx lets a test choose (test/integration/nginx/lost-pieces.test.ts has it lose them).
import { createHash } from 'node:crypto';
import fs, { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { buildNginx } from '../../../../scripts/build-nginx.mjs';

const WAYS = ['auth', 'authorizer', 'access'] as const;
type Handler = (request: object) => Promise<void> | undefined;
type Module = Readonly<Record<(typeof WAYS)[number] | 'forward', Handler>>;

const POLICY = {
  issuers: [{ issuer: 'https://issuer.example/', audiences: ['api'], keys: { secret_env: 'LOST_PIECES_SECRET' } }],
  rules: [
    { name: 'secret', paths: ['/secret/**'] },
    { name: 'never', paths: ['/never/**'], access: 'deny' },
    { name: 'open', paths: ['/**'], access: 'public' },
  ],
};

/** A dictionary that drops entries at one of the looks into it; another worker may have written them anew some looks later. */
class Dictionary {
  readonly #entries = new Map<string, string>();
  /** Looks until it drops; negative: never. */
  looks = -1;
  /** So many looks after that they are there again; 0: never. */
  pause = 0;
  dropped = false;
  #lost: readonly (readonly [string, string])[] = [];

  #look(): Map<string, string> {
    if (this.looks === 0) {
      this.dropped = true;
      this.#lost = [...this.#entries].filter(([name]) => /^first:|^node:.*\/(secret|never)$/.test(name));
      for (const [name] of this.#lost) this.#entries.delete(name);
    } else if (this.dropped && this.pause > 0 && this.looks === -this.pause) {
      for (const [name, value] of this.#lost) this.#entries.set(name, value);
      for (const name of this.#entries.keys()) if (/^(first|last):/.test(name)) this.#entries.set(name, 'written anew');
    }
    this.looks -= 1;
    return this.#entries;
  }

  get = (name: string): string | undefined => this.#look().get(name);
  has = (name: string): boolean => this.#look().has(name);
  keys = (): readonly string[] => [...this.#entries.keys()];
  delete = (name: string): boolean => this.#entries.delete(name);
  set = (name: string, value: string): unknown => this.#entries.set(name, value);
  add = (name: string, value: string): boolean => {
    if (this.#entries.has(name)) return false;
    this.#entries.set(name, value);
    return true;
  };
}

let directory: string;
let load: () => Module;
let mark: string;

/** What a handler answers; 200 where it lets the request pass. The engine njs loads the module anew for each request. */
async function ask(way: keyof Module, path: string): Promise<{ status: number; body: string }> {
  let answer = { status: way === 'access' ? 200 : 0, body: '' };
  await load()[way]({
    rawHeadersIn: [['Host', 'api.example']],
    headersIn: {},
    headersOut: {},
    method: 'GET',
    args: {},
    variables: {
      request_method: 'GET',
      request: `GET ${path} HTTP/1.1`,
      request_uri: path,
      jwtverify_forward: mark,
      jwtverify_method: 'GET',
      jwtverify_target: path,
    },
    return: (status: number, body = '') => (answer = { status, body }),
  });
  return answer;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'jwtverify-lost-'));
  writeFileSync(join(directory, 'policy.json'), JSON.stringify(POLICY));
  const code = readFileSync(await buildNginx(), 'utf8')
    .replaceAll(/\bimport ([\w$]+) from ?"(fs|crypto)";/g, 'const $1 = modules.$2;')
    .replace(/^export default ([\w$]+);$/m, 'return $1;');
  const run = compileFunction(code, ['modules']) as (modules: object) => Module;
  load = () => run({ fs, crypto: { createHash } });
  vi.stubEnv('OAUTH_POLICY', join(directory, 'policy.json'));
  vi.stubEnv('LOST_PIECES_SECRET', 'a secret of thirty-two characters');
  vi.stubGlobal('njs', { version_number: 0x000809, version: '0.8.9', engine: 'njs' });
  vi.stubGlobal('ngx', { INFO: 0, WARN: 1, ERR: 2, log: () => undefined, shared: {} });
  // An epoch lasts a second.
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_100 });
  mark = /jwtverify_forward "([^"]+)"/.exec((await ask('forward', '/')).body)?.[1] ?? '';
});

afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

/**
 * Asks once for each look into the dictionary, which drops pieces at that one.
 * @param pause so many looks later they are there again; 0: never
 * @returns the statuses
 */
async function askAtEachLoss(way: (typeof WAYS)[number], path: string, pause: number): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let looks = 0; ; looks += 1) {
    const keys = new Dictionary();
    vi.stubGlobal('ngx', {
      ...{ INFO: 0, WARN: 1, ERR: 2, log: () => undefined },
      shared: { jwtverify: new Dictionary(), jwtverify_keys: keys },
    });
    expect((await ask(way, '/open/x')).status).toBe(200);
    keys.looks = looks;
    keys.pause = pause;
    const { status } = await ask(way, path);
    if (!keys.dropped) return statuses;
    statuses.push(status);
  }
}

test.each(WAYS)('a rule that the dictionary drops while it is looked for lets no request pass: %s', async (way) => {
  for (const path of ['/secret/x', '/never/x']) {
    const statuses = await askAtEachLoss(way, path, 0);
    expect(statuses.length).toBeGreaterThan(5);
    expect(statuses).not.toContain(200);
  }
});

test.each(WAYS)(
  'a rule that is lost while it is looked for, and written anew, lets no request pass: %s',
  async (way) => {
    for (const path of ['/secret/x', '/never/x']) {
      for (let pause = 1; pause <= 6; pause += 1) expect(await askAtEachLoss(way, path, pause)).not.toContain(200);
    }
  },
);
