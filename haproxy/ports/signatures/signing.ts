// Signing on HAProxy (RFC 7515 §5.1): by luaossl, else RSA in plain TypeScript, which sleeps now and then.
import { decodeBase64, encodeBase64Url } from '../../../src/codec/base64';
import { readSequence } from '../../../src/codec/der';
import { bytesOf, countBits, octetsOf } from '../../../src/crypto/octets';
import { encodeMessage, signPlainly, type Signing } from '../../../src/crypto/plain-signing';
import { createRsaPrivateKey, type RsaPrivateKey, type RsaPrivateNumbers } from '../../../src/crypto/rsa-private';
import { readRsaNumbers } from '../../../src/keys/private-key';
import { algorithmsOfSchemes, findAlgorithm, type Algorithm, type AlgorithmName } from '../../../src/model/algorithm';
import type { SigningKey } from '../../../src/model/signing-key';
import { hash } from '../hash';
import { loadModule } from '../lua-libraries';
import type { Random } from '../random';
import { fromDer } from './ecdsa';
import { DIGESTS, LUAOSSL_ALGORITHMS, writePem, type ParsedKey } from './luaossl';
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

const keys = loadModule('openssl.pkey') as LuaosslKeyModule | undefined;
const digests = loadModule('openssl.digest') as LuaosslDigestModule | undefined;

/** The algorithms that this HAProxy can sign with. */
export const SIGNS: readonly AlgorithmName[] =
  keys === undefined || digests === undefined
    ? algorithmsOfSchemes(['RSASSA-PKCS1-v1_5', 'RSA-PSS'])
    : LUAOSSL_ALGORITHMS;

/** The numbers of an RSA key; undefined for another. */
export function numbersOf(key: SigningKey): RsaPrivateNumbers | undefined {
  const parts = readSequence(decodeBase64(key.pkcs8) ?? []);
  return key.type === 'RSA' ? readRsaNumbers(parts?.[2]?.content ?? []) : undefined;
}

function encode(bytes: string): string {
  return encodeBase64Url(octetsOf(bytes));
}

/** Makes the port, for the keys of one policy: each is made ready once. To be called in an action, an applet or a task. */
export function createSigner(random: Random): Signer {
  const turns = createTurns(1);
  const pause = turns.pauseFor('RSA');
  const signing: Signing = { hash, random: (count) => random.take(count), pause };
  const parsed = new LuaTable<string, ParsedKey>();
  const plain = new LuaTable<string, RsaPrivateKey>();

  function parse(modules: LuaosslKeyModule, key: SigningKey): ParsedKey {
    const known = parsed.get(key.pkcs8) as ParsedKey | undefined;
    const made = known ?? {
      key: modules.new(writePem('PRIVATE KEY', key.pkcs8)),
      modulusBits: countBits(numbersOf(key)?.n ?? []),
    };
    parsed.set(key.pkcs8, made);
    return made;
  }

  function signByLuaossl(this: void, key: SigningKey, algorithm: Algorithm, input: string): string {
    const { key: known, modulusBits } = parse(keys as LuaosslKeyModule, key);
    if (algorithm.scheme === 'RSA-PSS') {
      // The bare RSA private operation; OpenSSL blinds it.
      const encoded = bytesOf(encodeMessage(algorithm, input, modulusBits, signing));
      return known.decrypt(encoded, { rsaPadding: (keys as LuaosslKeyModule).RSA_NO_PADDING });
    }
    const signature = known.sign((digests as LuaosslDigestModule).new(DIGESTS[algorithm.hash]).update(input));
    return algorithm.scheme === 'ECDSA' ? fromDer(signature, algorithm.signatureLength) : signature;
  }

  function findPlain(key: SigningKey): RsaPrivateKey | undefined {
    const known = plain.get(key.pkcs8) as RsaPrivateKey | undefined;
    const numbers = known === undefined ? numbersOf(key) : undefined;
    return numbers === undefined ? known : createRsaPrivateKey(numbers, pause);
  }

  function signPlain(key: SigningKey, algorithm: Algorithm, input: string): string | undefined {
    turns.begin();
    const ready = findPlain(key);
    if (ready === undefined) return undefined;
    plain.set(key.pkcs8, ready);
    return signPlainly(ready, algorithm, input, signing);
  }

  function sign(key: SigningKey, input: string): string | undefined {
    const algorithm = findAlgorithm(key.algorithm);
    if (algorithm === undefined) return undefined;
    if (keys === undefined || digests === undefined) return signPlain(key, algorithm, input);
    const [fine, signature] = pcall(signByLuaossl, key, algorithm, input);
    return fine ? encode(signature) : undefined;
  }

  return { sign };
}
