// Which key a token names (RFC 7515 §4.1.4, RFC 7517 §4.5).
import { token } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const named = (kid, options = {}) => token({ ...options, extra: { kid } });
const one = (id, comment, settings, text, expected) => vector(id, comment, { settings, token: text, expected });
const good = (id, comment, settings, text) => one(id, comment, settings, text, allow());
const bad = (id, comment, settings, text, reason) => one(id, comment, settings, text, refuse(reason));

const unknown = Object.entries({
  other: 'rsa-2',
  case: 'RSA-1',
  'space-after': 'rsa-1 ',
  prefix: 'rsa',
  empty: '',
  long: 'k'.repeat(2000),
  path: '../../../../etc/passwd',
  sql: "x' UNION SELECT 'key",
  'nul-after': 'rsa-1\u0000',
  'prototype-member': 'constructor',
  'unknown-type': 'unknown-type',
}).map(([id, kid]) => bad(`kid-${id}`, `no usable key has the kid: ${id}`, 'jwks', named(kid), 'key_unknown'));

const wrong = Object.entries({ number: 1, array: ['rsa-1'], object: { kid: 'rsa-1' }, null: null, true: true }).map(
  ([id, kid]) => bad(`kid-${id}`, 'RFC 7515 §4.1.4: kid must be a string', 'jwks', named(kid), 'header_malformed'),
);

// Keys of the set that cannot be used are passed over one by one (RFC 7517 §5), so nothing has their kid.
const RSA_FAULTS = [
  'use-upper-case',
  'ops-string',
  'enc-verify',
  'alg-unknown',
  'alg-number',
  'alg-of-other-type',
  '7',
  'private',
  'padded',
];
const unusable = [
  ...RSA_FAULTS.map((kid) =>
    bad(`kid-unusable-${kid}`, `the key of this kid cannot be used: ${kid}`, 'jwks', named(kid), 'key_unknown'),
  ),
  ...['short-x', 'wrong-curve', 'off-curve', 'k1'].map((kid) =>
    bad(
      `kid-unusable-${kid}`,
      `the key of this kid cannot be used: ${kid}`,
      'jwks',
      named(kid, { alg: 'ES256', key: 'p-256' }),
      'key_unknown',
    ),
  ),
];

export const topic = {
  name: 'kid',
  comment: 'the choice of the key',
  vectors: [
    good('kid-known', 'kid of an RSA key', 'jwks', named('rsa-1')),
    good('kid-known-ps', 'kid of an RSA key without alg, PS384', 'jwks', named('rsa-1', { alg: 'PS384' })),
    good('kid-known-3072', 'kid of a key of another size', 'jwks', named('rsa-3072', { key: 'rsa-3072' })),
    good('kid-known-es256', 'kid of an EC key', 'jwks', named('ec-256', { alg: 'ES256', key: 'p-256' })),
    good('kid-known-es384', 'kid of an EC key, P-384', 'jwks', named('ec-384', { alg: 'ES384', key: 'p-384' })),
    good('kid-known-es512', 'kid of an EC key, P-521', 'jwks', named('ec-521', { alg: 'ES512', key: 'p-521' })),
    good('kid-ops-empty', 'key_ops that names nothing says nothing', 'jwks', named('ops-empty')),
    good('kid-unset', 'null, "" and [] for what is not set', 'jwks', named('unset')),
    good('kid-known-odd', 'a kid with path characters, a space and non-ASCII', 'jwks', named('../kids/ä b')),
    good('kid-known-proto', 'a kid called like a member of every JavaScript object', 'jwks', named('__proto__')),
    good('kid-twin-first', 'two keys with one kid: the first', 'jwks', named('twin', { key: 'rsa-2048-c' })),
    good('kid-twin-second', 'two keys with one kid: the second', 'jwks', named('twin', { key: 'rsa-2048-d' })),
    bad(
      'kid-twin-neither',
      'two keys with one kid: neither',
      'jwks',
      named('twin', { key: 'rsa-2048-e' }),
      'signature_invalid',
    ),
    good('kid-mixed-twin-rsa', 'an RSA and an EC key with one kid', 'jwks', named('mixed-twin', { key: 'rsa-2048-e' })),
    good(
      'kid-mixed-twin-ec',
      'an EC and an RSA key with one kid',
      'jwks',
      named('mixed-twin', { alg: 'ES256', key: 'p-256-b' }),
    ),
    bad(
      'kid-of-other-key',
      'signed by another key of the set than the kid names',
      'jwks',
      named('rsa-1', { key: 'rsa-2048-b' }),
      'signature_invalid',
    ),
    bad(
      'kid-known-attacker',
      "a known kid over an attacker's signature",
      'jwks',
      named('rsa-1', { key: 'rsa-attacker' }),
      'signature_invalid',
    ),
    good('kid-missing-first', 'no kid: the first key that fits', 'jwks', token()),
    good('kid-missing-other-type', 'no kid: the only key that fits', 'jwks', token({ alg: 'ES384', key: 'p-384' })),
    bad('kid-missing-attacker', 'no kid, and no key fits', 'jwks', token({ key: 'rsa-attacker' }), 'signature_invalid'),
    good('kid-missing-second', 'keys without kid: the second', 'jwks-no-kid', token({ key: 'rsa-2048-b' })),
    good('kid-missing-fourth', 'keys without kid: the fourth', 'jwks-no-kid', token({ key: 'rsa-2048-d' })),
    bad(
      'kid-missing-fifth',
      'keys without kid: at most four are tried',
      'jwks-no-kid',
      token({ key: 'rsa-2048-e' }),
      'signature_invalid',
    ),
    good(
      'kid-missing-es256',
      'keys without kid: those of another type do not count',
      'jwks-no-kid',
      token({ alg: 'ES256', key: 'p-256' }),
    ),
    good('kid-any-no-kid-keys', 'a kid that names nothing, keys without kid', 'jwks-no-kid', named('whatever')),
    bad(
      'kid-any-no-kid-keys-attacker',
      'the same, signed by nobody',
      'jwks-no-kid',
      named('whatever', { key: 'rsa-attacker' }),
      'signature_invalid',
    ),
    good('kid-any-pem', 'keys out of a PEM file have no kid and fit any', 'rsa', named('whatever')),
    good('kid-both-named', 'JWK set and PEM: the kid of the set', 'jwks-and-pem', named('rsa-1')),
    good(
      'kid-both-unnamed',
      'JWK set and PEM: an unknown kid may be the PEM key',
      'jwks-and-pem',
      named('other', { key: 'rsa-2048-c' }),
    ),
    bad(
      'kid-both-named-pem',
      'a kid of the set binds: the PEM key is not tried',
      'jwks-and-pem',
      named('rsa-1', { key: 'rsa-2048-c' }),
      'signature_invalid',
    ),
    bad(
      'kid-both-unknown-jwk',
      'an unknown kid is not verified with a key that has another',
      'jwks-and-pem',
      named('other'),
      'signature_invalid',
    ),
    good('kid-both-missing', 'no kid: the JWK too', 'jwks-and-pem', token()),
    good('kid-both-missing-pem', 'no kid: the PEM key too', 'jwks-and-pem', token({ key: 'rsa-2048-c' })),
    bad(
      'kid-empty-es256-pem-only',
      'an unknown kid whose algorithm fits no key without kid',
      'jwks',
      named('other', { alg: 'ES256', key: 'p-256' }),
      'key_unknown',
    ),
    ...unknown,
    ...unusable,
    ...wrong,
  ],
};
