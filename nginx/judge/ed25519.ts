// The part that signs with Ed25519 in plain TypeScript: opened where the engine's WebCrypto lacks it, so that others pay for
// none of it. WebCrypto hashes.
import { prepareEd25519 } from '../../src/crypto/ed25519';
import {
  challengeInput,
  commit,
  createEd25519Secret,
  ED25519_BLINDING,
  respond,
  type Ed25519Secret,
} from '../../src/crypto/ed25519-private';
import { bytesOf, octetsOf } from '../../src/crypto/octets';
import { readPrivateSeed } from '../../src/keys/private-key';
import type { SigningKey } from '../../src/model/signing-key';

declare const Buffer: { from(data: readonly number[] | ArrayBuffer): { toString(encoding: 'base64url'): string } };
declare const crypto: {
  getRandomValues(bytes: Uint8Array): Uint8Array;
  readonly subtle: { digest(name: 'SHA-512', data: Uint8Array): ArrayBuffer | Promise<ArrayBuffer> };
};

/** A worker of nginx serves nobody else meanwhile: there is nothing to pause for. */
function pause(): void {
  return undefined;
}

function toOctets(bytes: Uint8Array): number[] {
  const octets: number[] = [];
  for (let index = 0; index < bytes.length; index++) octets.push(bytes[index] ?? 0);
  return octets;
}

/** SHA-512 of a byte string. QuickJS of njs 1.0.2 answers with the digest itself, not with a promise. */
function hash(bytes: string): Promise<number[]> {
  return Promise.resolve()
    .then(() => crypto.subtle.digest('SHA-512', new Uint8Array(octetsOf(bytes))))
    .then((digest) => toOctets(new Uint8Array(digest)));
}

function takeRandom(): number[] {
  return toOctets(crypto.getRandomValues(new Uint8Array(ED25519_BLINDING)));
}

/** The last key that was made ready: for a request of njs, for a context of QuickJS. */
let last: { readonly pkcs8: string; readonly secret: Ed25519Secret } | undefined;

/** Makes a key ready; rejects for one that is not of Ed25519. */
function makeReady(key: SigningKey): Promise<Ed25519Secret> {
  const seed = readPrivateSeed(key.pkcs8);
  if (last !== undefined && last.pkcs8 === key.pkcs8) return Promise.resolve(last.secret);
  return hash(bytesOf(seed ?? [])).then((digest) => {
    if (seed === undefined) throw new Error('no seed');
    const secret = createEd25519Secret(prepareEd25519(pause), digest, takeRandom(), pause);
    last = { pkcs8: key.pkcs8, secret };
    return secret;
  });
}

/**
 * Signs (RFC 8037 §3.1).
 * @param input ASCII
 * @returns base64url; undefined where the key cannot be used
 */
export function sign(key: SigningKey, input: string): Promise<string | undefined> {
  return makeReady(key)
    .then((secret) =>
      hash(secret.prefix + input).then((digest) => {
        const commitment = commit(secret, digest, takeRandom(), pause);
        return hash(challengeInput(secret, commitment, input)).then((challenge) =>
          Buffer.from(respond(secret, commitment, challenge, pause)).toString('base64url'),
        );
      }),
    )
    .then(undefined, () => undefined);
}
