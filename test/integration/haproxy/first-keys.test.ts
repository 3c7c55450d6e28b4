// The first keys of many issuers come while tokens are judged: HAProxy suspends a task between any two instructions, here
// after every 500 of them, and no request may be judged with the keys of before.
import { describe, expect, test } from 'vitest';
import { AUDIENCE, makeKey, publicPart, signWith } from '../helpers/issuer-server';
import { keySet, startKeyServer } from '../helpers/nginx-provider';
import { resultOf } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS } from '../helpers/policy-gateways';

const ISSUERS = 8;
const ROUNDS = 5;
const HAPROXIES = POLICY_GATEWAYS.filter(({ proxy }) => proxy === 'HAProxy');

describe.each(HAPROXIES)('$name', (gateway) => {
  test(
    'accepts the first token of each of eight issuers, whose keys come meanwhile',
    { timeout: 120_000 },
    async () => {
      const keys = await Promise.all(Array.from({ length: ISSUERS }, () => makeKey('RS256')));
      const servers = await Promise.all(keys.map((key) => startKeyServer(keySet([publicPart(key)]))));
      const issuers = servers.map(({ origin }) => ({
        issuer: origin,
        audiences: [AUDIENCE],
        keys: { jwks_url: `${origin}/keys` },
      }));
      const policy = { issuers, allow_http: true, otherwise: 'authenticated' };
      const tokens = await Promise.all(keys.map((key, index) => signWith(key, servers[index]?.origin ?? '')));
      for (let round = 0; round < ROUNDS; round += 1) {
        const running = await gateway.start(policy, { haproxy: { global: ['tune.lua.forced-yield 500'] } });
        const answers = await Promise.all(tokens.map((token) => running.askWith(token)));
        await running.stop();
        expect(answers.map((answer) => resultOf(answer)?.reason)).toEqual(tokens.map(() => ''));
      }
      for (const server of servers) await server.stop();
    },
  );
});
