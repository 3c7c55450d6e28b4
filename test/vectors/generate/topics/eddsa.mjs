// Ed25519 (RFC 8037 §3.1, RFC 8032 §5.1.7). An engine without it says so: 503, never an allow and never a blame on the token.
import { sign } from 'node:crypto';
import { privateKey } from '../keys.mjs';
import { base64Url, claims, signingInput, token, tokenWithSignature } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const NEEDS = { needs: ['EdDSA'], without: refuse('settings_invalid') };

const little = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
const toLittle = (value) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();

const made = (id, comment, settings, text, expected) =>
  vector(`eddsa-${id}`, comment, { settings, token: text, expected, ...NEEDS });
const changed = (id, comment, change, reason = 'signature_invalid') =>
  made(id, comment, 'ed25519', tokenWithSignature({ alg: 'EdDSA', key: 'ed25519' }, change), refuse(reason));

const ED448_INPUT = signingInput({ alg: 'EdDSA', typ: 'JWT' }, claims());
const named = (kid, key) => token({ alg: 'EdDSA', key, extra: { kid } });

export const topic = {
  name: 'eddsa',
  comment: 'Ed25519 signatures',
  vectors: [
    made('good', 'a good signature', 'ed25519', token({ alg: 'EdDSA', key: 'ed25519' }), allow()),
    made('good-jwk', 'a key out of a JWK set', 'jwks-ed25519', named('ed-1', 'ed25519'), allow()),
    made('good-jwk-second', 'the other key of the set', 'jwks-ed25519', named('ed-2', 'ed25519-b'), allow()),
    made(
      'good-jwk-no-kid',
      'no kid: the second key is tried too',
      'jwks-ed25519',
      token({ alg: 'EdDSA', key: 'ed25519-b' }),
      allow(),
    ),
    made(
      'jwk-other-key',
      "another key of the set than the kid's",
      'jwks-ed25519',
      named('ed-1', 'ed25519-b'),
      refuse('signature_invalid'),
    ),
    made('jwk-unknown', 'an unknown kid', 'jwks-ed25519', named('ed-3', 'ed25519'), refuse('key_unknown')),
    made(
      'other-key',
      "another key's signature",
      'ed25519',
      token({ alg: 'EdDSA', key: 'ed25519-b' }),
      refuse('signature_invalid'),
    ),
    made(
      'ed448',
      'a signature by Ed448',
      'ed25519',
      `${ED448_INPUT}.${base64Url(sign(null, Buffer.from(ED448_INPUT), privateKey('ed448')))}`,
      refuse('signature_malformed'),
    ),
    changed('s-plus-order', 'RFC 8032 §5.1.7: s must be under the order', (bytes) =>
      Buffer.concat([bytes.subarray(0, 32), toLittle(little(bytes.subarray(32)) + ORDER)]),
    ),
    changed('s-order', 's is the order', (bytes) => Buffer.concat([bytes.subarray(0, 32), toLittle(ORDER)])),
    changed('s-zero', 's is zero', (bytes) => Buffer.concat([bytes.subarray(0, 32), Buffer.alloc(32)])),
    changed('all-zero', 'nothing but zeros', () => Buffer.alloc(64)),
    changed('all-ones', 'nothing but ones', () => Buffer.alloc(64, 0xff)),
    changed('r-identity', 'R is the neutral point and s is zero', () =>
      Buffer.concat([Buffer.from([1]), Buffer.alloc(63)]),
    ),
    changed('one-bit', 'one bit of R changed', (bytes) =>
      Buffer.concat([Buffer.from([bytes[0] ^ 1]), bytes.subarray(1)]),
    ),
    changed('swapped', 'the halves changed places', (bytes) =>
      Buffer.concat([bytes.subarray(32), bytes.subarray(0, 32)]),
    ),
    changed('truncated', 'a byte short', (bytes) => bytes.subarray(0, -1), 'signature_malformed'),
    changed('longer', 'a byte long', (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]), 'signature_malformed'),
    changed('empty', 'no signature', () => Buffer.alloc(0), 'signature_malformed'),
    ...[
      ['old-name', 'ed25519'],
      ['new-name', 'ed25519-b'],
    ].flatMap(([kid, key]) =>
      ['EdDSA', 'Ed25519'].map((alg) =>
        made(
          `${alg.toLowerCase()}-${kid}`,
          `RFC 9864 §2.2: alg ${alg}, and a key bound to its ${kid.replace('-', ' ')}`,
          'jwks-ed25519-names',
          token({ alg, key, extra: { kid } }),
          allow(),
        ),
      ),
    ),
    made(
      'named-wrong-key',
      "alg Ed25519 with another key's signature",
      'jwks-ed25519-names',
      token({ alg: 'Ed25519', key: 'ed25519-b', extra: { kid: 'old-name' } }),
      refuse('signature_invalid'),
    ),
    made(
      'named-ed448-key',
      'a key whose alg is Ed448 is not used',
      'jwks-ed25519-names',
      token({ alg: 'Ed25519', key: 'ed25519', extra: { kid: 'ed448' } }),
      refuse('key_unknown'),
    ),
    ...['EdDSA', 'Ed25519'].map((alg) =>
      made(
        `allowed-${alg.toLowerCase()}`,
        `alg ${alg} where Ed25519 is allowed`,
        'algorithms-ed25519',
        token({ alg, key: 'ed25519', extra: { kid: 'ed-1' } }),
        allow(),
      ),
    ),
    ...['ed25519', 'ED25519', 'Ed25519ph', 'constructor'].map((alg) =>
      made(
        `label-${alg}`.replace('ED25519', 'capitals').replace('ed25519', 'small').toLowerCase(),
        `alg ${alg} is not known`,
        'ed25519',
        token({ alg: 'EdDSA', key: 'ed25519', header: { alg, typ: 'JWT' } }),
        refuse('algorithm_unsupported'),
      ),
    ),
    made(
      'es256-label',
      'alg ES256 where only Ed25519 is set',
      'ed25519',
      token({ alg: 'ES256', key: 'p-256' }),
      refuse('algorithm_refused'),
    ),
  ],
};
