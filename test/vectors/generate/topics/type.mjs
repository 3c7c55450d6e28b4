// `typ`: an access token or a JWT without a purpose, no token made for something else (RFC 8725 §3.11, RFC 9068 §4).
import { token } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const ALLOWED = [
  'JWT',
  'jwt',
  'Jwt',
  'at+jwt',
  'AT+JWT',
  'application/at+jwt',
  'Application/AT+JWT',
  'application/jwt',
];
const REFUSED = [
  'JOSE',
  'dpop+jwt',
  'logout+jwt',
  'secevent+jwt',
  'id+jwt',
  'application/dpop+jwt',
  'at+jwt ',
  ' JWT',
  '',
  'JWT\u0000',
  'jwt; charset=utf-8',
  'text/jwt',
  'application/at',
];

const slug = (index) => String(index).padStart(2, '0');
const typed = (typ) => token({ header: { alg: 'RS256', typ } });

export const topic = {
  name: 'type',
  comment: 'the typ header parameter',
  vectors: [
    vector('typ-missing', 'typ is optional (RFC 7519 §5.1)', { token: typed(undefined), expected: allow() }),
    ...ALLOWED.map((typ, index) =>
      vector(`typ-allowed-${slug(index)}`, `typ ${typ}`, { token: typed(typ), expected: allow() }),
    ),
    ...REFUSED.map((typ, index) =>
      vector(`typ-refused-${slug(index)}`, `typ ${JSON.stringify(typ)}`, {
        token: typed(typ),
        expected: refuse('type_refused'),
      }),
    ),
    ...Object.entries({ number: 1, null: null, array: ['JWT'] }).map(([id, typ]) =>
      vector(`typ-${id}`, 'RFC 7515 §4.1.9: typ must be a string', {
        token: typed(typ),
        expected: refuse('header_malformed'),
      }),
    ),
    vector('cty-jwt', 'cty is not looked at in a JWS', { token: token({ extra: { cty: 'JWT' } }), expected: allow() }),
  ],
};
