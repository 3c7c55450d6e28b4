// Every signature algorithm, checked by both proxies, with what must not pass beside what must.
import {
  constants,
  createHash,
  generateKeyPairSync,
  privateEncrypt,
  sign as signBytes,
  type KeyObject,
} from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settingsGateways, type RunningSettings } from '../helpers/settings-gateways';
import { AUDIENCE, ISSUER, claims, makeKeyPair, signToken, type KeyPair } from '../helpers/tokens';

const RSA = makeKeyPair('RS256');
const KEYS: Readonly<Record<string, KeyPair>> = {
  ...Object.fromEntries(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map((name) => [name, RSA])),
  ...Object.fromEntries(['ES256', 'ES384', 'ES512', 'EdDSA'].map((name) => [name, makeKeyPair(name)])),
};
const HASHES: Readonly<Record<string, string>> = { '256': 'sha256', '384': 'sha384', '512': 'sha512' };
const SECRET = 'a shared secret of hamsters, which is 64 bytes long, as HS512 has';
const BASIC = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE };
const BY_PEM = { ...BASIC, OAUTH_PUBKEY_PATH: 'DIRECTORY/keys.pem' };

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

/** Changes one bit of a token's signature: in the middle of it, or at its end. */
function flip(token: string, isAtEnd = false): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const place = isAtEnd ? bytes.length - 1 : Math.floor(bytes.length / 2);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  return `${header}.${payload}.${bytes.toString('base64url')}`;
}

describe.each(settingsGateways('lua-load', 'no dictionary'))('$name', ({ proxy, start }) => {
  // Debian builds its nginx modules without Ed25519, the one of njs 1.0 too.
  const NAMES = Object.keys(KEYS).filter((name) => proxy === 'HAProxy' || name !== 'EdDSA');
  const PEM = [...new Set(NAMES.map(keyOf))].map((key) => key.pem).join('');
  const SET = JSON.stringify({ keys: NAMES.map((kid) => ({ ...keyOf(kid).jwk, kid, alg: kid, use: 'sig' })) });
  let running: RunningSettings;
  const verdict = (token: string): Promise<string> => running.verdict(token);

  beforeAll(async () => {
    running = await start({ settings: BY_PEM, files: { 'keys.pem': PEM } });
  });
  afterAll(async () => {
    await running.stop();
    expect(running.leaks()).toEqual([]);
  });

  /** Twice: the second time with keys that have been imported, where the engine keeps them. */
  async function expectJudged(by: RunningSettings, token: string): Promise<void> {
    for (const attempt of [1, 2]) {
      expect([attempt, await by.verdict(token)]).toEqual([attempt, 'allowed']);
      for (const isAtEnd of [false, true]) {
        expect([attempt, await by.verdict(flip(token, isAtEnd))]).toEqual([attempt, 'signature_invalid']);
      }
    }
  }

  test.each(NAMES)('%s passes, and one changed bit of its signature does not', async (name) => {
    await expectJudged(running, await signToken(keyOf(name).privateKey, name));
    const foreign = await signToken(makeKeyPair(name.startsWith('E') ? name : 'RS256').privateKey, name);
    expect(await verdict(foreign)).toBe('signature_invalid');
  });

  test('each algorithm passes by its key in a set, and one changed bit of its signature does not', async () => {
    const settings = { ...BASIC, OAUTH_JWKS_PATH: 'DIRECTORY/jwks.json' };
    const bySet = await start({ settings, files: { 'jwks.json': SET } });
    for (const name of NAMES) {
      await expectJudged(bySet, await signToken(keyOf(name).privateKey, name, undefined, { kid: name }));
    }
    await bySet.stop();
    expect(bySet.leaks()).toEqual([]);
  });

  test.each(['HS256', 'HS384', 'HS512'])('A4: %s passes, a forged one does not, and nothing but it', async (name) => {
    const shared = await start({ settings: { ...BASIC, OAUTH_HMAC_SECRET: SECRET } });
    await expectJudged(shared, await signToken(SECRET, name));
    expect(await shared.verdict(await signToken(SECRET.toUpperCase(), name))).toBe('signature_invalid');
    expect(await shared.verdict(await signToken(RSA.privateKey, 'RS256'))).toBe('algorithm_refused');
    await shared.stop();
    expect(shared.leaks()).toEqual([]);
    expect(shared.log()).not.toContain(SECRET);
  });

  test.each(NAMES)('%s passes many times: padding and leading zeros vary', async (name) => {
    for (let time = 0; time < 20; time += 1) {
      const token = await signToken(keyOf(name).privateKey, name, claims({ jti: String(time) }));
      expect(await verdict(token)).toBe('allowed');
    }
  });

  test('a signature of one RSA scheme does not verify under the other, or with another hash', async () => {
    const swap: readonly (readonly [string, string])[] = [
      ['RS256', 'PS256'],
      ['PS256', 'RS256'],
      ['RS256', 'RS384'],
      ['PS256', 'PS512'],
    ];
    for (const [made, said] of swap) {
      const signed = await signToken(RSA.privateKey, made);
      const header = Buffer.from(JSON.stringify({ alg: said, typ: 'JWT' })).toString('base64url');
      expect(await verdict(signed.replace(/^[^.]+/, header))).toBe('signature_invalid');
    }
  });

  test('PS signatures need a salt as long as the hash (RFC 7518 section 3.5)', async () => {
    for (const [bits, hash] of Object.entries(HASHES)) {
      const length = Number(bits) / 8;
      const token = tokenWith(`PS${bits}`, signPss(RSA.privateKey, hash, length));
      expect(await verdict(token)).toBe('allowed');
      for (const salt of [0, length - 1, length + 1]) {
        const other = tokenWith(`PS${bits}`, signPss(RSA.privateKey, hash, salt));
        expect(await verdict(other)).toBe('signature_invalid');
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
    expect(await verdict(good)).toBe('allowed');
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
      expect(await verdict(tokenWith('PS256', make))).toBe('signature_invalid');
    }
  });

  test('RSA signatures that are not below the modulus, or zero, are invalid', async () => {
    for (const name of ['RS256', 'PS256']) {
      for (const byte of [0x00, 0x01, 0xff]) {
        const token = tokenWith(name, () => Buffer.alloc(256, byte));
        expect(await verdict(token)).toBe('signature_invalid');
      }
      const short = tokenWith(name, () => Buffer.alloc(255, 1));
      expect(await verdict(short)).toBe('signature_malformed');
    }
  });

  test.each(['ES256', 'ES384', 'ES512'])('%s refuses r or s that is zero or out of range, and DER', async (name) => {
    const key = keyOf(name).privateKey;
    const half = { ES256: 32, ES384: 48, ES512: 66 }[name] ?? 0;
    const hash = HASHES[name.slice(2)] ?? '';
    const good = tokenWith(name, (input) => signBytes(hash, input, { key, dsaEncoding: 'ieee-p1363' }));
    expect(await verdict(good)).toBe('allowed');
    const signature = Buffer.from(good.split('.')[2] ?? '', 'base64url');
    for (const byte of [0x00, 0xff]) {
      const filler = Buffer.alloc(half, byte);
      for (const parts of [
        [filler, signature.subarray(half)],
        [signature.subarray(0, half), filler],
        [filler, filler],
      ]) {
        const token = good.replace(/[^.]+$/, Buffer.concat(parts).toString('base64url'));
        expect(await verdict(token)).toBe('signature_invalid');
      }
    }
    const der = tokenWith(name, (input) => signBytes(hash, input, { key, dsaEncoding: 'der' }));
    expect(await verdict(der)).toBe('signature_malformed');
  });

  test('HS256 made with a public key as the secret is refused', async () => {
    for (const secret of [RSA.pem, RSA.pem.trim(), PEM]) {
      const token = await signToken(secret, 'HS256');
      expect(await verdict(token)).toBe('algorithm_refused');
    }
  });

  test.each([2049, 2050, 2056, 3072, 4096])('PS256 passes with an RSA key of %i bits', async (modulusLength) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
    const own = await start({
      settings: BY_PEM,
      files: { 'keys.pem': publicKey.export({ type: 'spki', format: 'pem' }).toString() },
    });
    const verdicts = [];
    for (let time = 0; time < 4; time += 1) {
      const token = tokenWith('PS256', signPss(privateKey, 'sha256', createHash('sha256').digest().length));
      verdicts.push(await own.verdict(token), await own.verdict(flip(token)));
    }
    await own.stop();
    for (const [index, seen] of verdicts.entries()) {
      expect(seen).toBe(index % 2 === 0 ? 'allowed' : 'signature_invalid');
    }
  });
});
