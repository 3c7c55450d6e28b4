// HS256, HS384 and HS512 (RFC 7518 §3.2) by HAProxy's own `hmac` converter.
import { encodeBase64 } from '../../src/codec/base64';
import type { AlgorithmName } from '../../src/core/algorithm';
import type { VerificationKey } from '../../src/core/key';
import { activeConverters } from './converters';
import type { SignatureBackend } from './signature-backend';

/** What HAProxy calls each hash. */
const DIGESTS: Readonly<Partial<Record<AlgorithmName, string>>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

/** The secrets in the form that the converter takes. */
const encoded = new LuaTable<string, string>();

function encodeSecret(secret: string): string {
  const bytes: number[] = [];
  for (let index = 1; index <= secret.length; index++) bytes.push(string.byte(secret, index));
  return encodeBase64(bytes);
}

/**
 * Compares without saying by its time where two values differ: both are hashed under the secret once more, and an
 * attacker cannot steer what is compared then.
 */
function equalUnderKey(converters: Converters, digest: string, key: string, left: string, right: string): boolean {
  const hashedLeft = converters.hmac(left, digest, key);
  const hashedRight = converters.hmac(right, digest, key);
  return hashedLeft !== undefined && hashedLeft === hashedRight;
}

/** HMAC through HAProxy's converters; answers `unavailable` outside of a request. */
export const hmacBackend: SignatureBackend = {
  name: "HAProxy's hmac",
  algorithms: ['HS256', 'HS384', 'HS512'],
  prepare: (key: VerificationKey) => {
    if (key.kind === 'secret') encoded.set(key.secret, encodeSecret(key.secret));
    return undefined;
  },
  verify: (request, signature) => {
    const converters = activeConverters();
    const digest = DIGESTS[request.algorithm];
    if (converters === undefined || digest === undefined || request.key.kind !== 'secret') return 'unavailable';
    const key = encoded.get(request.key.secret) as string | undefined;
    const expected = key === undefined ? undefined : converters.hmac(request.signingInput, digest, key);
    if (key === undefined || expected === undefined) return 'unavailable';
    return equalUnderKey(converters, digest, key, expected, signature) ? 'valid' : 'invalid';
  },
};
