// Objects and lists of any size in what an issuer answers about an opaque token: no proxy reads a million names for roles, and
// each goes on.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EITHER, type EitherProxy } from '../helpers/either-proxy';
import { AUDIENCE, ISSUER } from '../helpers/tokens';

const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => index.toString());
const keysOf = (count: number): object => Object.fromEntries(numbers(count).map((name) => [`r${name}`, 1]));
const each = (count: number): readonly object[] => numbers(count).map((name) => ({ name: `t${name}` }));

/** What the issuer says of a token, by its name. */
const SAID: Readonly<Record<string, object>> = {
  'one-each': { roles: { r0: 1 }, teams: [{ name: 't0' }] },
  'four-thousand': { roles: keysOf(4000), teams: each(4000) },
  'five-thousand-keys': { roles: keysOf(5000), teams: [{ name: 't0' }] },
  'five-thousand-objects': { roles: { r0: 1 }, teams: each(5000) },
  'a-million': { roles: keysOf(1_000_000) },
};
const USUAL = { active: true, iss: ISSUER, aud: AUDIENCE, sub: 'turbo' };
const ANSWERS = new Map(Object.entries(SAID).map(([name, said]) => [name, JSON.stringify({ ...USUAL, ...said })]));

async function startEndpoint(): Promise<{ readonly url: string; stop(): void }> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => (body += piece));
    request.on('end', () => {
      response.on('error', () => undefined);
      response.setHeader('Content-Type', 'application/json');
      response.end(ANSWERS.get(new URLSearchParams(body).get('token') ?? '') ?? '{"active":false}');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}/`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe.each(EITHER)('%s', (_, start) => {
  let proxy: EitherProxy;
  let endpoint: Awaited<ReturnType<typeof startEndpoint>>;

  beforeAll(async () => {
    endpoint = await startEndpoint();
    proxy = await start({
      issuers: [
        {
          issuer: ISSUER,
          audiences: [AUDIENCE],
          introspection: { url: endpoint.url, client_id: 'gateway', client_secret_env: 'SECRET' },
          claims: { roles: { keys_of: 'roles' }, groups: { each: 'teams', member: 'name' } },
        },
      ],
      policy: { rules: [{ paths: ['/**'], require: { roles: 'r0', groups: 't0' } }] },
      env: { SECRET: 'a-secret' },
    });
  });
  afterAll(async () => {
    await proxy.stop();
    endpoint.stop();
  });

  test.each([
    ['one-each', 200, ''],
    ['four-thousand', 200, ''],
    ['five-thousand-keys', 403, 'roles_refused'],
    ['five-thousand-objects', 403, 'groups_refused'],
    ['a-million', 503, 'introspection_unavailable'],
    ['nobody', 401, 'token_inactive'],
  ])('judges a token with %s members, and the next token', { timeout: 60_000 }, async (token, status, reason) => {
    expect(await proxy.judge(token)).toEqual({ status, reason });
    expect(await proxy.judge('one-each')).toEqual({ status: 200, reason: '' });
  });
});
