// Very many tokens in HAProxy's memory, where OAUTH_CACHE_SIZE has room for so many.
import { describe, expect, test } from 'vitest';
import { askAll } from '../../../bench/ask.mjs';
import { hmacSigner, makeNewTokens } from '../../../bench/new-tokens.mjs';
import { cliLine, runCli } from '../helpers/haproxy-cli';
import { startHaproxy, type Haproxy } from '../helpers/haproxy-server';
import { AUDIENCE } from '../helpers/issuer-server';
import { freePort, SUITES, type SuiteName } from '../helpers/suite';

const ISSUER = 'https://issuer.example';
const CLAIMS = { iss: ISSUER, aud: AUDIENCE };
const SETTINGS = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE };
const SECRET = 'the-shared-secret-of-the-issuer-and-the-gateway';
const RULES = ['no log', 'http-request lua.jwtenforce', 'http-request return status 200'];

interface Gateway {
  readonly port: number;
  /** A number of `show jwtverify`. */
  readonly count: (name: string) => Promise<number>;
}

async function withGateway(
  suite: SuiteName,
  settings: Readonly<Record<string, string>>,
  run: (gateway: Gateway) => Promise<void>,
): Promise<void> {
  const cli = await freePort();
  const global = [cliLine(cli), 'nbthread 1'];
  const haproxy: Haproxy = await startHaproxy(suite, { settings, global, rules: RULES });
  try {
    await run({
      port: haproxy.port,
      count: async (name) =>
        Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(await runCli(cli, 'show jwtverify'))?.[1] ?? 'NaN'),
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
});
