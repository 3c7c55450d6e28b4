// A policy file on real nginx: rules, headers for the backend, shadow mode.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEchoBackend, type EchoBackend } from './echo-backend';
import { askingsOf, startWithPolicy } from './nginx-policy';
import { ENGINES, type Nginx } from './nginx-server';
import { AUDIENCE, claims, ISSUER, signToken } from './tokens';
import type { HttpAnswer } from './suite';

const SECRET = 'a secret of thirty-two characters';
const POLICY = {
  issuers: [{ issuer: ISSUER, audiences: [AUDIENCE], keys: { secret_env: 'HAMSTER_SECRET' } }],
  rules: [
    { name: 'list', methods: ['GET'], paths: ['/api/hamsters/**'], access: 'public' },
    {
      name: 'adopt',
      methods: ['POST', 'DELETE'],
      paths: ['/api/hamsters/**'],
      require: { scopes: ['write:hamsters'] },
    },
    { name: 'admin', paths: ['/admin/**'], require: { groups: { any: ['admins'] } } },
    { name: 'tried', paths: ['/tried/**'], require: { groups: { any: ['admins'] } }, mode: 'shadow' },
    { name: 'own', paths: ['/own/**'] },
  ],
  forward: {
    'X-Auth-Request-User': 'user',
    'X-Auth-Request-Groups': 'groups',
    'X-Auth-Request-Access-Token': 'token',
  },
  challenge: { realm: 'hamsters' },
};

const CASES = ENGINES.flatMap((engine) => askingsOf(engine).map((asking) => ({ engine, asking })));

describe.each(CASES)('$engine.suite, $engine.name, $asking', ({ engine, asking }) => {
  let backend: EchoBackend;
  let nginx: Nginx;
  beforeAll(async () => {
    backend = await startEchoBackend();
    nginx = await startWithPolicy(engine, POLICY, backend, { asking, env: { HAMSTER_SECRET: SECRET } });
  });
  afterAll(async () => {
    await nginx.stop();
    await backend.stop();
    expect(nginx.errorLog()).not.toMatch(/js exception|js call exception|unhandled|internal error/);
  });

  const sign = (changes: Record<string, unknown> = {}): Promise<string> => signToken(SECRET, 'HS256', claims(changes));
  const told = (answer: HttpAnswer): readonly unknown[] => [
    answer.status,
    answer.headers['x-told-rule'],
    answer.headers['x-told-reason'],
  ];

  test('a public rule passes without a token, and looks at none', async () => {
    expect(told(await nginx.ask({ path: '/api/hamsters/1' }))).toEqual([200, 'list', undefined]);
    expect(told(await nginx.askWith('x.y.z', { path: '/api/hamsters/1' }))).toEqual([200, 'list', undefined]);
  });

  test('a rule that takes a scope refuses without it, with new tokens and with remembered ones', async () => {
    const good = await sign();
    const poor = await sign({ scope: 'read:hamsters write:hamsters2' });
    for (let round = 0; round < 3; round += 1) {
      const wanted = { method: 'POST', path: '/api/hamsters/1' };
      expect(told(await nginx.askWith(good, wanted))).toEqual([200, 'adopt', undefined]);
      const refused = await nginx.askWith(poor, wanted);
      expect(told(refused)).toEqual([403, 'adopt', 'insufficient_scope']);
      expect(refused.headers['www-authenticate']).toBe(
        'Bearer realm="hamsters", error="insufficient_scope", error_description="The token does not have the scopes that this request takes.", scope="write:hamsters"',
      );
      expect(told(await nginx.ask(wanted))).toEqual([401, 'adopt', 'credentials_missing']);
      // Remembered tokens are judged by the rule of each request.
      expect(told(await nginx.askWith(good, { path: '/admin/' }))).toEqual([403, 'admin', 'groups_refused']);
      expect(told(await nginx.askWith(good, { path: '/elsewhere' }))).toEqual([403, 'otherwise', 'rule_missing']);
      expect(told(await nginx.askWith(poor, { path: '/own/x' }))).toEqual([200, 'own', undefined]);
    }
  });
});
