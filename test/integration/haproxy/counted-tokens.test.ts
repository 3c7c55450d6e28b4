// What HAProxy remembers, by its own count: how many tokens, whatever the scheme's spelling, and which are verified again.
import { beforeAll, describe, expect, test } from 'vitest';
import type { JWK } from 'jose';
import { cliLine, runCli, until } from '../helpers/haproxy-cli';
import { SHOW_ALL, shown, startHaproxy, type Haproxy } from '../helpers/haproxy-server';
import { AUDIENCE, makeKey, publicPart, signWith } from '../helpers/issuer-server';
import { freePort, SUITES, type SuiteName } from '../helpers/suite';

const ISSUER = 'https://issuer.example';
let key: JWK;

beforeAll(async () => {
  key = await makeKey();
});

/** Runs a test with a gateway that has one key in a file. */
async function withGateway(
  suite: SuiteName,
  more: Readonly<Record<string, string>>,
  run: (haproxy: Haproxy, cli: (command: string) => Promise<string>) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  const settings = {
    OAUTH_ISSUER: ISSUER,
    OAUTH_AUDIENCE: AUDIENCE,
    OAUTH_JWKS_PATH: 'DIRECTORY/jwks.json',
    OAUTH_CLOCK_SKEW: '0',
    ...more,
  };
  const files = { 'jwks.json': JSON.stringify({ keys: [publicPart(key)] }), 'deny.map': '' };
  const haproxy = await startHaproxy(suite, { settings, files, global: [cliLine(port)], rules: SHOW_ALL });
  try {
    await run(haproxy, (command) => runCli(port, command));
    expect(haproxy.leaks()).toEqual([]);
    expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
  } finally {
    await haproxy.stop();
  }
}

const sign = (claims = {}, seconds = 600): Promise<string> => signWith(key, ISSUER, seconds, claims);

/** A number out of `show jwtverify`. */
function numberOf(status: string, name: string): number {
  return Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(status)?.[1] ?? 'NaN');
}

describe.each(SUITES)('%s', (suite) => {
  test('a token seen before sets the same variables as when it was new, and is not verified again', async () => {
    await withGateway(suite, {}, async (haproxy, cli) => {
      const token = await sign({ level: 7, admin: true, groups: ['keepers', 'vets'], scope: 'a b' });
      const first = shown(await haproxy.askWith(token));
      for (let request = 0; request < 5; request++) expect(shown(await haproxy.askWith(token))).toEqual(first);
      expect(first).toMatchObject({
        authorized: '1',
        'claim-level': '7',
        'claim-groups': 'keepers vets',
        scopes: 'a b',
      });
      const status = await cli('show jwtverify');
      expect(numberOf(status, 'accepted and verified')).toBe(1);
      expect(numberOf(status, 'accepted from cache')).toBe(5);
      expect(numberOf(status, 'cache')).toBe(1);
    });
  });

  test('other spellings of the scheme find the same entry', async () => {
    await withGateway(suite, {}, async (haproxy, cli) => {
      const token = await sign();
      for (const scheme of ['Bearer ', 'bearer ', 'BEARER  ', 'bEarer   ']) {
        const answer = await haproxy.ask({ headers: [['Authorization', scheme + token]] });
        expect(shown(answer)).toMatchObject({ authorized: '1' });
      }
      const status = await cli('show jwtverify');
      expect(numberOf(status, 'cache')).toBe(1);
      expect(numberOf(status, 'accepted and verified')).toBe(1);
    });
  });

  test('after OAUTH_CACHE_AGE it is verified again', async () => {
    await withGateway(suite, { OAUTH_CACHE_AGE: '1' }, async (haproxy, cli) => {
      const token = await sign();
      const ask = async (): Promise<number> => {
        expect(shown(await haproxy.askWith(token))).toMatchObject({ authorized: '1' });
        return numberOf(await cli('show jwtverify'), 'accepted and verified');
      };
      expect(await until(10, ask, (count) => count >= 3)).toBeGreaterThanOrEqual(3);
    });
  });

  test.each([0, 1, 7, 10])('it never keeps more than OAUTH_CACHE_SIZE %i, and goes on answering', async (size) => {
    await withGateway(suite, { OAUTH_CACHE_SIZE: String(size) }, async (haproxy, cli) => {
      const tokens = await Promise.all(Array.from({ length: 4 * size + 4 }, () => sign()));
      for (const token of [...tokens, ...tokens.slice(-1), ...tokens.slice(-1)]) {
        expect(shown(await haproxy.askWith(token))).toMatchObject({ authorized: '1' });
        expect(numberOf(await cli('show jwtverify'), 'cache')).toBeLessThanOrEqual(size);
      }
      const status = await cli('show jwtverify');
      expect(numberOf(status, 'accepted from cache')).toBe(size === 0 ? 0 : 2);
      expect(status).toContain(` of ${String(size)} tokens`);
    });
  });

  test('a reload begins with an empty memory and the new settings', async () => {
    const token = await sign();
    await withGateway(suite, {}, async (haproxy) => {
      expect(shown(await haproxy.askWith(token))).toMatchObject({ authorized: '1' });
    });
    await withGateway(suite, { OAUTH_AUDIENCE: 'https://other.example' }, async (haproxy) => {
      expect(shown(await haproxy.askWith(token))).toMatchObject({ authorized: '0', reason: 'audience_refused' });
    });
  });

  test('OAUTH_CLAIM_VARIABLES names the claims that become variables', async () => {
    await withGateway(suite, { OAUTH_CLAIM_VARIABLES: 'sub https://hamsters.example/team' }, async (haproxy) => {
      const token = await sign({ level: 7, 'https://hamsters.example/team': 'wheel' });
      for (let request = 0; request < 2; request++) {
        const seen = shown(await haproxy.askWith(token));
        expect(seen).toMatchObject({ 'claim-sub': 'turbo', 'claim-https___hamsters_example_team': 'wheel' });
        expect(seen).toMatchObject({ authorized: '1', scopes: 'read:hamsters' });
        expect(seen['claim-level']).toBeUndefined();
        expect(seen['claim-iss']).toBeUndefined();
      }
    });
  });
});
