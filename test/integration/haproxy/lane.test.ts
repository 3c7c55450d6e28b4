// The lane of HAProxy's own C answers as the action does, to the second, and passes nothing that the action would not.
import { beforeAll, describe, expect, test, type TestContext } from 'vitest';
import type { JWK } from 'jose';
import { makeKey, signWith } from '../helpers/issuer-server';
import { eventually } from '../helpers/keep-alive';
import { bearer, CHECK, ISSUER, startKeys, startLane, type KeyServer, type LaneGateway } from '../helpers/lane';
import { SUITES } from '../helpers/suite';

/** HAProxy 2.6 has no lane. */
const LANES = SUITES.filter((suite) => suite !== 'bookworm');
/** `JWTVERIFY_LANE_REQUESTS=100000` is for a long run. */
const REQUESTS = Number(process.env['JWTVERIFY_LANE_REQUESTS'] ?? 2400);
const BATCH = 120;

let key: JWK;
let other: JWK;

beforeAll(async () => {
  key = await makeKey('ES256', 'first');
  other = await makeKey('ES256', 'second');
});

type Headers = readonly (readonly [string, string])[];

/** A token that was issued long ago: another one could be valid only after the clock has been set back. */
const signOld = (seconds: number): Promise<string> =>
  signWith(key, ISSUER, seconds, { iat: Math.floor(Date.now() / 1000) - 400 });

/** Claims of all kinds, some of which no entry can hold. */
const CLAIMS: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { sub: 'Jürgen Ünal', groups: ['a', 'b c'], scope: 'read:hamsters write:hamsters' },
  { sub: 'auth0|5f7c', azp: 'app', email_verified: true, address: { street: 'a=b' } },
  { scope: '', only_first: '', email_verified: false, sid: 's-1' },
  { scp: ['x', 'y'], scope: undefined, aud: ['https://api.example', 'https://other.example'] },
  { only_first: 7 },
  { email_verified: 'yes' },
  { only_first: 'line\nbreak' },
  { only_first: 'a\u001fs=admin' },
  { groups: 'x'.repeat(3000) },
  { sub: 'turbo', client_id: 'client', azp: 'azp', appid: 'appid', cid: 'cid', sid: 'sid/|:' },
  { nbf: Math.floor(Date.now() / 1000) - 100, iat: undefined },
];

const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

/** A request with a token as clients send them, or in a way in which they do not. */
function dress(token: string): Headers {
  const way = Math.floor(Math.random() * 24);
  if (way === 0) return [bearer(token), bearer(token)];
  if (way === 1) return [['Authorization', `bearer ${token}`]];
  if (way === 2) return [['Authorization', `Bearer  ${token}`]];
  if (way === 3) return [['Authorization', `Bearer ${token}, Bearer ${token}`]];
  if (way === 4) return [['Authorization', `Basic ${token}`]];
  if (way === 5) return [bearer(token), ['Connection', 'keep-alive']];
  if (way === 6) return [bearer(token), ['Connection', 'keep-alive, X-OAuth-Subject']];
  if (way === 7) return [bearer(token), ['Upgrade', 'foo'], ['Connection', 'Upgrade']];
  if (way === 8) return [bearer(token), ['HTTP2-Settings', 'AAMAAABkAAQAAP__']];
  if (way === 9) return [bearer(`${token.slice(0, -4)}AAAA`)];
  if (way === 10) return [bearer(token), ['authorization', '']];
  if (way === 11) return [];
  return [bearer(token)];
}

describe.concurrent.each(LANES)('%s', { timeout: 900_000 }, (suite) => {
  /** In a process of its own, which ends with the test. */
  async function start(
    context: Pick<TestContext, 'onTestFinished'>,
    options: Omit<Parameters<typeof startLane>[1], 'keys'> = {},
  ): Promise<{ gateway: LaneGateway; keys: KeyServer }> {
    const keys = await startKeys([key, other]);
    context.onTestFinished(() => keys.stop());
    const gateway = await startLane(suite, { keys: keys.url, ...options });
    context.onTestFinished(() => gateway.stop());
    await eventually('keys are there', async () => /^ready: yes/m.test(await gateway.cli('show jwtverify')));
    return { gateway, keys };
  }

  /** Asks both ways; the answer of the lane is that of the action just before or just after. */
  async function compare(gateway: LaneGateway, headers: Headers): Promise<number> {
    const before = await gateway.ask('plain', headers);
    const lane = await gateway.ask('lane', headers);
    const after = await gateway.ask('plain', headers);
    expect([JSON.stringify(before), JSON.stringify(after)]).toContain(JSON.stringify(lane));
    return lane.status;
  }

  test('answers mixed requests with the same status, variables and headers as the action', async (context) => {
    const { gateway, keys } = await start(context);
    const known = await Promise.all(CLAIMS.map((claims) => signWith(key, ISSUER, 3600, claims)));
    const removed = await signWith(other, ISSUER, 3600, { sub: 'of the other key' });
    const denials = ['sub:turbo', 'sub:auth0%7C5f7c', 'azp:app', 'sid:s-1', 'kid:first', 'client:client', 'sub:nobody'];
    const seen = new Map<number, number>();
    let hasOther = true;
    let expiring = await signOld(18);
    for (let done = 0; done < REQUESTS; done += BATCH) {
      const entry = pick(denials);
      const command = Math.random() < 0.5 ? `add map ${gateway.deny} ${entry} 1` : `clear map ${gateway.deny}`;
      await gateway.cli(command);
      if (done > REQUESTS / 2 && hasOther) {
        hasOther = false;
        keys.setKeys([key]);
        await eventually('the key is gone', async () => (await gateway.ask('plain', [bearer(removed)])).status === 503);
      }
      if ((await gateway.ask('plain', [bearer(expiring)])).status === 503) expiring = await signOld(18);
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (let turn = 0; turn < BATCH / 8; turn += 1) {
            const isNew = Math.random() < 0.05;
            const token = isNew
              ? await signWith(key, ISSUER, 600, pick(CLAIMS))
              : pick([...known, ...known, expiring, expiring, removed]);
            const status = await compare(gateway, dress(token));
            seen.set(status, (seen.get(status) ?? 0) + 1);
          }
        }),
      );
    }
    expect(seen.get(200)).toBeGreaterThan(REQUESTS / 10);
    expect(seen.get(503)).toBeGreaterThan(REQUESTS / 10);
    // Of three requests one came by the lane; many of them never came to Lua.
    const status = await gateway.cli('show jwtverify');
    const counted = [...status.matchAll(/^(?:accepted|refused) [^:]+: (\d+)$/gm)].map(([, number]) => Number(number));
    const inLua = counted.reduce((sum, number) => sum + number, 0);
    expect(inLua).toBeLessThan(REQUESTS * 3 - REQUESTS / 10);
    expect(gateway.haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
  });

  test('lets a token pass to its last second and not longer', async (context) => {
    const { gateway } = await start(context, { hasDenyList: false });
    const token = await signOld(17);
    await eventually('it is in the lane', async () => {
      await compare(gateway, [bearer(token)]);
      return (await gateway.entries()) === 1;
    });
    await eventually('it has expired', async () => (await compare(gateway, [bearer(token)])) === 503);
  });

  test.for(['lua-load', 'lua-load-per-thread'] as const)(
    '%s: a key that is withdrawn ends its tokens in the lane, and others stay',
    async (load, context) => {
      const { gateway, keys } = await start(context, { load, global: ['nbthread 2'] });
      const [old, good] = [await signWith(other, ISSUER), await signWith(key, ISSUER)];
      const ask = async (token: string): Promise<readonly number[]> => {
        const answers = Array.from({ length: 8 }, () => gateway.ask('lane', [bearer(token)]));
        return (await Promise.all(answers)).map(({ status }) => status);
      };
      await eventually('both are in the lane', async () => {
        await ask(old);
        await ask(good);
        return (await gateway.entries()) === 2;
      });
      keys.setKeys([key]);
      await eventually('every state refuses it', async () => (await ask(old)).every((status) => status === 503));
      for (let time = 0; time < 5; time += 1) {
        expect(await ask(old)).toEqual(Array.from({ length: 8 }, () => 503));
        expect(await ask(good)).toEqual(Array.from({ length: 8 }, () => 200));
      }
    },
  );

  test('an action below, which judges another token, takes away what the lane has set', async (context) => {
    const more = [
      ...['authorized', 'oauth_status', 'oauth_scopes'].map((name) => `http-request unset-var(txn.${name})`),
      'http-request set-header Authorization "Bearer another"',
      'http-request lua.jwtverify',
      CHECK,
    ];
    const { gateway } = await start(context, { more });
    const token = await signWith(key, ISSUER);
    for (let time = 0; time < 4; time += 1) {
      const answer = await gateway.ask('lane', [bearer(token)]);
      expect(answer).toEqual(await gateway.ask('plain', [bearer(token)]));
      expect([answer.status, answer.shown]).toEqual([503, expect.not.stringContaining('turbo')]);
    }
    expect(await gateway.entries()).toBe(1);
  });

  test('an operator who clears its maps refuses nobody, and it fills again', async (context) => {
    const { gateway } = await start(context, { load: 'lua-load-per-thread', global: ['nbthread 2'] });
    const enter = async (): Promise<string> => {
      const token = await signWith(key, ISSUER);
      await eventually('it is in the lane', async () => {
        expect((await gateway.ask('lane', [bearer(token)])).status).toBe(200);
        return (await gateway.entries()) > 0;
      });
      return token;
    };
    for (const map of ['/dev/./null', '/dev/.//null', '/dev/././null']) {
      const token = await enter();
      await gateway.cli(`clear map ${map}`);
      await gateway.cli('clear map /dev/./null');
      expect((await gateway.ask('lane', [bearer(token)])).status).toBe(200);
    }
    await enter();
  });

  test('lets nothing in that comes once, and never more than the setting says', async (context) => {
    const { gateway } = await start(context, { settings: { OAUTH_LANE_SIZE: '20' } });
    const tokens = await Promise.all(Array.from({ length: 60 }, () => signWith(key, ISSUER)));
    for (const token of tokens) expect((await gateway.ask('lane', [bearer(token)])).status).toBe(200);
    // A token that does not live for five minutes never comes in, however often it comes.
    const short = await signWith(key, ISSUER, 290);
    for (let time = 0; time < 4; time += 1) expect((await gateway.ask('lane', [bearer(short)])).status).toBe(200);
    expect(await gateway.entries()).toBe(0);
    for (const token of [...tokens, ...tokens]) expect((await gateway.ask('lane', [bearer(token)])).status).toBe(200);
    expect(await gateway.entries()).toBe(20);
    await eventually('they are counted', async () => (await gateway.count('lane')) === 20);
    const before = await gateway.count('accepted from cache');
    for (const token of tokens) expect((await gateway.ask('lane', [bearer(token)])).status).toBe(200);
    expect((await gateway.count('accepted from cache')) - before).toBe(40);
  });
});
