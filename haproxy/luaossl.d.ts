// What of luaossl (rel-20220711) is used here: public keys and digests.

interface LuaosslKey {
  /** Checks a signature over what was fed to `digest`; raises on some malformed signatures. */
  verify(signature: string, digest: LuaosslDigest): boolean;
  /** With `rsaPadding: RSA_NO_PADDING`: the bare RSA public operation (RFC 8017 §5.2.2). */
  encrypt(input: string, options: { readonly rsaPadding: number }): string;
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
