// The sealing port in plain TypeScript, for a host without AES-GCM.
import { decodeBase64, decodeBase64Url, encodeBase64Url } from '../codec/base64';
import { utf8Octets } from '../codec/character';
import type { Text } from '../codec/text';
import type { Sealing } from '../ports/sealing';
import { makeGcmKey, NONCE_LENGTH, openBytes, sealBytes, type GcmKey } from './aes-gcm';
import { makeAesTables, type AesTables } from './aes-tables';
import { bytesOf, octetsOf } from './octets';
import type { Pause } from './pause';

/** Keys kept ready: each purpose has one for each secret. */
const MOST_KEYS = 32;

/**
 * Makes the port.
 * @param makeNonce 12 bytes of the system's generator, as a byte string, others at each call
 * @param pause called while a long text is sealed or opened
 */
export function createPlainSealing(
  text: Text,
  makeNonce: () => string,
  pause: Pause,
): Sealing<string, string | undefined> {
  let tables: AesTables | undefined;
  let keys: Record<string, GcmKey | undefined> = {};
  let count = 0;

  function readyKey(key: string): GcmKey | undefined {
    const known = keys[key];
    if (known !== undefined) return known;
    const octets = decodeBase64(key);
    if (octets === undefined) return undefined;
    tables ??= makeAesTables();
    const ready = makeGcmKey(octets, tables);
    if (count >= MOST_KEYS) {
      keys = {};
      count = 0;
    }
    keys[key] = ready;
    count += 1;
    return ready;
  }

  function seal(key: string, plain: string): string {
    const ready = readyKey(key);
    // INVARIANT: settings hold no other keys than those that were derived; nothing is written under none.
    if (ready === undefined) return '';
    const nonce = makeNonce();
    const sealed = sealBytes(ready, nonce, bytesOf(utf8Octets(plain, text)), pause);
    return encodeBase64Url(octetsOf(nonce + sealed));
  }

  function open(key: string, sealed: string): string | undefined {
    const ready = readyKey(key);
    const octets = decodeBase64Url(sealed);
    if (ready === undefined || octets === undefined) return undefined;
    const bytes = bytesOf(octets);
    const opened = openBytes(ready, bytes.substring(0, NONCE_LENGTH), bytes.substring(NONCE_LENGTH), pause);
    if (opened === undefined) return undefined;
    return text.decodeBase64Url(encodeBase64Url(octetsOf(opened)));
  }

  return { seal, open };
}
