// The sealing port: AES-256-GCM (NIST SP 800-38D), from the host where it has it, else from `src/crypto`.

/**
 * Seals texts into base64url and opens them. `Sealed` is a string on HAProxy and a promise of one on nginx, `Opened` the
 * same of a string or undefined.
 * @noSelf
 */
export interface Sealing<Sealed, Opened> {
  /**
   * Seals a text under a nonce of 96 bits that the system's generator makes for it alone.
   * @param key 32 bytes as padded base64
   * @returns base64url of the nonce, the ciphertext and the tag of 128 bits
   */
  seal(key: string, plain: string): Sealed;
  /**
   * Opens what `seal` made on any host.
   * @param sealed canonical base64url
   * @returns the text; undefined when the tag is wrong, or the bytes are too few or no UTF-8
   */
  open(key: string, sealed: string): Opened;
}
