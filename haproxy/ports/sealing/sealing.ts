// The sealing port of HAProxy: AES-256-GCM from luaossl, else from HAProxy's converters, else in plain TypeScript.
import { createPlainSealing } from '../../../src/crypto/plain-sealing';
import type { Sealing } from '../../../src/ports/sealing';
import type { Random } from '../random';
import { decodeBytes, encodeBytes, isUtf8, text } from '../text';
import { converterGcm, hasConverters } from './converter-gcm';
import type { Gcm } from './gcm';
import { createLuaosslGcm } from './luaossl-gcm';

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/** Pauses, each after some tenths of a millisecond, between two moments in which other requests are served. */
const PAUSES = 4;

/** @noSelf */
export interface NamedSealing extends Sealing<string, string | undefined> {
  /** What seals, for the operator. */
  readonly name: string;
}

function sealWith(gcm: Gcm, random: Random, key: string, plain: string): string {
  const nonce = random.take(NONCE_LENGTH);
  const sealed = gcm.encrypt(key, nonce, plain);
  if (sealed === undefined) error('a text cannot be sealed', 0);
  return encodeBytes(nonce + sealed);
}

function openWith(gcm: Gcm, key: string, sealed: string): string | undefined {
  const bytes = decodeBytes(sealed);
  if (bytes === undefined || bytes.length < NONCE_LENGTH + TAG_LENGTH) return undefined;
  const nonce = string.sub(bytes, 1, NONCE_LENGTH);
  const plain = gcm.decrypt(
    key,
    nonce,
    string.sub(bytes, NONCE_LENGTH + 1, -TAG_LENGTH - 1),
    string.sub(bytes, -TAG_LENGTH),
  );
  return plain !== undefined && isUtf8(plain) ? plain : undefined;
}

/** Makes the port. Plain TypeScript sleeps now and then: to be called in an action, an applet or a task. */
export function createSealing(random: Random): NamedSealing {
  const luaossl = createLuaosslGcm();
  let count = 0;
  const plain = createPlainSealing(
    text,
    () => random.take(NONCE_LENGTH),
    () => {
      count = (count + 1) % PAUSES;
      if (count === 0) core.msleep(1);
    },
  );
  const best = (): Gcm | undefined => luaossl ?? (hasConverters() ? converterGcm : undefined);

  function seal(key: string, written: string): string {
    const gcm = best();
    return gcm === undefined ? plain.seal(key, written) : sealWith(gcm, random, key, written);
  }

  function open(key: string, sealed: string): string | undefined {
    const gcm = best();
    return gcm === undefined ? plain.open(key, sealed) : openWith(gcm, key, sealed);
  }

  return { name: luaossl?.name ?? "HAProxy's aes_gcm_enc, or plain TypeScript", seal, open };
}
