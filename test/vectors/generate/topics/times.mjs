// `exp`, `nbf`, `iat` and the clock's tolerance (RFC 7519 §4.1.4 to §4.1.6, §2 NumericDate).
import { NOW, claimsText, token } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const at = (id, comment, changes, expected, rest = {}) =>
  vector(id, comment, { token: token({ claims: changes }), expected, ...rest });
const exact = (id, comment, changes, expected, settings = 'rsa') =>
  at(id, comment, changes, expected, { settings, exact: true });
const raw = (id, comment, name, text, expected) =>
  vector(id, comment, { token: token({ payload: claimsText(name, text) }), expected });

const OK = allow();
const EXPIRED = refuse('expired');
const EARLY = refuse('not_yet_valid');
const FUTURE = refuse('issued_in_future');
const WRONG = refuse('claim_malformed');

const WRONG_TYPES = {
  string: `"${NOW + 3600}"`,
  'string-date': '"2030-01-01T00:00:00Z"',
  null: 'null',
  true: 'true',
  array: `[${NOW + 3600}]`,
  object: `{"value":${NOW + 3600}}`,
  'empty-string': '""',
};
const wrong = ['exp', 'nbf', 'iat'].flatMap((name) =>
  Object.entries(WRONG_TYPES).map(([id, text]) =>
    raw(`${name}-${id}`, `${name} must be a number, not: ${id}`, name, text, WRONG),
  ),
);

export const topic = {
  name: 'times',
  comment: 'expiry, not before, issued at',
  vectors: [
    at('exp-missing', 'exp is required here', { exp: undefined }, refuse('expiry_missing')),
    at('exp-long-ago', 'expired years ago', { exp: NOW - 100000000 }, EXPIRED),
    exact('exp-now', 'exp is now: within the tolerance', { exp: NOW }, OK),
    exact('exp-now-minus-skew', 'exp + 60 is now: expired on or after (RFC 7519 §4.1.4)', { exp: NOW - 60 }, EXPIRED),
    exact('exp-just-inside-skew', 'one second of the tolerance left', { exp: NOW - 59 }, OK),
    at('exp-past-skew', 'beyond the tolerance', { exp: NOW - 61 }, EXPIRED),
    exact('exp-now-no-skew', 'exp is now, no tolerance', { exp: NOW }, EXPIRED, 'rsa-no-skew'),
    exact('exp-next-second-no-skew', 'one second left, no tolerance', { exp: NOW + 1 }, OK, 'rsa-no-skew'),
    at('exp-last-second-no-skew', 'a second ago, no tolerance', { exp: NOW - 1 }, EXPIRED, { settings: 'rsa-no-skew' }),
    at('exp-float', 'NumericDate may have a fraction', { exp: NOW + 3600.5 }, OK),
    exact('exp-float-just-over', 'half a second left, no tolerance', { exp: NOW + 0.5 }, OK, 'rsa-no-skew'),
    at('exp-float-past', 'a fraction, expired', { exp: NOW - 3600.5 }, EXPIRED),
    raw('exp-exponent', 'a number with an exponent', 'exp', '1.76e9', OK),
    raw('exp-exponent-past', 'a number with an exponent, expired', 'exp', '1e9', EXPIRED),
    at('exp-zero', 'the epoch', { exp: 0 }, EXPIRED),
    at('exp-negative', 'before the epoch is a time too', { exp: -1 }, EXPIRED),
    raw('exp-minus-zero', '-0 is the epoch', 'exp', '-0', EXPIRED),
    at('exp-year-9999', 'the end of the year 9999', { exp: 253402300799 }, OK),
    raw('exp-milliseconds', 'milliseconds by mistake: the year 57000', 'exp', String(NOW * 1000 + 3600000), OK),
    raw('exp-huge', 'larger than any clock', 'exp', '1e300', WRONG),
    raw('exp-huge-negative', 'smaller than any clock', 'exp', '-1e300', WRONG),
    raw('exp-over-finite', 'not finite', 'exp', '1e400', refuse('payload_malformed')),
    at('nbf-past', 'valid for a while', { nbf: NOW - 3600 }, OK),
    exact('nbf-now', 'valid from now', { nbf: NOW }, OK, 'rsa-no-skew'),
    exact('nbf-next-second', 'valid a second from now, no tolerance', { nbf: NOW + 1 }, EARLY, 'rsa-no-skew'),
    exact('nbf-at-skew', 'valid in 60 s: within the tolerance', { nbf: NOW + 60 }, OK),
    exact('nbf-just-outside-skew', 'valid in 61 s', { nbf: NOW + 61 }, EARLY),
    at('nbf-future', 'valid in a day', { nbf: NOW + 80000 }, EARLY),
    at('nbf-float', 'a fraction', { nbf: NOW - 0.5 }, OK),
    at('nbf-zero', 'the epoch', { nbf: 0 }, OK),
    at('nbf-negative', 'before the epoch is a time too', { nbf: -1 }, OK),
    raw('nbf-huge', 'larger than any clock', 'nbf', '1e300', WRONG),
    at('iat-missing', 'iat is optional', { iat: undefined }, OK),
    exact('iat-now', 'issued now', { iat: NOW }, OK, 'rsa-no-skew'),
    exact('iat-next-second', 'issued a second from now, no tolerance', { iat: NOW + 1 }, FUTURE, 'rsa-no-skew'),
    exact('iat-at-skew', 'issued in 60 s: within the tolerance', { iat: NOW + 60 }, OK),
    exact('iat-just-outside-skew', 'issued in 61 s', { iat: NOW + 61 }, FUTURE),
    at('iat-future', 'issued in a day', { iat: NOW + 80000 }, FUTURE),
    at('iat-float', 'a fraction', { iat: NOW - 600.25 }, OK),
    at('iat-zero', 'the epoch', { iat: 0 }, OK),
    at('iat-negative', 'before the epoch is a time too', { iat: -1 }, OK),
    raw('iat-huge', 'larger than any clock', 'iat', '1e300', WRONG),
    ...wrong,
  ],
};
