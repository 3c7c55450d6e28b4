// HMAC codes (RFC 7518 §3.2).
import { createHmac } from 'node:crypto';
import { SECRET } from '../keys.mjs';
import { token, tokenWithSignature } from '../token.mjs';
import { refuse, vector } from '../vector.mjs';

const changed = (id, comment, change, reason, alg = 'HS256') =>
  vector(`${alg.toLowerCase()}-${id}`, comment, {
    settings: 'hmac',
    token: tokenWithSignature({ alg, key: 'secret' }, change),
    expected: refuse(reason),
  });
const INVALID = 'signature_invalid';
const MALFORMED = 'signature_malformed';
const keyed = (id, comment, key) =>
  vector(`hs256-key-${id}`, comment, {
    settings: 'hmac',
    token: token({ alg: 'HS256', key }),
    expected: refuse(INVALID),
  });

export const topic = {
  name: 'hmac',
  comment: 'HMAC codes',
  vectors: [
    ...['HS256', 'HS384', 'HS512'].flatMap((alg) => [
      changed(
        'one-bit-first',
        'the first bit changed',
        (bytes) => Buffer.concat([Buffer.from([bytes[0] ^ 0x80]), bytes.subarray(1)]),
        INVALID,
        alg,
      ),
      changed(
        'one-bit-last',
        'the last bit changed',
        (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1) ^ 1])]),
        INVALID,
        alg,
      ),
      changed('truncated', 'a byte short', (bytes) => bytes.subarray(0, -1), MALFORMED, alg),
      changed('half', 'half of it', (bytes) => bytes.subarray(0, bytes.length / 2), MALFORMED, alg),
      changed('longer', 'a byte long', (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]), MALFORMED, alg),
      changed('empty', 'no code', () => Buffer.alloc(0), MALFORMED, alg),
      changed('all-zero', 'nothing but zeros', (bytes) => Buffer.alloc(bytes.length), INVALID, alg),
    ]),
    changed('hex', 'the code in hexadecimal', (bytes) => Buffer.from(bytes.toString('hex')), MALFORMED),
    changed(
      'of-payload',
      'a code over the payload alone',
      (_, input) => createHmac('sha256', SECRET).update(input.split('.')[1]).digest(),
      INVALID,
    ),
    changed(
      'of-decoded',
      'a code over the decoded payload',
      (_, input) =>
        createHmac('sha256', SECRET)
          .update(Buffer.from(input.split('.')[1], 'base64url'))
          .digest(),
      INVALID,
    ),
    keyed('other', 'another secret', 'other-secret'),
    keyed('empty', 'an empty secret', Buffer.alloc(0)),
    keyed('prefix', 'all but the last character of the secret', Buffer.from(SECRET.slice(0, -1))),
    keyed('newline', 'the secret and a newline', Buffer.from(`${SECRET}\n`)),
    keyed('base64-decoded', 'the secret read as base64', Buffer.from(SECRET, 'base64')),
    keyed('upper-case', 'the secret in upper case', Buffer.from(SECRET.toUpperCase())),
  ],
};
