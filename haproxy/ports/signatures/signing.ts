// Signing on HAProxy (RFC 7515 §5.1): by luaossl; EdDSA, and RSA without luaossl, in plain TypeScript, which sleeps now and then.
import { decodeBase64 } from '../../../src/codec/base64';
import { readSequence } from '../../../src/codec/der';
import { bytesOf, countBits } from '../../../src/crypto/octets';
import { encodeMessage, readyEd25519, signEd25519, signPlainly, type Signing } from '../../../src/crypto/plain-signing';
import { createRsaPrivateKey, type RsaPrivateNumbers } from '../../../src/crypto/rsa-private';
import { readPrivateSeed, readRsaNumbers } from '../../../src/keys/private-key';
import {
  algorithmsOfSchemes,
  findAlgorithm,
  type Algorithm,
  type AlgorithmName,
  type KeyType,
} from '../../../src/model/algorithm';
import type { SigningKey } from '../../../src/model/signing-key';
import { hash } from '../hash';
import { loadModule } from '../lua-libraries';
import type { Random } from '../random';
import { encodeBytes } from '../text';
import { fromDer } from './ecdsa';
import { DIGESTS, LUAOSSL_ALGORITHMS, writePem } from './luaossl';
import { createTurns } from './turns';

/** @noSelf */
export interface Signer {
  /**
   * Signs; suspends where plain TypeScript does it.
   * @param input ASCII
   * @returns the signature in base64url; undefined where the key cannot be used
   */
  sign(key: SigningKey, input: string): string | undefined;
}

/** Signs with one key. @returns base64url; undefined where the key cannot be used */
type Way = (this: void, input: string) => string | undefined;

/** What signs by OpenSSL. */
interface Library {
  readonly keys: LuaosslKeyModule;
  readonly digests: LuaosslDigestModule;
}

function loadLibrary(): Library | undefined {
  const keys = loadModule('openssl.pkey') as LuaosslKeyModule | undefined;
  const digests = loadModule('openssl.digest') as LuaosslDigestModule | undefined;
  return keys === undefined || digests === undefined ? undefined : { keys, digests };
}

const library = loadLibrary();

/** The algorithms that this HAProxy can sign with. */
export const SIGNS: readonly AlgorithmName[] = [
  ...(library === undefined ? algorithmsOfSchemes(['RSASSA-PKCS1-v1_5', 'RSA-PSS']) : LUAOSSL_ALGORITHMS),
  ...algorithmsOfSchemes(['Ed25519']),
];

/** The numbers of an RSA key; undefined for another. */
export function numbersOf(key: SigningKey): RsaPrivateNumbers | undefined {
  const parts = readSequence(decodeBase64(key.pkcs8) ?? []);
  return key.type === 'RSA' ? readRsaNumbers(parts?.[2]?.content ?? []) : undefined;
}

/** Signs by OpenSSL. All that does not depend on the input is made ready here. @throws where OpenSSL cannot use the key */
function signByLibrary({ keys, digests }: Library, key: SigningKey, algorithm: Algorithm, signing: Signing): Way {
  const parsed = keys.new(writePem('PRIVATE KEY', key.pkcs8));
  const name = DIGESTS[algorithm.hash];
  const digest = digests.new;
  const length = algorithm.signatureLength;
  if (algorithm.scheme === 'RSA-PSS') {
    const bits = countBits(numbersOf(key)?.n ?? []);
    const hash: Signing['hash'] = { digest: (_, bytes) => digest(name).final(bytes) };
    const noPadding = { rsaPadding: keys.RSA_NO_PADDING };
    // The bare RSA private operation; OpenSSL blinds it.
    return (input) =>
      encodeBytes(parsed.decrypt(bytesOf(encodeMessage(algorithm, input, bits, { ...signing, hash })), noPadding));
  }
  if (algorithm.scheme === 'ECDSA') {
    return (input) => encodeBytes(fromDer(parsed.sign(digest(name).update(input)), length));
  }
  return (input) => encodeBytes(parsed.sign(digest(name).update(input)));
}

/** The same, where OpenSSL's errors are no signature. */
function tryLibrary(use: Library, key: SigningKey, algorithm: Algorithm, signing: Signing): Way | undefined {
  const [isReady, way] = pcall(signByLibrary, use, key, algorithm, signing);
  if (!isReady) return undefined;
  return (input) => {
    const [fine, signature] = pcall(way, input);
    return fine ? signature : undefined;
  };
}

/** Makes the port, for the keys of one policy: each is made ready once. To be called in an action, an applet or a task. */
export function createSigner(random: Random): Signer {
  const turns = createTurns(1);
  const ways = new LuaTable<SigningKey, Way>();

  function signingFor(type: KeyType): Signing {
    return { hash, random: (count) => random.take(count), pause: turns.pauseFor(type) };
  }

  /** Makes a key ready at its first input, in turns. */
  function inTurns<Ready>(
    makeReady: () => Ready | undefined,
    sign: (ready: Ready, input: string) => string | undefined,
  ): Way {
    let known: Ready | undefined;
    return (input) => {
      turns.begin();
      const ready = known ?? makeReady();
      known = ready;
      return ready === undefined ? undefined : sign(ready, input);
    };
  }

  function signRsa(key: SigningKey, algorithm: Algorithm): Way {
    const signing = signingFor('RSA');
    return inTurns(
      () => {
        const numbers = numbersOf(key);
        return numbers === undefined ? undefined : createRsaPrivateKey(numbers, signing.pause);
      },
      (ready, input) => signPlainly(ready, algorithm, input, signing),
    );
  }

  function signEdwards(key: SigningKey): Way {
    const signing = signingFor('Ed25519');
    return inTurns(
      () => {
        const seed = readPrivateSeed(key.pkcs8);
        return seed === undefined ? undefined : readyEd25519(seed, signing);
      },
      (ready, input) => signEd25519(ready, input, signing),
    );
  }

  function findWay(key: SigningKey): Way | undefined {
    const algorithm = findAlgorithm(key.algorithm);
    if (algorithm === undefined) return undefined;
    if (algorithm.scheme === 'Ed25519') return signEdwards(key);
    return library === undefined ? signRsa(key, algorithm) : tryLibrary(library, key, algorithm, signingFor('RSA'));
  }

  function sign(key: SigningKey, input: string): string | undefined {
    const known = ways.get(key) as Way | undefined;
    if (known !== undefined) return known(input);
    const way = findWay(key);
    if (way === undefined) return undefined;
    ways.set(key, way);
    return way(input);
  }

  return { sign };
}
