// What HAProxy remembers stays within its bound, whatever comes: very many tokens, ever-new ones, ever-new `kid`s.
import { describe, expect, test } from 'vitest';
import { askAll } from '../../bench/ask.mjs';
import { ecdsaSigner, hmacSigner, makeNewTokens } from '../../bench/new-tokens.mjs';
import { residentMemory } from '../../bench/processes.mjs';
import { cliLine, runCli } from './haproxy-cli';
import { startHaproxy, type Haproxy } from './haproxy-server';
import { AUDIENCE, startIssuer } from './issuer-server';
import { startLoad } from './keep-alive';
import { freePort, SUITES, type SuiteName } from './suite';

const ISSUER = 'https://issuer.example';
const CLAIMS = { iss: ISSUER, aud: AUDIENCE };
const SETTINGS = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE };
const SECRET = 'the-shared-secret-of-the-issuer-and-the-gateway';
const RULES = ['no log', 'http-request lua.jwtenforce', 'http-request return status 200'];

interface Gateway {
  readonly port: number;
  /** A number of `show jwtverify`. */
  readonly count: (name: string) => Promise<number>;
  /** Bytes. */
  readonly memory: () => number;
}

async function withGateway(
  suite: SuiteName,
  settings: Readonly<Record<string, string>>,
  run: (gateway: Gateway) => Promise<void>,
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  const cli = await freePort();
  const global = [cliLine(cli), 'nbthread 1'];
  const haproxy: Haproxy = await startHaproxy(suite, { settings, files, global, rules: RULES });
  try {
    await run({
      port: haproxy.port,
      count: async (name) =>
        Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(await runCli(cli, 'show jwtverify'))?.[1] ?? 'NaN'),
      memory: () => residentMemory(haproxy.pid),
    });
    expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
  } finally {
    await haproxy.stop();
  }
}

describe.each(SUITES)('%s', (suite) => {
  test('a hundred thousand tokens are all remembered where there is room for so many', async () => {
    const settings = { ...SETTINGS, OAUTH_HMAC_SECRET: SECRET, OAUTH_CACHE_SIZE: '100000' };
    await withGateway(suite, settings, async ({ port, count }) => {
      const tokens = makeNewTokens(hmacSigner(SECRET), 0, 100_000, CLAIMS);
      expect(await askAll(port, tokens)).toEqual({ 200: 100_000 });
      expect([await count('cache'), await count('accepted and verified')]).toEqual([100_000, 100_000]);
      expect(await askAll(port, tokens)).toEqual({ 200: 100_000 });
      expect(await count('cache')).toBe(100_000);
      expect([await count('accepted from cache'), await count('accepted and verified')]).toEqual([100_000, 100_000]);
      // More than there is room for.
      const more = makeNewTokens(hmacSigner(SECRET), 100_000, 200, CLAIMS);
      expect(await askAll(port, more)).toEqual({ 200: 200 });
      expect(await count('cache')).toBeLessThanOrEqual(100_000);
    });
  }, 180_000);

  test.each(['ES256', 'HS256'])(
    'ever-new tokens do not make it grow (%s)',
    async (algorithm) => {
      const ecdsa = ecdsaSigner();
      const signer = algorithm === 'ES256' ? ecdsa : hmacSigner(SECRET);
      const key: Readonly<Record<string, string>> =
        algorithm === 'ES256' ? { OAUTH_PUBKEY_PATH: 'DIRECTORY/key.pem' } : { OAUTH_HMAC_SECRET: SECRET };
      const settings = { ...SETTINGS, ...key, OAUTH_CACHE_SIZE: '1000' };
      await withGateway(
        suite,
        settings,
        async ({ port, count, memory }) => {
          const resident: number[] = [];
          for (let first = 0; first < 30_000; first += 3_000) {
            expect(await askAll(port, makeNewTokens(signer, first, 3_000, CLAIMS))).toEqual({ 200: 3_000 });
            expect(await count('cache')).toBeLessThanOrEqual(1_000);
            resident.push(memory());
          }
          expect(await count('accepted and verified')).toBe(30_000);
          // The first tokens warm it up. Were the later 21,000 kept, that would be 8 MB at the least.
          expect(resident.at(-1)).toBeLessThan((resident[2] ?? 0) + 2_000_000);
        },
        { 'key.pem': ecdsa.publicKey },
      );
    },
    120_000,
  );

  test('ever-new kids at full speed cause no more fetches than time divided by the cooldown, and no growth', async () => {
    const issuer = await startIssuer();
    const settings = { OAUTH_ISSUER: issuer.issuer, OAUTH_AUDIENCE: AUDIENCE, OAUTH_ALLOW_HTTP: '1' };
    try {
      await withGateway(suite, { ...settings, OAUTH_JWKS_COOLDOWN: '4' }, async ({ port, count, memory }) => {
        const known = await issuer.token();
        const load = startLoad(port, () => ['known', known]);
        await load.more('known', 50);
        const fetches = issuer.count('/jwks');
        const header = (kid: number) => ({ alg: 'ES256', kid: `stray-${String(kid)}` });
        const resident: number[] = [];
        let strays = 0;
        const start = Date.now();
        for (; Date.now() < start + 9000; strays += 2_000) {
          const tokens = makeNewTokens(hmacSigner(SECRET), strays, 2_000, { ...CLAIMS, iss: issuer.issuer, header });
          expect(await askAll(port, tokens)).toEqual({ 401: 2_000 });
          resident.push(memory());
        }
        const most = Math.ceil((Date.now() - start) / 4000);
        await load.end();
        expect(load.seen('known')).toEqual(['200']);
        expect(await count('refused key_unknown')).toBe(strays);
        expect(await count('cache')).toBe(1);
        expect(issuer.count('/jwks') - fetches).toBeGreaterThan(0);
        expect(issuer.count('/jwks') - fetches).toBeLessThanOrEqual(most);
        expect(resident.at(-1)).toBeLessThan((resident[0] ?? 0) + 4_000_000);
      });
    } finally {
      await issuer.stop();
    }
  });
});
