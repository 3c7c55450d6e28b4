// The signature port on WebCrypto (RFC 7515 §5.2), the same for njs, QuickJS and Node.
import { ALGORITHMS, findAlgorithm } from '../../src/model/algorithm';
import type { Algorithm, AlgorithmName, HashName } from '../../src/model/algorithm';
import type { VerificationKey } from '../../src/model/key';
import type { SignatureOutcome, Signatures, VerifyRequest } from '../../src/ports/signatures';

interface Bytes {
  readonly length: number;
  readonly [index: number]: number;
}

/** The engine's own key object: only passed back to it. */
interface KeyHandle {
  readonly type: string;
}

/** The parameters of all schemes; engines ignore the members of other schemes. */
export interface Parameters {
  readonly name: string;
  readonly hash: HashName;
  readonly namedCurve: string;
  readonly saltLength: number;
}

declare const Buffer: { from(text: string, encoding: 'base64' | 'base64url' | 'utf8'): Bytes };
declare const crypto: {
  readonly subtle: {
    importKey(
      format: 'raw' | 'spki',
      data: Bytes,
      parameters: Parameters,
      extractable: boolean,
      usages: readonly string[],
    ): Promise<KeyHandle>;
    sign(parameters: Parameters, key: KeyHandle, data: Bytes): Promise<ArrayBuffer>;
    verify(parameters: Parameters, key: KeyHandle, signature: Bytes, data: Bytes): Promise<boolean>;
  };
};

interface ImportedKey {
  readonly key: VerificationKey;
  readonly algorithm: AlgorithmName;
  readonly handle: KeyHandle;
}

export function parametersFor(algorithm: Algorithm): Parameters {
  // RFC 7518 §3.5: the salt is as long as the hash. The hash's name ends in 256, 384 or 512 bits.
  const saltLength = Number(algorithm.hash.slice(4)) / 8;
  return { name: algorithm.scheme, hash: algorithm.hash, namedCurve: algorithm.keyType, saltLength };
}

function importKey(key: VerificationKey, parameters: Parameters): Promise<KeyHandle> {
  return key.kind === 'secret'
    ? crypto.subtle.importKey('raw', Buffer.from(key.secret, 'base64'), parameters, false, ['sign'])
    : crypto.subtle.importKey('spki', Buffer.from(key.spki, 'base64'), parameters, false, ['verify']);
}

/** Compares in time that depends on the length alone; njs compares HMACs with memcmp. */
function equalInConstantTime(expected: Bytes, actual: Bytes): boolean {
  if (expected.length !== actual.length) return false;
  let difference = 0;
  for (let index = 0; index < expected.length; index++) difference |= (expected[index] ?? 0) ^ (actual[index] ?? 256);
  return difference === 0;
}

function check(handle: KeyHandle, parameters: Parameters, request: VerifyRequest): Promise<boolean> {
  const input = Buffer.from(request.signingInput, 'utf8');
  const signature = Buffer.from(request.signature, 'base64url');
  if (request.key.kind === 'public') return crypto.subtle.verify(parameters, handle, signature, input);
  // RFC 7518 §3.2: the comparison must not reveal how much of the MAC was right.
  return crypto.subtle
    .sign(parameters, handle, input)
    .then((mac) => equalInConstantTime(new Uint8Array(mac), signature));
}

function findImported(imported: readonly ImportedKey[], request: VerifyRequest): KeyHandle | undefined {
  for (let index = 0; index < imported.length; index++) {
    const candidate = imported[index];
    if (candidate?.key === request.key && candidate.algorithm === request.algorithm) {
      return candidate.handle;
    }
  }
  return undefined;
}

/** Every algorithm of the table but those that the engine lacks. */
function supported(hasEd25519: boolean): readonly AlgorithmName[] {
  return ALGORITHMS.filter((algorithm) => hasEd25519 || algorithm.scheme !== 'Ed25519').map(
    (algorithm) => algorithm.name,
  );
}

/** The public key of RFC 8032 §7.1, test 1. */
const ED25519_PROBE = 'MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';

/**
 * Whether the engine's WebCrypto knows Ed25519. It tries a signature, since njs has it from 0.9.7 on and only in some
 * builds: Debian's nginx module of 1.0.2 lacks it, Debian's command line tool of the same version has it.
 */
export function probeEd25519(): Promise<boolean> {
  const algorithm = findAlgorithm('EdDSA');
  if (algorithm === undefined) return Promise.resolve(false);
  return Promise.resolve()
    .then(() =>
      crypto.subtle.importKey('spki', Buffer.from(ED25519_PROBE, 'base64'), parametersFor(algorithm), false, [
        'verify',
      ]),
    )
    .then(
      () => true,
      () => false,
    );
}

/**
 * Makes the signature port.
 * @param hasEd25519 whether the engine's WebCrypto knows Ed25519, see `probeEd25519`
 * @returns a port that keeps each imported key for as long as it lives; one entry for each key and algorithm used
 */
export function createSignatures(hasEd25519: boolean): Signatures<Promise<SignatureOutcome>> {
  const imported: ImportedKey[] = [];

  function handleFor(request: VerifyRequest, parameters: Parameters): Promise<KeyHandle> {
    const known = findImported(imported, request);
    if (known !== undefined) return Promise.resolve(known);
    return importKey(request.key, parameters).then((handle) => {
      imported.push({ key: request.key, algorithm: request.algorithm, handle });
      return handle;
    });
  }

  function verify(request: VerifyRequest): Promise<SignatureOutcome> {
    const algorithm = findAlgorithm(request.algorithm);
    if (algorithm === undefined) return Promise.resolve('unavailable');
    const parameters = parametersFor(algorithm);
    // INVARIANT: only `true` from the engine means a valid signature; a rejection never does.
    return Promise.resolve()
      .then(() => handleFor(request, parameters))
      .then((handle) => check(handle, parameters, request))
      .then(
        (genuine): SignatureOutcome => (genuine === true ? 'valid' : 'invalid'),
        (): SignatureOutcome => 'unavailable',
      );
  }

  return { algorithms: supported(hasEd25519), verify };
}
