// The documents' lines against requests that other sites make with a user's cookie: what they refuse, and what they let pass.
import { describe, expect, test } from 'vitest';
import { blocksOf } from '../helpers/docs-blocks';
import { good, startBlock } from '../helpers/docs-runner';

const BLOCKS = ['docs/haproxy.md', 'docs/nginx.md']
  .flatMap(blocksOf)
  .filter(({ text }) => text.includes('__Host-session'))
  .flatMap((block) => block.suites.map((suite) => ({ block, suite, title: `${block.document} in ${suite}` })));

const COOKIE = ['Cookie', 'a=1; __Host-session=x'] as const;
const OWN = ['Origin', 'https://app.mywebsite.com'] as const;
const OTHER = ['Origin', 'https://app.mywebsite.com.evil.example'] as const;
const UPGRADE = [
  ['Connection', 'upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
  ['Sec-WebSocket-Version', '13'],
] as const;

type Lines = readonly (readonly [string, string])[];
const CASES: readonly (readonly [string, number, string, Lines])[] = [
  ['a page of the operator writes', 200, 'POST', [COOKIE, OWN]],
  ['another site writes', 403, 'POST', [COOKIE, OTHER]],
  ['a page without an origin writes', 403, 'POST', [COOKIE]],
  ['another site writes behind a cookie with a quote', 403, 'POST', [['Cookie', 'a="; __Host-session=x'], OTHER]],
  ['another site writes behind an escaped quote', 403, 'POST', [['Cookie', 'a="\\"; __Host-session=x'], OTHER]],
  ['another site writes with blanks around the name', 403, 'POST', [['Cookie', 'a=1;\t__Host-session =x'], OTHER]],
  ['another site writes without a blank between cookies', 403, 'POST', [['Cookie', 'a=1;__Host-session=x'], OTHER]],
  [
    'another site writes with the cookie in a second line',
    403,
    'POST',
    [['Cookie', 'a=1'], ['Cookie', '__Host-session=x'], OTHER],
  ],
  ['another site deletes', 403, 'DELETE', [COOKIE, OTHER]],
  ['another site reads', 200, 'GET', [COOKIE, OTHER]],
  ['another site opens a WebSocket', 403, 'GET', [COOKIE, OTHER, ...UPGRADE]],
  ['a client without the cookie writes', 200, 'POST', [['Cookie', 'a=1; x__Host-session=y'], OTHER]],
];

test('both documents have such lines', () => {
  expect(new Set(BLOCKS.map(({ block }) => block.document)).size).toBe(2);
});

describe.each(BLOCKS)('$title', ({ block, suite }) => {
  test.each(CASES)('%s: %i', async (_, status, method, headers) => {
    const running = await startBlock(block, suite);
    try {
      expect((await running.ask(await good(), { method, headers })).status).toBe(status);
    } finally {
      await running.stop();
    }
  });
});

/** Blocks for tokens at other places than Authorization, with a place that their lines serve. */
const PLACES = [
  ...BLOCKS.map((one) => ({ ...one, place: 'cookie', from: 'cookie:__Host-session' })),
  ...blocksOf('docs/nginx.md')
    .filter(({ text }) => text.includes('proxy_pass http://apiservers$jwtverify_uri'))
    .flatMap((block) => block.suites.map((suite) => ({ block, suite, title: `${block.document} in ${suite}` })))
    .flatMap((one) => [
      { ...one, place: 'query', from: 'query:access_token cookie:__Host-session' },
      { ...one, place: 'cookie', from: 'query:access_token cookie:__Host-session' },
    ]),
];

test('a document has lines for the query', () => {
  expect(PLACES.some(({ place }) => place === 'query')).toBe(true);
});

describe.each(PLACES)('$title, line $block.line', ({ block, suite, place, from }) => {
  test(`a token in a ${place} passes without a policy, and the backend does not get it`, async () => {
    const running = await startBlock(block, suite, { OAUTH_TOKEN_FROM: from });
    try {
      const token = await good();
      const path = place === 'query' ? `/api/x?a=1&access_token=${token}` : '/api/x?a=1';
      const headers = [['Cookie', place === 'cookie' ? `a=1; __Host-session=${token}` : 'a=1'], OWN] as const;
      expect((await running.ask(undefined, { path })).status).toBe(place === 'query' ? 200 : 401);
      const answer = await running.ask(undefined, { path, headers });
      expect([answer.status, answer.headers['x-target']]).toEqual([200, '/api/x?a=1']);
      expect(running.reached(answer)?.['cookie']).toBe('a=1');
      expect(answer.body).not.toContain(token);
    } finally {
      await running.stop();
    }
  });
});
