// Opaque tokens in real nginx.
import { describe } from 'vitest';
import { startEchoBackend } from './echo-backend';
import { ENVIRONMENT, testOpaqueTokens } from './introspection';
import { startWithPolicy } from './nginx-policy';
import { ENGINES } from './nginx-server';

describe.each(ENGINES)('opaque tokens on $suite, $name', (engine) => {
  testOpaqueTokens(async (policy) => {
    const backend = await startEchoBackend();
    const nginx = await startWithPolicy(engine, policy, backend, { env: ENVIRONMENT });
    return {
      ask: async (token) => {
        const answer = await nginx.askWith(token);
        // `auth_request` knows 401 and 403 alone; the exact status is told beside.
        const exact = answer.headers['x-told-status'];
        return exact === undefined ? answer : { ...answer, status: Number(exact) };
      },
      stop: async () => {
        await nginx.stop();
        await backend.stop();
      },
      output: () => nginx.errorLog(),
    };
  }, engine.hasSharedDict);
});
