// Requests that the operator's own lines let pass below `lua.jwtverify` without a token: while Lua has no memory the action
// does not run for them, so HAProxy's own line has to remove what it would have removed.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEchoBackend, valuesOf, type EchoBackend } from '../helpers/echo-backend';
import { AUDIENCE, ISSUER } from '../helpers/haproxy-policy-server';
import { startHaproxy } from '../helpers/haproxy-server';
import { SUITES } from '../helpers/suite';

const EXCEPTION = 'http-request deny unless { path_beg /open } or { var(txn.authorized) -m bool }';
const GUARD =
  'http-request del-header upgrade unless { req.fhdr_cnt(upgrade) 1 } { req.fhdr(upgrade) -m str -i websocket }';

/** Takes all the memory that there is. */
const EAT = `
-- Global: it stays although the task may end for lack of memory.
eaten = {}
core.register_task(function()
  core.msleep(500)
  local size = 2048
  while size > 16 do
    if not pcall(function() eaten[#eaten + 1] = string.rep('x', size) .. #eaten end) then size = size // 2 end
  end
end)
`;

const H2C = 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n';
const KEY = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const WEBSOCKET = 'Upgrade: websocket\r\n';
/** What clients would change to: the last two hide one protocol behind the other. */
const UPGRADES: readonly string[] = [H2C, WEBSOCKET + KEY, H2C + WEBSOCKET + KEY, WEBSOCKET + H2C + KEY];

function ask(port: number, upgrade: string): Promise<void> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => {
      const lines = `Connection: Upgrade, HTTP2-Settings\r\n${upgrade}`;
      socket.write(`GET /open HTTP/1.1\r\nHost: a\r\n${lines}\r\n`);
    });
    const timer = setTimeout(() => socket.destroy(), 6000);
    socket.on('data', () => socket.destroy()).on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      done();
    });
  });
}

/** How many requests reached the backend, and how many of them with this protocol in `Upgrade`. */
interface Needy {
  readonly reached: number;
  readonly h2c: number;
  readonly websocket: number;
  readonly output: string;
}

describe.each(SUITES)('HAProxy of %s', (suite) => {
  let backend: EchoBackend;
  beforeAll(async () => {
    backend = await startEchoBackend();
  });
  afterAll(() => backend.stop());

  async function askOnce(rules: readonly string[]): Promise<Needy> {
    backend.clear();
    const proxy = await startHaproxy(suite, {
      settings: {
        OAUTH_ISSUER: ISSUER,
        OAUTH_AUDIENCE: AUDIENCE,
        OAUTH_HMAC_SECRET: 'a secret of thirty-two characters',
      },
      global: ['nbthread 1', 'tune.lua.maxmem 8', 'lua-load-per-thread DIRECTORY/eat.lua'],
      load: 'lua-load-per-thread',
      rules,
      backend: backend.port,
      files: { 'eat.lua': EAT },
      isCheckedByItself: true,
    });
    // 20 more once memory is short, which HAProxy says where it matters.
    const isShort = (): boolean => /memory|initialize Lua/.test(proxy.output());
    for (let turn = 0, left = 20; left > 0 && turn < 80; turn += 1) {
      await Promise.all(UPGRADES.map((upgrade) => ask(proxy.port, upgrade)));
      await new Promise((done) => setTimeout(done, 50));
      if (isShort()) left -= 1;
    }
    const output = proxy.output();
    await proxy.stop();
    const count = (protocol: string): number =>
      backend.reached.filter((reached) => valuesOf(reached, 'upgrade').includes(protocol)).length;
    return { reached: backend.reached.length, h2c: count('h2c'), websocket: count('websocket'), output };
  }

  /** Memory is not short each time: the last bytes may fit. */
  async function askInNeed(rules: readonly string[]): Promise<Needy> {
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const needy = await askOnce(rules);
      if (needy.output.includes('initialize Lua')) return needy;
    }
    return askOnce(rules);
  }

  test('S3: gives a backend no `Upgrade: h2c` of theirs while memory is short', { timeout: 60_000 }, async () => {
    const { reached, h2c, websocket, output } = await askInNeed([GUARD, 'http-request lua.jwtverify', EXCEPTION]);
    expect(reached).toBeGreaterThan(0);
    expect(h2c).toBe(0);
    expect(websocket).toBeGreaterThan(0);
    expect(output).toMatch(/memory|initialize Lua/);
  });

  test('S3: gives one without the line, on 2.6 alone', { timeout: 60_000 }, async () => {
    const { reached, h2c } = await askInNeed(['http-request lua.jwtverify', EXCEPTION]);
    expect(reached).toBeGreaterThan(0);
    expect(h2c > 0).toBe(suite === 'bookworm');
  });
});
