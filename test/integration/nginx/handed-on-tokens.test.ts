// A request that is judged in one location and answered by another that nobody judges: the lines there leave the backend no
// token that the judge took out.
import { expect, test } from 'vitest';
import { leftBy, reachedBy, startEchoBackend } from '../helpers/echo-backend';
import { ISSUERS, SECRET, tokenOf } from '../helpers/haproxy-policy-server';
import { askingsOf, startWithPolicy } from '../helpers/nginx-policy';
import { ENGINES } from '../helpers/nginx-server';

const POLICY = {
  issuers: ISSUERS,
  token: {
    from: [{ cookie: 'jwt' }, { query: 'access_token' }, { header: 'X-Jwt' }, 'basic_password', 'websocket_protocol'],
  },
  rules: [
    { paths: ['/tried/open', '/failed/open'], access: 'public' },
    { paths: ['/**'], methods: ['GET'] },
  ],
  forward: { 'X-User': 'subject' },
};
const CASES = ENGINES.flatMap((engine) =>
  askingsOf(engine).map((asking) => ({ engine, asking, title: `${engine.suite}, ${engine.name}, ${asking}` })),
);

test.each(CASES)('nginx gives no token back to a request that it hands on: $title', async ({ engine, asking }) => {
  const backend = await startEchoBackend();
  const judge = asking === 'js_access' ? 'js_access jwtverify.access;' : 'auth_request /_jwtverify;';
  const lines = 'include DIRECTORY/forward.conf;';
  const nginx = await startWithPolicy(engine, POLICY, backend, {
    asking,
    env: { HAMSTER_SECRET: SECRET },
    http: 'js_var $jwtverify_uri $request_uri;',
    server: `
      location /tried/ { ${judge} ${lines} try_files /_ @unjudged; }
      location /failed/ { ${judge} ${lines} error_page 404 = @unjudged; root DIRECTORY; }
      location @unjudged {
        auth_request off; ${lines}
        proxy_pass http://127.0.0.1:${String(backend.port)}$jwtverify_uri;
      }`,
  });
  const rest = { authorization: '', cookie: '', protocols: '' };
  const token = tokenOf();
  const basic = `Basic ${Buffer.from(`user:${token}`).toString('base64')}`;
  for (const location of ['/tried', '/failed']) {
    for (const path of [`${location}/x`, `${location}/open`]) {
      const sent: readonly (readonly [string, readonly (readonly [string, string])[], object])[] = [
        [`?a=1&access_token=${token}`, [], { target: `${path}?a=1` }],
        ['', [['Cookie', `a=1; jwt=${token}`]], { target: path, cookie: 'a=1' }],
        ['', [['X-Jwt', token]], { target: path }],
        ['', [['Authorization', basic]], { target: path }],
        [
          '?b',
          [['Sec-WebSocket-Protocol', `chat, bearer, ${token}`]],
          { target: `${path}?b`, protocols: 'chat, bearer' },
        ],
      ];
      for (const [query, headers, left] of sent) {
        const answer = await nginx.ask({ path: `${path}${query}`, headers });
        expect(answer.status).toBe(200);
        expect(leftBy(reachedBy(answer))).toEqual({ ...rest, ...left });
        expect(answer.body).not.toContain(token);
      }
      const plain = [['Cookie', 'a=1'] as const, ['Authorization', 'Digest x'] as const];
      const untouched = await nginx.ask({ path: `${location}/open?c`, headers: plain });
      const whole = { ...rest, target: `${location}/open?c`, cookie: 'a=1', authorization: 'Digest x' };
      expect(leftBy(reachedBy(untouched))).toEqual(whole);
    }
  }
  await nginx.stop();
  await backend.stop();
  expect(nginx.errorLog()).not.toMatch(/js exception|unhandled|internal error/);
});
