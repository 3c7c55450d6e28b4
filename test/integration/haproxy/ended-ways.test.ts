// Every way in which HAProxy ends an action before it has answered: the client leaves, time or memory runs out, Lua raises.
import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { connect as connectHttp2 } from 'node:http2';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUDIENCE, ISSUERS, startWithPolicy, tokenOf, type PolicyProxy } from '../helpers/haproxy-policy-server';
import { SUITES, type SuiteName } from '../helpers/suite';

const CHECK = 'http-request deny deny_status 503 unless { var(txn.authorized) -m bool }';
const ABORT = 'option abortonclose';
const AT_ONCE = 6;

/** Accepts connections, reads what is asked, and never answers. */
async function startSilence(): Promise<{ url: string; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    socket.resume();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${String(address.port)}/`,
    stop: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          done();
        });
      }),
  };
}

type Way = (port: number, token: string, after: number) => Promise<string>;

function overTcp(leave: (socket: Socket) => void): Way {
  return (port, token, after) =>
    new Promise((done) => {
      let text = '';
      const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true }, () => {
        socket.write(`GET /api HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n\r\n`);
        setTimeout(() => {
          leave(socket);
        }, after);
      });
      const timer = setTimeout(() => socket.destroy(), 6000);
      socket.on('data', (bytes) => (text += bytes.toString('latin1'))).on('error', () => undefined);
      socket.on('close', () => {
        clearTimeout(timer);
        done(text.slice(9, 12));
      });
    });
}

function overHttp2(leave: (session: ReturnType<typeof connectHttp2>, close: () => void) => void): Way {
  return (port, token, after) =>
    new Promise((done) => {
      let status = '';
      const session = connectHttp2(`http://127.0.0.1:${String(port)}`);
      const stream = session.request({ ':path': '/api', ':authority': 'a', authorization: `Bearer ${token}` });
      stream.on('response', (headers) => (status = String(headers[':status'])));
      stream.on('error', () => undefined).resume();
      session.on('error', () => undefined);
      const timer = setTimeout(() => {
        session.destroy();
      }, 6000);
      stream.on('close', () => {
        clearTimeout(timer);
        session.destroy();
        done(status);
      });
      setTimeout(() => {
        leave(session, () => {
          stream.close(8);
        });
      }, after);
    });
}

const WAYS: Readonly<Record<string, Way>> = {
  'half-closes': overTcp((socket) => socket.end()),
  'resets its connection': overTcp((socket) => socket.resetAndDestroy()),
  'resets its stream': overHttp2((_, close) => {
    close();
  }),
  'ends its HTTP/2 connection': overHttp2((session) => {
    session.destroy();
  }),
};
const STAYS = overTcp(() => undefined);

const FIRST = 'https://first.example';
const PLAIN = 'https://plain.example';
const keys = generateKeyPairSync('rsa', { modulusLength: 4096 });

/** A token with a signature that nobody made. */
function forge(iss: string, alg: string): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss, aud: AUDIENCE, sub: randomUUID(), iat: now, exp: now + 300 };
  const signature = Buffer.alloc(512, 1).toString('base64url');
  return `${encode({ alg, kid: randomUUID() })}.${encode(claims)}.${signature}`;
}

/** What the action waits for: the keys of an issuer that is silent, its word on an opaque token, its own arithmetic. */
const WAITS: Readonly<Record<string, () => string>> = {
  'the first keys': () => forge(FIRST, 'RS256'),
  'what the issuer says of a token': () => randomUUID() + randomUUID(),
  'its own arithmetic': () => forge(PLAIN, 'RS512'),
};

function policyFor(silence: string): object {
  const pem = { public_key_file: 'DIRECTORY/plain.pem' };
  return {
    issuers: [
      { issuer: FIRST, audiences: [AUDIENCE], keys: { jwks_url: silence } },
      { issuer: PLAIN, audiences: [AUDIENCE], keys: pem },
      {
        ...ISSUERS[0],
        introspection: { url: silence, client_id: 'keeper', client_secret_env: 'KEEPER_SECRET' },
      },
    ],
    allow_http: true,
    plain_budget: 10000,
    rules: [{ name: 'open', paths: ['/open/**'], access: 'public' }, { paths: ['/**'] }],
    forward: { 'X-Auth-Request-User': 'user' },
  };
}

function startEnded(
  suite: SuiteName,
  silence: string,
  global: readonly string[],
  more: Partial<Parameters<typeof startWithPolicy>[1]> = {},
): Promise<PolicyProxy> {
  return startWithPolicy(suite, {
    policy: policyFor(silence),
    global,
    defaults: [ABORT],
    rules: ['http-request lua.jwtenforce', CHECK],
    load: 'lua-load-per-thread',
    // Without luaossl.
    env: { KEEPER_SECRET: 'another-secret', LUA_PATH: '', LUA_CPATH: '' },
    ...more,
    files: { 'plain.pem': pemOf(keys.publicKey), ...more.files },
  });
}

/** Takes all the memory that there is, and gives back 2 KB of it ten times a second. */
const EAT = `
core.register_task(function()
  core.msleep(500)
  local eaten, size = {}, 2048
  while size > 16 do
    if not pcall(function() eaten[#eaten + 1] = string.rep('x', size) .. #eaten end) then size = size // 2 end
  end
  while true do
    core.msleep(100)
    table.remove(eaten, 1)
    collectgarbage()
  end
end)
`;

function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }) as string;
}

describe.each(SUITES)('HAProxy of %s', (suite) => {
  let silence: Awaited<ReturnType<typeof startSilence>>;
  beforeAll(async () => {
    silence = await startSilence();
  });
  afterAll(() => silence.stop());

  test.each(Object.keys(WAITS))(
    'S1: lets nothing pass when a client leaves while the action waits for %s',
    { timeout: 120_000 },
    async (wait) => {
      const proxy = await startEnded(suite, silence.url, []);
      expect((await proxy.askWith(tokenOf())).status).toBe(200);
      const make = WAITS[wait] ?? (() => '');
      const answers: string[] = [];
      for (const way of Object.values(WAYS)) {
        for (const after of [1, 20, 200]) {
          answers.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => way(proxy.port, make(), after)))));
        }
      }
      const reached = proxy.backend.count();
      await proxy.stop();
      expect([reached, answers.filter((status) => status === '200')]).toEqual([1, []]);
    },
  );

  // 1: of a millisecond, so that each wait is too long.
  test.each(Object.keys(WAITS))(
    'S1: lets nothing pass when time runs out while the action waits for %s',
    { timeout: 60_000 },
    async (wait) => {
      const proxy = await startEnded(suite, silence.url, ['tune.lua.session-timeout 1']);
      const make = WAITS[wait] ?? (() => '');
      const answers = await Promise.all(Array.from({ length: AT_ONCE * 2 }, () => STAYS(proxy.port, make(), 0)));
      const reached = proxy.backend.count();
      await proxy.stop();
      expect([reached, answers.filter((status) => status === '200')]).toEqual([0, []]);
    },
  );

  /** Asks without a good token while memory is short, by less and less; how many requests reached the backend. */
  async function askInNeed(
    rules: readonly string[],
  ): Promise<{ reached: number; answers: readonly string[]; said: string }> {
    const limits = ['nbthread 1', 'tune.lua.maxmem 8', 'lua-load-per-thread DIRECTORY/eat.lua'];
    const proxy = await startEnded(suite, silence.url, limits, { rules, files: { 'eat.lua': EAT } });
    const asked: Promise<string>[] = [];
    for (let turn = 0; turn < 40; turn += 1) {
      const tokens = [...Object.values(WAITS).map((make) => make()), `${tokenOf()}x`, ''];
      asked.push(...tokens.map((token) => STAYS(proxy.port, token, 0)));
      await new Promise((done) => setTimeout(done, 100));
    }
    const answers = await Promise.all(asked);
    const [reached, said] = [proxy.backend.count(), proxy.output()];
    await proxy.stop();
    return { reached, answers, said };
  }

  test('S1: lets nothing pass while memory is short, by whatever amount', { timeout: 60_000 }, async () => {
    const { reached, answers, said } = await askInNeed(['http-request lua.jwtenforce', CHECK]);
    expect([reached, answers.filter((status) => status === '200')]).toEqual([0, []]);
    expect(said).toMatch(/memory|initialize Lua/);
  });

  test('S1: lets requests pass while memory is short where no check is below', { timeout: 60_000 }, async () => {
    expect((await askInNeed(['http-request lua.jwtenforce'])).reached).toBeGreaterThan(0);
  });
});

/** Loaded before jwtverify: the n-th call into HAProxy raises, n as the request's own header says. */
const PLANT = `
local register = core.register_action
local function plant(object, state)
  return setmetatable({}, { __index = function(_, name)
    local value = object[name]
    if name == 'f' or name == 'http' or name == 'c' or name == 'sf' or name == 'sc' then return plant(value, state) end
    if type(value) ~= 'function' then return value end
    return function(_, ...)
      state.count = state.count + 1
      if state.count == state.last then error('planted') end
      return value(object, ...)
    end
  end })
end
core.register_action = function(name, events, action, count)
  register(name, events, function(txn)
    action(plant(txn, { count = 0, last = tonumber(txn.f:req_hdr('x-raise-at')) }))
  end, count)
end
`;
const CALLS = 60;

describe.each(SUITES)('HAProxy of %s whose n-th call raises', (suite) => {
  test(
    'S1: lets through what may pass alone, never with the headers that the client forged',
    { timeout: 60_000 },
    async () => {
      const silence = await startSilence();
      const load = ['lua-load-per-thread DIRECTORY/plant.lua'];
      const proxy = await startEnded(suite, silence.url, load, { files: { 'plant.lua': PLANT } });
      const known = tokenOf();
      const forgedUser = ['X-Auth-Request-User', 'FORGED'] as const;
      const wrong: string[] = [];
      let refused = 0;
      for (let call = 1; call <= CALLS; call += 1) {
        const headers = [['X-Raise-At', String(call)], forgedUser] as const;
        for (const [path, token, mayPass] of [
          ['/api', undefined, false],
          ['/api', `${known}x`, false],
          ['/api', tokenOf({ aud: 'another' }), false],
          ['/api', known, true],
          ['/api', tokenOf({ jti: String(call) }), true],
          ['/open/x', undefined, true],
        ] as const) {
          proxy.backend.clear();
          const answer =
            token === undefined ? await proxy.ask({ path, headers }) : await proxy.askWith(token, { path, headers });
          const [reached] = proxy.backend.reached;
          if (answer.status === 503) refused += 1;
          if (reached === undefined) continue;
          const users = reached.headers.filter(([name]) => name === 'x-auth-request-user').map(([, value]) => value);
          const expected = path === '/api' ? 'user-1' : '';
          if (!mayPass || users.join() !== expected)
            wrong.push(`${String(call)} ${path} ${String(mayPass)} ${users.join()}`);
        }
      }
      const said = proxy.output();
      await proxy.stop();
      await silence.stop();
      expect(wrong).toEqual([]);
      expect(refused).toBeGreaterThan(30);
      expect(said).toContain('planted');
    },
  );
});
