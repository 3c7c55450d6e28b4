// One JSON Web Key (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2) as a key that may verify signatures.
import { decodeBase64Url } from '../codec/base64';
import { asArray, asStrings, findMember, isNull, type Json, type JsonObject } from '../codec/json';
import { ALGORITHMS, findAlgorithm, type AlgorithmName, type KeyType } from '../model/algorithm';
import type { PublicKey } from '../model/key';
import { ecMaterial, edMaterial, rsaMaterial, type Material, type MaterialAnswer } from './spki';

export type KeyAnswer =
  { readonly ok: true; readonly value: PublicKey } | { readonly ok: false; readonly problem: string };

/** Members that only a private or secret key has (RFC 7518 §6.2.2, §6.3.2, §6.4.1). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'k'];

function fault(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

/** A member that is set: some providers write null, an empty string or an empty list for an unset one. */
function findSet(jwk: JsonObject, name: string): Json | undefined {
  const value = findMember(jwk, name);
  if (value === undefined || value === '' || isNull(value)) return undefined;
  const list = asArray(value);
  return list?.items.length === 0 ? undefined : value;
}

/** The bytes of a base64url member; undefined when it is missing, of another type or not canonical. */
function bytesOf(jwk: JsonObject, name: string): readonly number[] | undefined {
  const value = findSet(jwk, name);
  return typeof value === 'string' ? decodeBase64Url(value) : undefined;
}

function readMaterial(jwk: JsonObject): MaterialAnswer {
  const type = findSet(jwk, 'kty');
  const curve = findSet(jwk, 'crv');
  const x = bytesOf(jwk, 'x');
  if (findSet(jwk, 'n') === undefined && findSet(jwk, 'x') === undefined && findSet(jwk, 'x5c') !== undefined) {
    // RFC 7517 §4.7: the certificate's key is the same as that of the members, which must be present.
    return fault('it is in a certificate (`x5c`) alone; it needs `n` and `e`, or `x` and `y`');
  }
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
  return fault('its `kty` and `crv` are not RSA, EC, or OKP with Ed25519');
}

/** Every algorithm that a key of this type can verify. */
export function algorithmsFor(type: KeyType): readonly AlgorithmName[] {
  const names: AlgorithmName[] = [];
  for (let index = 0; index < ALGORITHMS.length; index++) {
    const algorithm = ALGORITHMS[index];
    if (algorithm?.keyType === type) names.push(algorithm.name);
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

/** Whether the key is marked for signatures, or not marked at all (RFC 7517 §4.2, §4.3). */
function isForSignatures(jwk: JsonObject): boolean {
  const use = findSet(jwk, 'use');
  if (use !== undefined && use !== 'sig') return false;
  const operations = findSet(jwk, 'key_ops');
  if (operations === undefined) return true;
  const names = asStrings(operations);
  return names !== undefined && names.indexOf('verify') >= 0;
}

/** Whether well-formed members mark the key for something else, such as encryption. */
export function isForOtherUse(jwk: JsonObject): boolean {
  const use = findSet(jwk, 'use');
  if (typeof use === 'string' && use !== 'sig') return true;
  const operations = findSet(jwk, 'key_ops');
  const names = operations === undefined ? undefined : asStrings(operations);
  return names !== undefined && names.indexOf('verify') < 0;
}

/**
 * Reads one JWK.
 * @returns a problem, in words that follow "the key cannot be used: ", when it is not a public key for signatures
 */
export function readJwk(jwk: JsonObject): KeyAnswer {
  for (let index = 0; index < PRIVATE_MEMBERS.length; index++) {
    const member = PRIVATE_MEMBERS[index];
    if (member !== undefined && findSet(jwk, member) !== undefined) {
      return fault('it holds private key material; give the public key only');
    }
  }
  if (!isForSignatures(jwk)) return fault('its `use` or `key_ops` says that it is not for verifying signatures');
  const kid = findSet(jwk, 'kid');
  if (kid !== undefined && typeof kid !== 'string') return fault('its `kid` is not a string');
  const material = readMaterial(jwk);
  if (!material.ok) return material;
  let algorithms = algorithmsFor(material.value.type);
  const bound = findSet(jwk, 'alg');
  if (bound !== undefined) {
    // RFC 7517 §4.4: a key's own `alg` binds.
    const algorithm = typeof bound === 'string' ? findAlgorithm(bound) : undefined;
    if (algorithm?.keyType !== material.value.type) return fault('its `alg` does not fit its type');
    algorithms = [algorithm.name];
  }
  const key = publicKey(kid, material.value, algorithms);
  // Entra ID binds a key to one tenant by the member `issuer`, or to all of them by their pattern.
  const issuer = findSet(jwk, 'issuer');
  if (issuer === undefined) return { ok: true, value: key };
  // A binding that cannot be read is one to no tenant: no issuer's name is empty.
  return { ok: true, value: Object.assign({}, key, { issuer: typeof issuer === 'string' ? issuer : '' }) };
}
