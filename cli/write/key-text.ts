// Public keys as PEM and as JSON Web Keys (RFC 7517).
import { jwkOf, thumbprintOf, type ListedKey } from '../desk/key-list';
import type { PublicKey } from '../../src/model/key';

const PLAIN = /^[A-Za-z0-9._~:/+=-]{1,200}$/;

export type KeyForm = 'pem' | 'jwks' | 'jwk';

/** A key that the proxies can use. */
export type UsableKey = ListedKey & { readonly key: PublicKey };

export const isUsable = (listed: ListedKey): listed is UsableKey => listed.key !== undefined;

/** SubjectPublicKeyInfo in PEM (RFC 7468 §13). */
function writePem({ kid, key }: UsableKey): string {
  const lines = key.spki.match(/.{1,64}/g) ?? [];
  // RFC 7468 §2 has readers skip what is before a block; a name must not look like one.
  const head = PLAIN.test(kid) && !kid.includes('--') ? `kid: ${kid}\n` : '';
  return `${head}-----BEGIN PUBLIC KEY-----\n${lines.join('\n')}\n-----END PUBLIC KEY-----\n`;
}

/** Only what is public, with the thumbprint (RFC 7638) as `kid` where the key has none. */
function writeJwk({ kid, alg, key }: UsableKey): object {
  const own = alg === '' ? {} : { alg };
  return { kid: kid === '' ? thumbprintOf(key) : kid, use: 'sig', ...own, ...jwkOf(key) };
}

/** Keys as a file holds them. @param form `jwk`: the first key alone */
export function writeKeys(keys: readonly UsableKey[], form: KeyForm): string {
  if (form === 'pem') return keys.map(writePem).join('');
  const jwks = keys.map(writeJwk);
  return `${JSON.stringify(form === 'jwk' ? jwks[0] : { keys: jwks }, undefined, 2)}\n`;
}
