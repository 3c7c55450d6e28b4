// Both proxies follow a real OpenID provider: the first keys, new ones, an outage, and who is believed.
import type { JWK } from 'jose';
import { describe, expect, test } from 'vitest';
import { makeKey, signWith, startIssuer, type IssuerServer } from '../helpers/issuer-server';
import { eventually, pause } from '../helpers/keep-alive';
import { following } from '../helpers/key-followers';
import { settingsGateways, type RunningSettings, type SettingsGateway } from '../helpers/settings-gateways';

/** Runs a test with a provider and a proxy that follows it, and ends both. */
async function withFollower(
  gateway: SettingsGateway,
  settings: Readonly<Record<string, string>>,
  run: (issuer: IssuerServer, follower: RunningSettings) => Promise<void>,
): Promise<void> {
  const issuer = await startIssuer();
  const follower = await gateway.start(following(issuer, settings));
  try {
    await run(issuer, follower);
    expect(follower.leaks()).toEqual([]);
  } finally {
    await follower.stop();
    await issuer.stop();
  }
}

const OFTEN = { OAUTH_JWKS_REFRESH: '10' };
const SELDOM = { OAUTH_JWKS_REFRESH: '600' };
/** Longer than a cooldown of one second, however the two ends of it are rounded. */
const AFTER_COOLDOWN = 2100;

describe.concurrent.each(settingsGateways('lua-load', 'lua-load-per-thread', 'dictionary'))('$name', (gateway) => {
  test('C3: the keys are discovered before the first request is judged', async () => {
    await withFollower(gateway, {}, async (issuer, follower) => {
      const token = await issuer.token();
      for (let request = 0; request < 10; request++) {
        expect([(await follower.askWith(token)).status, await follower.verdict(token)]).toEqual([200, 'allowed']);
      }
      expect(await follower.readiness()).toBe(200);
      const state = await follower.state();
      expect(state).toMatch(/^ready: yes$|"ready":true/m);
      expect(state).toMatch(/keys"?: ?1\b/);
      expect(state).toContain(issuer.issuer);
      expect(state).not.toContain(issuer.keys()[0]?.kid);
      if (gateway.proxy === 'HAProxy') expect(state).toContain('keys: 1, revision: 1');
    });
  });
});

// Each has a provider and a proxy of its own, and waits more than it works: several at once.
describe.concurrent.each(settingsGateways('lua-load', 'lane, lua-load', 'dictionary'))(
  '$name',
  { timeout: 120_000 },
  (gateway) => {
    test('a new key that is published first is known before it signs, and no token is refused', async () => {
      await withFollower(gateway, {}, async (issuer, follower) => {
        const [old] = issuer.keys() as [JWK];
        const next = await makeKey();
        const before = await issuer.token();
        await follower.until('allowed', before);
        issuer.setKeys([old, next]);
        issuer.setKeys([next, old]);
        expect(await follower.verdict(before)).toBe('allowed');
        await pause(AFTER_COOLDOWN);
        expect(await follower.verdict(await issuer.token())).toBe('allowed');
        expect(await follower.verdict(before)).toBe('allowed');
      });
    });

    test('a key that is swapped at once is found within the request that first brings it, and the old one ends', async () => {
      await withFollower(gateway, SELDOM, async (issuer, follower) => {
        const before = await issuer.token();
        await follower.until('allowed', before);
        expect(await follower.verdict(before)).toBe('allowed');
        issuer.setKeys([await makeKey()]);
        await pause(AFTER_COOLDOWN);
        const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.token()));
        const fetches = issuer.count('/jwks');
        const began = Date.now();
        // Some come twice at once.
        const answers = await Promise.all([...tokens, ...tokens.slice(10)].map((token) => follower.verdict(token)));
        expect(answers).toEqual(answers.map(() => 'allowed'));
        // One fetch, and on a machine so busy that the cooldown of a second passes meanwhile, one more for each.
        const most = fetches + 1 + Math.floor((Date.now() - began) / 1000);
        expect(issuer.count('/jwks')).toBeGreaterThan(fetches);
        expect(issuer.count('/jwks')).toBeLessThanOrEqual(most);
        // It is remembered, but its key has left the set: nginx looks again after a second at the latest.
        if (gateway.proxy === 'HAProxy') expect(await follower.verdict(before)).toBe('key_unknown');
        else await follower.until('key_unknown', before);
      });
    });

    test('a remembered token ends when its key leaves the key set', async () => {
      await withFollower(gateway, OFTEN, async (issuer, follower) => {
        const [old] = issuer.keys() as [JWK];
        const next = await makeKey();
        issuer.setKeys([old, next]);
        const [first, second] = [await signWith(old, issuer.issuer), await signWith(next, issuer.issuer)];
        await follower.until('allowed', second);
        expect([await follower.verdict(first), await follower.verdict(first)]).toEqual(['allowed', 'allowed']);
        issuer.setKeys([next]);
        await follower.until('key_unknown', first);
        // nginx: the first request of a second looks at the keys, the others of its worker believe it for that second.
        await eventually('no worker lets it pass any more', async () => {
          for (let round = 0; round < 6; round += 1) {
            if ((await follower.verdict(first).catch(String)) !== 'key_unknown') return false;
          }
          return true;
        });
        expect(await follower.verdict(await signWith(next, issuer.issuer))).toBe('allowed');
      });
    });

    test('a new key under an old kid replaces it', async () => {
      await withFollower(gateway, OFTEN, async (issuer, follower) => {
        const [old] = issuer.keys() as [JWK];
        const before = await issuer.token();
        await follower.until('allowed', before);
        issuer.setKeys([await makeKey('ES256', old.kid)]);
        await follower.until('allowed', await issuer.token());
        if (gateway.proxy === 'HAProxy') expect(await follower.verdict(before)).toBe('signature_invalid');
        else await follower.until('signature_invalid', before);
      });
    });

    test('a provider that is stopped changes nothing for known keys, and new ones are found when it is back', async () => {
      await withFollower(gateway, OFTEN, async (issuer, follower) => {
        const [key] = issuer.keys() as [JWK];
        const known = await issuer.token();
        await follower.until('allowed', known);
        await issuer.stop();
        await eventually('a refresh failed', async () => {
          expect(await follower.verdict(known)).toBe('allowed');
          expect(await follower.verdict(await signWith(key, issuer.issuer))).toBe('allowed');
          return /problem: it sends no answer|"failures":[1-9]/.test(await follower.state());
        });
        expect(await follower.readiness()).toBe(200);
        expect(await follower.state()).toMatch(/^ready: yes$|"ready":true/m);
        issuer.setKeys([await makeKey(), key]);
        await issuer.start();
        await follower.until('allowed', await issuer.token());
        await eventually('both are logged', () =>
          [/; the last good keys stay in use/, /: \d fetched, revision \d/].every((line) => line.test(follower.log())),
        );
      });
    });

    test('a provider that is down at start means 503 for tokens, not ready, and recovery by itself', async () => {
      const issuer = await startIssuer();
      const [key] = issuer.keys() as [JWK];
      await issuer.stop();
      const follower = await gateway.start(following(issuer));
      try {
        const token = await signWith(key, issuer.issuer);
        const early = await follower.askWith(token);
        expect([early.status, early.headers['x-oauth-reason']]).toEqual([503, 'keys_unavailable']);
        expect(await follower.readiness()).toBe(503);
        expect((await follower.ask()).headers['x-oauth-reason']).toBe('credentials_missing');
        expect(await follower.state()).toMatch(/^ready: no$|"ready":false/m);
        await issuer.start();
        await follower.until('allowed', token);
        expect(await follower.readiness()).toBe(200);
        expect(follower.leaks()).toEqual([]);
      } finally {
        await follower.stop();
        await issuer.stop();
      }
    });

    test('while a provider is dead, unknown kids are refused at once after one bounded wait', async () => {
      await withFollower(gateway, { OAUTH_JWKS_COOLDOWN: '30' }, async (issuer, follower) => {
        await follower.until('allowed', await issuer.token());
        const stranger = await makeKey();
        await issuer.stop();
        for (let request = 0; request < 20; request++) {
          expect(await follower.verdict(await signWith(stranger, issuer.issuer))).toBe('key_unknown');
        }
      });
    });

    test('unknown kids cause no more fetches than time divided by the cooldown', async () => {
      const settings = { OAUTH_JWKS_REFRESH: '600', OAUTH_JWKS_COOLDOWN: '3' };
      await withFollower(gateway, settings, async (issuer, follower) => {
        const good = await issuer.token();
        await follower.until('allowed', good);
        const before = issuer.count('/jwks');
        const began = Date.now();
        const strangers = await Promise.all(Array.from({ length: 50 }, () => makeKey()));
        const strays = await Promise.all(strangers.map((key) => signWith(key, issuer.issuer)));
        while (Date.now() - began < 5000) {
          const answers = await Promise.all(strays.map((stray) => follower.verdict(stray)));
          expect(answers).toEqual(strays.map(() => 'key_unknown'));
          expect(await follower.verdict(good)).toBe('allowed');
        }
        const fetches = issuer.count('/jwks') - before;
        expect(fetches).toBeGreaterThan(0);
        expect(fetches).toBeLessThanOrEqual(1 + Math.ceil((Date.now() - began) / 3000));
      });
    });

    test('a discovery document of another issuer is refused, and named', async () => {
      const [issuer, other] = [await startIssuer(), await startIssuer()];
      issuer.misbehave((_, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ issuer: other.issuer, jwks_uri: other.jwksUrl }));
      });
      const follower = await gateway.start(following(issuer));
      try {
        const [[own], [foreign]] = [issuer.keys() as [JWK], other.keys() as [JWK]];
        for (const key of [own, foreign]) {
          const answer = await follower.askWith(await signWith(key, issuer.issuer));
          expect([answer.status, answer.headers['x-oauth-reason']]).toEqual([503, 'keys_unavailable']);
        }
        const named = /it names `\S+` instead of `\S+`: the discovery document belongs to another issuer/;
        await eventually('it is named', async () => named.test(await follower.state()));
        await eventually('it is logged', () =>
          follower.log().includes('the discovery document belongs to another issuer; there are no keys yet'),
        );
        expect(other.count('')).toBe(0);
        issuer.misbehave(undefined);
        await follower.until('allowed', await issuer.token());
      } finally {
        await follower.stop();
        await Promise.all([issuer.stop(), other.stop()]);
      }
    });
  },
);
