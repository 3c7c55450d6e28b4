// The path corpus through real proxies: no spelling reaches a resource that its request has no right to.
import { connect } from 'node:http2';
import { describe, expect, test } from 'vitest';
import { readPaths } from '../../vectors/policies';
import { reachedBy } from '../helpers/echo-backend';
import { ISSUERS, tokenOf } from '../helpers/haproxy-policy-server';
import { askOn } from '../helpers/http2';
import { askAll, isPublic, READERS, strayed, targetsOf } from '../helpers/path-readers';
import { bytes, resultOf } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS, useGateway } from '../helpers/policy-gateways';

const POLICY = {
  issuers: ISSUERS,
  rules: [{ name: 'public', paths: ['/public/**'], access: 'public' }],
  otherwise: 'authenticated',
};

const PATHS = readPaths();
const TARGETS = targetsOf(PATHS);
const HOST = ['Host', 'api.example'] as const;

test('hundreds of the spellings would lead some backend astray', () => {
  const leading = TARGETS.filter((target) => target.startsWith('/public'));
  const astray = leading.filter((target) => Object.values(READERS).some((read) => !isPublic(read(target))));
  expect(astray.length).toBeGreaterThan(300);
});

describe.each(POLICY_GATEWAYS)('paths through $name', (gateway) => {
  const running = useGateway(gateway, POLICY);

  describe.each(gateway.ways)('%s', (way) => {
    test.each(PATHS)('$id is judged as one path or refused', async ({ target, expected }) => {
      const answer = await running().askWith(tokenOf(), { way, path: bytes(target), headers: [HOST] });
      const result = resultOf(answer);
      if (result === undefined) {
        // The proxy itself refuses what it does not regard as HTTP, so jwtverify does not judge it. HAProxy wants one
        // authority in the target and in Host, and no `#`.
        const isPlain = target.startsWith('/') && !target.includes('#');
        expect([answer.status, 'path' in expected && isPlain]).toEqual([400, false]);
      } else if ('path' in expected) {
        expect([answer.status, result.reason]).toEqual([200, '']);
        // HAProxy completes an empty path (3.0).
        if (target.startsWith('/')) expect(reachedBy(answer)?.target).toBe(bytes(target));
      } else {
        expect([result.status, result.reason, reachedBy(answer)]).toEqual([400, expected.reason, undefined]);
      }
    });

    test('without a token no spelling reaches what is not public, however the backend reads it', async () => {
      const answers = await askAll(TARGETS, (path) => running().ask({ way, path, headers: [HOST] }));
      const reached = answers.filter((answer) => answer.status === 200).length;
      expect(answers.flatMap(strayed)).toEqual([]);
      expect(reached).toBeGreaterThan(100);
      expect(TARGETS.length - reached).toBeGreaterThan(500);
    });

    test('nor over HTTP/2', async () => {
      const session = connect(`http://127.0.0.1:${String(running().http2Port(way))}`);
      const paths = TARGETS.filter((spelling) => spelling.startsWith('/'));
      const asked = await askAll(paths, (path) => askOn(session, { ':path': path }));
      const answers = asked.filter((answer) => answer !== undefined);
      session.close();
      expect(answers.flatMap(strayed)).toEqual([]);
      expect(answers.filter((answer) => answer.status === 200).length).toBeGreaterThan(100);
    });
  });
});
