// RSA signatures: PKCS#1 v1.5 and PSS as RFC 7518 §3.3 and §3.5 demand them (RFC 8017 §8.1.2, §8.2.2).
import { constants, createHash, privateEncrypt, sign } from 'node:crypto';
import { privateKey, publicKey } from '../keys.mjs';
import { base64Url, claims, signingInput, token, tokenWithSignature } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const KEY = 'rsa-2048';
const SIZE = 256;
const hash = (name, ...data) => data.reduce((state, part) => state.update(part), createHash(name)).digest();
const raw = (block) => privateEncrypt({ key: privateKey(KEY), padding: constants.RSA_NO_PADDING }, block);

const OIDS = {
  sha1: '3021300906052b0e03021a05000414',
  sha256: '3031300d060960864801650304020105000420',
  'sha256-without-null': '302f300b0609608648016503040201' + '0420',
  sha512: '3051300d060960864801650304020305000440',
};
const digestInfo = (oid, digest) => Buffer.concat([Buffer.from(OIDS[oid], 'hex'), digest]);

/** RFC 8017 §9.2: 00 01 FF ... FF 00 T, with what may be wrong in it. */
function pkcs1(info, { type = 1, fill = 0xff, padding = SIZE - 3 - info.length, rest = Buffer.alloc(0) } = {}) {
  const head = Buffer.concat([Buffer.from([0, type]), Buffer.alloc(padding, fill), Buffer.from([0]), info, rest]);
  return raw(Buffer.concat([head, Buffer.alloc(SIZE - head.length)]));
}

function mgf1(name, seed, length) {
  const blocks = [];
  for (let counter = 0; Buffer.concat(blocks).length < length; counter += 1) {
    blocks.push(hash(name, seed, Buffer.from([0, 0, 0, counter])));
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** RFC 8017 §9.1.1 with any salt, mask hash and trailer. */
function pss(
  input,
  { name = 'sha256', mask = name, saltLength = 32, trailer = 0xbc, fill = 0, separator = 1, top = 0 } = {},
) {
  const salt = Buffer.alloc(saltLength, 7);
  const h = hash(name, Buffer.alloc(8), hash(name, input), salt);
  const db = Buffer.concat([Buffer.alloc(SIZE - saltLength - h.length - 2, fill), Buffer.from([separator]), salt]);
  const masked = mgf1(mask, h, db.length).map((byte, index) => byte ^ db[index]);
  // With `top` the highest bit is set: it must not be, and the number stays under the modulus.
  masked[0] = top === 0 ? masked[0] & 0x7f : 0x80;
  return raw(Buffer.concat([masked, h, Buffer.from([trailer])]));
}

const made = (id, comment, alg, signature, expected, settings = 'rsa') =>
  vector(id, comment, { settings, token: tokenWithSignature({ alg }, signature), expected });
const INVALID = refuse('signature_invalid');
const MALFORMED = refuse('signature_malformed');
const sha = (input) => hash('sha256', input);
const info = (input) => digestInfo('sha256', sha(input));
const v15 = (id, comment, block) => made(`rs256-${id}`, comment, 'RS256', (_, input) => block(input), INVALID);
const salted = (alg, name, length) =>
  made(
    `${alg.toLowerCase()}-salt-${length}`,
    `RFC 7518 §3.5: a salt of ${length} bytes`,
    alg,
    (_, input) => pss(input, { name, saltLength: length }),
    INVALID,
  );

const LENGTHS = {
  shorter: (bytes) => bytes.subarray(0, -1),
  'shorter-front': (bytes) => bytes.subarray(1),
  longer: (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]),
  'zero-before': (bytes) => Buffer.concat([Buffer.alloc(1), bytes]),
  twice: (bytes) => Buffer.concat([bytes, bytes]),
  'one-byte': () => Buffer.from([1]),
};
const NUMBERS = {
  'all-zero': () => Buffer.alloc(SIZE),
  'all-ones': () => Buffer.alloc(SIZE, 0xff),
  one: () => Buffer.concat([Buffer.alloc(SIZE - 1), Buffer.from([1])]),
  modulus: () => Buffer.from(publicKey(KEY).export({ format: 'jwk' }).n, 'base64url'),
  'modulus-minus-one': () => {
    const bytes = Buffer.from(publicKey(KEY).export({ format: 'jwk' }).n, 'base64url');
    bytes[SIZE - 1] -= 1;
    return bytes;
  },
  'one-bit': (bytes) => Buffer.concat([Buffer.from([bytes[0] ^ 1]), bytes.subarray(1)]),
  reversed: (bytes) => Buffer.from(bytes).reverse(),
};

/** A good signature plus the modulus, which still fits into 256 bytes: the same number modulo n. */
function plusModulus() {
  const modulus = BigInt(`0x${Buffer.from(publicKey(KEY).export({ format: 'jwk' }).n, 'base64url').toString('hex')}`);
  for (let attempt = 0; attempt < 2000; attempt += 1) {
    const input = signingInput({ alg: 'RS256', typ: 'JWT' }, claims({ sub: `plus-${attempt}` }));
    const signature = sign('sha256', Buffer.from(input), privateKey(KEY));
    const sum = (BigInt(`0x${signature.toString('hex')}`) + modulus).toString(16);
    if (sum.length <= SIZE * 2) return `${input}.${base64Url(Buffer.from(sum.padStart(SIZE * 2, '0'), 'hex'))}`;
  }
  throw new Error('the modulus leaves no room');
}

export const topic = {
  name: 'rsa',
  comment: 'RSA signatures',
  vectors: [
    ...['RS256', 'PS256'].flatMap((alg) => [
      ...Object.entries(LENGTHS).map(([id, change]) =>
        made(`${alg.toLowerCase()}-length-${id}`, `the length: ${id}`, alg, change, MALFORMED),
      ),
      ...Object.entries(NUMBERS).map(([id, change]) =>
        made(`${alg.toLowerCase()}-number-${id}`, `the number: ${id}`, alg, change, INVALID),
      ),
      vector(`${alg.toLowerCase()}-attacker`, "another key's signature", {
        token: token({ alg, key: 'rsa-attacker' }),
        expected: INVALID,
      }),
      vector(`${alg.toLowerCase()}-2048-for-3072`, 'a signature of a smaller key', {
        settings: 'rsa-3072',
        token: token({ alg }),
        expected: MALFORMED,
      }),
    ]),
    vector('rs256-number-plus-modulus', 'RFC 8017 §5.2.2: the number must be under the modulus', {
      token: plusModulus(),
      expected: INVALID,
    }),
    v15('wrong-oid-sha1', 'a SHA-256 digest under the identifier of SHA-1', (input) =>
      pkcs1(digestInfo('sha1', sha(input))),
    ),
    v15('wrong-oid-sha512', 'a SHA-256 digest under the identifier of SHA-512', (input) =>
      pkcs1(digestInfo('sha512', sha(input))),
    ),
    v15('sha1', 'a signature with SHA-1', (input) => pkcs1(digestInfo('sha1', hash('sha1', input)))),
    v15('sha512', 'a signature with SHA-512', (input) => pkcs1(digestInfo('sha512', hash('sha512', input)))),
    v15('no-digest-info', 'the digest alone', (input) => pkcs1(sha(input))),
    v15('no-null', 'an AlgorithmIdentifier without NULL: not what EMSA-PKCS1-v1_5 makes', (input) =>
      pkcs1(digestInfo('sha256-without-null', sha(input))),
    ),
    v15('garbage-after', 'short padding and garbage after the digest (Bleichenbacher 2006)', (input) =>
      pkcs1(info(input), { padding: 8, rest: Buffer.alloc(100, 0xaa) }),
    ),
    v15('short-padding', 'short padding and zeros after the digest', (input) => pkcs1(info(input), { padding: 8 })),
    v15('block-type-2', 'the padding of encryption', (input) => pkcs1(info(input), { type: 2 })),
    v15('block-type-0', 'padding of block type 0', (input) => pkcs1(info(input), { type: 0, fill: 0 })),
    v15('padding-not-ff', 'padding that is not FF', (input) => pkcs1(info(input), { fill: 0xfe })),
    v15('digest-of-nothing', 'the digest of an empty text', () => pkcs1(digestInfo('sha256', hash('sha256', '')))),
    ...[0, 20, 31, 33, 64, 222].map((length) => salted('PS256', 'sha256', length)),
    salted('PS384', 'sha384', 32),
    salted('PS512', 'sha512', 32),
    made(
      'ps256-mgf1-sha1',
      'RFC 7518 §3.5: the mask is made with the same hash',
      'PS256',
      (_, input) => pss(input, { mask: 'sha1' }),
      INVALID,
    ),
    made(
      'ps256-mgf1-sha512',
      'a mask made with SHA-512',
      'PS256',
      (_, input) => pss(input, { mask: 'sha512' }),
      INVALID,
    ),
    made(
      'ps256-trailer',
      'RFC 8017 §9.1.2: the last byte must be BC',
      'PS256',
      (_, input) => pss(input, { trailer: 0xcc }),
      INVALID,
    ),
    ...Object.entries({
      'padding-not-zero': { fill: 1 },
      'separator-zero': { separator: 0 },
      'separator-two': { separator: 2 },
      'top-bit': { top: 1 },
    }).map(([id, fault]) =>
      made(`ps256-${id}`, `RFC 8017 §9.1.2: ${id}`, 'PS256', (_, input) => pss(input, fault), INVALID),
    ),
    made(
      'ps256-sha384',
      'PSS with SHA-384 under PS256',
      'PS256',
      (_, input) => pss(input, { name: 'sha384', saltLength: 48 }),
      INVALID,
    ),
    made('ps256-handmade', 'PSS made by hand with nothing wrong', 'PS256', (_, input) => pss(input), allow()),
    made(
      'rs256-handmade',
      'PKCS#1 v1.5 made by hand with nothing wrong',
      'RS256',
      (_, input) => pkcs1(info(input)),
      allow(),
    ),
  ],
};
