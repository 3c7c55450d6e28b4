import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { isHeaderName, isRemoved, normalizeHeaderName, spellHeader } from '../../../src/policy/headers';
import { policyOf } from './compile';

const { removals } = policyOf({ otherwise: 'authenticated', forward: { 'X-Auth-Request-User': 'user' } });

describe('headers of the client', () => {
  it.each([
    'X-Auth-Request-User',
    'x-auth-request-user',
    'X_AUTH_REQUEST_USER',
    'x-auth_request-user',
    'x.auth.request.user',
    'X-HTTP-Method-Override',
    'x_http_method_override',
    'X-Method-Override',
    'X-HTTP-Method',
    'X-Original-URL',
    'x_rewrite_url',
  ])('B7: %s is removed', (name) => {
    expect(isRemoved(name, removals, text)).toBe(true);
  });

  it.each(['X-Auth-Request-Users', 'X-Auth-RequestUser', 'Authorization', 'Host', '', 'X-Auth-Request'])(
    '%s is not',
    (name) => {
      expect(isRemoved(name, removals, text)).toBe(false);
    },
  );

  it('B7: are spelled with `-` and `_` in every way for a host that removes by name', () => {
    expect(spellHeader('x-a-b')).toEqual(['x-a-b', 'x-a_b', 'x_a-b', 'x_a_b']);
    expect(spellHeader('host')).toEqual(['host']);
    for (const name of spellHeader('x-auth-request-user')) {
      expect(normalizeHeaderName(name, text)).toBe('x-auth-request-user');
    }
  });

  it('have names of letters, digits and `-` in a policy', () => {
    expect(['X-A', 'x1', 'X'].map((name) => isHeaderName(name, text))).toEqual([true, true, true]);
    expect(['', 'X A', 'X_A', 'X:A', 'X\n', 'É', 'X.A'].map((name) => isHeaderName(name, text))).toEqual(
      Array.from({ length: 7 }, () => false),
    );
  });
});
