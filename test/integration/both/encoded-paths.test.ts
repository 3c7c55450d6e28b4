// Paths that `paths.allow` lets pass, and that a gateway may decode before it chooses a backend: the authorizer of both proxies
// judges each by every reading, with a new token and with a remembered one.
import { describe, expect, test } from 'vitest';
import { ISSUERS, tokenOf } from '../helpers/haproxy-policy-server';
import { bearer, type Pairs } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS, useGateway } from '../helpers/policy-gateways';

const POLICY = {
  issuers: ISSUERS,
  rules: [
    { name: 'admin', paths: ['/admin/**', '/exact'], require: { scopes: ['admin'] } },
    { name: 'closed', paths: ['/closed/**'], access: 'deny' },
    { name: 'observed', paths: ['/observed/**'], require: { scopes: ['admin'] }, mode: 'shadow' },
    { name: 'open', paths: ['/open/**', '/*', '/projects/*/files/**'], access: 'public' },
  ],
  paths: { allow: ['encoded_slash', 'encoded_delimiter', 'encoded_twice'] },
};
const READER = tokenOf({ scope: 'read' });
const ADMIN = tokenOf({ scope: 'admin' });

/** What a request gets without a token, with a reader's and with an administrator's. */
type Statuses = readonly [none: number, reader: number, admin: number];
const NEEDS_SCOPE: Statuses = [401, 403, 200];
const PASSES: Statuses = [200, 200, 200];
const REFUSED: Statuses = [403, 403, 403];

describe.each(POLICY_GATEWAYS)('the authorizer in $name', (gateway) => {
  const running = useGateway(gateway, POLICY);

  test.each<[string, Statuses]>([
    ['/admin/users', NEEDS_SCOPE],
    ['/admin%2Fusers', NEEDS_SCOPE],
    ['/%2fadmin', NEEDS_SCOPE],
    ['/open/%252e%252e/admin%252Fusers', NEEDS_SCOPE],
    ['/exact%3Fx', NEEDS_SCOPE],
    ['/exact%23x', NEEDS_SCOPE],
    ['/closed%2Fx', REFUSED],
    ['/observed%2Fx', PASSES],
    ['/a%2Fb', PASSES],
    ['/open/a%2Fb', PASSES],
    ['/projects/a%2Fb/files/x', PASSES],
    ['/projects/a%3Fb/files/x', PASSES],
  ])('judges %s by every reading', async (target, statuses) => {
    const tokens: readonly Pairs[] = [[], [bearer(READER)], [bearer(ADMIN)]];
    for (const round of ['new', 'remembered']) {
      const answers: number[] = [];
      for (const headers of tokens) answers.push((await running().askAbout({ method: 'GET', target, headers })).status);
      expect([round, ...answers]).toEqual([round, ...statuses]);
    }
  });
});
