// The broker's tokens by each kind of key and algorithm, on both proxies in all suites: what `jose` and our own proxies make of them.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signIn, startBroker, tokenOf } from '../helpers/broker-gateway';
import { startBrokerWorld, type BrokerWorld } from '../helpers/broker-world';
import { EITHER, type EitherProxy } from '../helpers/either-proxy';
import { IS_STOCK } from '../helpers/haproxy-server';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';

const pemOf = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }));
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const ed = generateKeyPairSync('ed25519').privateKey;
/** What nginx does is the same with and without HAProxy's libraries. */
const GATEWAYS = LOGIN_GATEWAYS.filter(({ proxy }) => !IS_STOCK || proxy === 'HAProxy');
/** HAProxy checks all of them. Debian's njs has no Ed25519. */
const CHECKERS = EITHER.filter(([name]) => ['HAProxy of trixie', 'nginx, QuickJS'].includes(name));

describe.each(GATEWAYS)('$name', (gateway) => {
  let world: BrokerWorld;
  beforeAll(async () => {
    world = await startBrokerWorld([gateway.name]);
  });
  afterAll(() => world.stop());

  const kinds = [
    ['PS256', rsa, { alg: 'PS256' }],
    // Without luaossl HAProxy has RSA and Ed25519 alone.
    ...(IS_STOCK ? [] : [['ES256', ec, {}] as const]),
    ['EdDSA', ed, {}],
  ] as const;

  test.each(kinds)('%s', async (alg, key, more) => {
    const pem = pemOf(key);
    const keys = [{ kid: alg, private_key_file: 'DIRECTORY/other.pem', ...more }];
    const changes = { broker: { keys, signs_with: alg } };
    const broker = await startBroker(world, gateway, changes, { files: { 'other.pem': pem } });
    const issuers = [{ issuer: broker.origin, audiences: ['register'], keys: { discovery: true } }];
    const checkers = await Promise.all(CHECKERS.map(([, start]) => start({ issuers })));
    try {
      // Two of them: the second one finds the key ready.
      for (let count = 0; count < 2; count += 1) {
        const token = tokenOf(await signIn(broker, 'google', 'gus'));
        expect(decodeProtectedHeader(token)).toEqual({ alg, kid: alg, typ: 'JWT' });
        const keySet = createRemoteJWKSet(new URL(`${broker.origin}/oauth2/v1/certs`));
        const { payload } = await jwtVerify(token, keySet, { issuer: broker.origin, audience: 'register' });
        expect(payload['provider']).toBe('google');
        await judgeAll(checkers, alg, token);
      }
    } finally {
      await Promise.all(checkers.map((checker) => checker.stop()));
      await broker.stop();
    }
    expect(broker.leaks()).toEqual([]);
    for (const line of pem.split('\n').filter((text) => text.length > 20)) expect(broker.log()).not.toContain(line);
  });
});

async function judgeAll(checkers: readonly EitherProxy[], alg: string, token: string): Promise<void> {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const other = signature.startsWith('A') ? 'B' : 'A';
  const changed = [header, claims, other + signature.slice(1)].join('.');
  for (const [index, checker] of checkers.entries()) {
    const isAble = alg !== 'EdDSA' || (CHECKERS[index]?.[0] ?? '').startsWith('HAProxy');
    if (!isAble) {
      expect((await checker.judge(token)).status).not.toBe(200);
      continue;
    }
    expect((await checker.judgeUntil(token, 200)).status).toBe(200);
    expect((await checker.judge(changed)).status).toBe(401);
  }
}
