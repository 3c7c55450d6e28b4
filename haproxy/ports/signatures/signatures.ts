// The signatures port of HAProxy: asks the first backend that knows the algorithm and can verify with the key.
import type { AlgorithmName } from '../../../src/model/algorithm';
import type { VerificationKey } from '../../../src/model/key';
import type { SignatureOutcome, Signatures, VerifyRequest } from '../../../src/ports/signatures';
import { createFailedSignatures, type FailedSignatures } from './failed-signatures';
import type { SignatureBackend } from './signature-backend';
import { decodeBytes } from '../text';

/** @noSelf */
export interface PreparedSignatures extends Signatures<SignatureOutcome> {
  /** The algorithms of each backend, for the operator. */
  readonly summary: string;
  /** Makes keys ready. @returns their problems */
  prepare(keys: readonly VerificationKey[]): readonly string[];
  /** Drops every other ready key. */
  retain(keys: readonly VerificationKey[]): void;
}

type Backends = readonly SignatureBackend[];

/** The algorithms that any of them has. */
export function algorithmsOf(backends: Backends): readonly AlgorithmName[] {
  const names: AlgorithmName[] = [];
  for (const { algorithms } of backends) {
    for (const name of algorithms) if (!names.includes(name)) names.push(name);
  }
  return names;
}

/** By algorithm, so that a request need not look for it. */
function sortByAlgorithm(backends: Backends): LuaTable<AlgorithmName, Backends> {
  const sorted = new LuaTable<AlgorithmName, Backends>();
  for (const name of algorithmsOf(backends)) {
    sorted.set(
      name,
      backends.filter(({ algorithms }) => algorithms.includes(name)),
    );
  }
  return sorted;
}

function choose(candidates: Backends | undefined, key: VerificationKey): SignatureBackend | undefined {
  for (const backend of candidates ?? []) {
    if (backend.serves === undefined || backend.serves(key)) return backend;
  }
  return undefined;
}

/** `RS256 RS384 RS512 EdDSA` as `RS256/384/512 EdDSA`. */
function shortenNames(names: readonly AlgorithmName[]): string {
  let written = '';
  let last = '';
  for (const name of names) {
    const family = string.sub(name, 1, 2);
    written += family === last ? '/' + string.sub(name, 3) : ' ' + name;
    last = family;
  }
  return string.sub(written, 2);
}

function summarize(backends: Backends): string {
  const parts: string[] = [];
  const said: AlgorithmName[] = [];
  for (const backend of backends) {
    // A backend that handles only some keys leaves the others to the next one.
    const names = backend.algorithms.filter((name) => !said.includes(name));
    if (backend.serves === undefined) said.push(...names);
    if (names.length > 0) parts.push(backend.name + ' (' + shortenNames(names) + ')');
  }
  return parts.join(', ');
}

/** Verifies with a slow backend, unless the same verification has failed lately. */
function verifySlowly(
  backend: SignatureBackend,
  failed: FailedSignatures,
  request: VerifyRequest,
  signature: string,
): SignatureOutcome {
  const name = failed.nameOf(request);
  if (name !== undefined && failed.holds(name)) return 'invalid';
  const outcome = backend.verify(request, signature);
  if (outcome === 'invalid' && name !== undefined) failed.add(name);
  return outcome;
}

/**
 * Puts backends together.
 * @param backends the best first
 */
export function createSignatures(backends: Backends): PreparedSignatures {
  const sorted = sortByAlgorithm(backends);
  const failed = createFailedSignatures();

  function find(algorithm: AlgorithmName, key: VerificationKey): SignatureBackend | undefined {
    return choose(sorted.get(algorithm), key);
  }

  /** Makes a key ready in every backend that verifies with it. */
  function prepareKey(key: VerificationKey): readonly string[] {
    const chosen: SignatureBackend[] = [];
    for (const algorithm of key.algorithms) {
      const backend = find(algorithm, key);
      if (backend !== undefined && !chosen.includes(backend)) chosen.push(backend);
    }
    // The core reports algorithms that no backend has; this reports a key that no backend of its algorithms can use.
    if (chosen.length === 0 && key.algorithms.some((name) => sorted.has(name))) {
      return ['nothing here can verify with this key of type ' + key.type];
    }
    return chosen.map((backend) => backend.prepare(key)).filter((problem) => problem !== undefined);
  }

  function verify(request: VerifyRequest): SignatureOutcome {
    // INVARIANT: a backend can be missing only when the settings are broken; never an allow.
    const backend = find(request.algorithm, request.key);
    const signature = decodeBytes(request.signature);
    if (backend === undefined) return 'unavailable';
    if (signature === undefined) return 'invalid';
    if (backend.isSlow?.(request.key) !== true) return backend.verify(request, signature);
    return verifySlowly(backend, failed, request, signature);
  }

  return {
    algorithms: algorithmsOf(backends),
    summary: summarize(backends),
    prepare: (keys) => keys.flatMap((key) => prepareKey(key)),
    retain: (keys) => {
      for (const backend of backends) backend.retain?.(keys);
    },
    verify,
  };
}
