// Opaque tokens in real HAProxy.
import { describe } from 'vitest';
import { startWithPolicy } from './haproxy-policy-server';
import { ENVIRONMENT, testOpaqueTokens } from './introspection';
import { SUITES } from './suite';

describe.each(SUITES)('opaque tokens in HAProxy of %s', (suite) => {
  testOpaqueTokens(async (policy) => {
    const proxy = await startWithPolicy(suite, { policy, env: ENVIRONMENT });
    return { ask: (token) => proxy.askWith(token), stop: () => proxy.stop(), output: () => proxy.output() };
  }, true);
});
