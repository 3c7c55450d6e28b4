// Signatures by HAProxy's own converter `jwt_verify`, in C, for keys that it has loaded with its configuration.
import type { AlgorithmName } from '../../src/core/algorithm';
import type { VerificationKey } from '../../src/core/key';
import type { VerifyRequest } from '../../src/ports/signatures';
import { log } from '../log';
import type { NamedKey } from '../native-lines';
import { activeTransaction } from './converters';
import type { SignatureBackend } from './signature-backend';

/**
 * INVARIANT: not PS256, PS384 and PS512. The converter takes a salt of any length, where RFC 7518 §3.5 wants the hash's, and
 * nothing but the RSA operation itself could tell. HAProxy 2.6 has none of them, none has EdDSA.
 */
const ALGORITHMS: readonly AlgorithmName[] = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];

/** What the converter answers; other numbers below zero where it could not tell. */
const VERIFIED = 1;
const NOT_VERIFIED = 0;
const NOT_A_TOKEN = -3;

/** The backend for these keys; every other key is left to the next backend. */
export function createNativeBackend(keys: readonly NamedKey[]): SignatureBackend {
  const named = new LuaTable<string, NamedKey>();
  const inForce = new LuaTable<string, boolean>();
  for (const key of keys) named.set(key.spki, key);

  /** Whether the line that names a key was in force; known from the first request on. */
  function isInForce(key: NamedKey): boolean {
    const known = inForce.get(key.spki) as boolean | undefined;
    if (known !== undefined) return known;
    const txn = activeTransaction();
    if (txn === undefined) return true;
    const isSet = txn.get_var(key.variable) !== undefined;
    inForce.set(key.spki, isSet);
    if (!isSet) log.error('OAUTH_NATIVE_KEYS: the line that loads `' + key.path + '` was not in force; it is not used');
    return isSet;
  }

  function find(key: VerificationKey): NamedKey | undefined {
    return key.kind === 'public' ? named.get(key.spki) : undefined;
  }

  function ask({ algorithm, key, signingInput, signature }: VerifyRequest): number | undefined {
    const txn = activeTransaction();
    const found = find(key);
    if (txn === undefined || found === undefined) return undefined;
    return txn.c.jwt_verify(signingInput + '.' + signature, algorithm, found.path);
  }

  return {
    name: "HAProxy's jwt_verify for " + tostring(keys.length) + (keys.length === 1 ? ' key' : ' keys'),
    algorithms: ALGORITHMS,
    serves: (key) => {
      const found = find(key);
      return found !== undefined && isInForce(found);
    },
    isSlow: (key) => key.type === 'P-384' || key.type === 'P-521',
    prepare: () => undefined,
    verify: (request) => {
      const answer = ask(request);
      if (answer === VERIFIED) return 'valid';
      return answer === NOT_VERIFIED || answer === NOT_A_TOKEN ? 'invalid' : 'unavailable';
    },
  };
}
