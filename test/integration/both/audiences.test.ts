// docs/recipes.md: each backend has an audience of its own, by the proxy's own rules and by a policy.
import { describe, expect, test } from 'vitest';
import { policyOf } from '../helpers/docs-blocks';
import { good } from '../helpers/docs-runner';
import { startWithPolicy, tokenOf } from '../helpers/haproxy-policy-server';
import { startPolicyNginx } from '../helpers/nginx-policy-server';
import { ENGINES } from '../helpers/nginx-server';
import { recipe, run } from '../helpers/recipes';
import { SUITES } from '../helpers/suite';

const ORDERS = 'https://orders.mywebsite.com';
const API = 'https://api.mywebsite.com';
const ISSUER = 'https://myaccount.auth0.com/';

describe('an audience for each backend', () => {
  test.each(SUITES)('HAProxy of %s asks for it in the backend, however a path is spelled', async (suite) => {
    await run(recipe('backend orders'), suite, async (running) => {
      for (const [aud, path, status] of [
        [API, '/api/hamsters', 200],
        [[ORDERS, API], '/api/hamsters', 200],
        [ORDERS, '/api/orders/1', 200],
        [ORDERS, '/api/hamsters', 401],
        [API, '/api/orders/1', 401],
        [ORDERS, '//api/orders/1', 401],
      ] as const) {
        expect([aud, path, (await running.ask(await good({ aud }), { path })).status]).toEqual([aud, path, status]);
      }
    });
  });

  const document = JSON.parse(policyOf('docs/recipes.md')) as { readonly issuers: readonly object[] };
  const policy = {
    ...document,
    issuers: document.issuers.map((issuer) => ({ ...issuer, keys: { secret_env: 'HAMSTER_SECRET' } })),
  };
  const env = { HAMSTER_SECRET: 'a secret of thirty-two characters' };
  test.each([
    ...SUITES.map((suite) => [`HAProxy of ${suite}`, () => startWithPolicy(suite, { policy, env })] as const),
    ...ENGINES.map((engine) => [`nginx, ${engine.name}`, () => startPolicyNginx(engine, policy, { env })] as const),
  ])('%s asks for it by a policy', async (_, start) => {
    const proxy = await start();
    try {
      for (const [aud, path, passes] of [
        [API, '/api/hamsters', true],
        [[ORDERS, API], '/api/orders/1', true],
        [ORDERS, '/api/orders', true],
        [ORDERS, '/api/hamsters', false],
        [API, '/api/orders/1', false],
        [API, '//api/orders/1', false],
        [API, '/api/x/../orders/1', false],
      ] as const) {
        const answer = await proxy.askWith(tokenOf({ iss: ISSUER, aud }), { path });
        expect([aud, path, answer.status === 200]).toEqual([aud, path, passes]);
      }
    } finally {
      await proxy.stop();
    }
  });
});
