// Every signature algorithm, checked by real HAProxy, with what must not pass beside what must.
import {
  constants,
  createHash,
  generateKeyPairSync,
  privateEncrypt,
  sign as signBytes,
  type KeyObject,
} from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { shown, startHaproxy, type Haproxy } from './haproxy-server';
import { AUDIENCE, ISSUER, claims, makeKeyPair, signToken, type KeyPair } from './tokens';
import { SUITES } from './suite';

const RSA = makeKeyPair('RS256');
const KEYS: Readonly<Record<string, KeyPair>> = {
  ...Object.fromEntries(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((name) => [name, RSA])),
  ...Object.fromEntries(['ES256', 'ES384', 'ES512', 'EdDSA'].map((name) => [name, makeKeyPair(name)])),
};
const NAMES = Object.keys(KEYS);
const HASHES: Readonly<Record<string, string>> = { '256': 'sha256', '384': 'sha384', '512': 'sha512' };
const PEM = [RSA, ...['ES256', 'ES384', 'ES512', 'EdDSA'].map((name) => KEYS[name] ?? RSA)]
  .map((key) => key.pem)
  .join('');
const SETTINGS = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_PUBKEY_PATH: 'DIRECTORY/keys.pem' };
const FILES = { 'keys.pem': PEM };

function keyOf(name: string): KeyPair {
  const key = KEYS[name];
  if (key === undefined) throw new Error(`no key for ${name}`);
  return key;
}

/** A token whose signature is given by a function of its signing input. */
function tokenWith(algorithm: string, make: (input: Buffer) => Buffer): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const input = `${encode({ alg: algorithm, typ: 'JWT' })}.${encode(claims())}`;
  return `${input}.${make(Buffer.from(input)).toString('base64url')}`;
}

/** RSASSA-PSS as an issuer with other parameters would make it. */
function signPss(key: KeyObject, hash: string, saltLength: number): (input: Buffer) => Buffer {
  return (input) => signBytes(hash, input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
}

const sha256 = (...parts: readonly Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/**
 * PS256 by hand (RFC 8017 section 9.1.1) for a modulus of 2048 bits, so that one step can be done wrong.
 * @param spoilBlock changes the data block, 223 bytes, before it is masked
 * @param spoilMessage changes the encoded message, 256 bytes
 */
function encodePss(
  key: KeyObject,
  spoilBlock: (block: Buffer) => void,
  spoilMessage: (message: Buffer) => void,
): (input: Buffer) => Buffer {
  return (input) => {
    const salt = Buffer.alloc(32, 7);
    const tag = sha256(Buffer.alloc(8), sha256(input), salt);
    const block = Buffer.concat([Buffer.alloc(190), Buffer.from([1]), salt]);
    spoilBlock(block);
    const counters = Array.from({ length: 7 }, (_, counter) => sha256(tag, Buffer.from([0, 0, 0, counter])));
    const mask = Buffer.concat(counters);
    const masked = block.map((byte, index) => byte ^ (mask[index] ?? 0));
    masked[0] = (masked[0] ?? 0) & 0x7f;
    const message = Buffer.concat([masked, tag, Buffer.from([0xbc])]);
    spoilMessage(message);
    return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, message);
  };
}

/** Changes one bit in the middle of a token's signature. */
function flip(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}

describe.each(SUITES)('%s', (suite) => {
  let haproxy: Haproxy;
  const askWith = async (token: string) => shown(await haproxy.askWith(token));

  beforeAll(async () => {
    haproxy = await startHaproxy(suite, { settings: SETTINGS, files: FILES });
  });
  afterAll(() => haproxy.stop());
  afterEach(() => {
    expect(haproxy.leaks()).toEqual([]);
    expect(haproxy.output()).not.toMatch(/lua (runtime )?error|internal error/i);
  });

  test.each(NAMES)('%s passes, and one changed bit of its signature does not', async (name) => {
    const token = await signToken(keyOf(name).privateKey, name);
    expect(await askWith(token)).toMatchObject({ authorized: '1' });
    expect(await askWith(flip(token))).toMatchObject({ authorized: '0', reason: 'signature_invalid' });
    const foreign = await signToken(makeKeyPair(name.startsWith('E') ? name : 'RS256').privateKey, name);
    expect(await askWith(foreign)).toMatchObject({ authorized: '0', reason: 'signature_invalid' });
  });

  test.each(NAMES)('%s passes many times: padding and leading zeros vary', async (name) => {
    for (let time = 0; time < 20; time += 1) {
      const token = await signToken(keyOf(name).privateKey, name, claims({ jti: String(time) }));
      expect(await askWith(token)).toMatchObject({ authorized: '1' });
    }
  });

  test('a signature of one RSA scheme is none of the other, nor of another hash', async () => {
    const swap: readonly (readonly [string, string])[] = [
      ['RS256', 'PS256'],
      ['PS256', 'RS256'],
      ['RS256', 'RS384'],
      ['PS256', 'PS512'],
    ];
    for (const [made, said] of swap) {
      const signed = await signToken(RSA.privateKey, made);
      const header = Buffer.from(JSON.stringify({ alg: said, typ: 'JWT' })).toString('base64url');
      expect(await askWith(signed.replace(/^[^.]+/, header))).toMatchObject({ reason: 'signature_invalid' });
    }
  });

  test('PS signatures need a salt as long as the hash (RFC 7518 section 3.5)', async () => {
    for (const [bits, hash] of Object.entries(HASHES)) {
      const length = Number(bits) / 8;
      const token = tokenWith(`PS${bits}`, signPss(RSA.privateKey, hash, length));
      expect(await askWith(token)).toMatchObject({ authorized: '1' });
      for (const salt of [0, length - 1, length + 1]) {
        const other = tokenWith(`PS${bits}`, signPss(RSA.privateKey, hash, salt));
        expect(await askWith(other)).toMatchObject({ authorized: '0', reason: 'signature_invalid' });
      }
    }
  });

  test('PS256 needs every part of the encoded message as RFC 8017 has it', async () => {
    const keep = (): void => undefined;
    const set =
      (index: number, value: number) =>
      (bytes: Buffer): void => {
        bytes[index] = value;
      };
    const good = tokenWith('PS256', encodePss(RSA.privateKey, keep, keep));
    expect(await askWith(good)).toMatchObject({ authorized: '1' });
    const spoiled = [
      encodePss(RSA.privateKey, set(100, 1), keep),
      encodePss(RSA.privateKey, set(1, 0x80), keep),
      encodePss(RSA.privateKey, set(189, 1), keep),
      encodePss(RSA.privateKey, set(190, 0), keep),
      encodePss(RSA.privateKey, set(190, 2), keep),
      encodePss(RSA.privateKey, set(0, 0x40), keep),
      encodePss(RSA.privateKey, keep, set(255, 0xcc)),
      encodePss(RSA.privateKey, keep, set(230, 0)),
    ];
    for (const make of spoiled) {
      expect(await askWith(tokenWith('PS256', make))).toMatchObject({ authorized: '0', reason: 'signature_invalid' });
    }
  });

  test('RSA signatures that are not below the modulus, or zero, are invalid', async () => {
    for (const name of ['RS256', 'PS256']) {
      for (const byte of [0x00, 0x01, 0xff]) {
        const token = tokenWith(name, () => Buffer.alloc(256, byte));
        expect(await askWith(token)).toMatchObject({ authorized: '0', reason: 'signature_invalid' });
      }
      const short = tokenWith(name, () => Buffer.alloc(255, 1));
      expect(await askWith(short)).toMatchObject({ authorized: '0', reason: 'signature_malformed' });
    }
  });

  test.each(['ES256', 'ES384', 'ES512'])('%s refuses r or s that is zero or out of range, and DER', async (name) => {
    const key = keyOf(name).privateKey;
    const half = { ES256: 32, ES384: 48, ES512: 66 }[name] ?? 0;
    const hash = HASHES[name.slice(2)] ?? '';
    const good = tokenWith(name, (input) => signBytes(hash, input, { key, dsaEncoding: 'ieee-p1363' }));
    expect(await askWith(good)).toMatchObject({ authorized: '1' });
    const signature = Buffer.from(good.split('.')[2] ?? '', 'base64url');
    for (const byte of [0x00, 0xff]) {
      const filler = Buffer.alloc(half, byte);
      for (const parts of [
        [filler, signature.subarray(half)],
        [signature.subarray(0, half), filler],
        [filler, filler],
      ]) {
        const token = good.replace(/[^.]+$/, Buffer.concat(parts).toString('base64url'));
        expect(await askWith(token)).toMatchObject({ authorized: '0', reason: 'signature_invalid' });
      }
    }
    const der = tokenWith(name, (input) => signBytes(hash, input, { key, dsaEncoding: 'der' }));
    expect(await askWith(der)).toMatchObject({ authorized: '0', reason: 'signature_malformed' });
  });

  test('HS256 made with a public key as the secret is refused', async () => {
    for (const secret of [RSA.pem, RSA.pem.trim(), PEM]) {
      const token = await signToken(secret, 'HS256');
      expect(await askWith(token)).toMatchObject({ authorized: '0', reason: 'algorithm_refused' });
    }
  });

  test.each([2049, 2050, 2056, 3072, 4096])('PS256 passes with an RSA key of %i bits', async (modulusLength) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
    const own = await startHaproxy(suite, {
      settings: SETTINGS,
      files: { 'keys.pem': publicKey.export({ type: 'spki', format: 'pem' }).toString() },
    });
    const answers = [];
    for (let time = 0; time < 4; time += 1) {
      const token = tokenWith('PS256', signPss(privateKey, 'sha256', createHash('sha256').digest().length));
      answers.push(shown(await own.askWith(token)), shown(await own.askWith(flip(token))));
    }
    await own.stop();
    for (const [index, answer] of answers.entries()) {
      expect(answer).toMatchObject({ authorized: index % 2 === 0 ? '1' : '0' });
    }
  });
});
