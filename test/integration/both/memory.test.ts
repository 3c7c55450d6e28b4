// What either proxy remembers stays within its bound, whatever comes: ever-new tokens, ever-new `kid`s.
import { describe, expect, test } from 'vitest';
import { askAll } from '../../../bench/ask.mjs';
import { ecdsaSigner, hmacSigner, makeNewTokens } from '../../../bench/new-tokens.mjs';
import { AUDIENCE, startIssuer } from '../helpers/issuer-server';
import { startLoad } from '../helpers/keep-alive';
import { following } from '../helpers/key-followers';
import { settingsGateways, type RunningSettings } from '../helpers/settings-gateways';

const ISSUER = 'https://issuer.example';
const CLAIMS = { iss: ISSUER, aud: AUDIENCE };
const SETTINGS = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE };
const SECRET = 'the-shared-secret-of-the-issuer-and-the-gateway';
const MEGABYTE = 1_000_000;

describe.each(settingsGateways('lua-load', 'dictionary'))('$name', { timeout: 180_000 }, ({ proxy, start }) => {
  /** HAProxy has exact counts. A small dictionary has room for about as many tokens, and takes its pages one by one. */
  const isHaproxy = proxy === 'HAProxy';
  const bounds = { workers: 1, isQuiet: true, zone: '1m' };

  test.each(['ES256', 'HS256'])('ever-new tokens do not make it grow (%s)', async (algorithm) => {
    const ecdsa = ecdsaSigner();
    const signer = algorithm === 'ES256' ? ecdsa : hmacSigner(SECRET);
    const key: Readonly<Record<string, string>> =
      algorithm === 'ES256' ? { OAUTH_PUBKEY_PATH: 'DIRECTORY/key.pem' } : { OAUTH_HMAC_SECRET: SECRET };
    const running = await start({
      ...bounds,
      settings: { ...SETTINGS, ...key, OAUTH_CACHE_SIZE: '1000' },
      files: { 'key.pem': ecdsa.publicKey },
    });
    const resident: number[] = [];
    for (let first = 0; first < 15_000; first += 1_500) {
      expect(await askAll(running.port, makeNewTokens(signer, first, 1_500, CLAIMS))).toEqual({ 200: 1_500 });
      expect(await running.remembered()).toBeLessThanOrEqual(isHaproxy ? 1_000 : 2_000);
      resident.push(running.memory());
    }
    if (isHaproxy) expect(await running.state()).toMatch(/^accepted and verified: 15000$/m);
    // The first tokens warm it up. Were the later 10,500 kept, that would be 4 MB at the least.
    expect(resident.at(-1)).toBeLessThan((resident[2] ?? 0) + (isHaproxy ? 2 : 3) * MEGABYTE);
    await running.stop();
  });

  test('ever-new kids at full speed cause no more fetches than time divided by the cooldown, and no growth', async () => {
    const issuer = await startIssuer();
    let running: RunningSettings | undefined;
    try {
      running = await start({ ...following(issuer, { OAUTH_JWKS_COOLDOWN: '4' }), workers: 1, isQuiet: true });
      const known = await issuer.token();
      await running.until('allowed', known);
      const load = startLoad(running.port, () => ['known', known]);
      await load.more('known', 50);
      const fetches = issuer.count('/jwks');
      const header = (kid: number) => ({ alg: 'ES256', kid: `stray-${String(kid)}` });
      const resident: number[] = [];
      let strays = 0;
      const began = Date.now();
      for (; Date.now() < began + 9000; strays += 2_000) {
        const tokens = makeNewTokens(hmacSigner(SECRET), strays, 2_000, { ...CLAIMS, iss: issuer.issuer, header });
        expect(await askAll(running.port, tokens)).toEqual({ 401: 2_000 });
        resident.push(running.memory());
      }
      const fetched = issuer.count('/jwks') - fetches;
      // The first cooldown may have been over before it began.
      const most = 1 + Math.ceil((Date.now() - began) / 4000);
      await load.end();
      expect(load.seen('known')).toEqual(['200']);
      expect(await running.remembered()).toBe(1);
      expect(fetched).toBeGreaterThan(0);
      expect(fetched).toBeLessThanOrEqual(most);
      if (isHaproxy) {
        expect(await running.state()).toMatch(new RegExp(`^refused key_unknown: ${String(strays)}$`, 'm'));
        expect(resident.at(-1)).toBeLessThan((resident[0] ?? 0) + 4 * MEGABYTE);
      } else {
        // Requests that wait for a fetch take contexts of QuickJS, the more the slower the machine is, and keep them.
        // What strays left behind would grow from one fetch to the next.
        const [half = 0] = resident.slice(Math.floor(resident.length / 2));
        expect(resident.at(-1)).toBeLessThan(half * 1.25 + 4 * MEGABYTE);
      }
    } finally {
      await running?.stop();
      await issuer.stop();
    }
  });
});
