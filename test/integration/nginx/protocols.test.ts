// What of the caller reaches a backend that nginx speaks FastCGI, uwsgi, SCGI or gRPC with, and what of the client's own
// headers never reaches it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEchoBackend, type EchoBackend } from '../helpers/echo-backend';
import { askingsOf, startWithPolicy } from '../helpers/nginx-policy';
import { ENGINES, startNginx, type Nginx } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, signToken } from '../helpers/tokens';
import { nameIn, PROTOCOLS, startParamBackend, type ParamBackend, type Parameters } from '../helpers/param-backends';
import type { HttpAnswer } from '../helpers/suite';
import { FORWARD, FORGED } from '../helpers/systems';

const SECRET = 'a secret of thirty-two characters';
const POLICY = {
  issuers: [{ issuer: ISSUER, audiences: [AUDIENCE], keys: { secret_env: 'HAMSTER_SECRET' } }],
  rules: [
    { name: 'open', paths: ['/*/open/**'], access: 'public' },
    { name: 'shadow', paths: ['/*/shadow/**'], mode: 'shadow', require: { scopes: ['never'] } },
    { name: 'all', paths: ['/**'] },
  ],
  forward: FORWARD,
  authorization: 'remove',
};
const HOST = ['Host', 'api.example'] as const;

const sign = (changes: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  signToken(SECRET, 'HS256', claims(changes));

function reachedOf(answer: HttpAnswer): Parameters | undefined {
  return answer.headers['x-reached'] === 'yes' ? (JSON.parse(answer.body) as Parameters) : undefined;
}

const CASES = ENGINES.flatMap((engine) => askingsOf(engine).map((asking) => ({ engine, asking })));

describe.each(CASES)('nginx of $engine.suite, $engine.name, $asking', ({ engine, asking }) => {
  const backends: ParamBackend[] = [];
  let http: EchoBackend;
  let nginx: Nginx;

  beforeAll(async () => {
    http = await startEchoBackend();
    for (const protocol of PROTOCOLS) backends.push(await startParamBackend(protocol));
    const judge = asking === 'js_access' ? 'js_access jwtverify.access;' : '';
    const locations = PROTOCOLS.map((protocol, index) => {
      const address = `127.0.0.1:${String(backends[index]?.port)}`;
      const pass = protocol === 'grpc' ? `grpc_pass grpc://${address};` : `${protocol}_pass ${address};`;
      const own = protocol === 'grpc' ? '' : `${protocol}_param REQUEST_URI $request_uri;`;
      return `
        location /${protocol}/ { ${judge} ${own} include DIRECTORY/forward.conf; ${pass} }
        location /bare-${protocol}/ { ${judge} ${own} ${pass} }`;
    });
    nginx = await startWithPolicy(engine, POLICY, http, {
      asking,
      env: { HAMSTER_SECRET: SECRET },
      // The worst that an operator could turn on.
      http: 'underscores_in_headers on;',
      server: locations.join(''),
    });
  });
  afterAll(async () => {
    await nginx.stop();
    await http.stop();
    for (const backend of backends) await backend.stop();
    expect(nginx.errorLog()).not.toMatch(/js exception|js call exception|unhandled|internal error/);
  });

  describe.each(PROTOCOLS)('%s', (protocol) => {
    const ask = (path: string, headers: Parameters = []): Promise<HttpAnswer> =>
      nginx.ask({ path: `/${path}`, headers: [HOST, ...headers] });
    const valuesOf = (reached: Parameters | undefined, header: string): readonly string[] =>
      (reached ?? []).filter(([name]) => name === nameIn(protocol, header)).map(([, value]) => value);

    test('B5: the backend gets the caller, and the other headers of the client', async () => {
      const token = await sign({ email: 'ann@example.com', preferred_username: 'ann', groups: ['staff', 'a,b'] });
      for (let round = 0; round < 2; round += 1) {
        const bearer = ['Authorization', `Bearer ${token}`] as const;
        const reached = reachedOf(await ask(`${protocol}/x`, [bearer, ['X-Other', 'kept']]));
        const told = Object.keys(FORWARD).map((name) => valuesOf(reached, name));
        expect(told).toEqual([['turbo'], ['ann@example.com'], ['staff,a%2Cb'], ['ann'], [token]]);
        expect([valuesOf(reached, 'X-Other'), valuesOf(reached, 'Authorization')]).toEqual([['kept'], []]);
      }
    });

    test.each(['open', 'shadow', 'x'])('B7: nothing that the client forges reaches it on /%s', async (path) => {
      const bearer = ['Authorization', `Bearer ${await sign()}`] as const;
      for (const authorization of path === 'x' ? [[bearer]] : [[bearer], []]) {
        for (const forged of [...FORGED.map((header) => [header]), FORGED]) {
          const reached = reachedOf(await ask(`${protocol}/${path}`, [...forged, ...authorization]));
          expect(reached).toBeDefined();
          expect((reached ?? []).filter(([, value]) => value.includes('FORGED'))).toEqual([]);
          const isKnown = path !== 'open' && authorization.length > 0;
          expect(valuesOf(reached, 'X-Auth-Request-User')).toEqual(isKnown ? ['turbo'] : []);
          expect(valuesOf(reached, 'X-Auth-Request-Email')).toEqual([]);
          expect(valuesOf(reached, 'Authorization')).toEqual([]);
        }
      }
    });

    test('a location without the lines is refused, and reaches nothing', async () => {
      const before = backends.map((backend) => backend.count());
      const bearer = ['Authorization', `Bearer ${await sign()}`] as const;
      const answer = await ask(`bare-${protocol}/x`, [bearer]);
      expect(answer.status).toBe(asking === 'js_access' ? 503 : 403);
      expect(backends.map((backend) => backend.count())).toEqual(before);
    });
  });
});

describe.each(ENGINES)('nginx of $suite, $name', (engine) => {
  const named = (length: number): string => `X-${'a'.repeat(length - 2)}`;

  test('a header of 46 characters reaches a backend', async () => {
    const http = await startEchoBackend();
    const policy = { ...POLICY, forward: { [named(46)]: 'user' } };
    const nginx = await startWithPolicy(engine, policy, http, { env: { HAMSTER_SECRET: SECRET } });
    const answer = await nginx.askWith(await sign());
    await nginx.stop();
    await http.stop();
    expect(answer.status).toBe(200);
    expect(http.reached[0]?.headers.filter(([name]) => name === named(46).toLowerCase())).toEqual([
      [named(46).toLowerCase(), 'turbo'],
    ]);
  });

  test('there are no lines for a longer one: the answer names it', async () => {
    const nginx = await startNginx(engine, {
      env: { OAUTH_POLICY: 'DIRECTORY/policy.json', HAMSTER_SECRET: SECRET },
      files: { 'policy.json': JSON.stringify({ ...POLICY, forward: { 'X-User': 'user', [named(47)]: 'email' } }) },
      server: 'location = /_forward { js_content jwtverify.forward; }',
    });
    const answer = await nginx.ask({ path: '/_forward' });
    await nginx.stop();
    expect([answer.status, answer.body]).toEqual([
      500,
      `# nginx supports header names of up to 46 characters; \`${named(47)}\` is longer.\n`,
    ]);
  });
});
