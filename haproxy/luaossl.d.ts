// The part of luaossl (rel-20220711) that is used here: keys, digests and ciphers.

interface LuaosslKey {
  /** Checks a signature over what was fed to `digest`; raises on some malformed signatures. */
  verify(signature: string, digest: LuaosslDigest): boolean;
  /** With `rsaPadding: RSA_NO_PADDING`: the bare RSA public operation (RFC 8017 §5.2.2). */
  encrypt(input: string, options: { readonly rsaPadding: number }): string;
  /** With a private key: signs what was fed to `digest`, ECDSA in DER. */
  sign(digest: LuaosslDigest): string;
  /** With a private key and `rsaPadding: RSA_NO_PADDING`: the bare RSA private operation (RFC 8017 §5.2.1). */
  decrypt(input: string, options: { readonly rsaPadding: number }): string;
}

interface LuaosslDigest {
  update(data: string): LuaosslDigest;
  /** The digest of what was fed to it and `data`, in raw bytes. */
  final(data: string): string;
}

/** @noSelf */
interface LuaosslKeyModule {
  readonly RSA_NO_PADDING: number;
  /** Parses a key; raises when it cannot. Takes about 2 ms under OpenSSL 3. */
  'new'(pem: string): LuaosslKey;
}

/** @noSelf */
interface LuaosslDigestModule {
  'new'(name: string): LuaosslDigest;
}

interface LuaosslCipher {
  /** Begins to encrypt with a key and a nonce in raw bytes; raises when their lengths are wrong. */
  encrypt(key: string, nonce: string): LuaosslCipher;
  decrypt(key: string, nonce: string): LuaosslCipher;
  setTag(tag: string): void;
  getTag(length: number): string;
  /** The last bytes, and the first where there is one call; undefined when the tag is wrong. */
  final(bytes: string): string | undefined;
}

/** @noSelf */
interface LuaosslCipherModule {
  'new'(this: void, name: string): LuaosslCipher;
}
