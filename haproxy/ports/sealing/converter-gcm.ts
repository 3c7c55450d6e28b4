// AES-256-GCM by HAProxy's converters (3.0 and later; 2.6 cannot encrypt, and its `aes_gcm_dec` loses 1.2 KB with each call).
// They take key and nonce from variables: as arguments HAProxy would never free them (48 bytes a call, measured: 3.0, 3.2).
import { activeTransaction, type Lender } from '../transaction';
import type { Gcm } from './gcm';

/** Set for one call and removed after it. INVARIANT: no documented name, so that no log has them. */
const KEY = 'txn.jwtverify_gcm_k';
const NONCE = 'txn.jwtverify_gcm_n';
const TAG = 'txn.jwtverify_gcm_t';
const BITS = 256;

function clear(lender: Lender): void {
  lender.unset_var(KEY);
  lender.unset_var(NONCE);
  lender.unset_var(TAG);
}

function encrypt(this: void, lender: Lender, key: string, nonce: string, plain: string): string | undefined {
  const { c } = lender;
  if (!lender.set_var(KEY, key) || !lender.set_var(NONCE, c.base64(nonce) ?? '')) return undefined;
  const ciphertext = c.aes_gcm_enc?.(plain, BITS, NONCE, KEY, TAG);
  const tag = lender.get_var(TAG);
  const bytes = typeof tag === 'string' ? c.b64dec(tag) : undefined;
  return ciphertext === undefined || bytes === undefined ? undefined : ciphertext + bytes;
}

function decrypt(
  this: void,
  lender: Lender,
  key: string,
  nonce: string,
  ciphertext: string,
  tag: string,
): string | undefined {
  const { c } = lender;
  if (!lender.set_var(KEY, key) || !lender.set_var(NONCE, c.base64(nonce) ?? '')) return undefined;
  return lender.set_var(TAG, c.base64(tag) ?? '') ? c.aes_gcm_dec(ciphertext, BITS, NONCE, KEY, TAG) : undefined;
}

/** Whether the running code has them: in an action or an applet, of HAProxy 3.0 and later. */
export function hasConverters(): boolean {
  return activeTransaction()?.c.aes_gcm_enc !== undefined;
}

export const converterGcm: Gcm = {
  name: "HAProxy's aes_gcm_enc",
  encrypt: (key, nonce, plain) => {
    const lender = activeTransaction();
    if (lender === undefined) return undefined;
    const [fine, sealed] = pcall(encrypt, lender, key, nonce, plain);
    clear(lender);
    return fine ? sealed : undefined;
  },
  decrypt: (key, nonce, ciphertext, tag) => {
    const lender = activeTransaction();
    if (lender === undefined) return undefined;
    const [fine, opened] = pcall(decrypt, lender, key, nonce, ciphertext, tag);
    clear(lender);
    return fine ? opened : undefined;
  },
};
