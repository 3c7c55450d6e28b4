// One JSON Web Key (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2) as a key that may verify signatures.
import { decodeBase64Url } from '../codec/base64';
import { asStrings, findMember, type JsonObject } from '../codec/json';
import { ALGORITHMS, findAlgorithm, type AlgorithmName, type KeyType } from '../core/algorithm';
import type { PublicKey } from '../core/key';
import { ecMaterial, edMaterial, rsaMaterial, type Material, type MaterialAnswer } from './spki';

export type KeyAnswer =
  { readonly ok: true; readonly value: PublicKey } | { readonly ok: false; readonly problem: string };

/** Members that only a private or secret key has (RFC 7518 §6.2.2, §6.3.2, §6.4.1). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'k'];

function fault(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

/** The bytes of a base64url member; undefined when it is missing, of another type or not canonical. */
function bytesOf(jwk: JsonObject, name: string): readonly number[] | undefined {
  const value = findMember(jwk, name);
  return typeof value === 'string' && value !== '' ? decodeBase64Url(value) : undefined;
}

function readMaterial(jwk: JsonObject): MaterialAnswer {
  const type = findMember(jwk, 'kty');
  const curve = findMember(jwk, 'crv');
  const x = bytesOf(jwk, 'x');
  if (type === 'RSA') {
    const modulus = bytesOf(jwk, 'n');
    const exponent = bytesOf(jwk, 'e');
    if (modulus === undefined || exponent === undefined) return fault('its `n` or `e` is not base64url');
    return rsaMaterial(modulus, exponent);
  }
  if (type === 'EC') {
    const y = bytesOf(jwk, 'y');
    if (x === undefined || y === undefined) return fault('its `x` or `y` is not base64url');
    return ecMaterial(typeof curve === 'string' ? curve : '', x, y);
  }
  if (type === 'OKP' && curve === 'Ed25519') return x === undefined ? fault('its `x` is not base64url') : edMaterial(x);
  return fault('its `kty` and `crv` are none of RSA, EC, OKP with Ed25519');
}

/** Every algorithm that a key of this type can verify. */
export function algorithmsFor(type: KeyType): readonly AlgorithmName[] {
  const names: AlgorithmName[] = [];
  for (let index = 0; index < ALGORITHMS.length; index++) {
    const algorithm = ALGORITHMS[index];
    if (algorithm !== undefined && algorithm.keyType === type) names.push(algorithm.name);
  }
  return names;
}

/** The key that material makes, with what it may verify. */
export function publicKey(
  kid: string | undefined,
  material: Material,
  algorithms: readonly AlgorithmName[],
): PublicKey {
  return {
    kind: 'public',
    kid,
    type: material.type,
    algorithms,
    spki: material.spki,
    modulusLength: material.modulusLength,
  };
}

/** Whether the key says that it is for signatures, or says nothing (RFC 7517 §4.2, §4.3). */
function isForSignatures(jwk: JsonObject): boolean {
  const use = findMember(jwk, 'use');
  if (use !== undefined && use !== 'sig') return false;
  const operations = findMember(jwk, 'key_ops');
  if (operations === undefined) return true;
  const names = asStrings(operations);
  return names !== undefined && names.indexOf('verify') >= 0;
}

/**
 * Reads one JWK.
 * @returns a problem, in words that follow "the key cannot be used: ", when it is not a public key for signatures
 */
export function readJwk(jwk: JsonObject): KeyAnswer {
  for (let index = 0; index < PRIVATE_MEMBERS.length; index++) {
    const member = PRIVATE_MEMBERS[index];
    if (member !== undefined && findMember(jwk, member) !== undefined) {
      return fault('it holds private key material; give the public key only');
    }
  }
  if (!isForSignatures(jwk)) return fault('its `use` or `key_ops` says that it is not for verifying signatures');
  const kid = findMember(jwk, 'kid');
  if (kid !== undefined && typeof kid !== 'string') return fault('its `kid` is not a string');
  const material = readMaterial(jwk);
  if (!material.ok) return material;
  let algorithms = algorithmsFor(material.value.type);
  const bound = findMember(jwk, 'alg');
  if (bound !== undefined) {
    // RFC 7517 §4.4: a key's own `alg` binds.
    const algorithm = typeof bound === 'string' ? findAlgorithm(bound) : undefined;
    if (algorithm === undefined || algorithm.keyType !== material.value.type)
      return fault('its `alg` does not fit its type');
    algorithms = [algorithm.name];
  }
  return { ok: true, value: publicKey(kid, material.value, algorithms) };
}
