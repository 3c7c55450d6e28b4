import {
  createECDH,
  createHash,
  createPrivateKey,
  ECDH,
  generateKeyPairSync,
  sign,
  type JsonWebKey,
} from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { curveP256, curveP384, curveP521 } from '../../../src/crypto/curves';
import { createEcdsaKey, verifyEcdsa, type EcdsaKey, type PreparedCurve } from '../../../src/crypto/ecdsa';
import { createModulus } from '../../../src/crypto/modulus';
import { octetsOfHex } from '../../../src/crypto/octets';
import { makeTable, readPoint, type Curve } from '../../../src/crypto/weierstrass';
import { noPause, numberOf, octetsOfNumber } from './reference';

function prepare(curve: Curve): PreparedCurve {
  return {
    curve,
    order: createModulus(curve.order, noPause),
    generatorTable: makeTable(curve, curve.generator, noPause),
  };
}

const CURVES = [
  ['P-256', 'sha256', 'prime256v1', curveP256],
  ['P-384', 'sha384', 'secp384r1', curveP384],
  ['P-521', 'sha512', 'secp521r1', curveP521],
] as const;

describe.each(CURVES)('ECDSA on %s', (namedCurve, hash, name, curve) => {
  const prepared = prepare(curve);
  const length = curve.order.length;
  const order = numberOf(curve.order);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const [xOctets, yOctets] = [x, y].map((coordinate) => [...Buffer.from(coordinate, 'base64url')]) as [
    number[],
    number[],
  ];
  const key = createEcdsaKey(prepared, xOctets, yOctets, noPause) as EcdsaKey;
  const digestOf = (message: string): number[] => [...createHash(hash).update(message).digest()];
  const signatureOf = (message: string): number[] => [
    ...sign(hash, Buffer.from(message), { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  ];
  const verify = (message: string, signature: readonly number[]): boolean =>
    verifyEcdsa(key, digestOf(message), signature, noPause);

  test('verifies what node:crypto signed, and nothing that was changed', () => {
    for (let count = 0; count < 8; count += 1) {
      const message = `message ${count}`;
      const signature = signatureOf(message);
      expect(verify(message, signature)).toBe(true);
      expect(verify(`${message}.`, signature)).toBe(false);
      const at = (count * 31) % signature.length;
      signature[at] = (signature[at] ?? 0) ^ (1 << (count % 8));
      expect(verify(message, signature)).toBe(false);
    }
  });

  test('accepts the signature with n - s too, as ECDSA has it', () => {
    const signature = signatureOf('m');
    const s = numberOf(signature.slice(length));
    expect(verify('m', [...signature.slice(0, length), ...octetsOfNumber(order - s, length)])).toBe(true);
  });

  test('refuses r and s out of [1, n - 1], and other lengths', () => {
    const signature = signatureOf('m');
    const [r, s] = [signature.slice(0, length), signature.slice(length)];
    for (const number of [0n, order, order + 1n]) {
      expect(verify('m', [...octetsOfNumber(number, length), ...s])).toBe(false);
      expect(verify('m', [...r, ...octetsOfNumber(number, length)])).toBe(false);
    }
    expect(verify('m', [...r, ...octetsOfNumber(numberOf(s) + order, length)])).toBe(false);
    // The same number modulo n, in one octet more.
    expect(verify('m', [...r, ...octetsOfNumber(numberOf(s) + order, length + 1)])).toBe(false);
    expect(verify('m', [...signature, 0])).toBe(false);
    expect(verify('m', signature.slice(1))).toBe(false);
    expect(verify('m', [0, ...r, 0, ...s])).toBe(false);
    expect(verify('m', [])).toBe(false);
  });

  test('verifies with the generator, its double and their opposites as keys, where sums meet', () => {
    // Private keys 1, 2, n - 1 and n - 2: multiples of G and of the key coincide in the tables.
    for (const scalar of [1n, 2n, order - 1n, order - 2n]) {
      const jwk = createJwk(namedCurve, name, scalar, length);
      const octets = (coordinate: string): number[] => [...Buffer.from(coordinate, 'base64url')];
      const odd = createEcdsaKey(prepared, octets(jwk.x), octets(jwk.y), noPause) as EcdsaKey;
      const signer = createPrivateKey({ key: jwk, format: 'jwk' });
      for (let count = 0; count < 4; count += 1) {
        const message = `message ${count}`;
        const signature = [...sign(hash, Buffer.from(message), { key: signer, dsaEncoding: 'ieee-p1363' })];
        expect(verifyEcdsa(odd, digestOf(message), signature, noPause)).toBe(true);
        expect(verifyEcdsa(odd, digestOf('other'), signature, noPause)).toBe(false);
      }
    }
  });

  test('accepts a point whose x is the order or more, of which the signature has the rest alone', () => {
    // Of a digest of zero the signature (r, r) is valid when the key itself has the x that r is the rest of.
    const compressed = (rest: bigint): string =>
      '02' + Buffer.from(octetsOfNumber(order + rest, length)).toString('hex');
    const decompress = (rest: bigint): Buffer | undefined => {
      try {
        return Buffer.from(ECDH.convertKey(compressed(rest), name, 'hex', 'hex', 'uncompressed') as string, 'hex');
      } catch {
        return undefined;
      }
    };
    let rest = 1n;
    while (decompress(rest) === undefined) rest += 1n;
    const point = [...(decompress(rest) ?? [])];
    const large = createEcdsaKey(prepared, point.slice(1, 1 + length), point.slice(1 + length), noPause) as EcdsaKey;
    const r = octetsOfNumber(rest, length);
    expect(verifyEcdsa(large, [0], [...r, ...r], noPause)).toBe(true);
    expect(verifyEcdsa(large, [1], [...r, ...r], noPause)).toBe(false);
    expect(verifyEcdsa(large, [0], [...r, ...octetsOfNumber(rest + 1n, length)], noPause)).toBe(false);
  });

  test('refuses a signature that comes to the point at infinity', () => {
    // With the generator as key, r = n - e takes away what e adds.
    const jwk = createJwk(namedCurve, name, 1n, length);
    const [gx, gy] = [jwk.x, jwk.y].map((one) => [...Buffer.from(one, 'base64url')]) as [number[], number[]];
    const own = createEcdsaKey(prepared, gx, gy, noPause) as EcdsaKey;
    const r = octetsOfNumber(order - 5n, length);
    for (const s of [1n, 2n, order - 1n]) {
      expect(verifyEcdsa(own, [5], [...r, ...octetsOfNumber(s, length)], noPause)).toBe(false);
    }
  });

  test('refuses a point that is not on the curve, and coordinates not below p', () => {
    const off = [...yOctets];
    off[length - 1] = (off[length - 1] ?? 0) ^ 1;
    expect(createEcdsaKey(prepared, xOctets, off, noPause)).toBeUndefined();
    const zero = octetsOfNumber(0n, length);
    expect(createEcdsaKey(prepared, zero, zero, noPause)).toBeUndefined();
    expect(readPoint(curve, [...curve.field.prime], yOctets)).toBeUndefined();
    expect(readPoint(curve, xOctets, [...curve.field.prime])).toBeUndefined();
    expect(readPoint(curve, xOctets, yOctets)).toBeDefined();
  });
});

/** A key pair of a chosen private number. */
function createJwk(crv: string, name: string, scalar: bigint, length: number): JsonWebKey & { x: string; y: string } {
  const ecdh = createECDH(name);
  ecdh.setPrivateKey(Buffer.from(octetsOfNumber(scalar, length)));
  const point = ecdh.getPublicKey();
  const encode = (octets: Uint8Array): string => Buffer.from(octets).toString('base64url');
  const [x, y] = [encode(point.subarray(1, 1 + length)), encode(point.subarray(1 + length))];
  return { kty: 'EC', crv, x, y, d: encode(Uint8Array.from(octetsOfNumber(scalar, length))) };
}

test('has the known answer of RFC 6979 §A.2.5', () => {
  const key = createEcdsaKey(
    prepare(curveP256),
    octetsOfHex('60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6'),
    octetsOfHex('7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299'),
    noPause,
  ) as EcdsaKey;
  const signature = octetsOfHex(
    'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
      'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  );
  const digest = [...createHash('sha256').update('sample').digest()];
  expect(verifyEcdsa(key, digest, signature, noPause)).toBe(true);
});
