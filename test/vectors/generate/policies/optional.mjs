// Rules with optional access: nobody is refused for a missing token, anybody for a bad one.
import { allowed, BASE, claims, NOW, refused, row } from './expect.mjs';

const OPTIONAL = {
  issuers: [
    { ...BASE.issuers[0], hosts: ['api.example'] },
    { ...BASE.issuers[0], issuer: 'https://other.example', hosts: ['other.example'] },
  ],
  paths: { allow: ['encoded_slash'] },
  rules: [
    { name: 'shop', methods: ['GET', 'POST'], paths: ['/shop/**'], access: 'optional' },
    { name: 'trial', paths: ['/trial'], access: 'optional', mode: 'shadow' },
    { name: 'orders', paths: ['/orders/**'] },
  ],
  forward: { 'X-User': 'user', 'X-Scopes': 'scopes' },
};
const AT_PLACES = {
  ...BASE,
  token: { from: ['bearer', { cookie: 'jwt' }, { query: 'access_token' }] },
  rules: [{ name: 'shop', paths: ['/**'], access: 'optional' }],
  forward: { 'X-User': 'user' },
};

const usual = claims({ scope: 'buy' });
const anybody = allowed('shop');
const known = allowed('shop', {
  subject: 'user-1',
  scopes: 'buy',
  headers: [
    ['X-User', 'user-1'],
    ['X-Scopes', 'buy'],
  ],
});
const NOTHING = { target: '/a', authorization: '', cookie: '', protocols: '' };
const at = (comment, token, expected, lines, left = {}) =>
  row(comment, 'optional-places', 'GET /a', token, expected, { lines, left: { ...NOTHING, ...left } });
const o = (comment, request, token, expected, more = {}) => row(comment, 'optional', request, token, expected, more);

const optional = [
  o('a request without a token passes, and nobody is named', 'GET /shop', undefined, anybody),
  o('one with a good token passes as its user', 'GET /shop/a', usual, known),
  o('a POST too', 'POST /shop/a', undefined, anybody),
  o('another method meets no rule', 'PUT /shop/a', undefined, refused('rule_missing', 'otherwise')),
  o('an expired token is refused', 'GET /shop', claims({ exp: NOW - 3600 }), refused('expired', 'shop')),
  o('one of another issuer', 'GET /shop', claims({ iss: 'https://x.example' }), refused('issuer_refused', 'shop')),
  o('one for another audience', 'GET /shop', claims({ aud: 'https://x' }), refused('audience_refused', 'shop')),
  o(
    'one whose issuer is for another host',
    'GET /shop',
    claims({ iss: 'https://other.example' }),
    refused('issuer_host_refused', 'shop'),
  ),
  o('another rule requires a token', 'GET /orders', undefined, refused('credentials_missing', 'orders')),
  o(
    'and accepts one',
    'GET /orders',
    claims(),
    allowed('orders', { subject: 'user-1', headers: [['X-User', 'user-1']] }),
  ),
  o(
    'in shadow mode a bad token passes and is reported',
    'GET /trial',
    claims({ exp: NOW - 3600 }),
    allowed('trial', { wouldBe: 'expired' }),
  ),
  o('in shadow mode a missing token has nothing to report', 'GET /trial', undefined, allowed('trial')),
];

const optionalPlaces = [
  at('no place has a token', undefined, anybody, []),
  at('credentials of another scheme are no token', undefined, anybody, [['Authorization', 'Digest x']], {
    authorization: 'Digest x',
  }),
  at('an empty cookie is none', undefined, anybody, [['Cookie', 'jwt=']]),
  at('an empty Bearer is none', undefined, anybody, [['Authorization', 'Bearer']], { authorization: 'Bearer' }),
  at(
    'a good token in a cookie names its user',
    claims(),
    allowed('shop', { subject: 'user-1', headers: [['X-User', 'user-1']] }),
    [['Cookie', 'jwt={token}']],
  ),
  row('a bad token in a cookie is refused', 'optional-places', 'GET /a', claims(), refused('token_malformed', 'shop'), {
    lines: [['Cookie', 'jwt=x']],
  }),
  row('two tokens are refused', 'optional-places', 'GET /a', claims(), refused('token_repeated', 'shop'), {
    lines: [
      ['Cookie', 'jwt=x'],
      ['Authorization', 'Bearer {token}'],
    ],
  }),
];

export const OPTIONAL_POLICIES = { optional: OPTIONAL, 'optional-places': AT_PLACES };
export const OPTIONAL_ROWS = { optional: [...optional, ...optionalPlaces] };
