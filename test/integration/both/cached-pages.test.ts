// A cache between either proxy and the application: without `Authorization` it cannot tell one user's page from another's
// (RFC 9111 §3.5), so the proxy asks it to store none.
import { describe, expect, test } from 'vitest';
import { valuesOf } from '../helpers/echo-backend';
import { ISSUERS, tokenOf } from '../helpers/haproxy-policy-server';
import { bearer, type Pairs } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS, useGateway } from '../helpers/policy-gateways';

const RULES = [{ paths: ['/open'], access: 'public' }, { paths: ['/**'] }];
const POLICIES = [
  { title: 'the token is removed', more: { authorization: 'remove' } },
  {
    title: 'the token is removed, and the user forwarded',
    more: { authorization: 'remove', forward: { 'X-User': 'user' } },
  },
  { title: 'the token stays', more: {} },
];
const OWN = ['Cache-Control', 'max-age=0'] as const;

describe.each(POLICY_GATEWAYS)('no cache behind $name stores a page for everybody', (gateway) => {
  describe.each(POLICIES)('$title', ({ more }) => {
    const running = useGateway(gateway, { issuers: ISSUERS, rules: RULES, ...more });

    test.each(gateway.ways)('%s', async (way) => {
      const authorization = bearer(tokenOf());
      const isRemoved = 'authorization' in more;
      const ask = async (path: string, headers: Pairs): Promise<unknown> => {
        running().backend.clear();
        const { status } = await running().ask({ way, path, headers });
        const reached = running().backend.reached[0];
        return [status, valuesOf(reached, 'Cache-Control'), valuesOf(reached, 'Authorization').length];
      };
      // The second time the token is remembered, where something lasts.
      for (let round = 0; round < 2; round += 1) {
        expect(await ask('/x', [authorization])).toEqual([200, isRemoved ? ['no-store'] : [], isRemoved ? 0 : 1]);
        const own = await ask('/x', [authorization, OWN]);
        // HAProxy adds a line, nginx replaces the client's.
        const lines = gateway.proxy === 'HAProxy' ? [OWN[1], 'no-store'] : ['no-store'];
        expect(own).toEqual([200, isRemoved ? lines : [OWN[1]], isRemoved ? 0 : 1]);
      }
      expect(await ask('/open', [OWN])).toEqual([200, [OWN[1]], 0]);
      expect(await ask('/open', [])).toEqual([200, [], 0]);
    });
  });
});
