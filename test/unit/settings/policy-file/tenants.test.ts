// Issuers with a placeholder: what a policy must say of their tenants, and where their keys are discovered.
import { describe, expect, it } from 'vitest';
import { answerFor, problemsOf, settingsOf } from '../../policy/compile';

const KEYS = { public_key_file: '/key.pem' };
const PATTERN = 'https://login.example/{tid}/v2.0';
const issuerWith = (more: object): object => ({ issuer: PATTERN, audiences: 'a', keys: KEYS, ...more });
const policyOf = (...issuers: readonly object[]): Readonly<Record<string, unknown>> => ({
  issuers,
  otherwise: 'authenticated',
});

describe('an issuer with a placeholder', () => {
  it('has a list of tenants, one, or any in so many words', () => {
    const tenancy = (tenants: unknown): unknown => settingsOf(policyOf(issuerWith({ tenants }))).issuers[0]?.tenancy;
    const parts = { before: 'https://login.example/', claim: 'tid', after: '/v2.0' };
    expect(tenancy(['a', 'b.example'])).toEqual({ ...parts, tenants: ['a', 'b.example'] });
    expect(tenancy('a')).toEqual({ ...parts, tenants: ['a'] });
    expect(tenancy('*')).toEqual({ ...parts, tenants: undefined });
    expect(tenancy(['*'])).toEqual({ ...parts, tenants: undefined });
  });

  it.each([
    [{}, '/issuers/0/issuer: has a placeholder; name the `tenants` beside it: a list, or "*" for any tenant'],
    [{ tenants: [] }, '/issuers/0/tenants: is empty'],
    [{ tenants: ['*', 'a'] }, '/issuers/0/tenants: has * beside other tenants'],
    [{ tenants: ['a', 'a'] }, '/issuers/0/tenants/1: is in the list twice'],
    [{ tenants: 'a/b' }, '/issuers/0/tenants: is not a tenant: letters, digits'],
    [{ tenants: ['a', 'a%2fb'] }, '/issuers/0/tenants/1: is not a tenant'],
    [{ tenants: ['..'] }, '/issuers/0/tenants/0: is not a tenant'],
    [{ tenants: ['\u0430'] }, '/issuers/0/tenants/0: is not a tenant'],
    [{ tenants: [''] }, '/issuers/0/tenants/0: is empty'],
    [{ issuer: 'https://login.example/{tenantid}/v2.0', tenants: '*' }, '/issuers/0/issuer: has `{tenantid}`'],
    [{ issuer: '{iss}', tenants: '*' }, '/issuers/0/issuer: has braces that are not one placeholder'],
    [{ issuer: 'https://a/{b}/{c}', tenants: '*' }, '/issuers/0/issuer: has braces that are not one placeholder'],
    [{ issuer: 'https://a/{b', tenants: '*' }, '/issuers/0/issuer: has braces that are not one placeholder'],
    [{ issuer: 'https://a/}b{', tenants: '*' }, '/issuers/0/issuer: has braces that are not one placeholder'],
    [{ issuer: 'https://a/{}', tenants: '*' }, '/issuers/0/issuer: has braces that are not one placeholder'],
    [{ issuer: 'https://a/', tenants: 'a' }, '/issuers/0/tenants: has no effect: `issuer` has no placeholder'],
    [{ issuer: 'https://a/*', tenants: 'a' }, '/issuers/0/issuer: has a placeholder (`*`'],
    [{ tenants: '*', keys: { discovery: true } }, '/issuers/0/keys/discovery: cannot be discovered for any tenant'],
    [{ tenants: '*', keys: undefined }, '/issuers/0/issuer: cannot be discovered for any tenant; name `discovery_url`'],
  ])('is not %j', (more, problem) => {
    expect(problemsOf(policyOf(issuerWith(more))).join('\n')).toContain(problem);
  });

  it('is discovered by its first tenant, or by a document that the policy names', () => {
    const remote = (more: object): unknown => settingsOf(policyOf(issuerWith(more))).issuers[0]?.sources.remotes[0];
    expect(remote({ tenants: ['a', 'b'], keys: { discovery: true } })).toMatchObject({
      kind: 'discovery',
      url: 'https://login.example/a/v2.0/.well-known/openid-configuration',
      fallback: 'https://login.example/.well-known/oauth-authorization-server/a/v2.0',
      tenancy: { tenants: ['a', 'b'] },
    });
    expect(remote({ tenants: '*', keys: { discovery_url: 'https://login.example/common/config' } })).toMatchObject({
      kind: 'discovery',
      url: 'https://login.example/common/config',
      issuer: PATTERN,
    });
  });

  it.each([
    [[issuerWith({ tenants: 'a' }), issuerWith({ tenants: 'b' })], '/issuers/1: has the `issuer` of an earlier entry'],
    [
      [issuerWith({ tenants: 'a' }), issuerWith({ issuer: 'https://login.example/{x}/v2.0', tenants: 'b' })],
      '/issuers/0: matches the same `iss` as the pattern of another entry',
    ],
    [
      [
        issuerWith({ issuer: 'https://login.example/{tid}', tenants: '*' }),
        issuerWith({ issuer: 'https://login.example/eu-{tid}', tenants: 'b' }),
      ],
      '/issuers/0: matches the same `iss` as the pattern of another entry',
    ],
    [
      [issuerWith({ tenants: ['a', 'b'] }), issuerWith({ issuer: 'https://login.example/b/v2.0' })],
      '/issuers/0: names the tenant `b`, whose issuer another entry has',
    ],
  ])('is refused with another one that one `iss` could mean (%#)', (issuers, problem) => {
    expect(problemsOf(policyOf(...issuers)).join('\n')).toContain(problem);
  });

  it('stands beside others that no `iss` means too', () => {
    const issuers = [
      issuerWith({ tenants: '*' }),
      issuerWith({ issuer: 'https://login.example/b/v2.0' }),
      issuerWith({ issuer: 'https://login.example/{tid}/v1.0', tenants: '*' }),
      issuerWith({ issuer: 'https://login.example/{tid}/a/v2.0', tenants: '*' }),
    ];
    expect(problemsOf(policyOf(...issuers))).toEqual([]);
  });

  const noticesOf = (more: object, tenants: unknown = '*'): readonly string[] => {
    const answer = answerFor({ ...policyOf(issuerWith({ tenants })), ...more });
    return answer.ok ? answer.notices.map(({ setting, message }) => `${setting} ${message}`) : ['not compiled'];
  };
  const ruleWith = (require: object): object => ({ rules: [{ name: 'boss', paths: ['/'], require }] });

  it('has a notice for each rule and header by which one tenant’s user passes for another’s', () => {
    const shared = '#/rules/0/require `boss` requires `subject` of any of several issuers';
    expect(noticesOf(ruleWith({ subject: 'admin' })).join()).toContain(shared);
    expect(noticesOf(ruleWith({ subject: 'admin' }), ['a', 'b']).join()).toContain(shared);
    expect(noticesOf(ruleWith({ subject: 'admin' }), ['a'])).toEqual([]);
    expect(noticesOf(ruleWith({ subject: 'admin', claims: { tid: 'a' } }))).toEqual([]);
    expect(noticesOf(ruleWith({ subject: 'admin', claims: { iss: 'https://login.example/a/v2.0' } }))).toEqual([]);
    expect(noticesOf({ forward: { 'X-User': 'user' } }).join()).toContain('#/forward/X-User sends `user` of several');
    expect(noticesOf({ forward: { 'X-User': 'user', 'X-Tenant': { claim: 'tid' } } })).toEqual([]);
    expect(noticesOf({ forward: { 'X-User': 'user', 'X-Issuer': 'issuer' } })).toEqual([]);
  });

  it('names its tenants’ servers in the metadata, or none of its own', () => {
    const metadata = { resource: 'https://api.example' };
    const body = (tenants: unknown): string =>
      settingsOf({ ...policyOf(issuerWith({ tenants })), metadata }).policy?.metadata?.body ?? '';
    expect(body(['a', 'b'])).toContain('["https://login.example/a/v2.0","https://login.example/b/v2.0"]');
    expect(problemsOf({ ...policyOf(issuerWith({ tenants: '*' })), metadata }).join()).toContain(
      '/metadata: needs `authorization_servers`',
    );
    const named = { ...metadata, authorization_servers: ['https://login.example/common'] };
    expect(problemsOf({ ...policyOf(issuerWith({ tenants: '*' })), metadata: named })).toEqual([]);
  });
});
