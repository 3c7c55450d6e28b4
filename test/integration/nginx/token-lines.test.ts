// Tokens at other places, and the lines by which nginx's configuration takes them from the request: their lack, and those for
// backends that get parameters.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEchoBackend, type EchoBackend } from '../helpers/echo-backend';
import { ISSUERS, SECRET, tokenOf } from '../helpers/haproxy-policy-server';
import { askingsOf, startWithPolicy } from '../helpers/nginx-policy';
import { ENGINES, type Nginx } from '../helpers/nginx-server';
import { PROTOCOLS, startParamBackend, type ParamBackend } from '../helpers/param-backends';
import { startPlainNginx } from '../helpers/token-places';

describe.each(ENGINES)('nginx of $suite, $name', (engine) => {
  test.each(askingsOf(engine))(
    'no token passes that the configuration does not take from the request, by %s',
    async (asking) => {
      const backend = await startEchoBackend();
      const token = tokenOf();
      const bare = await startPlainNginx(engine, asking, backend.port, false);
      const answer = await bare.ask({ path: '/a', headers: [['Cookie', `jwt=${token}`]] });
      expect(answer.status).toBe(asking === 'js_access' ? 503 : 403);
      expect(bare.messages().join()).toContain('declare the variables that docs/nginx.md lists');
      expect((await bare.askWith(token, { path: '/a' })).status).toBe(200);
      await bare.stop();
      await backend.stop();
    },
  );

  test.each(askingsOf(engine))(
    'no Bearer credentials pass that nobody verified and the configuration does not take from the request, by %s',
    async (asking) => {
      const backend = await startEchoBackend();
      const bare = await startPlainNginx(engine, asking, backend.port, false, 'header:X-Jwt');
      const headers = [['X-Jwt', tokenOf()] as const];
      const answer = await bare.askWith(tokenOf({ sub: 'admin' }), { path: '/a', headers });
      expect(answer.status).toBe(asking === 'js_access' ? 503 : 403);
      expect(bare.messages().join()).toContain('Bearer credentials where that lacks `bearer`');
      expect((await bare.ask({ path: '/a', headers })).status).toBe(200);
      await bare.stop();
      await backend.stop();
    },
  );

  describe.each(PROTOCOLS.filter((protocol) => protocol !== 'grpc'))(
    'with a policy and a backend of %s',
    (protocol) => {
      let http: EchoBackend;
      let backend: ParamBackend;
      let nginx: Nginx;

      beforeAll(async () => {
        http = await startEchoBackend();
        backend = await startParamBackend(protocol);
        const policy = {
          issuers: ISSUERS,
          token: { from: ['bearer', { query: 'access_token' }] },
          rules: [{ paths: ['/app/open/**'], access: 'public' }, { paths: ['/**'] }],
          forward: { 'X-User': 'subject' },
        };
        // As docs/nginx.md has it, in place of the two lines in the packaged file.
        const lines = `${protocol}_param QUERY_STRING $jwtverify_args; ${protocol}_param REQUEST_URI $jwtverify_uri;`;
        nginx = await startWithPolicy(engine, policy, http, {
          env: { HAMSTER_SECRET: SECRET },
          http: 'js_var $jwtverify_uri; js_var $jwtverify_args;',
          server: `location /app/ { include DIRECTORY/forward.conf; ${lines} ${protocol}_pass 127.0.0.1:${String(backend.port)}; }`,
        });
      });
      afterAll(async () => {
        await nginx.stop();
        await backend.stop();
        await http.stop();
      });

      test.each(['/app/x', '/app/open/x'])('a token in the query of %s reaches no parameter', async (path) => {
        const token = tokenOf();
        for (let turn = 0; turn < 2; turn += 1) {
          const answer = await nginx.ask({ path: `${path}?a=1&access_token=${token}&b` });
          expect([answer.status, answer.headers['x-reached']]).toEqual([200, 'yes']);
          expect(answer.body).not.toContain(token);
          const parameters = JSON.parse(answer.body) as readonly (readonly [string, string])[];
          expect(parameters.filter(([name]) => ['QUERY_STRING', 'REQUEST_URI'].includes(name))).toEqual([
            ['QUERY_STRING', 'a=1&b'],
            ['REQUEST_URI', `${path}?a=1&b`],
          ]);
        }
      });
    },
  );
});
