// The interface of each way to encrypt with AES-256-GCM; `sealing.ts` chooses the best.

/** @noSelf */
export interface Gcm {
  /** The name in the log. */
  readonly name: string;
  /**
   * Encrypts bytes.
   * @param key 32 bytes as padded base64
   * @param nonce 12 bytes
   * @returns the ciphertext and the tag after it; undefined where it cannot
   */
  encrypt(key: string, nonce: string, plain: string): string | undefined;
  /** @returns undefined when the tag is wrong */
  decrypt(key: string, nonce: string, ciphertext: string, tag: string): string | undefined;
}
