// Rules that compare a claim with the request, and issuers bound to hosts: one remembered token gets an answer for each
// request, in every way in which a proxy judges.
import { describe, expect, test } from 'vitest';
import { ISSUERS, tokenOf } from '../helpers/haproxy-policy-server';
import { bearer, resultOf, type Pairs } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS, useGateway } from '../helpers/policy-gateways';

const POLICY = {
  issuers: ISSUERS.map((issuer) => ({ ...issuer, hosts: ['api.example', '*.zoo.example'] })),
  rules: [
    { name: 'tenant', paths: ['/tenants/*/**'], require: { claims: { tenant: { equals_path_segment: 2 } } } },
    { name: 'header', paths: ['/header'], require: { claims: { tenant: { equals_header: 'X-Tenant' } } } },
    { name: 'host', paths: ['/host'], require: { claims: { api: { equals_host: true } } } },
    { name: 'glob', paths: ['/glob'], require: { subject: { glob: 'user-*' } } },
  ],
};
const TOKEN = tokenOf({
  tenant: 'acme',
  api: ['api.example', 'b.zoo.example'],
  exp: Math.floor(Date.now() / 1000) + 3600,
});

/** A request, by its path, host and more headers, and the reason that it is refused for. */
type Row = readonly [path: string, host: string, headers: Pairs, reason: string];
const ROWS: readonly Row[] = [
  ['/tenants/acme/x', 'api.example', [], ''],
  ['/tenants/other/x', 'api.example', [], 'claims_refused'],
  ['/tenants/other/../acme/x', 'api.example', [], 'claims_refused'],
  ['/header', 'api.example', [['X-Tenant', 'acme']], ''],
  ['/header', 'api.example', [['X-Tenant', 'other']], 'claims_refused'],
  ['/header', 'api.example', [], 'claims_refused'],
  [
    '/header',
    'api.example',
    [
      ['X-Tenant', 'acme'],
      ['x-tenant', 'other'],
    ],
    'claims_refused',
  ],
  ['/host', 'api.example', [], ''],
  ['/host', 'a.zoo.example', [], 'claims_refused'],
  ['/host', 'b.zoo.example', [], ''],
  ['/glob', 'api.example', [], ''],
  ['/glob', 'other.example', [], 'issuer_host_refused'],
  ['/tenants/acme/x', 'other.example', [], 'issuer_host_refused'],
];

describe.each(POLICY_GATEWAYS)('$name', (gateway) => {
  const running = useGateway(gateway, POLICY);

  test.each(gateway.ways)('judges a remembered token by each request, by %s', async (way) => {
    for (const round of [1, 2, 3]) {
      for (const [path, host, headers, reason] of ROWS) {
        const answer = await running().askWith(TOKEN, { way, path, headers: [['Host', host], ...headers] });
        expect([round, path, host, headers, resultOf(answer)?.reason]).toEqual([round, path, host, headers, reason]);
        expect(answer.headers['x-reached'] === 'yes').toBe(reason === '');
      }
    }
  });

  test('judges a remembered token by each request, as an authorizer', async () => {
    for (const round of [1, 2, 3]) {
      for (const [target, host, headers, reason] of ROWS) {
        const answer = await running().askAbout({ method: 'GET', target, host, headers: [bearer(TOKEN), ...headers] });
        const told = answer.headers['x-oauth-reason'] ?? '';
        expect([round, target, host, headers, told]).toEqual([round, target, host, headers, reason]);
        expect(answer.status).toBe(reason === '' ? 200 : reason === 'claims_refused' ? 403 : 401);
      }
    }
  });
});
