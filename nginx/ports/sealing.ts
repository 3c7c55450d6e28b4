// The sealing port on WebCrypto: AES-256-GCM (NIST SP 800-38D), the same for njs, QuickJS and Node.
import type { Sealing } from '../../src/ports/sealing';
import { isUtf8, type Bytes } from './text';

/** Typed arrays, a `Buffer` among them. */
interface RawBytes extends Bytes {
  slice(start: number, end?: number): RawBytes;
}

interface Parameters {
  readonly name: 'AES-GCM';
  readonly iv: RawBytes;
  readonly tagLength: number;
}

/** The engine's own key object: only passed back to it. */
interface KeyHandle {
  readonly type: string;
}

declare const Buffer: {
  from(data: ArrayBuffer | RawBytes | Uint8Array): RawBytes;
  from(text: string, encoding: 'base64' | 'base64url' | 'utf8'): RawBytes;
  concat(list: readonly RawBytes[]): RawBytes;
};
declare const crypto: {
  getRandomValues(bytes: Uint8Array): Uint8Array;
  readonly subtle: {
    importKey(
      format: 'raw',
      data: RawBytes,
      parameters: { readonly name: 'AES-GCM' },
      extractable: boolean,
      usages: readonly string[],
    ): Promise<KeyHandle>;
    encrypt(parameters: Parameters, key: KeyHandle, data: RawBytes): Promise<ArrayBuffer>;
    decrypt(parameters: Parameters, key: KeyHandle, data: RawBytes): Promise<ArrayBuffer>;
  };
};

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/** Bytes of the system's generator, as base64url. */
export function makeRandom(length: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(length))).toString('base64url');
}

function importKey(key: string, usage: 'encrypt' | 'decrypt'): Promise<KeyHandle> {
  return crypto.subtle.importKey('raw', Buffer.from(key, 'base64'), { name: 'AES-GCM' }, false, [usage]);
}

function parametersFor(nonce: RawBytes): Parameters {
  return { name: 'AES-GCM', iv: nonce, tagLength: TAG_LENGTH * 8 };
}

function decode(opened: ArrayBuffer): string | undefined {
  const bytes = Buffer.from(opened);
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

/** Seals. Rejects only where the engine cannot: the key is one of the settings. */
function seal(key: string, plain: string): Promise<string> {
  // INVARIANT: a nonce of the system's generator for each text (docs/decisions/0050).
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(NONCE_LENGTH)));
  return importKey(key, 'encrypt')
    .then((handle) => crypto.subtle.encrypt(parametersFor(nonce), handle, Buffer.from(plain, 'utf8')))
    .then((sealed) => Buffer.concat([nonce, Buffer.from(sealed)]).toString('base64url'));
}

function open(key: string, sealed: string): Promise<string | undefined> {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length <= NONCE_LENGTH + TAG_LENGTH) return Promise.resolve(undefined);
  // INVARIANT: a rejection, whatever it is for, opens nothing.
  return importKey(key, 'decrypt')
    .then((handle) =>
      crypto.subtle.decrypt(parametersFor(bytes.slice(0, NONCE_LENGTH)), handle, bytes.slice(NONCE_LENGTH)),
    )
    .then(decode)
    .then(undefined, () => undefined);
}

/** Sealing on the engine's own AES-GCM. */
export const sealing: Sealing<Promise<string>, Promise<string | undefined>> = { seal, open };
