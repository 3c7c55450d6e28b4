// Keys for trials, in a folder of their own: `private.json`, with which `token make` signs, and `jwks.json`, which a policy can
// name. Both say what they are, and so does each `kid`.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../desk/failure';
import { THROW_AWAY } from '../desk/throw-away';
import { readText } from '../ports/source';
import type { ThrowAwayAlgorithm } from './choices';

export const MARK =
  'Throw-away keys of `jwtverify token make`, for trials only: whoever reads private.json can sign any token.';

/** A private key as a JWK; `alg` and `kid` are always there. */
export interface ThrowAwayKey extends JsonWebKey {
  readonly kid: string;
  readonly alg: string;
}

const EC = { type: 'ec', digest: 'sha256', options: { namedCurve: 'P-256' } } as const;

/** What each algorithm signs with (RFC 7518 §3.1, RFC 8037 §3.1). */
const ALGORITHMS = {
  ES256: EC,
  ES384: { ...EC, digest: 'sha384', options: { namedCurve: 'P-384' } },
  RS256: { type: 'rsa', digest: 'sha256', options: { modulusLength: 2048 } },
  EdDSA: { type: 'ed25519', digest: undefined, options: {} },
} as const satisfies Readonly<Record<ThrowAwayAlgorithm, object>>;

/** The texts are imported anew: a generated key itself can stop Node 20 for ever when it is exported. */
function generateKey(algorithm: ThrowAwayAlgorithm): ThrowAwayKey {
  const { type, options } = ALGORITHMS[algorithm];
  const encodings = {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  } as const;
  const generate = generateKeyPairSync as (type: string, options: object) => { readonly privateKey: string };
  const jwk = createPrivateKey(generate(type, { ...options, ...encodings }).privateKey).export({ format: 'jwk' });
  const name = createHash('sha256')
    .update(`${jwk.n ?? ''}${jwk.x ?? ''}`)
    .digest('base64url')
    .slice(0, 8);
  return { ...jwk, kid: `${THROW_AWAY}${name}`, alg: algorithm };
}

function readPrivate(path: string): readonly ThrowAwayKey[] {
  const file = readText(path);
  if (!file.ok) {
    if (file.problem === 'no such file') return [];
    throw failure(`${path}: ${file.problem}`);
  }
  try {
    const content = JSON.parse(file.text) as { readonly comment?: unknown; readonly keys: readonly ThrowAwayKey[] };
    if (content.comment === MARK) return content.keys;
  } catch {
    // Somebody else wrote it.
  }
  throw failure(`${path}: is no set of throw-away keys; only \`token make\` writes them`);
}

/** The file is there whole, or the old one is. */
function replaceFile(path: string, content: object, mode: number): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(content, undefined, 2)}\n`, { mode });
  chmodSync(`${path}.new`, mode);
  renameSync(`${path}.new`, path);
}

function publicOf(key: ThrowAwayKey): object {
  const jwk = createPublicKey({ key, format: 'jwk' } as never).export({ format: 'jwk' });
  return { kid: key.kid, alg: key.alg, use: 'sig', ...jwk };
}

/**
 * The key to sign with, the newest of its algorithm; a new one where there is none.
 * @param isNew whether a new one is made, as when an issuer changes its keys; older ones stay in `jwks.json`
 */
export function openThrowAwayKey(folder: string, algorithm: ThrowAwayAlgorithm, isNew: boolean): ThrowAwayKey {
  const path = join(folder, 'private.json');
  const known = readPrivate(path);
  const found = isNew ? undefined : known.find(({ alg }) => alg === algorithm);
  if (found !== undefined) return found;
  const key = generateKey(algorithm);
  const keys = [key, ...known];
  mkdirSync(folder, { recursive: true });
  replaceFile(path, { comment: MARK, keys }, 0o600);
  replaceFile(join(folder, 'jwks.json'), { comment: MARK, keys: keys.map(publicOf) }, 0o644);
  return key;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The signing input of a JWS (RFC 7515 §5.1). */
export const writeInput = (header: object, claims: object): string => `${encode(header)}.${encode(claims)}`;

/** A signed token (RFC 7515 §5.1). @param type its `typ`; undefined: it has none */
export function signToken(key: ThrowAwayKey, claims: object, type: string | undefined): string {
  const { digest } = ALGORITHMS[key.alg as ThrowAwayAlgorithm];
  const input = writeInput({ alg: key.alg, typ: type, kid: key.kid }, claims);
  const imported: KeyObject = createPrivateKey({ key, format: 'jwk' });
  const signature = sign(digest, Buffer.from(input), { key: imported, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}
