// nginx's own cache with the lines of docs/nginx.md, and a cache behind nginx: one user's page is never another's, wherever
// the token is.
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { blocksOf, readDocument } from '../helpers/docs-blocks';
import { good, startBlock } from '../helpers/docs-runner';
import { startEchoBackend } from '../helpers/echo-backend';
import { ISSUERS, SECRET, tokenOf } from '../helpers/haproxy-policy-server';
import { askingsOf, startWithPolicy } from '../helpers/nginx-policy';
import { ENGINES } from '../helpers/nginx-server';

const POLICY = {
  issuers: ISSUERS,
  rules: [{ paths: ['/open'], access: 'public' }, { paths: ['/**'] }],
  forward: { 'X-User': 'subject' },
};
const PLACES = { token: { from: ['bearer', { cookie: 'jwt' }, { query: 'access_token' }, { header: 'X-Jwt' }] } };

/** The lines that the document has for a judged location. */
function documented(): string {
  const lines = /`(proxy_no_cache [^`]*)`/.exec(readDocument('docs/nginx.md'))?.[1];
  if (lines === undefined) throw new Error('docs/nginx.md has no lines for proxy_cache');
  return lines;
}

/** A backend whose every page is another, and may be kept for a minute. */
async function startPages(): Promise<{ readonly port: number; readonly stop: () => void }> {
  let count = 0;
  const server = createServer((incoming, answer) => {
    count += 1;
    answer.setHeader('Cache-Control', 'max-age=60');
    answer.end(`${String(incoming.headers['x-user'])} ${String(count)}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

type Lines = readonly (readonly [string, string])[];

/** The ways in which a client sends its token. */
function waysOf(token: string, hasPlaces: boolean): readonly (readonly [path: string, headers: Lines])[] {
  const bearer = ['', [['Authorization', `Bearer ${token}`]]] as const;
  if (!hasPlaces) return [bearer];
  const others = [['', [['Cookie', `a=1; jwt=${token}`]]] as const, ['', [['X-Jwt', token]]] as const];
  return [bearer, [`?access_token=${token}`, []], ...others];
}

const KINDS = [
  { kind: 'the token in Authorization', more: {} },
  { kind: 'the token in Authorization, removed', more: { authorization: 'remove' } },
  { kind: 'the token at other places', more: PLACES },
  { kind: 'the token at other places, removed', more: { ...PLACES, authorization: 'remove' } },
];

test.each(
  ENGINES.flatMap((engine) =>
    askingsOf(engine).flatMap((asking) =>
      KINDS.map((one) => ({
        ...one,
        engine,
        asking,
        title: `${engine.suite}, ${engine.name}, ${asking}, ${one.kind}`,
      })),
    ),
  ),
)('nginx serves no page of one user to another: $title', async ({ engine, asking, more }) => {
  const pages = await startPages();
  const unused = await startEchoBackend();
  const hasPlaces = 'token' in more;
  const nginx = await startWithPolicy(engine, { ...POLICY, ...more }, unused, {
    asking,
    env: { HAMSTER_SECRET: SECRET },
    http: `js_var $jwtverify_cache; ${hasPlaces ? 'js_var $jwtverify_uri $request_uri;' : ''} proxy_cache_path DIRECTORY/pages keys_zone=pages:1m;`,
    location: `proxy_cache pages; ${documented()}
      proxy_pass http://127.0.0.1:${String(pages.port)}${hasPlaces ? '$jwtverify_uri' : ''};
    }
    location /other {`,
  });
  const bodies: string[] = [];
  // The second time the token is remembered, where something lasts.
  for (let round = 0; round < 2; round += 1) {
    for (const user of ['alice', 'bob']) {
      for (const [query, headers] of waysOf(tokenOf({ sub: user }), hasPlaces)) {
        const answer = await nginx.ask({ path: `/page${query}`, headers });
        expect([answer.status, answer.body.split(' ')[0]]).toEqual([200, user]);
        bodies.push(answer.body);
      }
    }
  }
  expect(new Set(bodies).size).toBe(bodies.length);
  expect((await nginx.ask({ path: '/page' })).status).toBe(401);
  // What everybody may see still comes out of the cache.
  const open = [await nginx.ask({ path: '/open' }), await nginx.ask({ path: '/open' })];
  expect(open.map((answer) => answer.status)).toEqual([200, 200]);
  expect(open[0]?.body).toBe(open[1]?.body);
  await nginx.stop();
  await unused.stop();
  pages.stop();
});

const BLOCKS = blocksOf('docs/nginx.md')
  .filter(({ text }) => /js_var \$jwtverify_uri|__Host-session/.test(text))
  .flatMap((block) => block.suites.map((suite) => ({ block, suite, title: `line ${String(block.line)}, ${suite}` })));

test('docs/nginx.md has lines for tokens at other places without a policy', () => {
  expect(BLOCKS.length).toBeGreaterThan(0);
});

test.each(BLOCKS)('without a policy no cache behind nginx keeps a page: docs/nginx.md, $title', async (one) => {
  const running = await startBlock(one.block, one.suite);
  try {
    const own = [['Cache-Control', 'max-age=0']] as const;
    const answer = await running.ask(await good(), { headers: own });
    expect(running.reached(answer)?.['cache-control']).toBe('no-store');
  } finally {
    await running.stop();
  }
});
