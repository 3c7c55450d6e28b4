// Signatures by HAProxy's own converter `jwt_verify`, in C, for keys that HAProxy has loaded with its configuration.
import { algorithmsOfSchemes } from '../../../src/model/algorithm';
import type { VerificationKey } from '../../../src/model/key';
import type { VerifyRequest } from '../../../src/ports/signatures';
import { NATIVE_KEYS } from '../../../src/settings/table';
import { log } from '../log';
import type { NamedKey } from '../native-keys';
import { activeTransaction } from '../transaction';
import type { SignatureBackend } from './signature-backend';

/**
 * INVARIANT: not RSA-PSS. The converter accepts a salt of any length, where RFC 7518 §3.5 requires the hash's, and
 * nothing but the RSA operation itself could tell. HAProxy 2.6 has none of them, none has EdDSA.
 */
const NATIVE_ALGORITHMS = algorithmsOfSchemes(['RSASSA-PKCS1-v1_5', 'ECDSA']);

/** The results of the converter; other numbers below zero mean that it could not check. */
const VERIFIED = 1;
const NOT_VERIFIED = 0;
const NOT_A_TOKEN = -3;

/** The backend for these keys; the next backend checks every other key. */
export function createNativeBackend(keys: readonly NamedKey[]): SignatureBackend {
  const named = new LuaTable<string, NamedKey>();
  const inForce = new LuaTable<string, boolean>();
  for (const key of keys) named.set(key.spki, key);

  /** Whether the line that names a key ran; known from the first request on. */
  function isInForce(key: NamedKey): boolean {
    const known = inForce.get(key.spki) as boolean | undefined;
    if (known !== undefined) return known;
    const txn = activeTransaction();
    if (txn === undefined) return true;
    const isSet = txn.get_var(key.variable) !== undefined;
    inForce.set(key.spki, isSet);
    if (!isSet)
      log.error(NATIVE_KEYS.name + ': HAProxy skipped the line that loads `' + key.path + '`, so the key is not used');
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
    algorithms: NATIVE_ALGORITHMS,
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
