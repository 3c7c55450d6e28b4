// A new key of the broker, by the steps of docs/broker.md, while people sign in without a pause: published ahead, then signing, and
// the old one withdrawn. No token is ever refused by a proxy that knows the broker by its discovery document.
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signIn, startBroker, tokenOf, type RunningBroker } from '../helpers/broker-gateway';
import { makeBrokerKey, startBrokerWorld, type BrokerWorld } from '../helpers/broker-world';
import { EITHER, type EitherProxy } from '../helpers/either-proxy';
import { eventually } from '../helpers/keep-alive';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';

const CHECKERS = EITHER.filter(([name]) => ['HAProxy of trixie', 'nginx, QuickJS'].includes(name));
/** Tokens that each step mints, and that count. */
const ENOUGH = 5;
const next = makeBrokerKey('2026-12');

describe.each(LOGIN_GATEWAYS.filter(({ discovers }) => discovers))('$name', (gateway) => {
  let world: BrokerWorld;
  let checkers: readonly EitherProxy[];
  let broker: RunningBroker | undefined;

  /** The broker with other keys takes the place of the one before, as a reload does it. */
  async function become(kids: readonly string[], signer: string): Promise<void> {
    const files = { [world.key.kid]: 'broker.pem', [next.kid]: 'next.pem' };
    const keys = kids.map((kid) => ({ kid, private_key_file: `DIRECTORY/${files[kid] ?? ''}` }));
    const before = broker;
    broker = await startBroker(
      world,
      gateway,
      { broker: { keys, signs_with: signer } },
      { files: { 'next.pem': next.pem } },
    );
    await before?.stop();
  }

  async function mint(): Promise<string> {
    if (broker === undefined) throw new Error('no broker');
    return tokenOf(await signIn(broker, 'google', 'gus'));
  }

  /** Each verdict that is not good, of tokens that are minted and shown one after the other. */
  async function findRefusals(kid: string, known: string[]): Promise<readonly string[]> {
    const refused: string[] = [];
    for (let count = 0; count < ENOUGH; count += 1) {
      const token = await mint();
      expect(decodeProtectedHeader(token).kid).toBe(kid);
      known.push(token);
      for (const checker of checkers) {
        for (const shown of known) {
          const { status, reason } = await checker.judge(shown);
          if (status !== 200) refused.push(`${kid}: ${String(status)} ${reason}`);
        }
      }
    }
    return refused;
  }

  beforeAll(async () => {
    world = await startBrokerWorld([gateway.name]);
    await become([world.key.kid], world.key.kid);
    const issuers = [{ issuer: broker?.origin, audiences: ['register'], keys: { discovery: true } }];
    checkers = await Promise.all(CHECKERS.map(([, start]) => start({ issuers, policy: { jwks_refresh: 60 } })));
  });
  afterAll(async () => {
    await Promise.all(checkers.map((proxy) => proxy.stop()));
    await broker?.stop();
    await world.stop();
  });

  test('changes its key, and no token is refused on the way', async () => {
    const old = world.key.kid;
    const known: string[] = [];
    const first = await mint();
    for (const checker of checkers) expect((await checker.judgeUntil(first, 200)).status).toBe(200);
    expect(await findRefusals(old, known)).toEqual([]);
    await become([old, next.kid], old);
    expect(await findRefusals(old, known)).toEqual([]);
    // The operator waits until everybody has the new key; an unknown one is fetched at once.
    await become([old, next.kid], next.kid);
    await eventually('every proxy has the new key', async () => {
      const token = await mint();
      const verdicts = await Promise.all(checkers.map((checker) => checker.judge(token)));
      return verdicts.every(({ status }) => status === 200);
    });
    expect(await findRefusals(next.kid, known)).toEqual([]);
    const fresh: string[] = [];
    await become([next.kid], next.kid);
    expect(await findRefusals(next.kid, fresh)).toEqual([]);
  });
});
