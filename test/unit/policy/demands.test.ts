// What a rule requires of a token, each alone.
import { expect, test } from 'vitest';
import { text } from '../../../nginx/ports/text';
import type { JudgedIdentity } from '../../../src/claims/identity';
import type { Demands } from '../../../src/model/demands';
import { checkDemands } from '../../../src/policy/demands';

const NOTHING = { all: [], any: [] };
const DEMANDS: Demands = {
  ...{ scopes: NOTHING, groups: NOTHING, roles: NOTHING, claims: [], subjects: [], clients: [] },
  ...{ emailDomains: [], acrValues: [], maxAge: -1 },
};
const IDENTITY: JudgedIdentity = {
  ...{ subject: 'turbo', email: 'turbo@hamsters.example', emailUnverified: false, client: 'spa', scopes: 'read write' },
  ...{
    groups: ['team'],
    groupsOverage: false,
    roles: ['keeper'],
    acr: 'gold',
    authTime: 1000,
    values: [],
    headers: [],
  },
};
const judge = (demands: Partial<Demands>, identity: Partial<JudgedIdentity> = {}): string | undefined =>
  checkDemands({ ...IDENTITY, ...identity }, { ...DEMANDS, ...demands }, 10, 2000, text);

test('an unverified email is of no domain, though it would be of the one that is asked for', () => {
  const demands = { emailDomains: ['hamsters.example'] };
  expect(judge(demands)).toBeUndefined();
  expect(judge(demands, { emailUnverified: true })).toBe('email_unverified');
  expect(judge({ emailDomains: ['*'] }, { emailUnverified: true })).toBe('email_unverified');
  expect(judge({}, { emailUnverified: true })).toBeUndefined();
});

test('an email of a longer domain, or of one below, is of another domain', () => {
  const demands = { emailDomains: ['hamsters.example'] };
  for (const domain of ['evilhamsters.example', 'a.hamsters.example', 'hamsters.example.evil']) {
    expect(judge(demands, { email: `turbo@${domain}` })).toBe('email_refused');
  }
  expect(judge({ emailDomains: ['.hamsters.example'] }, { email: 'turbo@a.hamsters.example' })).toBeUndefined();
});

test('all scopes are needed where all are asked for, and one of those that any is asked of', () => {
  expect(judge({ scopes: { all: ['read', 'write'], any: [] } })).toBeUndefined();
  expect(judge({ scopes: { all: ['read', 'own'], any: [] } })).toBe('insufficient_scope');
  expect(judge({ scopes: { all: [], any: ['own', 'write'] } })).toBeUndefined();
  expect(judge({ scopes: { all: [], any: ['own', 'rea'] } })).toBe('insufficient_scope');
});

test('a token without its groups is refused for that, and only where groups are asked for', () => {
  const overage = { groups: [], groupsOverage: true };
  expect(judge({ groups: { all: [], any: ['team'] } }, overage)).toBe('groups_overage');
  expect(judge({}, overage)).toBeUndefined();
});

test('an authentication is as old as may be, to the second, and not of the future', () => {
  expect(judge({ maxAge: 990 })).toBeUndefined();
  expect(judge({ maxAge: 989 })).toBe('insufficient_authentication');
  expect(judge({ maxAge: 990 }, { authTime: 2010 })).toBeUndefined();
  expect(judge({ maxAge: 990 }, { authTime: 2011 })).toBe('insufficient_authentication');
  expect(judge({ maxAge: 990 }, { authTime: -1 })).toBe('insufficient_authentication');
});
