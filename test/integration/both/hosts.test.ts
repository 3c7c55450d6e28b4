// Which host and which path either proxy judges: those of the request line or of HTTP/2, never another's.
import { describe, expect, test } from 'vitest';
import { ISSUERS, tokenOf } from '../helpers/haproxy-policy-server';
import { askHttp2 } from '../helpers/http2';
import { bearer, resultOf } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS, useGateway } from '../helpers/policy-gateways';

const POLICY = {
  issuers: ISSUERS,
  rules: [
    { name: 'admin', hosts: ['admin.example'], paths: ['/**'], require: { groups: { any: ['admins'] } } },
    { name: 'read', methods: ['GET'], paths: ['/**'] },
  ],
};

describe.each(POLICY_GATEWAYS)('$name', (gateway) => {
  const running = useGateway(gateway, POLICY);

  describe.each(gateway.ways)('%s', (way) => {
    test('the host of an absolute-form target counts, and one that the Host header contradicts is refused', async () => {
      const ask = async (path: string, host: string): Promise<unknown> => {
        const answer = await running().ask({ way, path, headers: [['Host', host], bearer(tokenOf())] });
        const { status, reason, rule } = resultOf(answer) ?? { status: answer.status, reason: 'not judged', rule: '' };
        return [status, reason, rule];
      };
      // HAProxy itself refuses what it does not regard as HTTP.
      const isHaproxy = gateway.proxy === 'HAProxy';
      expect(await ask('http://api.example/x', 'api.example')).toEqual([200, '', 'read']);
      expect(await ask('http://admin.example/x', 'admin.example')).toEqual([403, 'groups_refused', 'admin']);
      expect(await ask('http://admin.example/x', 'api.example')).toEqual([
        400,
        isHaproxy ? 'not judged' : 'host_contradicted',
        '',
      ]);
      const queried = await ask('http://admin.example?x', 'admin.example');
      expect([[400, 'target_malformed', ''], ...(isHaproxy ? [[400, 'not judged', '']] : [])]).toContainEqual(queried);
    });

    test('a request by HTTP/2 is judged by its :path and :authority', async () => {
      const authorization = `Bearer ${tokenOf()}`;
      const ask = async (path: string, authority: string, more = {}): Promise<number> => {
        const headers = { ':path': path, ':authority': authority, authorization, ...more };
        // HAProxy refuses two hosts by the end of the stream.
        const answer = await askHttp2(running().http2Port(way), headers).catch(() => undefined);
        return answer?.status ?? 0;
      };
      expect(await ask('/x', 'api.example')).toBe(200);
      expect(await ask('/x', 'admin.example')).toBe(403);
      expect(await ask('/a/%2e%2e/x', 'api.example')).not.toBe(200);
      // Whichever of the two a proxy goes by, neither lets another one pass.
      expect(await ask('/x', 'admin.example', { host: 'api.example' })).not.toBe(200);
    });
  });
});
