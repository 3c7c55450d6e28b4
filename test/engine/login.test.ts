// A login from start to sign-out, with the same cookies, addresses and sessions on each engine.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { BAD_RETURNS, GOOD_RETURNS } from '../contract/return-to';
import { LUA_ENGINES, NJS_ENGINES, NODE } from './engines';
import type { LoginQuestion } from './login-answer';

const NOW = 1_700_000_000;
const GROUPS = Array.from({ length: 200 }, (_, index) => `/zoo/Ärzte ${String(index)}`);

const QUESTION: LoginQuestion = {
  policy: JSON.stringify({
    issuers: [
      {
        issuer: 'https://issuer.example',
        audiences: ['api'],
        keys: { jwks_file: 'keys.json' },
        claims: { groups: 'groups', roles: 'realm_access.roles' },
      },
    ],
    otherwise: 'authenticated',
  }),
  keys: JSON.stringify({
    keys: [generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })],
  }),
  secret: randomBytes(32).toString('base64'),
  random: randomBytes(96).toString('base64url'),
  now: NOW,
  start: '/oauth2/start?rd=%2Fapp1%3Fname%3Dhamster%2Bwheel%23there',
  callback: '/oauth2/callback?code=a%20code%26more&iss=https%3A%2F%2Fissuer.example',
  claims: JSON.stringify({
    iss: 'https://issuer.example',
    aud: ['gateway'],
    sub: 'Ada 🐹',
    exp: NOW + 300,
    iat: NOW - 0.5,
    nonce: 'NONCE',
    groups: GROUPS,
    realm_access: { roles: ['keeper'], more: 'left out' },
    other: 'left out',
  }),
  asked: [
    '/oauth2/auth?allowed_groups=%2Fzoo%2F%C3%84rzte%207',
    '/oauth2/auth?allowed_groups=%2Fzoo%2F%C3%84rzte%20200',
    '/oauth2/auth?allowed_email_domains=zoo.example',
    '/oauth2/userinfo',
    '/oauth2/sign_in?rd=/a%3Fb%3D%22',
    '/oauth2/start?rd=/a',
    '/oauth2/callback?code=a&error=b',
    '/oauth2/backchannel_logout',
    '/oauth2/none',
  ],
  returns: [...GOOD_RETURNS, ...BAD_RETURNS].map(({ rd }) => rd),
};

describe.concurrent('a login', () => {
  let expected: readonly string[] = [];
  beforeAll(async () => {
    expected = await NODE.run('login', QUESTION);
  });

  test('goes through on Node', () => {
    const whole = expected.join('\n');
    expect(whole).toContain('302 | /app1?name=hamster+wheel#there | ');
    expect(expected.filter((line) => line.startsWith('asked grant_type='))).toHaveLength(2);
    expect(whole).toContain('asked grant_type=authorization_code&code=a%20code%26more&');
    const statuses = expected.filter((line) => line.startsWith('answered ')).map((line) => Number(line.slice(9)));
    expect(statuses).toEqual([202, 403, 403, 200, 200, 302, 400, 405, 404]);
    expect(whole).not.toContain('left out');
    expect(expected.filter((line) => line === 'nowhere').length).toBeGreaterThanOrEqual(BAD_RETURNS.length);
  });

  for (const engine of [...NJS_ENGINES, ...LUA_ENGINES]) {
    test(`is the same on ${engine.name}`, async () => {
      expect(await engine.run('login', QUESTION)).toEqual(expected);
    });
  }
});
