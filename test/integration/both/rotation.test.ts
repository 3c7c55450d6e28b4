// Both proxies follow a real OpenID provider while a load runs: rotation, soft and harsh, and an outage.
import type { JWK } from 'jose';
import { describe, expect, test } from 'vitest';
import { makeKey, signWith, startIssuer } from '../helpers/issuer-server';
import { eventually, pause, startLoad } from '../helpers/keep-alive';
import { following } from '../helpers/key-followers';
import { settingsGateways, type RunningSettings } from '../helpers/settings-gateways';

const OFTEN = { OAUTH_JWKS_REFRESH: '10' };

/** Waits until every state of a proxy has the same verdict: eight requests at once reach each of them. */
async function everywhere(follower: RunningSettings, token: string, wanted: string): Promise<void> {
  await eventually(`every state answers ${wanted}`, async () => {
    const verdicts = await Promise.all(Array.from({ length: 8 }, () => follower.verdict(token)));
    return verdicts.every((verdict) => verdict === wanted);
  });
}

/** Loads and providers share this process, and a request waits for keys two seconds at the most. */
const PACE = { pause: 50 };

// Each has a provider and a proxy of its own, and waits for intervals more than it works: several at once.
describe.concurrent.each(
  settingsGateways('lua-load', 'lua-load-per-thread', 'lane, lua-load-per-thread', 'dictionary'),
)('$name', { timeout: 120_000 }, ({ keeping, start }) => {
  test('a new key that was published first, and one that is swapped at once, are followed under load', async () => {
    const issuer = await startIssuer();
    const follower = await start({ ...following(issuer, OFTEN), isQuiet: true });
    const [first] = issuer.keys() as [JWK];
    const second = await makeKey('ES256');
    const forged = await signWith(await makeKey('ES256', first.kid), issuer.issuer);
    const old = await signWith(first, issuer.issuer);
    let good = await issuer.token();
    const load = startLoad(follower.port, (turn) => (turn % 2 === 0 ? ['good', good] : ['forged', forged]), PACE);
    try {
      await load.more('good', 100);
      // Published first: the old key still signs, then the new one does, then the old one goes.
      const fetches = issuer.count('/jwks');
      const states = keeping.endsWith('per-thread') ? 2 : 1;
      issuer.setKeys([first, second]);
      await eventually('both are fetched', () => issuer.count('/jwks') >= fetches + states);
      await eventually('both are known', async () => /keys"?: ?2/.test(await follower.state()));
      issuer.setKeys([second, first]);
      good = await issuer.token();
      await load.more('good', 100);
      issuer.setKeys([second]);
      await everywhere(follower, old, 'key_unknown');
    } finally {
      await load.end();
    }
    expect([load.seen('good'), load.seen('forged')]).toEqual([['200'], ['401']]);
    // Swapped at once, to another algorithm: after one cooldown no valid token is refused any more.
    issuer.setKeys([await makeKey('RS256')]);
    good = await issuer.token();
    await everywhere(follower, good, 'allowed');
    const removed = await signWith(second, issuer.issuer);
    const later = startLoad(
      follower.port,
      (turn) => {
        const [kind, token] = (
          [
            ['good', good],
            ['removed', removed],
            ['forged', forged],
          ] as const
        )[turn % 3] ?? ['', ''];
        return [kind, token];
      },
      PACE,
    );
    await later.more('removed', 100);
    await later.end();
    await follower.stop();
    await issuer.stop();
    expect([later.seen('good'), later.seen('removed'), later.seen('forged')]).toEqual([['200'], ['401'], ['401']]);
  });
});

describe.concurrent.each(settingsGateways('lua-load', 'lane, lua-load', 'dictionary'))(
  '$name',
  { timeout: 120_000 },
  ({ keeping, start }) => {
    test('the provider stopped for the length of a load: nothing is missed, and new keys are picked up after it', async () => {
      const issuer = await startIssuer();
      const follower = await start({ ...following(issuer, OFTEN), isQuiet: true });
      const [key] = issuer.keys() as [JWK];
      const known = await issuer.token();
      await follower.until('allowed', known);
      await issuer.stop();
      let fresh = await signWith(key, issuer.issuer);
      const load = startLoad(follower.port, (turn) => (turn % 2 === 0 ? ['known', known] : ['fresh', fresh]), PACE);
      // Longer than a refresh interval.
      for (let round = 0; round < 12; round += 1) {
        await pause(1000);
        fresh = await signWith(key, issuer.issuer);
      }
      await load.end();
      expect([load.seen('known'), load.seen('fresh')]).toEqual([['200'], ['200']]);
      if (keeping.startsWith('lane')) expect(await follower.state()).toMatch(/^lane: [1-9]/m);
      issuer.setKeys([await makeKey('ES256')]);
      await issuer.start();
      await follower.until('allowed', await issuer.token());
      await follower.stop();
      await issuer.stop();
    });
  },
);
