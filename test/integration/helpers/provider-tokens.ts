// The key set of a made-up provider, its tokens, and the policy for them out of examples/policies/.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, Provider } from './provider-shape';
import { makeKeyPair, signToken } from './tokens';

export interface Recipe {
  readonly issuers: readonly Readonly<Record<string, unknown>>[];
}

const KEYS = { RS256: makeKeyPair('RS256'), ES256: makeKeyPair('ES256') };
const OTHER = makeKeyPair('RS256');

/** The policy as examples/policies/ and docs/providers.md print it. */
export function recipeOf({ file }: Provider): Recipe {
  const path = join(import.meta.dirname, '../../../examples/policies', `${file}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as Recipe;
}

/** The key set of a provider, with a key that signed before, and one for encryption where it has one. */
export function keySetOf({ algorithm, key, kid, hasEncryption }: Provider): object {
  const encryption = { ...OTHER.jwk, kid: 'enc', use: 'enc', alg: 'RSA-OAEP' };
  const old = { ...OTHER.jwk, kid: 'old', use: 'sig' };
  return {
    keys: [...(hasEncryption === true ? [encryption] : []), old, { ...KEYS[algorithm].jwk, kid, ...key }],
  };
}

/** The recipe; only the keys come out of a file, for no provider is asked. */
export function withKeysFrom(recipe: Recipe, path: string): Recipe {
  return { ...recipe, issuers: recipe.issuers.map((issuer) => ({ ...issuer, keys: { jwks_file: path } })) };
}

/** A token of the provider, good for ten minutes. @param kid `old` for one that the present key did not sign */
export function tokenFor(provider: Provider, changes: Case['changes'], kid = provider.kid): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const payload = { ...provider.claims, iat: now - 5, exp: now + 600, ...changes };
  const header = { ...provider.header, typ: provider.header['typ'] as string | undefined, kid };
  return signToken(KEYS[provider.algorithm].privateKey, provider.algorithm, payload, header);
}
