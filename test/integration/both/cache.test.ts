// Tokens that either proxy has verified are remembered, and never longer than they hold.
import { describe, expect, test } from 'vitest';
import { eventually } from '../helpers/keep-alive';
import { AUDIENCE, makeKey, publicPart, signWith } from '../helpers/issuer-server';
import { settingsGateways, type RunningSettings } from '../helpers/settings-gateways';

const ISSUER = 'https://issuer.example';
const KEY = await makeKey();
const STRANGER = await makeKey('ES256', KEY.kid);
const SETTINGS = {
  OAUTH_ISSUER: ISSUER,
  OAUTH_AUDIENCE: AUDIENCE,
  OAUTH_JWKS_PATH: 'DIRECTORY/jwks.json',
  OAUTH_CLOCK_SKEW: '0',
};
const FILES = { 'jwks.json': JSON.stringify({ keys: [publicPart(KEY)] }) };

const sign = (claims = {}, seconds = 600): Promise<string> => signWith(KEY, ISSUER, seconds, claims);

describe.each(settingsGateways('lua-load', 'dictionary', 'no dictionary'))('$name', (gateway) => {
  async function withGateway(
    more: Readonly<Record<string, string>>,
    run: (running: RunningSettings) => Promise<void>,
  ): Promise<void> {
    const running = await gateway.start({ settings: { ...SETTINGS, ...more }, files: FILES, workers: 1 });
    try {
      await run(running);
      expect(running.leaks()).toEqual([]);
    } finally {
      await running.stop();
    }
  }
  /** What is remembered, where somebody can count it. */
  const expectRemembered = async (running: RunningSettings, wanted: number): Promise<void> => {
    expect([undefined, wanted]).toContain(await running.remembered());
  };

  test('a token ends with its exp, though it is remembered and comes again and again', async () => {
    await withGateway({}, async (running) => {
      const token = await sign({}, 8);
      const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp: number };
      for (let round = 0; round < 5; round += 1) expect(await running.verdict(token)).toBe('allowed');
      let last = '';
      await eventually('it is refused', async () => (last = await running.verdict(token)) !== 'allowed');
      expect(Math.floor(Date.now() / 1000)).toBeGreaterThanOrEqual(exp);
      expect(last).toBe('expired');
      // nginx: the first request of a second looks at everything, the others at what is remembered alone.
      for (let round = 0; round < 5; round += 1) {
        const answer = await running.askWith(token);
        expect([answer.status, answer.headers['x-oauth-reason']]).toEqual([401, 'expired']);
      }
    });
  });

  test('nothing but the whole token is recognised', async () => {
    await withGateway({}, async (running) => {
      const token = await sign();
      for (let round = 0; round < 3; round += 1) expect(await running.verdict(token)).toBe('allowed');
      const [head = '', payload = '', signature = ''] = token.split('.');
      const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
      const other = Buffer.from(JSON.stringify({ sub: 'somebody else' })).toString('base64url');
      const forged = `${head}.${other}.${signature}`;
      for (const field of [
        `Bearer ${forged}`,
        `Bearer ${head}.${payload}.${flipped}`,
        `Bearer ${head}.${payload}.`,
        `Bearer ${token.slice(0, -1)}`,
        `Bearer ${token.slice(1)}`,
        `Bearer ${token}A`,
        `Bearer x${token}`,
        `Bearer .${signature}`,
        `Basic ${token}`,
        token.slice(-43),
        '__proto__',
        'constructor',
      ]) {
        const answer = await running.ask({ headers: [['Authorization', field]] });
        expect([field, answer.status]).toEqual([field, 401]);
      }
      for (const second of [token, forged]) {
        const headers = [token, second].map((one) => ['Authorization', `Bearer ${one}`] as const);
        const twice = await running.ask({ headers });
        // nginx itself refuses a second line.
        const reason = gateway.proxy === 'HAProxy' ? 'authorization_repeated' : undefined;
        expect([twice.status, twice.headers['x-oauth-reason']]).toEqual([400, reason]);
      }
      expect(await running.verdict(token)).toBe('allowed');
      await expectRemembered(running, 1);
    });
  });

  test('a remembered token says what it said at first', async () => {
    await withGateway({}, async (running) => {
      const token = await sign({ sub: 'caf\u00e9 \u{1f439}', scope: 'read:hamsters write:hamsters' });
      const names =
        gateway.proxy === 'HAProxy'
          ? ['x-status', 'x-scopes', 'x-claim-sub', 'x-reason']
          : ['x-oauth-status', 'x-oauth-scopes', 'x-oauth-subject', 'x-oauth-reason'];
      const said = async (): Promise<readonly unknown[]> => {
        const { status, headers } = await running.askWith(token);
        return [status, ...names.map((name) => headers[name])];
      };
      const first = await said();
      expect([first[0], first[2]]).toEqual([200, 'read:hamsters write:hamsters']);
      expect(first[3]).not.toBe('');
      for (let round = 0; round < 3; round += 1) expect(await said()).toEqual(first);
    });
  });

  test('only tokens that were allowed are remembered', async () => {
    await withGateway({}, async (running) => {
      for (let round = 0; round < 20; round += 1) {
        expect(await running.verdict(await signWith(STRANGER, ISSUER))).toBe('signature_invalid');
        expect(await running.verdict(await sign({ aud: 'x' }))).toBe('audience_refused');
      }
      expect(await running.verdict(await sign({ exp: 1 }))).toBe('expired');
      expect((await running.askWith('x')).status).toBe(401);
      await expectRemembered(running, 0);
      if (gateway.proxy === 'HAProxy') {
        expect(await running.state()).toMatch(/^refused signature_invalid: 20$/m);
        expect(await running.state()).toMatch(/^refused audience_refused: 20$/m);
      }
      const token = await sign();
      for (let round = 0; round < 3; round += 1) expect(await running.verdict(token)).toBe('allowed');
      await expectRemembered(running, 1);
    });
  });

  test('OAUTH_CACHE_SIZE 0 remembers nothing', async () => {
    await withGateway({ OAUTH_CACHE_SIZE: '0' }, async (running) => {
      const token = await sign();
      for (let round = 0; round < 3; round += 1) expect(await running.verdict(token)).toBe('allowed');
      await expectRemembered(running, 0);
    });
  });
});
