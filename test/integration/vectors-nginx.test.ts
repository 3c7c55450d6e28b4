// The vectors through real nginx, on each engine.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectedOf, type Vector } from '../vectors/load';
import { ENGINES, SHARED_DICT, startNginx, type Nginx } from './nginx-server';
import { FAKETIME, headersOf, textOf, WIRE_GROUPS } from './vectors';

/** nginx refuses a second Authorization line before any script runs. */
const isRepeated = (vector: Vector): boolean => vector.authorization.length > 1;

describe.each(ENGINES)('nginx of $suite, $name', (engine) => {
  describe.each(WIRE_GROUPS)('$name', (group) => {
    let nginx: Nginx;
    let algorithms: readonly string[] = [];

    beforeAll(async () => {
      nginx = await startNginx(engine, {
        env: group.environment,
        files: group.files,
        faketime: FAKETIME,
        http: engine.hasSharedDict ? SHARED_DICT : '',
      });
      // Which algorithms the engine of this build has, it alone can tell: by what it makes of a good token.
      for (const vector of group.vectors.filter(({ expected }) => group.needs.length > 0 && expected.allowed)) {
        const answer = await nginx.ask({ path: '/authorizer', headers: headersOf(vector) });
        if (answer.status === 200) algorithms = group.needs;
      }
    });
    afterAll(async () => {
      await nginx.stop();
      expect(nginx.leaks()).toEqual([]);
    });

    test.each(group.vectors.filter(isRepeated))('$id: nginx itself answers 400: $comment', async (vector) => {
      for (const path of ['/authorizer', '/api/hamsters']) {
        const answer = await nginx.ask({ path, headers: headersOf(vector) });
        expect([answer.status, answer.headers['x-oauth-status']]).toEqual([vector.expected.status, undefined]);
      }
    });

    test.each(group.vectors.filter((vector) => !isRepeated(vector)))('$id: $comment', async (vector) => {
      const { allowed, status, reason, challenge, scopes, subject } = expectedOf(vector, algorithms);
      const answer = await nginx.ask({ path: '/authorizer', headers: headersOf(vector) });
      expect({
        status: answer.status,
        reason: answer.headers['x-oauth-reason'] ?? '',
        challenge: answer.headers['www-authenticate'] ?? '',
        scopes: answer.headers['x-oauth-scopes'] ?? '',
      }).toEqual({ status, reason, challenge, scopes });
      if (!allowed) expect(answer.headers['x-oauth-subject']).toBeUndefined();
      if (subject !== undefined) expect(textOf(answer.headers['x-oauth-subject'])).toBe(subject);
      const behind = await nginx.ask({ headers: headersOf(vector) });
      expect(behind.status === 200).toBe(allowed);
    });
  });
});
