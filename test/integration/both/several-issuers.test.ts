// A policy of several issuers: the start says which rules and headers take one issuer's user for another's.
import { describe, expect, test } from 'vitest';
import { ISSUERS, startWithPolicy, tokenOf } from '../helpers/haproxy-policy-server';
import { ENGINES } from '../helpers/nginx-server';
import { startPolicyNginx } from '../helpers/nginx-policy-server';
import { SUITES } from '../helpers/suite';

const TWO = [...ISSUERS, { ...ISSUERS[0], issuer: 'https://customer.example' }];
const RULES = [
  { name: 'boss', paths: ['/boss'], require: { subject: ['admin'] } },
  { name: 'chief', paths: ['/chief'], require: { claims: { '/sub': 'admin' } } },
  {
    name: 'both',
    paths: ['/both'],
    require: { claims: { email: 'a@b.example', iss: { any: ['https://issuer.example', 'https://customer.example'] } } },
  },
];
const FORWARD = { 'X-User': 'user', 'X-Sub': { claim: 'sub' }, 'X-Name': 'preferred_username' };
const OPEN = { issuers: TWO, rules: RULES, forward: FORWARD };
const CLOSED = {
  issuers: TWO,
  rules: [
    { name: 'boss', paths: ['/boss'], require: { subject: ['admin'], claims: { iss: 'https://issuer.example' } } },
  ],
  forward: { ...FORWARD, 'X-Issuer': 'issuer' },
};

function expectNotices(log: string): void {
  expect(log).toContain('#/rules/0/require: `boss` requires `subject` of any of several issuers');
  expect(log).toContain('#/forward/X-User: sends `user` of several issuers');
  expect(log).toContain('#/rules/1/require: `chief` requires `sub` of any of several issuers');
  expect(log).toContain('#/rules/2/require: `both` requires `email` of any of several issuers');
  expect(log).toContain('#/forward/X-Sub: sends `sub` of several issuers');
  expect(log).toContain('#/forward/X-Name: sends `preferred_username` of several issuers');
  expect(log).toContain('RFC 7519 section 4.1.2');
}

describe.each(SUITES)('HAProxy of %s', (suite) => {
  test('names at start what another issuer can give too, and accepts it', async () => {
    const proxy = await startWithPolicy(suite, { policy: OPEN });
    const foreign = tokenOf({ iss: 'https://customer.example', sub: 'admin' });
    expect((await proxy.askWith(foreign, { path: '/boss' })).status).toBe(200);
    expectNotices(proxy.output());
    await proxy.stop();
  });

  test('names nothing of a policy that goes by the issuer too, which refuses the other one', async () => {
    const proxy = await startWithPolicy(suite, { policy: CLOSED });
    const foreign = tokenOf({ iss: 'https://customer.example', sub: 'admin' });
    expect((await proxy.askWith(foreign, { path: '/boss' })).status).toBe(403);
    expect((await proxy.askWith(tokenOf({ sub: 'admin' }), { path: '/boss' })).status).toBe(200);
    expect(proxy.output()).not.toContain('several issuers');
    await proxy.stop();
  });
});

describe.each(ENGINES)('nginx, $suite, $name', (engine) => {
  const env = { HAMSTER_SECRET: 'a secret of thirty-two characters' };

  // Where nothing lasts from request to request nginx logs no notice: each request would repeat it.
  const title = engine.hasSharedDict
    ? 'names what another issuer can give too'
    : 'accepts what another issuer can give too';

  test(title, async () => {
    const nginx = await startPolicyNginx(engine, OPEN, { env });
    const foreign = tokenOf({ iss: 'https://customer.example', sub: 'admin' });
    expect((await nginx.askWith(foreign, { path: '/boss' })).status).toBe(200);
    await nginx.stop();
    if (engine.hasSharedDict) expectNotices(nginx.errorLog());
  });

  test('names nothing of a policy that goes by the issuer too, which refuses the other one', async () => {
    const nginx = await startPolicyNginx(engine, CLOSED, { env });
    const foreign = tokenOf({ iss: 'https://customer.example', sub: 'admin' });
    expect((await nginx.askWith(foreign, { path: '/boss' })).status).toBe(403);
    expect((await nginx.askWith(tokenOf({ sub: 'admin' }), { path: '/boss' })).status).toBe(200);
    await nginx.stop();
    expect(nginx.errorLog()).not.toContain('several issuers');
  });
});
