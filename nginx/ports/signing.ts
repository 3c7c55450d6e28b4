// Signing on WebCrypto (RFC 7515 §5.1), the same for njs, QuickJS and Node.
import { findAlgorithm } from '../../src/model/algorithm';
import type { SigningKey } from '../../src/model/signing-key';
import { parametersFor, type Parameters } from './signatures';
import type { Bytes } from './text';

/** The engine's own key object: only passed back to it. */
interface KeyHandle {
  readonly type: string;
}

declare const Buffer: {
  from(data: ArrayBuffer): { toString(encoding: 'base64url'): string };
  from(text: string, encoding: 'base64' | 'utf8'): Bytes;
};
declare const crypto: {
  readonly subtle: {
    importKey(
      format: 'pkcs8',
      data: Bytes,
      parameters: Parameters,
      extractable: boolean,
      usages: readonly string[],
    ): Promise<KeyHandle>;
    sign(parameters: Parameters, key: KeyHandle, data: Bytes): Promise<ArrayBuffer>;
  };
};

/** The last key that was imported: for a request of njs, for a context of QuickJS. */
let last: { readonly pkcs8: string; readonly algorithm: string; readonly handle: KeyHandle } | undefined;

/** Imports a key, which takes most of the time that a signature does, unless it was the last one. */
function importKey(key: SigningKey, parameters: Parameters): KeyHandle | Promise<KeyHandle> {
  if (last !== undefined && last.pkcs8 === key.pkcs8 && last.algorithm === key.algorithm) return last.handle;
  return crypto.subtle
    .importKey('pkcs8', Buffer.from(key.pkcs8, 'base64'), parameters, false, ['sign'])
    .then((handle) => {
      last = { pkcs8: key.pkcs8, algorithm: key.algorithm, handle };
      return handle;
    });
}

/**
 * Signs.
 * @param input ASCII
 * @returns the signature in base64url; undefined where the engine cannot use the key
 */
export function sign(key: SigningKey, input: string): Promise<string | undefined> {
  const algorithm = findAlgorithm(key.algorithm);
  if (algorithm === undefined) return Promise.resolve(undefined);
  const parameters = parametersFor(algorithm);
  return Promise.resolve()
    .then(() => importKey(key, parameters))
    .then((handle) => crypto.subtle.sign(parameters, handle, Buffer.from(input, 'utf8')))
    .then(
      (signature) => Buffer.from(signature).toString('base64url'),
      () => undefined,
    );
}
