// HS256, HS384 and HS512 outside of HAProxy, whose converters check them in production.
import { toBase64Url } from '../../../src/codec/base64';
import { findAlgorithm } from '../../../src/model/algorithm';
import { decodeBytes } from '../../../haproxy/ports/text';
import type { SignatureBackend } from '../../../haproxy/ports/signatures/signature-backend';

interface LuaosslHmac {
  final(data: string): string;
}

/** @noSelf */
interface LuaosslHmacModule {
  'new'(key: string, digest: string): LuaosslHmac;
}

// typescript-to-lua would look for the module of a plain `require` in this project.
const [, loaded] = pcall(require as (this: void, name: string) => unknown, 'openssl.hmac');
const hmac = loaded as LuaosslHmacModule;

export const hmacBackend: SignatureBackend = {
  name: 'hmac of luaossl',
  algorithms: ['HS256', 'HS384', 'HS512'],
  prepare: () => undefined,
  retain: () => undefined,
  verify: (request, signature) => {
    const algorithm = findAlgorithm(request.algorithm);
    if (algorithm === undefined || request.key.kind !== 'secret') return 'unavailable';
    const [digest] = string.gsub(string.lower(algorithm.hash), '-', '');
    const secret = decodeBytes(toBase64Url(request.key.secret)) ?? '';
    return hmac.new(secret, digest).final(request.signingInput) === signature ? 'valid' : 'invalid';
  },
};
