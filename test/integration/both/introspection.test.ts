// What both proxies must do with opaque tokens (RFC 7662), asked of a real OpenID provider.
import { describe, expect, test } from 'vitest';
import { ENVIRONMENT, SECRET_NAME } from '../helpers/introspection';
import { AUDIENCE, CLIENT_SECRET, startIssuer, type IssuerServer } from '../helpers/issuer-server';
import { eventually } from '../helpers/keep-alive';
import { resultOf } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS } from '../helpers/policy-gateways';
import type { HttpAnswer } from '../helpers/suite';

interface OpaqueProxy {
  /** The answer to a GET with this token, with the exact status: `auth_request` knows 401 and 403 alone. */
  ask(token: string): Promise<HttpAnswer>;
  /** What the proxy has written. */
  output(): string;
}

const ENDPOINT = '/token/introspection';

function policyFor(issuer: IssuerServer, times: object = {}): object {
  return {
    issuers: [
      {
        issuer: issuer.issuer,
        audiences: [AUDIENCE],
        introspection: {
          url: `${issuer.issuer}${ENDPOINT}`,
          client_id: 'keeper',
          client_secret_env: SECRET_NAME,
          ...times,
        },
      },
    ],
    allow_http: true,
    rules: [{ name: 'read', paths: ['/**'], require: { scopes: ['read:hamsters'] } }],
    forward: { 'X-Client': 'client' },
  };
}

describe.each(POLICY_GATEWAYS)('opaque tokens in $name', (gateway) => {
  const run = async (
    times: object,
    body: (issuer: IssuerServer, proxy: OpaqueProxy) => Promise<void>,
  ): Promise<void> => {
    const issuer = await startIssuer({ opaque: true });
    const running = await gateway.start(policyFor(issuer, times), { env: ENVIRONMENT });
    const proxy: OpaqueProxy = {
      ask: async (token) => {
        const answer = await running.askWith(token);
        return { ...answer, status: resultOf(answer)?.status ?? answer.status };
      },
      output: () => running.log(),
    };
    try {
      await body(issuer, proxy);
    } finally {
      await running.stop();
      await issuer.stop().catch(() => undefined);
    }
    expect(proxy.output()).not.toContain(CLIENT_SECRET);
    expect(proxy.output()).not.toContain(Buffer.from(`keeper:${CLIENT_SECRET}`).toString('base64'));
  };

  test('a token that its issuer calls active passes, with what the issuer says of it', async () => {
    await run({}, async (issuer, proxy) => {
      const token = await issuer.token();
      expect(token.split('.')).toHaveLength(1);
      const answer = await proxy.ask(token);
      expect(answer.status).toBe(200);
      expect(answer.body.toLowerCase()).toContain('x-client');
      expect(answer.body).toContain('keeper');
      expect(proxy.output()).not.toContain(token);
    });
  });

  test('an answer may have members that are null, which say nothing', async () => {
    await run({}, async (issuer, proxy) => {
      const unset = ['client_id', 'username', 'token_type', 'exp', 'iat', 'nbf', 'sub', 'iss', 'jti', 'groups', 'ext'];
      const nulls = Object.fromEntries(unset.map((name) => [name, null]));
      const said = { ...nulls, active: true, aud: AUDIENCE, scope: 'read:hamsters' };
      issuer.misbehave((_, response) => {
        response.setHeader('Content-Type', 'application/json').end(JSON.stringify(said));
      });
      expect((await proxy.ask('opaque-with-nulls')).status).toBe(200);
      issuer.misbehave((_, response) => {
        response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ ...said, scope: null }));
      });
      expect((await proxy.ask('opaque-without-scope')).status).toBe(403);
    });
  });

  test('asks once for a token that comes again', async () => {
    await run({}, async (issuer, proxy) => {
      const token = await issuer.token();
      for (let turn = 0; turn < 5; turn += 1) expect((await proxy.ask(token)).status).toBe(200);
      // Without anything that lasts from request to request, each has to ask.
      expect(issuer.count(ENDPOINT)).toBe(gateway.remembers ? 1 : 5);
    });
  });

  test('a token that is remembered passes through an outage of its issuer, without another question', async () => {
    await run({}, async (issuer, proxy) => {
      const token = await issuer.token();
      expect((await proxy.ask(token)).status).toBe(200);
      const asked = issuer.count(ENDPOINT);
      await issuer.stop();
      const statuses = new Set<number>();
      // Longer than settings are taken for granted, on nginx.
      const end = Date.now() + 3500;
      while (Date.now() < end) statuses.add((await proxy.ask(token)).status);
      expect([...statuses]).toEqual([gateway.remembers ? 200 : 503]);
      expect(issuer.count(ENDPOINT)).toBe(asked);
    });
  });

  test('a token that only ends like one that is remembered is another token', async () => {
    await run({}, async (issuer, proxy) => {
      const token = await issuer.token();
      expect((await proxy.ask(token)).status).toBe(200);
      for (const other of [`x${token}`, `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`, token.slice(1)]) {
        expect((await proxy.ask(other)).status).toBe(401);
      }
      expect((await proxy.ask(token)).status).toBe(200);
      expect(issuer.count(ENDPOINT)).toBe(gateway.remembers ? 4 : 5);
    });
  });

  test('a token that the issuer does not know is refused, and for a while without another question', async () => {
    await run({}, async (issuer, proxy) => {
      for (let turn = 0; turn < 5; turn += 1) {
        const answer = await proxy.ask('never-issued_by~anybody');
        expect(answer.status).toBe(401);
        expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
      }
      expect(issuer.count(ENDPOINT)).toBe(gateway.remembers ? 1 : 5);
    });
  });

  test('anything but a bearer token is refused without a question', async () => {
    await run({}, async (issuer, proxy) => {
      for (const token of ['a&token=b', 'a%3Db', '"quoted"', 'a=b']) expect((await proxy.ask(token)).status).toBe(401);
      expect(issuer.count(ENDPOINT)).toBe(0);
    });
  });

  test('a revoked token is refused once `cache_age` is over', async () => {
    await run({ cache_age: 1, inactive_age: 0 }, async (issuer, proxy) => {
      const token = await issuer.token();
      expect((await proxy.ask(token)).status).toBe(200);
      await issuer.revoke(token);
      await eventually('it is refused', async () => (await proxy.ask(token)).status === 401);
    });
  });

  test('an issuer that is away means 503 for tokens that it has to be asked about, and for no others', async () => {
    await run({ cache_age: 600 }, async (issuer, proxy) => {
      const [known, unknown] = [await issuer.token(), await issuer.token()];
      expect((await proxy.ask(known)).status).toBe(200);
      await issuer.stop();
      expect((await proxy.ask(unknown)).status).toBe(503);
      expect((await proxy.ask(known)).status).toBe(gateway.remembers ? 200 : 503);
      await issuer.start();
      expect((await proxy.ask(unknown)).status).toBe(200);
    });
  });

  test.each([
    ['says 401, as to a wrong secret', 401, '{"error":"invalid_client"}'],
    ['says 500', 500, '{"active":true}'],
    ['redirects', 302, '{"active":true}'],
    ['sends HTML', 200, '<p>active: true</p>'],
    ['does not say `active`', 200, '{"sub":"turbo"}'],
    ['says `active` twice', 200, '{"active":false,"active":true}'],
    ['says that "true" is active', 200, '{"active":"true"}'],
  ])('an issuer that %s means 503, never an allow', async (_, status, body) => {
    await run({}, async (issuer, proxy) => {
      issuer.misbehave((request, response) => {
        request.resume();
        response.writeHead(status, { 'Content-Type': 'application/json', Location: '/other' });
        response.end(body);
      });
      expect((await proxy.ask('some-opaque-token')).status).toBe(503);
    });
  });
});
