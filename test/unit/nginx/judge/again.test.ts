// Requests that pass again without their rule being looked for: which do, and what ends that. The module is the built one, in an
// nginx that is made up, so that each look into its dictionaries is seen.
import { createCipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import fs, { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { buildNginx } from '../../../../scripts/build-nginx.mjs';

const SECRET = 'a secret of thirty-two characters';
const START = 1_800_000_000_100;
const ISSUER = 'https://issuer.example/';
const WAYS = ['auth', 'access'] as const;

type Handler = (request: object) => Promise<void> | undefined;
type Module = Readonly<Record<(typeof WAYS)[number] | 'forward', Handler>>;
type Rule = Readonly<Record<string, unknown>>;

const THINGS: Rule = {
  name: 'things',
  methods: ['GET', 'OPTIONS'],
  paths: ['/things/*'],
  require: { scopes: ['read'] },
};

/** A dictionary that says what was looked for. */
class Dictionary {
  readonly entries = new Map<string, string>();
  readonly looks: string[] = [];
  get = (name: string): string | undefined => {
    this.looks.push(name);
    return this.entries.get(name);
  };
  has = (name: string): boolean => this.entries.has(name);
  keys = (): readonly string[] => [...this.entries.keys()];
  delete = (name: string): boolean => this.entries.delete(name);
  set = (name: string, value: string): unknown => this.entries.set(name, value);
  add = (name: string, value: string): boolean => !this.entries.has(name) && this.entries.set(name, value).size > 0;
}

let directory: string;
let compile: () => Module;
let kept: Module | undefined;
let mark: string;
let tokens: Dictionary;
let keys: Dictionary;
let denied: Dictionary;
let ended: Dictionary;

interface Asked {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly args?: string;
  readonly mark?: string;
}

interface Answer {
  readonly status: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the policy was looked at. */
  readonly isJudged: boolean;
}

/** The engine njs loads the module anew for each request, QuickJS keeps it. */
function load(engine: string): Module {
  if (engine === 'njs') return compile();
  kept ??= compile();
  return kept;
}

let engineNow = 'njs';

async function ask(way: keyof Module, token: string | undefined, asked: Asked = {}): Promise<Answer> {
  let status = way === 'access' ? 200 : 0;
  const { method = 'GET', target = '/things/1' } = asked;
  const presented = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const headers: Record<string, string> = { Host: 'api.example', ...presented, ...asked.headers };
  const variables: Record<string, string> = {
    request: `${method} ${target} HTTP/1.1`,
    jwtverify_forward: asked.mark ?? mark,
    args: asked.args ?? '',
  };
  const headersOut: Record<string, string> = {};
  const before = keys.looks.length;
  const judgements = vi.spyOn(keys, 'get');
  await load(engineNow)[way]({
    rawHeadersIn: Object.entries(headers),
    headersIn: headers,
    headersOut,
    method,
    args: {},
    variables,
    jsVarNames: () => [],
    return: (code: number) => (status = code),
  });
  judgements.mockRestore();
  const isJudged = keys.looks.slice(before).some((name) => /^(last|gist|ready):/.test(name));
  return { status, variables, headers: headersOut, isJudged };
}

function sign(claims: object): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const seconds = Math.floor(START / 1000);
  const own = { iss: ISSUER, aud: 'api', sub: 'maria', client_id: 'shop', jti: '1', scope: 'read', iat: seconds };
  const input = `${encode({ alg: 'HS256', typ: 'at+jwt' })}.${encode({ ...own, exp: seconds + 600, ...claims })}`;
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
}

const COOKIE = '__Host-jwtverify';
const COOKIE_SECRET = 'Zk9'.repeat(15);
const LOGIN = {
  ...{ client_id: 'shop', client_secret_env: 'AGAIN_COOKIE', cookie: { secret_env: 'AGAIN_COOKIE' } },
  endpoints: { authorization_endpoint: `${ISSUER}auth`, token_endpoint: `${ISSUER}token` },
};

/** The cookie of a session, sealed as both proxies seal it (docs/decisions/0050-login.md). */
function seal(sub: string): string {
  const derived = Buffer.from(hkdfSync('sha256', COOKIE_SECRET, '', `jwtverify 1 session ${COOKIE}`, 37));
  const iat = Math.floor(START / 1000);
  const claims = { iss: ISSUER, aud: 'shop', jti: sub, iat, exp: iat + 600, scope: 'read', sub };
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', derived.subarray(0, 32), nonce);
  const sealed = [cipher.update(JSON.stringify({ claims, refreshed: iat }), 'utf8'), cipher.final()];
  const parts = [Buffer.of(1), derived.subarray(32), nonce, ...sealed, cipher.getAuthTag()];
  return `${COOKIE}=1.${Buffer.concat(parts).toString('base64url')}`;
}

async function use(rules: readonly Rule[], more: object = {}): Promise<void> {
  const issuer = { issuer: ISSUER, audiences: ['api'], keys: { secret_env: 'AGAIN_SECRET' } };
  const policy = { issuers: [issuer], rules, forward: { 'X-User': 'user', 'X-Email': 'email' }, ...more };
  writeFileSync(join(directory, 'policy.json'), JSON.stringify(policy));
  tokens = new Dictionary();
  keys = new Dictionary();
  denied = new Dictionary();
  ended = new Dictionary();
  kept = undefined;
  const log = () => undefined;
  const shared = { jwtverify: tokens, jwtverify_keys: keys, jwtverify_deny: denied, jwtverify_ended: ended };
  vi.stubGlobal('ngx', { INFO: 0, WARN: 1, ERR: 2, log, shared });
  let body = '';
  await load(engineNow).forward({
    ...{ rawHeadersIn: [], headersIn: {}, headersOut: {}, method: 'GET', args: {} },
    variables: { request: 'GET /lines HTTP/1.1', request_uri: '/lines', args: '' },
    return: (_: number, text: string) => (body = text),
  });
  mark = /jwtverify_forward "([^"]+)"/.exec(body)?.[1] ?? '';
  expect(mark, body).not.toBe('');
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'jwtverify-again-'));
  const code = readFileSync(await buildNginx(), 'utf8')
    .replaceAll(/\bimport ([\w$]+) from ?"(fs|crypto)";/g, 'const $1 = modules.$2;')
    .replace(/^export default ([\w$]+);$/m, 'return $1;');
  const run = compileFunction(code, ['modules']) as (modules: object) => Module;
  compile = () => run({ fs, crypto: { createHash } });
});

beforeEach(() => {
  vi.stubEnv('OAUTH_POLICY', join(directory, 'policy.json'));
  vi.stubEnv('AGAIN_SECRET', SECRET);
  vi.stubEnv('AGAIN_COOKIE', COOKIE_SECRET);
  vi.useFakeTimers({ toFake: ['Date'], now: START });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe.each(['njs', 'QuickJS'])('%s', (engine) => {
  beforeEach(() => {
    engineNow = engine;
    vi.stubGlobal('njs', { version_number: 0x010002, version: '1.0.2', engine });
  });

  describe.each(WAYS)('%s', (way) => {
    /** Asks three times: the token is new, then remembered, then the request has passed before. */
    async function askThrice(token: string, asked: Asked = {}): Promise<readonly Answer[]> {
      return [await ask(way, token, asked), await ask(way, token, asked), await ask(way, token, asked)];
    }

    test('a request that passed before passes with the same headers and variables, and no rule is looked for', async () => {
      await use([THINGS]);
      const token = sign({ email: 'maria@shop.example', email_verified: true });
      const [first, second, third] = await askThrice(token);
      expect([first?.status, second?.status, third?.status]).toEqual([200, 200, 200]);
      expect([first?.isJudged, second?.isJudged, third?.isJudged]).toEqual([true, true, false]);
      expect(third?.variables).toEqual(second?.variables);
      expect(third?.headers).toEqual(second?.headers);
      expect(third?.variables['jwtverify_forward']).toBe('');
      expect(Object.values(third?.variables ?? {})).toContain('maria');
    });

    test('the values of a query do not matter, everything else of the line does', async () => {
      await use([THINGS]);
      const token = sign({});
      await askThrice(token, { target: '/things/1?a=1' });
      expect(await ask(way, token, { target: '/things/1?b=%2f' })).toMatchObject({ status: 200, isJudged: false });
      expect(await ask(way, token, { target: '/things/1' })).toMatchObject({ status: 200, isJudged: true });
      expect(await ask(way, token, { target: '/things/2?a=1' })).toMatchObject({ status: 200, isJudged: true });
      expect((await ask(way, token, { target: '/things/1?a=1', method: 'POST' })).status).toBe(403);
      expect((await ask(way, token, { target: '/other/1?a=1' })).status).toBe(403);
    });

    test('another token is judged, also where the same request passed with one before', async () => {
      await use([THINGS]);
      await askThrice(sign({}));
      const other = sign({ scope: 'write', jti: '2' });
      for (const answer of await askThrice(other)) expect(answer.status).toBe(403);
    });

    test('nothing of it outlasts the deny list, the token, the mark of the location, or the policy', async () => {
      await use([THINGS]);
      const token = sign({});
      await askThrice(token);
      expect((await ask(way, token, { mark: 'another' })).status).not.toBe(200);
      expect((await ask(way, token, { mark: '' })).status).not.toBe(200);
      const members = [...tokens.entries.values()].join('\n').split(/[\n\t]/);
      const entry = members.find((text) => text.startsWith('jti:')) ?? '';
      expect(entry).not.toBe('');
      denied.set(entry, '1');
      expect((await ask(way, token)).status).not.toBe(200);
      denied.entries.clear();
      expect((await ask(way, token)).status).toBe(200);
      vi.setSystemTime(START + 700_000);
      expect((await ask(way, token)).status).not.toBe(200);
    });

    test('another policy judges anew, within the second', async () => {
      await use([THINGS]);
      const token = sign({});
      await askThrice(token);
      const issuer = { issuer: ISSUER, audiences: ['api'], keys: { secret_env: 'AGAIN_SECRET' } };
      const rules = [{ ...THINGS, require: { scopes: ['write'] } }];
      const forward = { 'X-User': 'user', 'X-Email': 'email' };
      writeFileSync(join(directory, 'policy.json'), JSON.stringify({ issuers: [issuer], rules, forward }));
      vi.setSystemTime(START + 1000);
      expect((await ask(way, token)).status).toBe(403);
    });

    test.each<[string, Rule, object]>([
      ['asks when the user signed in', { ...THINGS, require: { scopes: ['read'], max_age: 300 } }, {}],
      ['names hosts', { ...THINGS, hosts: ['api.example'] }, {}],
      ['hands the token on', THINGS, { forward: { 'X-Token': 'token' } }],
    ])('a rule that %s is looked for each time', async (_, rule, more) => {
      await use([rule], more);
      const answers = await askThrice(sign({ auth_time: Math.floor(START / 1000) }));
      for (const answer of answers) expect(answer).toMatchObject({ status: 200, isJudged: true });
    });

    test('a rule that compares a header is looked for each time', async () => {
      await use([{ ...THINGS, require: { claims: { tenant: { equals_header: 'X-Tenant' } } } }]);
      const token = sign({ tenant: 'acme' });
      const answers = await askThrice(token, { headers: { 'X-Tenant': 'acme' } });
      for (const answer of answers) expect(answer).toMatchObject({ status: 200, isJudged: true });
      expect((await ask(way, token, { headers: { 'X-Tenant': 'other' } })).status).toBe(403);
    });

    test('an OPTIONS request is judged each time, for it may be a preflight', async () => {
      await use([THINGS]);
      for (const answer of await askThrice(sign({}), { method: 'OPTIONS' })) {
        expect(answer).toMatchObject({ status: 200, isJudged: true });
      }
    });

    test('a target with a host is judged each time, for its host is compared', async () => {
      await use([THINGS]);
      for (const answer of await askThrice(sign({}), { target: 'http://api.example/things/1' })) {
        expect(answer).toMatchObject({ status: 200, isJudged: true });
      }
    });

    test('a token keeps four short requests', async () => {
      await use([THINGS]);
      const token = sign({});
      const askAll = async (first: number) => {
        for (let number = first; number < first + 20; number++) await ask(way, token, { target: `/things/${number}` });
      };
      const isJudged = async (target: string) => (await ask(way, token, { target })).isJudged;
      // The first of all has the token verified.
      await askAll(0);
      for (const number of [1, 2, 3, 4]) expect(await isJudged(`/things/${number}`)).toBe(false);
      expect(await isJudged('/things/5')).toBe(true);
      // One of eight takes another's place, by the time.
      vi.setSystemTime(START + 4);
      await askAll(20);
      await askThrice(token, { target: `/things/${'x'.repeat(200)}` });
      for (const { length } of tokens.entries.values()) expect(length).toBeLessThan(700);
      vi.setSystemTime(START + 5);
      for (const number of [36, 37, 38, 39]) expect(await isJudged(`/things/${number}`)).toBe(false);
      expect(await isJudged('/things/35')).toBe(true);
      expect(await isJudged(`/things/${'x'.repeat(200)}`)).toBe(true);
    });
  });

  describe.each(WAYS)('sessions, %s', (way) => {
    const visit = (Cookie: string) => ask(way, undefined, { headers: { Cookie } });

    /** Three times: the session is opened, then remembered, then the request has passed before. */
    async function visitThrice(cookies: string): Promise<readonly Answer[]> {
      return [await visit(cookies), await visit(cookies), await visit(cookies)];
    }

    beforeEach(() => use([THINGS], { login: LOGIN }));

    test('a session passes again with its line of cookies, of which the backend gets the others', async () => {
      const [first, second, third] = await visitThrice(`theme=dark; ${seal('maria')}; lang=en`);
      expect([first?.status, second?.status, third?.status]).toEqual([200, 200, 200]);
      expect([first?.isJudged, second?.isJudged, third?.isJudged]).toEqual([true, true, false]);
      expect(third?.variables).toEqual(second?.variables);
      expect(third?.headers).toEqual(second?.headers);
      expect(third?.variables).toMatchObject({ jwtverify_cookie: 'theme=dark; lang=en', jwtverify_cache: 'no-store' });
    });

    test('with other cookies the backend gets those, and another session is another person', async () => {
      const session = seal('maria');
      await visitThrice(`theme=dark; ${session}`);
      for (const { status, variables } of await visitThrice(`theme=light; ${session}`)) {
        expect([status, variables['jwtverify_cookie']]).toEqual([200, 'theme=light']);
      }
      for (const { status, variables } of await visitThrice(`theme=dark; ${seal('eva')}`)) {
        expect([status, variables['jwtverify_cookie']]).toEqual([200, 'theme=dark']);
        expect(Object.values(variables)).toContain('eva');
      }
      expect((await visit(`theme=dark; ${session.slice(0, -1)}`)).status).not.toBe(200);
    });

    test('nothing of it outlasts signing out, the deny list, the session, or a token beside it', async () => {
      const cookies = seal('maria');
      await visitThrice(cookies);
      expect((await ask(way, 'no token', { headers: { Cookie: cookies } })).status).not.toBe(200);
      ended.set('jti:maria', '1');
      expect((await visit(cookies)).status).not.toBe(200);
      ended.entries.clear();
      denied.set('sub:maria', '1');
      expect((await visit(cookies)).status).not.toBe(200);
      denied.entries.clear();
      expect((await visit(cookies)).status).toBe(200);
      vi.setSystemTime(START + 700_000);
      expect((await visit(cookies)).status).not.toBe(200);
    });

    test('ever other cookies do not fill the dictionary', async () => {
      const session = seal('maria');
      for (let number = 0; number < 50; number++) {
        expect((await visit(`seen=${number}; ${session}`)).status).toBe(200);
      }
      const lines = [...tokens.entries.keys()].filter((name) => name.startsWith('cookies'));
      expect(lines.length).toBe(engineNow === 'njs' ? 1 : 0);
      expect((await visit(`long=${'x'.repeat(5000)}; ${session}`)).status).toBe(200);
    });
  });

  test('groups that the location asks for are looked at each time', async () => {
    await use([THINGS]);
    const token = sign({ groups: ['keepers'] });
    for (let time = 0; time < 3; time++) expect((await ask('auth', token)).status).toBe(200);
    expect((await ask('auth', token, { args: 'allowed_groups=admins' })).status).toBe(403);
    expect((await ask('auth', token, { args: 'allowed_groups=keepers' })).status).toBe(200);
  });
});
