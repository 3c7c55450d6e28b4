// HAProxy follows a real OpenID provider while a load runs: rotation, soft and harsh, and an outage.
import type { JWK } from 'jose';
import { describe, expect, test } from 'vitest';
import { startHaproxy, type Haproxy, type Load } from './haproxy-server';
import { makeKey, signWith, startIssuer, AUDIENCE, type IssuerServer } from './issuer-server';
import { eventually, pause, startLoad } from './keep-alive';
import { SUITES, type SuiteName } from './suite';

const RULES = ['no log', 'http-request lua.jwtenforce', 'http-request return status 200'];

function follow(suite: SuiteName, issuer: IssuerServer, load: Load): Promise<Haproxy> {
  const settings = {
    OAUTH_ISSUER: issuer.issuer,
    OAUTH_AUDIENCE: AUDIENCE,
    OAUTH_ALLOW_HTTP: '1',
    OAUTH_JWKS_REFRESH: '10',
    OAUTH_JWKS_COOLDOWN: '1',
  };
  return startHaproxy(suite, { settings, load, rules: RULES, global: ['nbthread 2'] });
}

// One after the other: loads and providers share this process, and a request waits for keys two seconds at the most.
describe.each(SUITES)('%s', (suite) => {
  test.each(['lua-load', 'lua-load-per-thread'] as const)(
    'a new key that was published first, and one that is swapped at once, are followed under load (%s)',
    async (how) => {
      const issuer = await startIssuer();
      const haproxy = await follow(suite, issuer, how);
      const status = async (token: string) => (await haproxy.askWith(token)).status;
      const [first] = issuer.keys() as [JWK];
      const second = await makeKey('ES256');
      const forged = await signWith(await makeKey('ES256', first.kid), issuer.issuer);
      const old = await signWith(first, issuer.issuer);
      let good = await issuer.token();
      const load = startLoad(haproxy.port, (turn) => (turn % 2 === 0 ? ['good', good] : ['forged', forged]));
      try {
        await load.more('good', 100);
        // Published first: the old key still signs, then the new one does, then the old one goes.
        const fetches = issuer.count('/jwks');
        issuer.setKeys([first, second]);
        await eventually('both are fetched', () => issuer.count('/jwks') >= fetches + (how === 'lua-load' ? 1 : 2));
        await pause(500);
        issuer.setKeys([second, first]);
        good = await issuer.token();
        await load.more('good', 100);
        issuer.setKeys([second]);
        await eventually('each state refuses the first key', async () =>
          (await Promise.all(Array.from({ length: 8 }, () => status(old)))).every((one) => one === 401),
        );
      } finally {
        await load.end();
      }
      expect([load.seen('good'), load.seen('forged')]).toEqual([['200'], ['401']]);
      // Swapped at once, to another algorithm: after one cooldown no valid token is refused any more.
      issuer.setKeys([await makeKey('RS256')]);
      good = await issuer.token();
      await eventually('each state knows the new key', async () =>
        (await Promise.all(Array.from({ length: 8 }, () => status(good)))).every((one) => one === 200),
      );
      const removed = await signWith(second, issuer.issuer);
      const later = startLoad(haproxy.port, (turn) => (turn % 2 === 0 ? ['good', good] : ['removed', removed]));
      await later.more('removed', 100);
      await later.end();
      await haproxy.stop();
      await issuer.stop();
      expect([later.seen('good'), later.seen('removed')]).toEqual([['200'], ['401']]);
      expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
    },
  );

  test('the provider stopped for the length of a load: nothing is missed, and new keys are picked up after it', async () => {
    const issuer = await startIssuer();
    const haproxy = await follow(suite, issuer, 'lua-load');
    const [key] = issuer.keys() as [JWK];
    const known = await issuer.token();
    expect((await haproxy.askWith(known)).status).toBe(200);
    await issuer.stop();
    let fresh = await signWith(key, issuer.issuer);
    const load = startLoad(haproxy.port, (turn) => (turn % 2 === 0 ? ['known', known] : ['fresh', fresh]));
    // Longer than a refresh interval.
    for (let round = 0; round < 12; round += 1) {
      await pause(1000);
      fresh = await signWith(key, issuer.issuer);
    }
    await load.end();
    expect([load.seen('known'), load.seen('fresh')]).toEqual([['200'], ['200']]);
    issuer.setKeys([await makeKey('ES256')]);
    await issuer.start();
    const next = await issuer.token();
    await eventually('the new key is there', async () => (await haproxy.askWith(next)).status === 200);
    await haproxy.stop();
    await issuer.stop();
    expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
  });
});
