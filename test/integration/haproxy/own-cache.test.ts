// A cache below the action, or behind HAProxy: one user's page is never another's (RFC 9111 §3.5).
import { describe, expect, test } from 'vitest';
import { ISSUERS, startWithPolicy, tokenOf } from '../helpers/haproxy-policy-server';
import { SUITES } from '../helpers/suite';

const POLICY = {
  issuers: ISSUERS,
  rules: [
    { name: 'open', paths: ['/open'], access: 'public' },
    { name: 'all', paths: ['/**'] },
  ],
};
const SECTIONS = [
  'cache pages',
  '  total-max-size 4',
  '  max-age 60',
  'frontend pages',
  '  bind 127.0.0.1:BACKEND',
  '  http-request return status 200 content-type text/plain hdr Cache-Control "max-age=60" lf-string "%[uuid] %[req.hdr(x-user)] %[req.hdr(cache-control)]"',
  'backend pageservers',
  '  server pages 127.0.0.1:BACKEND',
];
const CACHE = ['http-request cache-use pages', 'http-response cache-store pages', 'use_backend pageservers if TRUE'];
const CHECKED = [
  'http-request lua.jwtenforce',
  'http-request deny deny_status 503 unless { var(txn.authorized) -m bool }',
];
const POLICY_RULES = [...CHECKED, ...CACHE];
/** As the document has it for configurations without a policy. */
const BY_HAND = [
  ...CHECKED,
  'http-request del-header Authorization',
  'http-request add-header Cache-Control no-store',
  ...CACHE,
];

describe.each(SUITES)('HAProxy of %s', (suite) => {
  test.each([
    [
      'removes the token, and tells the user',
      { authorization: 'remove', forward: { 'X-User': 'subject' } },
      POLICY_RULES,
    ],
    ['removes the token, and forwards nothing', { authorization: 'remove' }, POLICY_RULES],
    ['keeps the token', { forward: { 'X-User': 'subject' } }, POLICY_RULES],
    ['leaves it to the configuration', {}, BY_HAND],
  ])("a page that came for one token is not another's where the policy %s", async (_, more, rules) => {
    const policy = { ...POLICY, ...more };
    const proxy = await startWithPolicy(suite, { policy, rules, sections: SECTIONS });
    const [one, other] = [tokenOf({ sub: 'one' }), tokenOf({ sub: 'other' })];
    const pages: string[] = [];
    // Verified, and remembered.
    for (let turn = 0; turn < 2; turn += 1) {
      for (const token of [one, other]) {
        const answer = await proxy.askWith(token, { path: '/page' });
        expect(answer.status).toBe(200);
        pages.push(answer.body);
      }
    }
    expect(new Set(pages).size).toBe(4);
    if ('forward' in more) {
      expect(pages.map((page) => page.split(' ')[1])).toEqual(['one', 'other', 'one', 'other']);
    }
    expect((await proxy.ask({ path: '/page' })).status).toBe(401);
    // What everybody may see is still served from the cache.
    if (rules === POLICY_RULES) {
      const open = [await proxy.ask({ path: '/open' }), await proxy.ask({ path: '/open' })];
      expect(open[0]?.body).toBe(open[1]?.body);
    }
    await proxy.stop();
  });
});
