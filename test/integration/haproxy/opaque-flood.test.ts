// Opaque tokens in numbers: one client's questions leave room for others, and what is known of them stays small.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { askAll } from '../../../bench/ask.mjs';
import { cliLine, runCli, until } from '../helpers/haproxy-cli';
import { AUDIENCE, startWithPolicy, type PolicyProxy } from '../helpers/haproxy-policy-server';
import { freePort, SUITES, type SuiteName } from '../helpers/suite';

interface Introspector {
  readonly url: string;
  readonly asked: () => number;
  readonly stop: () => Promise<void>;
}

/** An issuer that knows `good` tokens, none else, and takes four seconds for `slow` ones. */
async function startIntrospector(): Promise<Introspector> {
  let asked = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked += 1;
      const token = new URLSearchParams(body).get('token') ?? '';
      const answer = token.startsWith('good')
        ? { active: true, sub: 'turbo', aud: AUDIENCE, scope: 'read:hamsters' }
        : { active: false };
      setTimeout(() => response.end(JSON.stringify(answer)), token.startsWith('slow') ? 4000 : 0);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/introspect`,
    asked: () => asked,
    stop: () =>
      new Promise((done) => {
        server.close(() => {
          done();
        });
        server.closeAllConnections();
      }),
  };
}

interface Gateway extends PolicyProxy {
  /** What it answers to a client of this address. */
  readonly askFrom: (address: string, token: string, path?: string) => Promise<number>;
  /** Kilobytes that Lua holds. */
  readonly memory: () => Promise<number>;
}

async function withGateway(
  suite: SuiteName,
  global: readonly string[],
  terms: object,
  run: (gateway: Gateway, introspector: Introspector) => Promise<void>,
): Promise<void> {
  const introspector = await startIntrospector();
  const cli = await freePort();
  const { url } = introspector;
  const introspection = { url, client_id: 'keeper', client_secret_env: 'KEEPER', inactive_age: 300, ...terms };
  const proxy = await startWithPolicy(suite, {
    policy: {
      issuers: [{ issuer: 'https://issuer.example', audiences: [AUDIENCE], introspection }],
      allow_http: true,
      rules: [{ name: 'read', paths: ['/**'], require: { scopes: ['read:hamsters'] } }],
    },
    env: { KEEPER: 'secret' },
    global: [cliLine(cli), 'nbthread 1', 'maxconn 4000', ...global],
    rules: [
      'no log',
      'http-request set-src req.hdr(x-from)',
      'http-request set-var(txn.oauth_method) str(GET)',
      'http-request set-var(txn.oauth_target) str(/)',
      'http-request use-service lua.jwtauthorizer if { path /authorizer }',
      'http-request lua.jwtenforce',
      'http-request return status 200',
    ],
  });
  try {
    const askFrom = async (address: string, token: string, path = '/'): Promise<number> =>
      (await proxy.askWith(token, { path, headers: [['X-From', address]] })).status;
    const memory = async (): Promise<number> =>
      Number(/^memory: (\d+) KB/m.exec(await runCli(cli, 'show jwtverify'))?.[1] ?? 'NaN');
    await run({ ...proxy, askFrom, memory }, introspector);
  } finally {
    await proxy.stop();
    await introspector.stop();
  }
}

const LONG = 'x'.repeat(13_000);
const long = (kind: string, count: number, first = 0): string[] =>
  Array.from({ length: count }, (_, index) => `${kind}-${LONG}-${String(first + index)}`);

describe.each(SUITES)('%s', (suite) => {
  test("one client's questions on their way leave room for those of others", async () => {
    await withGateway(suite, [], {}, async ({ askFrom }, introspector) => {
      expect(await askFrom('192.0.2.1', 'good-first')).toBe(200);
      const flood = Array.from({ length: 600 }, (_, index) =>
        askFrom('198.51.100.7', `slow-${String(index)}`).catch(() => 0),
      );
      await until(
        10,
        () => Promise.resolve(introspector.asked()),
        (asked) => asked > 200,
      );
      expect(await askFrom('192.0.2.1', 'good-second')).toBe(200);
      expect(await askFrom('2001:db8::1', 'good-third')).toBe(200);
      expect(await askFrom('192.0.2.2', 'good-gateway', '/authorizer')).toBe(200);
      // Its own places are taken, and nobody else's.
      expect(await askFrom('198.51.100.7', 'good-fourth')).toBe(503);
      expect(await askFrom('198.51.100.7', 'good-fourth', '/authorizer')).toBe(503);
      await Promise.all(flood);
      expect(await askFrom('198.51.100.7', 'good-fifth')).toBe(200);
    });
  });

  test('a client has as many addresses as it likes in IPv6, and one share', async () => {
    await withGateway(suite, [], {}, async ({ askFrom }, introspector) => {
      const address = (index: number): string => `2001:db8:0:7::${index.toString(16)}`;
      const flood = Array.from({ length: 600 }, (_, index) =>
        askFrom(address(index + 1), `slow-${String(index)}`).catch(() => 0),
      );
      await until(
        10,
        () => Promise.resolve(introspector.asked()),
        (asked) => asked > 200,
      );
      expect(await askFrom('2001:db8:0:7:ffff::1', 'good-own')).toBe(503);
      expect(await askFrom('2001:db8:0:8::1', 'good-other')).toBe(200);
      await Promise.all(flood);
    });
  });

  test('long tokens that are not active leave little behind', async () => {
    await withGateway(suite, [], {}, async ({ port, memory }, introspector) => {
      const before = await memory();
      const tokens = long('bad', 1200);
      expect(await askAll(port, tokens)).toEqual({ 401: 1200 });
      // Known without another question.
      const asked = introspector.asked();
      expect(await askAll(port, tokens.slice(-400))).toEqual({ 401: 400 });
      expect(introspector.asked()).toBe(asked);
      const after = await until(20, memory, (kilobytes) => kilobytes < before + 4000);
      expect(after).toBeLessThan(before + 4000);
    });
  }, 60_000);

  test('ever more long tokens fit into the memory of Lua, and new ones are still judged', async () => {
    await withGateway(suite, ['tune.lua.maxmem 100'], {}, async ({ port, askFrom, memory }) => {
      const seen: Record<string, number>[] = [];
      for (let first = 0; first < 8000; first += 1000) seen.push(await askAll(port, long('good', 1000, first)));
      expect(seen).toEqual(seen.map(() => ({ 200: 1000 })));
      expect(await askFrom('192.0.2.1', 'good-new')).toBe(200);
      // Fields of 10,000 tokens of 2048 characters each, and what is known of them.
      expect(await until(20, memory, (kilobytes) => kilobytes < 60_000)).toBeLessThan(60_000);
    });
  }, 120_000);

  test('where Lua has less memory than that, it is given back, and new tokens are judged', async () => {
    await withGateway(suite, ['tune.lua.maxmem 20'], {}, async (gateway) => {
      const { port, askFrom } = gateway;
      const seen: Record<string, number> = {};
      for (let first = 0; first < 3000; first += 1000) {
        for (const [status, count] of Object.entries(await askAll(port, long('good', 1000, first))))
          seen[status] = (seen[status] ?? 0) + count;
      }
      expect(Object.keys(seen)).toEqual(['200', '503']);
      expect(seen['503']).toBeLessThan(600);
      for (const name of ['a', 'b', 'c']) expect(await askFrom('192.0.2.1', `good-${name}`)).toBe(200);
      expect(gateway.output()).toContain('not enough memory, raise `tune.lua.maxmem`');
    });
  }, 60_000);
});
