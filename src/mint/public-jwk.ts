// The public part of a private key as a JSON Web Key (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
import { decodeBase64, encodeBase64Url } from '../codec/base64';
import { bitsOf, readElements, readSequence } from '../codec/der';
import type { JsonObject } from '../codec/json';
import { deriveEd25519 } from '../crypto/ed25519-private';
import { plainHash } from '../crypto/plain-hash';
import { readPrivateSeed, readRsaNumbers, type PrivateKey } from '../keys/private-key';
import { CURVES, ecMaterial } from '../keys/spki';
import type { AlgorithmName } from '../model/algorithm';

/** The context tag [1], constructed: the public key of an ECPrivateKey (RFC 5915 §3). */
const CONTEXT_1 = 0xa1;
/** SEC 1 §2.3.3. */
const UNCOMPRESSED = 4;

/** The key's own structure within its PrivateKeyInfo (RFC 5958 §2). */
function contentOf(key: PrivateKey): readonly number[] {
  return readSequence(decodeBase64(key.pkcs8) ?? [])?.[2]?.content ?? [];
}

function formatRsa(key: PrivateKey, kid: string, alg: AlgorithmName): JsonObject | undefined {
  const numbers = readRsaNumbers(contentOf(key));
  if (numbers === undefined) return undefined;
  return {
    kind: 'object',
    names: ['alg', 'e', 'kid', 'kty', 'n', 'use'],
    values: [alg, encodeBase64Url(numbers.e), kid, 'RSA', encodeBase64Url(numbers.n), 'sig'],
  };
}

function formatEc(key: PrivateKey, kid: string, alg: AlgorithmName): JsonObject | undefined {
  const length = CURVES.find((curve) => curve.type === key.type)?.coordinateLength ?? 0;
  const named = readSequence(contentOf(key))?.find((part) => part.tag === CONTEXT_1);
  const point = named === undefined ? undefined : bitsOf(readElements(named.content)?.[0]);
  if (point?.[0] !== UNCOMPRESSED) return undefined;
  const x = point.slice(1, 1 + length);
  const y = point.slice(1 + length);
  if (!ecMaterial(key.type, x, y).ok) return undefined;
  return {
    kind: 'object',
    names: ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
    values: [alg, key.type, kid, 'EC', 'sig', encodeBase64Url(x), encodeBase64Url(y)],
  };
}

function formatEd25519(key: PrivateKey, kid: string, alg: AlgorithmName): JsonObject | undefined {
  const seed = readPrivateSeed(key.pkcs8);
  if (seed === undefined) return undefined;
  const x = encodeBase64Url(deriveEd25519(seed, plainHash));
  return {
    kind: 'object',
    names: ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
    values: [alg, 'Ed25519', kid, 'OKP', 'sig', x],
  };
}

/**
 * The public key, its members in the order of their names.
 * @returns undefined where the private key does not hold it: an EC key may leave it out
 */
export function formatPublicJwk(key: PrivateKey, kid: string, alg: AlgorithmName): JsonObject | undefined {
  if (key.type === 'Ed25519') return formatEd25519(key, kid, alg);
  return key.type === 'RSA' ? formatRsa(key, kid, alg) : formatEc(key, kid, alg);
}
