// Defects of src/crypto: signatures in plain TypeScript.
import { inArea } from './define.mjs';

const defect = inArea('crypto', ['unit'], ['test/unit/crypto/']);

/** @type {readonly import('./define.mjs').Defect[]} */
export const CRYPTO = [
  defect('ECDSA takes r or s of zero', 'src/crypto/ecdsa.ts', {
    find: 'return compareOctets(number, order) < 0 && !areZero(number);',
    replace: 'return compareOctets(number, order) < 0;',
    tests: ['test/unit/crypto/ecdsa.test.ts'],
    equivalent:
      'r of zero would take the discrete logarithm of a point whose x is zero or the order, and s of zero gives infinity',
  }),
  defect('ECDSA takes r or s of the order and more', 'src/crypto/ecdsa.ts', {
    find: 'return compareOctets(number, order) < 0 && !areZero(number);',
    replace: 'return order.length > 0 && compareOctets(number, order) !== 0 && !areZero(number);',
    tests: ['test/unit/crypto/ecdsa.test.ts'],
  }),
  defect('ECDSA takes a signature of another length', 'src/crypto/ecdsa.ts', {
    find: 'if (signature.length !== 2 * length) return false;',
    replace: '',
    tests: ['test/unit/crypto/ecdsa.test.ts', 'test/unit/crypto/plain-signatures.test.ts'],
  }),
  defect('ECDSA forgets x beyond the order', 'src/crypto/ecdsa.ts', {
    find: '|| (next !== undefined && hasX(curve.field, sum, next));',
    replace: '|| (next === undefined && sum.infinite);',
    tests: ['test/unit/crypto/ecdsa.test.ts'],
  }),
  defect('ECDSA takes the point at infinity', 'src/crypto/ecdsa.ts', {
    find: 'if (sum.infinite) return false;',
    replace: 'if (sum.infinite) return true;',
    tests: ['test/unit/crypto/ecdsa.test.ts'],
  }),
  defect('Ed25519 takes S of the order and more', 'src/crypto/ed25519.ts', {
    find: 'if (compareOctets(s, ORDER) >= 0) return false;',
    replace: '',
    tests: ['test/unit/crypto/ed25519.test.ts'],
  }),
  defect('Ed25519 does not bind the key into its hash', 'src/crypto/ed25519.ts', {
    find: 'bytesOf(encodedR.concat(key.encoded)) + message',
    replace: 'bytesOf(encodedR) + message',
    tests: ['test/unit/crypto/ed25519.test.ts'],
  }),
  defect('RSA takes a signature not below the modulus', 'src/crypto/rsa.ts', {
    find: ' || compareOctets(signature, key.n) >= 0) return undefined;',
    replace: ') return undefined;',
    tests: ['test/unit/crypto/rsa.test.ts', 'test/unit/crypto/plain-signatures.test.ts'],
  }),
  defect('RSA takes a shorter signature', 'src/crypto/rsa.ts', {
    find: 'if (signature.length !== key.n.length || compareOctets',
    replace: 'if (signature.length > key.n.length || compareOctets',
    tests: ['test/unit/crypto/rsa.test.ts', 'test/unit/crypto/plain-signatures.test.ts'],
  }),
  defect('PKCS#1 looks at the digest alone', 'src/crypto/rsa-pkcs1.ts', {
    find: 'return equalOctets(recovered, encodePkcs1(signed.hash, digest, key.n.length));',
    replace: 'return equalOctets(recovered.slice(-32), encodePkcs1(signed.hash, digest, key.n.length).slice(-32));',
    tests: ['test/unit/crypto/rsa.test.ts'],
  }),
  defect('PKCS#1 lets the padding be short', 'src/crypto/rsa-pkcs1.ts', {
    find: 'return equalOctets(recovered, encodePkcs1(signed.hash, digest, key.n.length));',
    replace: 'return equalOctets(recovered.slice(-60), encodePkcs1(signed.hash, digest, key.n.length).slice(-60));',
    tests: ['test/unit/crypto/rsa.test.ts'],
  }),
  defect('PSS does not look at its last octet', 'src/crypto/rsa-pss.ts', {
    find: ' || encoded[length - 1] !== 0xbc) return false;',
    replace: ') return false;',
    tests: ['test/unit/crypto/rsa-pss.test.ts'],
  }),
  defect('PSS does not look at the bits above its message', 'src/crypto/rsa-pss.ts', {
    find: 'if ((encoded[0] as number) >= limit) return false;',
    replace: '',
    tests: ['test/unit/crypto/rsa-pss.test.ts'],
  }),
  defect('PSS does not look at its padding', 'src/crypto/rsa-pss.ts', {
    find: 'if (block[index] !== (index === saltStart - 1 ? 1 : 0)) return false;',
    replace: 'if ((block[index] as number) > 255) return false;',
    tests: ['test/unit/crypto/rsa-pss.test.ts'],
  }),
  defect('a key verifies with the algorithm of another type', 'src/crypto/plain-signatures.ts', {
    find: " || key.kind !== 'public' || algorithm.keyType !== key.type) return 'unavailable';",
    replace: " || key.kind !== 'public') return 'unavailable';",
    tests: ['test/unit/crypto/plain-signatures.test.ts'],
  }),
  defect('an EC point of another length is cut', 'src/crypto/public-key.ts', {
    find: 'if (curve === undefined || bits.length !== 1 + 2 * length) return undefined;',
    replace: 'if (curve === undefined) return undefined;',
    tests: ['test/unit/crypto/public-key.test.ts'],
    equivalent: 'coordinates of another length than the curve has are refused once more where they are read',
  }),
  inArea('crypto', ['unit'], ['test/unit/crypto/rsa-private.test.ts'])(
    'a signature leaves that does not verify',
    'src/crypto/rsa-private.ts',
    {
      find: 'recovered !== undefined && equalOctets(recovered, message) ? signature : undefined',
      replace: 'signature',
    },
  ),
  inArea('crypto', ['unit'], ['test/unit/crypto/rsa-private.test.ts'])(
    'the salt of PSS is always the same',
    'src/crypto/plain-signing.ts',
    { find: 'signing.random(digest.length), signing.hash', replace: 'digest, signing.hash' },
  ),
  inArea('crypto', ['unit'], ['test/unit/crypto/ed25519-private.test.ts'])(
    'the nonce of Ed25519 does not depend on the message',
    'src/crypto/plain-signing.ts',
    { find: 'hash(secret.prefix + message)', replace: 'hash(secret.prefix)' },
  ),
  inArea('crypto', ['unit'], ['test/unit/crypto/ed25519-private.test.ts'])(
    'the multiple of Ed25519 is not blinded',
    'src/crypto/plain-signing.ts',
    {
      find: 'const random = octetsOf(signing.random(ED25519_BLINDING));',
      replace: 'const random = octetsOf(secret.prefix + secret.prefix + secret.prefix);',
    },
  ),
];
