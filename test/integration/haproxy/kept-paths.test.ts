// Paths with an encoded slash, which `paths.allow` lets pass: HAProxy's action judges the path as the backend gets it, by that
// one reading.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reachedBy } from '../helpers/echo-backend';
import { ISSUERS, startWithPolicy, tokenOf, type PolicyProxy } from '../helpers/haproxy-policy-server';
import { bearer } from '../helpers/policy-gateway';
import { SUITES } from '../helpers/suite';

const POLICY = {
  issuers: ISSUERS,
  rules: [
    { name: 'admin', paths: ['/admin/**', '/decoded/**'], require: { scopes: ['admin'] } },
    { name: 'open', paths: ['/*', '/projects/*/files/**'], access: 'public' },
  ],
  paths: { allow: ['encoded_slash'] },
};
/** `use_backend admin if { path_beg /admin/ }` chooses by the same condition. */
const RULES = [
  'http-request set-path %[path,url_dec] if { path_beg /decoded }',
  'http-request lua.jwtenforce',
  'http-request set-header X-Chosen admin if { path_beg /admin/ }',
];

describe.each(SUITES)('%s', (suite) => {
  let proxy: PolicyProxy;

  beforeAll(async () => {
    proxy = await startWithPolicy(suite, { policy: POLICY, rules: RULES });
  });
  afterAll(async () => {
    await proxy.stop();
  });

  test('the action lets a path with an encoded slash pass as one segment, and HAProxy chooses by the same path', async () => {
    const answer = await proxy.ask({ path: '/admin%2Fusers' });
    const reached = reachedBy(answer);
    expect([answer.status, reached?.target, reached?.headers.some(([name]) => name === 'x-chosen')]).toEqual([
      200,
      '/admin%2Fusers',
      false,
    ]);
    expect((await proxy.ask({ path: '/admin/users' })).status).toBe(401);
  });

  test('a path that a line above the action has decoded is judged as the backend gets it', async () => {
    expect((await proxy.ask({ path: '/decoded%2Fusers' })).status).toBe(401);
    const headers = [bearer(tokenOf({ scope: 'admin' }))];
    expect(reachedBy(await proxy.ask({ path: '/decoded%2Fusers', headers }))?.target).toBe('/decoded/users');
  });

  test('the log names a backend of FastCGI, to which HAProxy gives the decoded path', async () => {
    const fcgi = [
      'fcgi-app php',
      '  docroot /srv',
      'backend php',
      '  use-fcgi-app php',
      '  server fpm 127.0.0.1:1 proto fcgi',
    ];
    for (const [policy, isNamed] of [
      [POLICY, true],
      [{ ...POLICY, paths: { allow: ['parameter'] } }, false],
    ] as const) {
      const other = await startWithPolicy(suite, { policy, rules: RULES, sections: fcgi });
      const output = other.output();
      await other.stop();
      expect([isNamed, output.includes('take that out of `paths.allow`')]).toEqual([isNamed, isNamed]);
    }
  });
});
