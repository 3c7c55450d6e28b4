import { describe, expect, test } from 'vitest';
import { encodeBase64Url } from '../../../nginx/ports/text';
import { writeClaims } from '../../../src/mint/token';

const PERSON = {
  user: 'ann@zoo.example',
  name: 'Ann',
  provider: 'microsoft',
  tenant: '5f0c0001',
  roles: ['USER'],
  names: [],
  values: [],
};
const write = (changes: object): string =>
  writeClaims('https://login.example', 'zoo', { ...PERSON, ...changes }, 60, 'AAAAAAAAAAAAAAAAAAAAAA', 1.5);

describe('the claims of a token', () => {
  test('are those of document 004 in its order', () => {
    expect(write({})).toBe(
      '{"iss":"https://login.example","jti":"00000000-0000-4000-8000-000000000000","upn":"ann@zoo.example","aud":"zoo",' +
        '"name":"Ann","provider":"microsoft","tenant":"5f0c0001","iat":1,"exp":61,"roles":["USER"]}',
    );
    expect(write({ tenant: '' })).not.toContain('tenant');
  });

  test.each([
    'Jana Nov\u00e1kov\u00e1',
    '\u{1f439}@zoo.example',
    '\u4e16\u754c',
    '"\\\u0001\u00ff\ud7ff\ue000\u{10ffff}',
  ])('are UTF-8 in the token, with the name as it is: %s', (name) => {
    const claims = write({ name, user: name, roles: [name] });
    expect(Buffer.from(encodeBase64Url(claims), 'base64url').toString()).toBe(claims);
    expect(JSON.parse(claims)).toMatchObject({ name, upn: name, roles: [name] });
  });
});
