// The deny list of HAProxy: a map that the runtime CLI changes while traffic flows.
import type { JWK } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { cliLine, runCli } from './haproxy-cli';
import { checkHaproxy, failHaproxy, SHOW_ALL, shown, startHaproxy, type Load } from './haproxy-server';
import { AUDIENCE, makeKey, publicPart, signWith } from './issuer-server';
import { startLoad } from './keep-alive';
import { freePort, SUITES, type SuiteName } from './suite';

const ISSUER = 'https://issuer.example';
let key: JWK;

beforeAll(async () => {
  key = await makeKey();
});

const SETTINGS = {
  OAUTH_ISSUER: ISSUER,
  OAUTH_AUDIENCE: AUDIENCE,
  OAUTH_JWKS_PATH: 'DIRECTORY/jwks.json',
  OAUTH_DENY_PATH: 'DIRECTORY/deny.map',
};

interface Gateway {
  readonly port: number;
  readonly ask: (token: string) => Promise<string>;
  readonly cli: (command: string) => Promise<string>;
  /** The map's name on the CLI, which is its path. */
  readonly map: string;
}

async function withGateway(
  suite: SuiteName,
  load: Load,
  denied: string,
  run: (gateway: Gateway) => Promise<void>,
  rules = SHOW_ALL,
): Promise<void> {
  const port = await freePort();
  const files = { 'jwks.json': JSON.stringify({ keys: [publicPart(key)] }), 'deny.map': denied };
  const global = [cliLine(port), 'nbthread 2'];
  const haproxy = await startHaproxy(suite, { settings: SETTINGS, files, global, load, rules });
  try {
    const name = /\((.*deny\.map)\)/.exec(await runCli(port, 'show map'))?.[1] ?? 'none';
    await run({
      port: haproxy.port,
      ask: async (token) => {
        const seen = shown(await haproxy.askWith(token));
        return seen['authorized'] === '1' ? 'allowed' : (seen['reason'] ?? '');
      },
      cli: (command) => runCli(port, command),
      map: name,
    });
    expect(haproxy.leaks()).toEqual([]);
    expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
  } finally {
    await haproxy.stop();
  }
}

const sign = (claims = {}): Promise<string> => signWith(key, ISSUER, 600, claims);

describe.each(SUITES)('%s', (suite) => {
  test.each(['lua-load', 'lua-load-per-thread'] as const)(
    'a revoked jti is refused on the next request although it is remembered, and allowed again later (%s)',
    async (load) => {
      await withGateway(suite, load, '', async ({ ask, cli, map }) => {
        const revoked = await sign({ jti: 'abc' });
        const other = await sign({ jti: 'abcd' });
        for (let request = 0; request < 8; request++) expect(await ask(revoked)).toBe('allowed');
        expect(await ask(other)).toBe('allowed');
        await cli(`add map ${map} jti:abc 1`);
        for (let request = 0; request < 8; request++) expect(await ask(revoked)).toBe('token_revoked');
        expect(await ask(await sign({ jti: 'abc', level: 2 }))).toBe('token_revoked');
        expect(await ask(other)).toBe('allowed');
        await cli(`del map ${map} jti:abc`);
        for (let request = 0; request < 8; request++) expect(await ask(revoked)).toBe('allowed');
      });
    },
  );

  test.each(['lua-load', 'lua-load-per-thread'] as const)(
    'under load no request passes from the answer of a revocation on, and no other token is refused (%s)',
    async (load) => {
      const rules = ['http-request lua.jwtenforce', 'http-request return status 200'];
      await withGateway(
        suite,
        load,
        '',
        async ({ port, cli, map }) => {
          const tokens = { one: await sign({ jti: 'one' }), other: await sign({ jti: 'other' }) };
          let phase = 'allowed';
          const clients = startLoad(port, (turn) => (turn % 2 === 0 ? [phase, tokens.one] : ['other', tokens.other]));
          for (let round = 0; round < 3; round++) {
            await clients.more('allowed', 100);
            phase = 'meanwhile';
            await clients.settle();
            expect(await cli(`add map ${map} jti:one 1`)).toBe('\n');
            phase = 'revoked';
            await clients.more('revoked', 100);
            phase = 'meanwhile';
            await clients.settle();
            await cli(`del map ${map} jti:one`);
            phase = 'allowed';
          }
          await clients.end();
          expect(clients.seen('revoked')).toEqual(['401']);
          expect(clients.seen('other')).toEqual(['200']);
          expect(clients.seen('allowed')).toEqual(['200']);
        },
        rules,
      );
    },
  );

  test('sub, client_id, azp and kid are denied likewise, and only whole values', async () => {
    await withGateway(suite, 'lua-load', '', async ({ ask, cli, map }) => {
      const token = await sign({ sub: 'turbo', client_id: 'app', azp: 'front' });
      for (const entry of ['sub:turbo', 'client_id:app', 'azp:front', `kid:${key.kid ?? ''}`]) {
        expect(await ask(token)).toBe('allowed');
        await cli(`add map ${map} ${entry}x 1`);
        await cli(`add map ${map} ${entry.slice(0, -1)} 1`);
        expect(await ask(token)).toBe('allowed');
        await cli(`add map ${map} ${entry} 1`);
        expect(await ask(token)).toBe('token_revoked');
        await cli(`del map ${map} ${entry}`);
      }
      expect(await ask(token)).toBe('allowed');
    });
  });

  test('what stands in the file is denied from the start, with a value beside it or without', async () => {
    await withGateway(
      suite,
      'lua-load',
      'jti:one 1\n# a remark\njti:two\n\nsub:three since-monday\n',
      async ({ ask }) => {
        expect(await ask(await sign({ jti: 'one' }))).toBe('token_revoked');
        expect(await ask(await sign({ jti: 'two' }))).toBe('token_revoked');
        expect(await ask(await sign({ sub: 'three' }))).toBe('token_revoked');
        expect(await ask(await sign({ jti: '1' }))).toBe('allowed');
        expect(await ask(await sign({ jti: 'since-monday' }))).toBe('allowed');
      },
    );
  });

  test('a deny list that is not there stops the start and `-c`', async () => {
    const settings = { ...SETTINGS, OAUTH_DENY_PATH: 'DIRECTORY/none.map' };
    const files = { 'jwks.json': JSON.stringify({ keys: [publicPart(key)] }) };
    for (const run of [checkHaproxy, failHaproxy]) {
      const outcome = await run(suite, { settings, files });
      expect(outcome.code).toBe(1);
      expect(outcome.output).toMatch(/OAUTH_DENY_PATH: cannot read `.*none\.map`/);
    }
  });
});
