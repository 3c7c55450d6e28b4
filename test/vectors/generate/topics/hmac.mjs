// HMAC codes (RFC 7518 §3.2).
import { createHmac } from 'node:crypto';
import { SECRET } from '../keys.mjs';
import { token, tokenWithSignature } from '../token.mjs';
import { BYTES } from '../settings.mjs';
import { allow, refuse, vector } from '../vector.mjs';

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

const good = (alg, settings, comment, key, name = 'good', extra = {}) =>
  vector(`${alg.toLowerCase()}-${settings}-${name}`, `${alg} ${comment}`, {
    settings,
    token: token({ alg, key, extra }),
    expected: allow(),
  });
const bad = (settings, name, comment, key) =>
  vector(`hs256-${settings}-${name}`, `HS256 ${comment}`, {
    settings,
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
    ...['HS256', 'HS384', 'HS512'].flatMap((alg) => [
      good(alg, 'hmac-hex', 'with a secret that is set in hexadecimal', 'secret'),
      good(alg, 'hmac-bytes', 'with bytes that are set in base64', BYTES),
      good(alg, 'hmac-two', 'with the first of two secrets', 'other-secret'),
    ]),
    good('HS256', 'hmac-two', 'with the second of two secrets', 'secret', 'second'),
    good('HS512', 'hmac-two', 'with the second, and a kid that names no key', 'secret', 'second-kid', { kid: 'old' }),
    bad(
      'hmac-hex',
      'written',
      'with the hexadecimal digits themselves',
      Buffer.from(Buffer.from(SECRET).toString('hex')),
    ),
    bad('hmac-bytes', 'written', 'with the base64 itself', Buffer.from(BYTES.toString('base64'))),
    bad('hmac-bytes', 'as-text', 'with the bytes read as text', Buffer.from(BYTES.toString('utf8'))),
    bad('hmac-bytes', 'start', 'with the start of the bytes', BYTES.subarray(0, 32)),
    bad('hmac-two', 'third', 'with a third secret', Buffer.from(`${SECRET}-third`)),
    bad('hmac-two', 'both', 'with both secrets one after the other', Buffer.from(`another-${SECRET}`)),
    bad('hmac-two', 'newline', "with the file's line end", Buffer.from(`${SECRET}\n`)),
    keyed('upper-case', 'the secret in upper case', Buffer.from(SECRET.toUpperCase())),
  ],
};
