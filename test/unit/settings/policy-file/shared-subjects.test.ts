// A policy of several issuers: what one issuer's user can pass for another's by is noticed, however it is written.
import { describe, expect, it } from 'vitest';
import { describeProblems } from '../../../../src/model/problem';
import { answerFor, ISSUER } from '../../policy/compile';

const TWO = [ISSUER, { ...ISSUER, issuer: 'https://b/' }];

function noticesOf(document: Readonly<Record<string, unknown>>): readonly string[] {
  const answer = answerFor({ issuers: TWO, otherwise: 'authenticated', ...document });
  if (!answer.ok) throw new Error(describeProblems(answer.problems).join('\n'));
  return answer.notices.map(({ message }) => message).filter((message) => message.includes('several issuers'));
}

const ofRule = (required: object, issuers: readonly object[] = TWO): readonly string[] =>
  noticesOf({ issuers, rules: [{ name: 'boss', paths: ['/a'], require: required }] });

describe('a rule is noticed', () => {
  it.each([
    [{ subject: ['x'] }, '`subject`'],
    [{ groups: ['x'] }, '`groups`'],
    [{ roles: { any: ['x'] } }, '`roles`'],
    [{ client: ['x'] }, '`client`'],
    [{ email_domains: ['x.example'] }, '`email_domains`'],
    [{ claims: { sub: 'x' } }, '`sub`'],
    [{ claims: { '/sub': 'x' } }, '`sub`'],
    [{ claims: { email: 'x@x.example' } }, '`email`'],
    [{ claims: { preferred_username: { any: ['x', 'y'] } } }, '`preferred_username`'],
    [{ claims: { azp: 'x', groups: 'y' } }, '`azp`, `groups`'],
    [{ subject: ['x'], claims: { iss: { any: ['https://us/', 'https://b/'] } } }, '`subject`'],
    [{ subject: ['x'], claims: { iss: { none: ['https://c/'] } } }, '`subject`'],
  ])('that requires %o', (required, names) => {
    const notices = ofRule(required);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain(`\`boss\` requires ${names} of any of several issuers`);
  });

  it('that requires a claim which the policy maps', () => {
    const mapped = TWO.map((issuer) => ({
      ...issuer,
      claims: { user: 'login', roles: 'realm_access.roles', client: '/app/id' },
    }));
    expect(ofRule({ claims: { login: 'x' } }, mapped)[0]).toContain('requires `login`');
    expect(ofRule({ claims: { '/realm_access/roles': 'x' } }, mapped)[0]).toContain('requires `realm_access.roles`');
    expect(ofRule({ claims: { 'app.id': 'x' } }, mapped)[0]).toContain('requires `app.id`');
    expect(ofRule({ claims: { login: 'x' } })).toEqual([]);
  });
});

describe('a rule is not noticed', () => {
  it.each([
    [{ subject: ['x'], claims: { iss: 'https://us/' } }],
    [{ subject: ['x'], claims: { '/iss': { any: ['https://us/', 'https://c/'] } } }],
    [{ claims: { sub: 'x', iss: { none: ['https://b/'] } } }],
    [{ scopes: ['x'] }],
    [{ claims: { tenant: 'x', acr: 'gold', 'address.email': 'x' } }],
  ])('that requires %o', (required) => {
    expect(ofRule(required)).toEqual([]);
  });

  it('with one issuer', () => {
    expect(ofRule({ subject: ['x'], claims: { sub: 'x' } }, [ISSUER])).toEqual([]);
  });
});

describe('a header', () => {
  it.each([
    ['subject', 'subject'],
    ['user', 'user'],
    ['email', 'email'],
    ['preferred_username', 'preferred_username'],
    ['client', 'client'],
    [{ claim: 'sub' }, 'sub'],
    [{ claim: '/sub' }, 'sub'],
    [{ claim: 'email' }, 'email'],
  ])('of %o is noticed', (field, name) => {
    const notices = noticesOf({ forward: { 'X-One': field } });
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain(`sends \`${name}\` of several issuers and not whose it is`);
  });

  it.each([['issuer'], [{ claim: 'iss' }], [{ claim: '/iss' }]])('is not noticed beside %o', (field) => {
    expect(noticesOf({ forward: { 'X-One': 'subject', 'X-Two': { claim: 'sub' }, 'X-Issuer': field } })).toEqual([]);
  });

  it('of groups, of another claim or of one issuer is not noticed', () => {
    expect(noticesOf({ forward: { 'X-One': 'groups', 'X-Two': { claim: 'tenant' }, 'X-Three': 'token' } })).toEqual([]);
    expect(noticesOf({ issuers: [ISSUER], forward: { 'X-One': 'subject' } })).toEqual([]);
  });
});
