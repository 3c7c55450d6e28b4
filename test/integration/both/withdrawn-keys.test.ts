// Keys that a provider withdraws, or does not confirm any more.
import type { JWK } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import { makeKey, publicPart, signWith, startIssuer, type Handler, type IssuerServer } from '../helpers/issuer-server';
import { eventually, pause } from '../helpers/keep-alive';
import { following } from '../helpers/key-followers';
import { settingsGateways, type RunningSettings, type SettingsGateway } from '../helpers/settings-gateways';

const TIMES = { OAUTH_JWKS_REFRESH: '10', OAUTH_JWKS_COOLDOWN: '1', OAUTH_JWKS_MAX_STALE: '60' };

/** Sets without a key for signatures. */
const EMPTIED: readonly (readonly [name: string, keys: readonly Readonly<Record<string, unknown>>[]])[] = [
  ['an empty set', []],
  [
    'a set with a key for encryption alone',
    [{ kty: 'RSA', use: 'enc', alg: 'RSA-OAEP', kid: 'e', n: 'AQ', e: 'AQAB' }],
  ],
];

async function withFollower(
  gateway: SettingsGateway,
  times: Readonly<Record<string, string>>,
  run: (issuer: IssuerServer, key: JWK, follower: RunningSettings) => Promise<void>,
): Promise<void> {
  const issuer = await startIssuer();
  const [key] = issuer.keys() as [JWK];
  const follower = await gateway.start(following(issuer, times, true));
  try {
    await run(issuer, key, follower);
  } finally {
    await follower.stop();
    await issuer.stop();
  }
}

function answerKeys(keys: readonly unknown[]): Handler {
  return (_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
}

// All of them wait more than they work.
vi.setConfig({ maxConcurrency: 12 });

describe.concurrent.each(settingsGateways('lua-load', 'lane, lua-load', 'dictionary'))(
  '$name',
  { timeout: 120_000 },
  (gateway) => {
    test.each(EMPTIED)(
      '%s counts once it is answered again a refresh later, for remembered tokens too',
      async (_, keys) => {
        await withFollower(gateway, TIMES, async (issuer, key, follower) => {
          const known = await signWith(key, issuer.issuer);
          const fresh = (): Promise<string> => signWith(key, issuer.issuer);
          await follower.until('allowed', known);
          expect(await follower.verdict(known)).toBe('allowed');
          let emptiedAt = 0;
          const empty = answerKeys(keys);
          issuer.misbehave((request, response) => {
            emptiedAt = emptiedAt === 0 ? Date.now() : emptiedAt;
            empty(request, response);
          });
          const stranger = await makeKey();
          // Whoever asks for unknown keys has the set fetched again, which brings no end nearer.
          while (emptiedAt === 0 || Date.now() - emptiedAt < 8000) {
            const verdicts = [
              await follower.verdict(await signWith(stranger, issuer.issuer)),
              await follower.verdict(await fresh()),
              await follower.verdict(known),
            ];
            // Ten seconds end the keys: on a slow machine a round may be longer than the rest of them.
            if (emptiedAt === 0 || Date.now() - emptiedAt < 9500) {
              expect(verdicts).toEqual(['key_unknown', 'allowed', 'allowed']);
            }
            await pause(500);
          }
          await follower.until('keys_unavailable', known);
          expect(await follower.verdict(await fresh())).toBe('keys_unavailable');
          expect(await follower.state()).toMatch(/`keys` is empty/);
          expect(await follower.state()).toMatch(/keys"?: ?0/);
          expect(follower.log()).toMatch(/`keys` is empty.*so its keys are withdrawn/);
          const next = await makeKey();
          issuer.misbehave(answerKeys([publicPart(next)]));
          await follower.until('allowed', () => signWith(next, issuer.issuer));
          expect(await follower.verdict(known)).toBe('key_unknown');
        });
      },
    );

    test('a slip of one answer locks nobody out', async () => {
      await withFollower(gateway, TIMES, async (issuer, key, follower) => {
        const token = (): Promise<string> => signWith(key, issuer.issuer);
        await follower.until('allowed', token);
        const empty = answerKeys([]);
        let slips = 0;
        issuer.misbehave((request, response) => {
          slips += 1;
          empty(request, response);
          issuer.misbehave(undefined);
        });
        for (let second = 0; second < 26; second += 1) {
          expect(await follower.verdict(await token())).toBe('allowed');
          await pause(1000);
        }
        expect(slips).toBe(1);
      });
    });
  },
);

describe.concurrent.each(settingsGateways('lua-load', 'dictionary', 'no dictionary'))(
  '$name',
  { timeout: 120_000 },
  (gateway) => {
    const stale = gateway.proxy === 'HAProxy' ? /\(stale: its keys do not count\)/ : /"stale":true/;
    const staleLogged =
      gateway.keeping === 'no dictionary'
        ? /the last good answer is too old, so its keys no longer count/
        : /the last good answer is [2-9]\d seconds old, so its keys no longer count/;

    test('keys count no longer than the longest staleness, and again when the same ones are confirmed', async () => {
      await withFollower(gateway, { ...TIMES, OAUTH_JWKS_MAX_STALE: '20' }, async (issuer, key, follower) => {
        const known = await signWith(key, issuer.issuer);
        const fresh = (): Promise<string> => signWith(key, issuer.issuer);
        await follower.until('allowed', known);
        await issuer.stop();
        const stoppedAt = Date.now();
        // A refresh came ten seconds ago at the most.
        while (Date.now() - stoppedAt < 8000) {
          const verdicts = [await follower.verdict(known), await follower.verdict(await fresh())];
          if (Date.now() - stoppedAt < 9500) expect(verdicts).toEqual(['allowed', 'allowed']);
          await pause(1000);
        }
        await follower.until('keys_stale', known);
        expect(await follower.verdict(await fresh())).toBe('keys_stale');
        expect(await follower.state()).toMatch(stale);
        // nginx logs it with the next failure.
        await eventually('it is logged', async () => {
          await follower.verdict(known);
          return staleLogged.test(follower.log());
        });
        await issuer.start();
        await follower.until('allowed', known);
        expect(await follower.verdict(await fresh())).toBe('allowed');
        expect(await follower.state()).not.toMatch(stale);
      });
    });
  },
);
