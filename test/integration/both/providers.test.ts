// examples/policies/, which docs/providers.md prints: the policy for each provider accepts tokens of its shape and refuses
// others; both proxies.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reachedBy, valuesOf } from '../helpers/echo-backend';
import { startWithPolicy } from '../helpers/haproxy-policy-server';
import { ENGINES } from '../helpers/nginx-server';
import { startPolicyNginx } from '../helpers/nginx-policy-server';
import type { Provider } from '../helpers/provider-shape';
import { keySetOf, recipeOf, tokenFor, withKeysFrom } from '../helpers/provider-tokens';
import { PROVIDERS } from '../helpers/providers';
import { makeWorkDirectory, SUITES, type HttpAnswer, type HttpRequest, type SuiteName } from '../helpers/suite';

interface Proxy {
  ask(wanted: Omit<HttpRequest, 'port'>): Promise<HttpAnswer>;
  stop(): Promise<void>;
}

function policyFor(suite: SuiteName, provider: Provider): object {
  const { outside, inside } = makeWorkDirectory(suite);
  writeFileSync(join(outside, 'keys.json'), JSON.stringify(keySetOf(provider)));
  return withKeysFrom(recipeOf(provider), `${inside}/keys.json`);
}

const PROXIES: readonly (readonly [string, string, (provider: Provider) => Promise<Proxy>])[] = [
  ...SUITES.map((suite) => {
    const start = (provider: Provider): Promise<Proxy> =>
      startWithPolicy(suite, { policy: policyFor(suite, provider) });
    return [`HAProxy of ${suite}`, 'x-oauth-reason', start] as const;
  }),
  ...ENGINES.map((engine) => {
    const start = (provider: Provider): Promise<Proxy> => startPolicyNginx(engine, policyFor(engine.suite, provider));
    return [`nginx, ${engine.name}`, 'x-told-reason', start] as const;
  }),
];

const BEARER = ['Authorization', 'Bearer '] as const;

describe.each(PROXIES)('%s', (_, reasonHeader, start) => {
  test.each(PROVIDERS.map((provider) => [provider.name, provider] as const))('%s', async (_name, provider) => {
    const proxy = await start(provider);
    const places = provider.places ?? [BEARER];
    const askWith = (token: string, wanted: Omit<HttpRequest, 'port'>, [name, before] = places[0] ?? BEARER) =>
      proxy.ask({ ...wanted, headers: [[name, before + token]] });
    try {
      for (const one of provider.cases) {
        const token = await tokenFor(provider, one.changes);
        const request = { method: one.method ?? 'GET', path: one.path ?? '/hamsters/turbo' };
        // Each twice: verified, and remembered.
        for (const place of [...places, ...places]) {
          const answer = await askWith(token, request, place);
          expect([one, answer.headers[reasonHeader] ?? '']).toEqual([one, one.reason ?? '']);
          expect([one, answer.status === 200]).toEqual([one, one.reason === undefined]);
          for (const [name, value] of Object.entries(one.headers ?? {})) {
            expect([one, valuesOf(reachedBy(answer), name)]).toEqual([one, [value]]);
          }
          // A backend gets no token but a bearer token.
          if (provider.places !== undefined) expect(answer.body).not.toContain(token);
        }
      }
      const request = {
        method: provider.cases[0]?.method ?? 'GET',
        path: provider.cases[0]?.path ?? '/hamsters/turbo',
      };
      expect((await proxy.ask(request)).status).toBe(401);
      const forged = await tokenFor(provider, {}, 'old');
      expect((await askWith(forged, request)).status).toBe(401);
      const good = await tokenFor(provider, {});
      expect((await askWith(good, { path: '/elsewhere' })).status).toBe(403);
      expect((await askWith(good, request, BEARER)).status).toBe(provider.places === undefined ? 200 : 401);
    } finally {
      await proxy.stop();
    }
  });

  test('clients of the MCP server find where to get a token', async () => {
    const provider = PROVIDERS.find(({ name }) => name === 'An MCP server');
    if (provider === undefined) throw new Error('no MCP server');
    const proxy = await start(provider);
    const challenge = (await proxy.ask({ method: 'POST', path: '/mcp' })).headers['www-authenticate'] ?? '';
    expect(challenge).toContain('resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp"');
    await proxy.stop();
  });
});
