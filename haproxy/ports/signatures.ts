// The signatures port of HAProxy: asks the first backend that knows the algorithm.
import type { AlgorithmName } from '../../src/core/algorithm';
import type { VerificationKey } from '../../src/core/key';
import type { SignatureOutcome, Signatures } from '../../src/ports/signatures';
import type { SignatureBackend } from './signature-backend';
import { decodeBytes } from './text';

/** @noSelf */
export interface PreparedSignatures extends Signatures<SignatureOutcome> {
  /** Makes keys ready; the answers are what is wrong with them. */
  prepare(keys: readonly VerificationKey[]): readonly string[];
  /** Lets go of every other key that was made ready. */
  retain(keys: readonly VerificationKey[]): void;
}

/**
 * Puts backends together.
 * @param backends the best first
 */
export function createSignatures(backends: readonly SignatureBackend[]): PreparedSignatures {
  const chosen = new LuaTable<AlgorithmName, SignatureBackend>();
  const algorithms: AlgorithmName[] = [];
  for (const backend of backends) {
    for (const algorithm of backend.algorithms) {
      if (chosen.has(algorithm)) continue;
      chosen.set(algorithm, backend);
      algorithms.push(algorithm);
    }
  }
  return {
    algorithms,
    prepare: (keys) => prepareKeys(keys, backends),
    retain: (keys) => {
      for (const backend of backends) backend.retain?.(keys);
    },
    verify: (request) => {
      // INVARIANT: a backend can be missing only when the settings are broken; never an allow.
      const backend = chosen.get(request.algorithm) as SignatureBackend | undefined;
      const signature = decodeBytes(request.signature);
      if (backend === undefined) return 'unavailable';
      return signature === undefined ? 'invalid' : backend.verify(request, signature);
    },
  };
}

/** Shows each key to every backend that has an algorithm of it. */
function prepareKeys(keys: readonly VerificationKey[], backends: readonly SignatureBackend[]): readonly string[] {
  const problems: string[] = [];
  for (const key of keys) {
    for (const backend of backends) {
      if (!backend.algorithms.some((algorithm) => key.algorithms.includes(algorithm))) continue;
      const problem = backend.prepare(key);
      if (problem !== undefined) problems.push(problem);
    }
  }
  return problems;
}
