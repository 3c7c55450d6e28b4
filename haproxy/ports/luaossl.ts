// RS, PS and ES signatures by luaossl (OpenSSL in C). It has no way to check Ed25519.
import { decodeBase64 } from '../../src/codec/base64';
import { bitsOf, readSequence, unsignedOf } from '../../src/codec/der';
import { findAlgorithm, type AlgorithmName, type HashName } from '../../src/core/algorithm';
import type { PublicKey, VerificationKey } from '../../src/core/key';
import type { SignatureOutcome, VerifyRequest } from '../../src/ports/signatures';
import { toDer } from './ecdsa';
import { verifyEncoded } from './pss';
import type { SignatureBackend } from './signature-backend';

/** A key as OpenSSL has it. */
interface ParsedKey {
  readonly key: LuaosslKey;
  /** Bits of an RSA modulus; 0 for other keys. */
  readonly modulusBits: number;
}

const ALGORITHMS: readonly AlgorithmName[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
];

const DIGESTS: Readonly<Record<HashName, string>> = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' };

/** Loads a module of luaossl; undefined when it is not installed, or `require` was left out. */
function load(name: string): unknown {
  const [loaded, module] = pcall(require as (this: void, name: string) => unknown, name);
  return loaded ? module : undefined;
}

/** RFC 7468 §13, on lines of 64 characters (§2). */
function writePem(spki: string): string {
  const [body] = string.gsub(spki, string.rep('.', 64), '%0\n');
  return '-----BEGIN PUBLIC KEY-----\n' + body + '\n-----END PUBLIC KEY-----\n';
}

/** Counts the bits of the modulus in an RSA SubjectPublicKeyInfo (RFC 8017 §A.1.1); 0 when there is none. */
function countModulusBits(spki: string): number {
  const outer = readSequence(decodeBase64(spki) ?? []);
  const inner = bitsOf(outer?.[1]);
  const modulus = unsignedOf(readSequence(inner ?? [])?.[0]);
  let bits = modulus === undefined ? 0 : (modulus.length - 1) * 8;
  for (let first = modulus?.[0] ?? 0; first > 0; first = Math.floor(first / 2)) bits += 1;
  return bits;
}

/**
 * The backend on top of luaossl.
 * @returns undefined when luaossl cannot be loaded
 */
export function createLuaosslBackend(): SignatureBackend | undefined {
  const keys = load('openssl.pkey') as LuaosslKeyModule | undefined;
  const digests = load('openssl.digest') as LuaosslDigestModule | undefined;
  if (keys === undefined || digests === undefined) return undefined;
  const noPadding = { rsaPadding: keys.RSA_NO_PADDING };
  // By the SubjectPublicKeyInfo: two entries of a set may hold one key.
  let parsed = new LuaTable<string, ParsedKey>();

  function parse(key: PublicKey): ParsedKey | undefined {
    const [ok, imported] = pcall((keys as LuaosslKeyModule).new, writePem(key.spki));
    if (!ok) return undefined;
    return { key: imported, modulusBits: key.type === 'RSA' ? countModulusBits(key.spki) : 0 };
  }

  /**
   * A key as OpenSSL has it. One that was let go of is parsed again: where two issuers' keys come at the same time, the first
   * to be settled lets go of the other's, which are in no set yet.
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
    // luaossl raises where OpenSSL calls a signature malformed, as with r or s out of range: not valid either way.
    const [ok, outcome] = pcall(check, request, signature);
    return ok ? outcome : 'invalid';
  }

  return {
    name: 'luaossl',
    algorithms: ALGORITHMS,
    // Half a millisecond and more; the others are a matter of 0.1.
    isSlow: (key) => key.type === 'P-384' || key.type === 'P-521',
    prepare,
    retain,
    verify,
  };
}
