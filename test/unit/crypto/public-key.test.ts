import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { readPublicKey } from '../../../src/crypto/public-key';
import { keyOf, noPause } from './reference';

test('an EC point that is longer or shorter than those of its curve is not a key', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const good = keyOf(publicKey, 'P-256', 'ES256');
  const read = (spki: Buffer): unknown =>
    readPublicKey({ ...good, spki: spki.toString('base64') }, { curves: {}, base: undefined }, noPause);
  const whole = Buffer.from(good.spki, 'base64');
  expect(read(whole)).toBeDefined();
  // The lengths of the sequence and of the bit string in it (RFC 5480 §2).
  for (const more of [1, -1]) {
    const changed = more > 0 ? Buffer.concat([whole, Buffer.from([0])]) : whole.subarray(0, -1);
    const spki = Buffer.from(changed);
    for (const place of [1, 24]) spki[place] = (spki[place] ?? 0) + more;
    expect(read(spki)).toBeUndefined();
  }
});
