// ECDSA signatures as JWS demands them: r and s side by side, each as long as the order (RFC 7518 §3.4; FIPS 186-5 §6.4.2).
import { sign } from 'node:crypto';
import { privateKey } from '../keys.mjs';
import { base64Url, claims, signBytes, signingInput, tokenWithSignature } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const CURVES = {
  es256: {
    alg: 'ES256',
    key: 'p-256',
    size: 32,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  es384: {
    alg: 'ES384',
    key: 'p-384',
    size: 48,
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  es512: {
    alg: 'ES512',
    key: 'p-521',
    size: 66,
    order:
      0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
};

const toBytes = (value, size) => Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex');
const toNumber = (bytes) => BigInt(`0x${bytes.toString('hex')}`);

/** RFC 3279 §2.2.3. */
function toDer(bytes, size) {
  const element = (tag, content) =>
    Buffer.concat([Buffer.from(content.length < 128 ? [tag, content.length] : [tag, 0x81, content.length]), content]);
  const integer = (value) => {
    const digits = value.toString(16);
    return element(2, Buffer.from(digits.length % 2 ? `0${digits}` : digits >= '8' ? `00${digits}` : digits, 'hex'));
  };
  const [r, s] = [toNumber(bytes.subarray(0, size)), toNumber(bytes.subarray(size))];
  return element(0x30, Buffer.concat([integer(r), integer(s)]));
}

function changesOf({ size, order }) {
  const parts = (bytes) => [toNumber(bytes.subarray(0, size)), toNumber(bytes.subarray(size))];
  const join = (r, s) => Buffer.concat([toBytes(r, size), toBytes(s, size)]);
  const change = (to) => (bytes) => join(...to(...parts(bytes)));
  return {
    'r-zero': change((r, s) => [0n, s]),
    's-zero': change((r) => [r, 0n]),
    'both-zero': change(() => [0n, 0n]),
    'both-one': change(() => [1n, 1n]),
    'r-order': change((r, s) => [order, s]),
    's-order': change((r) => [r, order]),
    'r-over-order': change((r, s) => [order + 1n, s]),
    's-over-order': change((r) => [r, order + 1n]),
    'both-order': change(() => [order, order]),
    'all-ones': (bytes) => Buffer.alloc(bytes.length, 0xff),
    swapped: change((r, s) => [s, r]),
    'r-negated': change((r, s) => [order - r, s]),
    'little-endian': (bytes) =>
      Buffer.concat([Buffer.from(bytes.subarray(0, size)).reverse(), Buffer.from(bytes.subarray(size)).reverse()]),
    'one-bit': (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1) ^ 1])]),
  };
}

const LENGTHS = {
  truncated: (bytes) => bytes.subarray(0, -1),
  longer: (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]),
  'zero-before': (bytes) => Buffer.concat([Buffer.alloc(1), bytes]),
  'r-alone': (bytes) => bytes.subarray(0, bytes.length / 2),
  'each-with-zero-before': (bytes) =>
    Buffer.concat([
      Buffer.alloc(1),
      bytes.subarray(0, bytes.length / 2),
      Buffer.alloc(1),
      bytes.subarray(bytes.length / 2),
    ]),
};

function vectorsOf(name, curve) {
  const { alg, key, size, order } = curve;
  const made = (id, comment, change, expected) =>
    vector(`${name}-${id}`, comment, { settings: key, token: tokenWithSignature({ alg, key }, change), expected });
  const input = signingInput({ alg, typ: 'JWT' }, claims());
  const der = toDer(signBytes(alg, key, input), size);
  const highS = (bytes) => {
    const s = toNumber(bytes.subarray(size));
    return Buffer.concat([bytes.subarray(0, size), toBytes(order - s, size)]);
  };
  return [
    made('s-negated', 'JWS knows no low-s rule: n - s is as good as s', highS, allow()),
    ...Object.entries(changesOf(curve)).map(([id, change]) =>
      made(id, `r and s: ${id}`, change, refuse('signature_invalid')),
    ),
    ...Object.entries(LENGTHS).map(([id, change]) =>
      made(id, `the length: ${id}`, change, refuse('signature_malformed')),
    ),
    vector(`${name}-der`, 'a signature in DER', {
      settings: key,
      token: `${input}.${base64Url(der)}`,
      expected: refuse('signature_malformed'),
    }),
  ];
}

/** P-521 leaves 7 bits of each half unused, so a number and the same plus the order both fit. */
const { alg, key, size, order } = CURVES.es512;
const plus = (id, first, second) =>
  vector(`es512-${id}`, 'a number of the right value modulo the order, but over it', {
    settings: key,
    token: tokenWithSignature({ alg, key }, (bytes) =>
      Buffer.concat([
        toBytes(toNumber(bytes.subarray(0, size)) + first * order, size),
        toBytes(toNumber(bytes.subarray(size)) + second * order, size),
      ]),
    ),
    expected: refuse('signature_invalid'),
  });

const zeroFirst = ['es256', 'es384'].flatMap((name) => {
  // A signature whose r begins with a zero byte: as it is, and with the zero stripped.
  const { alg, key } = CURVES[name];
  const input = signingInput({ alg, typ: 'JWT' }, claims({ sub: 'zero' }));
  let bytes = signBytes(alg, key, input);
  while (bytes[0] !== 0) {
    bytes = sign(`sha${alg.slice(2)}`, Buffer.from(input), { key: privateKey(key), dsaEncoding: 'ieee-p1363' });
  }
  return [
    vector(`${name}-r-leading-zero`, 'an r that begins with a zero byte', {
      settings: key,
      token: `${input}.${base64Url(bytes)}`,
      expected: allow(),
    }),
    vector(`${name}-r-zero-stripped`, 'the same without that byte', {
      settings: key,
      token: `${input}.${base64Url(bytes.subarray(1))}`,
      expected: refuse('signature_malformed'),
    }),
  ];
});

export const topic = {
  name: 'ecdsa',
  comment: 'ECDSA signatures',
  vectors: [
    ...Object.entries(CURVES).flatMap(([name, curve]) => vectorsOf(name, curve)),
    plus('r-plus-order', 1n, 0n),
    plus('s-plus-order', 0n, 1n),
    plus('both-plus-order', 1n, 1n),
    ...zeroFirst,
    vector('es256-attacker', "another key's signature", {
      settings: 'p-256',
      token: tokenWithSignature({ alg: 'ES256', key: 'p-256-attacker' }, (x) => x),
      expected: refuse('signature_invalid'),
    }),
  ],
};
