// HS256, HS384 and HS512 (RFC 7518 §3.2): HMAC (RFC 2104 §2) over HAProxy's `sha2` converter. Its `hmac` converter, called
// from Lua, loses the decoded secret's memory with every call (HAProxy 2.6, 3.0, 3.2).
import { toBase64Url } from '../../../src/codec/base64';
import { algorithmsOfSchemes, type AlgorithmName } from '../../../src/model/algorithm';
import type { VerificationKey } from '../../../src/model/key';
import { decodeBytes } from '../text';
import { activeConverters } from '../transaction';
import type { SignatureBackend } from './signature-backend';

interface Hash {
  /** The converter's name of the hash. */
  readonly bits: number;
  /** The length of a block in bytes. */
  readonly block: number;
}

const HASHES: Readonly<Partial<Record<AlgorithmName, Hash>>> = {
  HS256: { bits: 256, block: 64 },
  HS384: { bits: 384, block: 128 },
  HS512: { bits: 512, block: 128 },
};

/** A secret as the two blocks that are hashed before anything else. */
interface Pads {
  readonly inner: string;
  readonly outer: string;
}

/** By secret and hash. INVARIANT: no more secrets than the settings name. */
const prepared = new LuaTable<string, LuaTable<number, Pads>>();

function xor(block: string, byte: number): string {
  const characters: string[] = [];
  for (let index = 1; index <= block.length; index++) {
    characters.push(string.char((string.byte(block, index) ?? 0) ^ byte));
  }
  return characters.join('');
}

function makePads(converters: Converters, base64: string, hash: Hash): Pads | undefined {
  const secret = decodeBytes(toBase64Url(base64));
  if (secret === undefined) return undefined;
  const key = secret.length > hash.block ? converters.sha2(secret, hash.bits) : secret;
  if (key === undefined) return undefined;
  const block = key + string.rep(string.char(0), hash.block - key.length);
  return { inner: xor(block, 0x36), outer: xor(block, 0x5c) };
}

function findPads(converters: Converters, secret: string, hash: Hash): Pads | undefined {
  const known = prepared.get(secret) as LuaTable<number, Pads> | undefined;
  if (known === undefined) return undefined;
  const pads = (known.get(hash.bits) as Pads | undefined) ?? makePads(converters, secret, hash);
  if (pads !== undefined) known.set(hash.bits, pads);
  return pads;
}

function computeHmac(converters: Converters, pads: Pads, hash: Hash, data: string): string | undefined {
  const inner = converters.sha2(pads.inner + data, hash.bits);
  return inner === undefined ? undefined : converters.sha2(pads.outer + inner, hash.bits);
}

/** HMAC through HAProxy's converters; answers `unavailable` outside of a request. */
export const hmacBackend: SignatureBackend = {
  name: "HAProxy's sha2",
  algorithms: algorithmsOfSchemes(['HMAC']),
  prepare: (key: VerificationKey) => {
    if (key.kind === 'secret') prepared.set(key.secret, new LuaTable<number, Pads>());
    return undefined;
  },
  verify: (request, signature) => {
    const converters = activeConverters();
    const hash = HASHES[request.algorithm];
    if (converters === undefined || hash === undefined || request.key.kind !== 'secret') return 'unavailable';
    const pads = findPads(converters, request.key.secret, hash);
    const expected = pads === undefined ? undefined : computeHmac(converters, pads, hash, request.signingInput);
    if (pads === undefined || expected === undefined) return 'unavailable';
    // The time of the comparison does not reveal where the two differ: both are hashed under the secret once more, and an
    // attacker cannot control the hashes.
    const left = computeHmac(converters, pads, hash, expected);
    const right = computeHmac(converters, pads, hash, signature);
    return left !== undefined && left === right ? 'valid' : 'invalid';
  },
};
