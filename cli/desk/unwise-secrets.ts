// One secret in two places that should each have their own.
import type { Unwise } from './unwise-issuers';

interface Named {
  readonly place: string;
  /** What the secret is for: secrets of one use may be the same, as those of one client in two places. */
  readonly use: 'client' | 'cookie' | 'tokens';
  /** A path, or the name of a variable. */
  readonly source: string;
}

const USES: Readonly<Record<string, Named['use']>> = {
  client_secret_file: 'client',
  client_secret_env: 'client',
  secret_file: 'tokens',
  secret_env: 'tokens',
};
const WORDS: Readonly<Record<Named['use'], string>> = {
  client: 'the secret of a client',
  cookie: 'the secret of the cookies',
  tokens: 'the secret of signatures',
};

function namesIn(value: unknown, place: string, isCookie: boolean): readonly Named[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: readonly [string, unknown]) => {
    const use = USES[name];
    const own = `${place}/${name}`;
    if (use === undefined) return namesIn(inner, own, name === 'cookie');
    const sources = Array.isArray(inner) ? (inner as readonly unknown[]) : [inner];
    return sources.flatMap((source) =>
      typeof source === 'string' ? [{ place: own, use: isCookie ? 'cookie' : use, source }] : [],
    );
  });
}

/** The issuer of a place, since the secrets of two issuers' signatures differ too. */
const issuerOf = (place: string): string => /^\/issuers\/\d+/.exec(place)?.[0] ?? '';

function isShared(one: Named, other: Named): boolean {
  if (one.source !== other.source) return false;
  // OpenID Connect Core 1.0 section 10.1: an ID token may be signed with the client's secret.
  if (one.use !== other.use) return one.use === 'cookie' || other.use === 'cookie';
  return one.use === 'tokens' && issuerOf(one.place) !== issuerOf(other.place);
}

/** Finds them. @param document the text of a policy without problems */
export function findSharedSecrets(document: string): readonly Unwise[] {
  const all = namesIn(JSON.parse(document) as unknown, '', false);
  return all.flatMap((one, index) => {
    const other = all.slice(0, index).find((earlier) => isShared(earlier, one));
    if (other === undefined) return [];
    const message = `is ${WORDS[other.use]} at ${other.place} too: whoever knows the one has the other; make a secret for each`;
    return [{ place: one.place, message }];
  });
}
