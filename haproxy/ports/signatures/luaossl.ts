// RS, PS and ES signatures by luaossl (OpenSSL in C). It has no way to check Ed25519.
import { decodeBase64 } from '../../../src/codec/base64';
import { bitsOf, readSequence, unsignedOf } from '../../../src/codec/der';
import { countBits } from '../../../src/crypto/octets';
import { algorithmsOfSchemes, findAlgorithm, type HashName } from '../../../src/model/algorithm';
import type { PublicKey, VerificationKey } from '../../../src/model/key';
import type { SignatureOutcome, VerifyRequest } from '../../../src/ports/signatures';
import { loadModule } from '../lua-libraries';
import { toDer } from './ecdsa';
import { verifyEncoded } from './pss';
import type { SignatureBackend } from './signature-backend';

/** A key as OpenSSL has it. */
interface ParsedKey {
  readonly key: LuaosslKey;
  /** Bits of an RSA modulus; 0 for other keys. */
  readonly modulusBits: number;
}

export const LUAOSSL_ALGORITHMS = algorithmsOfSchemes(['RSASSA-PKCS1-v1_5', 'RSA-PSS', 'ECDSA']);

export const DIGESTS: Readonly<Record<HashName, string>> = {
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** The name in the log. */
export const LUAOSSL = 'luaossl';

/** PEM (RFC 7468), on lines of 64 characters (§2). */
export function writePem(label: string, base64: string): string {
  const [body] = string.gsub(base64, string.rep('.', 64), '%0\n');
  return '-----BEGIN ' + label + '-----\n' + body + '\n-----END ' + label + '-----\n';
}

/** Counts the bits of the modulus in an RSA SubjectPublicKeyInfo (RFC 8017 §A.1.1); 0 when there is none. */
function countModulusBits(spki: string): number {
  const outer = readSequence(decodeBase64(spki) ?? []);
  const inner = bitsOf(outer?.[1]);
  return countBits(unsignedOf(readSequence(inner ?? [])?.[0]) ?? []);
}

/**
 * The backend on top of luaossl.
 * @returns undefined when luaossl cannot be loaded
 */
export function createLuaosslBackend(): SignatureBackend | undefined {
  const keys = loadModule('openssl.pkey') as LuaosslKeyModule | undefined;
  const digests = loadModule('openssl.digest') as LuaosslDigestModule | undefined;
  if (keys === undefined || digests === undefined) return undefined;
  const noPadding = { rsaPadding: keys.RSA_NO_PADDING };
  // By the SubjectPublicKeyInfo: two entries of a set may hold one key.
  let parsed = new LuaTable<string, ParsedKey>();

  function parse(key: PublicKey): ParsedKey | undefined {
    const [ok, imported] = pcall((keys as LuaosslKeyModule).new, writePem('PUBLIC KEY', key.spki));
    if (!ok) return undefined;
    return { key: imported, modulusBits: key.type === 'RSA' ? countModulusBits(key.spki) : 0 };
  }

  /**
   * A key as OpenSSL has it. A dropped key is parsed again: where two issuers' keys come at the same time, the first issuer
   * drops the other's keys, which are not in a set yet.
   */
  function findParsed(key: PublicKey): ParsedKey | undefined {
    const found = parsed.get(key.spki) as ParsedKey | undefined;
    if (found !== undefined) return found;
    const made = parse(key);
    if (made !== undefined) parsed.set(key.spki, made);
    return made;
  }

  function prepare(key: VerificationKey): string | undefined {
    if (key.kind !== 'public' || findParsed(key) !== undefined) return undefined;
    return 'OpenSSL refuses a key of type ' + key.type;
  }

  function retain(wanted: readonly VerificationKey[]): void {
    const kept = new LuaTable<string, ParsedKey>();
    for (const key of wanted) {
      const found = key.kind === 'public' ? (parsed.get(key.spki) as ParsedKey | undefined) : undefined;
      if (key.kind === 'public' && found !== undefined) kept.set(key.spki, found);
    }
    parsed = kept;
  }

  function check(request: VerifyRequest, signature: string): SignatureOutcome {
    const algorithm = findAlgorithm(request.algorithm);
    const key = request.key.kind === 'public' ? findParsed(request.key) : undefined;
    if (key === undefined || algorithm === undefined) return 'unavailable';
    const name = DIGESTS[algorithm.hash];
    const open = (digests as LuaosslDigestModule).new;
    let valid = false;
    if (algorithm.scheme === 'RSA-PSS') {
      const hash = (data: string): string => open(name).final(data);
      const encoded = key.key.encrypt(signature, noPadding);
      valid = verifyEncoded(encoded, key.modulusBits, hash(request.signingInput), hash);
    } else {
      const written = algorithm.scheme === 'ECDSA' ? toDer(signature) : signature;
      valid = key.key.verify(written, open(name).update(request.signingInput));
    }
    return valid ? 'valid' : 'invalid';
  }

  function verify(request: VerifyRequest, signature: string): SignatureOutcome {
    // luaossl raises where OpenSSL calls a signature malformed, as with r or s out of range: such a signature is not valid.
    const [ok, outcome] = pcall(check, request, signature);
    return ok ? outcome : 'invalid';
  }

  return {
    name: LUAOSSL,
    algorithms: LUAOSSL_ALGORITHMS,
    // Half a millisecond and more; the others need 0.1.
    isSlow: (key) => key.type === 'P-384' || key.type === 'P-521',
    prepare,
    retain,
    verify,
  };
}
