// Key pairs that cannot stop a test for ever. In Node 20 a garbage collection within `export({ format: 'jwk' })` can collect the
// job that generated the key, and that waits for the lock that the export holds. So each generated key is imported anew, and has a
// lock of its own.
import crypto, { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

type Generate = (type: string, options?: object) => Pair;

const generate = crypto.generateKeyPairSync as Generate;
const { subtle } = crypto.webcrypto;
const generateKey = subtle.generateKey.bind(subtle) as (...given: readonly unknown[]) => Promise<unknown>;

function importAnew({ publicKey, privateKey }: Pair): Pair {
  return {
    publicKey: createPublicKey({ key: publicKey.export({ type: 'spki', format: 'der' }), format: 'der', type: 'spki' }),
    privateKey: createPrivateKey({
      key: privateKey.export({ type: 'pkcs8', format: 'der' }),
      format: 'der',
      type: 'pkcs8',
    }),
  };
}

/** Those with an encoding are texts already. */
function generateKeyPairSync(type: string, options?: object): Pair {
  const pair = generate(type, options);
  return options !== undefined && 'publicKeyEncoding' in options ? pair : importAnew(pair);
}

async function generateWebKey(
  algorithm: AlgorithmIdentifier,
  extractable: boolean,
  usages: KeyUsage[],
): Promise<unknown> {
  const generated = await generateKey(algorithm, true, usages);
  if (!('privateKey' in (generated as object))) return generateKey(algorithm, extractable, usages);
  const { publicKey, privateKey } = generated as CryptoKeyPair;
  const [spki, pkcs8] = [await subtle.exportKey('spki', publicKey), await subtle.exportKey('pkcs8', privateKey)];
  return {
    publicKey: await subtle.importKey('spki', spki, algorithm, true, publicKey.usages),
    privateKey: await subtle.importKey('pkcs8', pkcs8, algorithm, extractable, privateKey.usages),
  };
}

Object.assign(crypto, { generateKeyPairSync });
Object.assign(Object.getPrototypeOf(subtle) as object, { generateKey: generateWebKey });
syncBuiltinESMExports();
