// What the lines of the lane and the action that lets tokens in must both know: the maps, and how an entry is written.

/** The maps' names: paths that can be read and are empty, which nobody else spells so. Entries by the digest of a field. */
export const ENTRIES = '/dev/./null';
/** The generation; the lines read it as a number, and HAProxy leaves out what is none. */
export const GENERATION = '/dev/.//null';
/** What the Lua states tell each other. */
export const STATES = '/dev/././null';

/** Seconds for which a token passes in the lane before the action judges it again. */
export const LANE_AGE = 300;
/** So many seconds before its time is over it leaves: HAProxy's own clock may be a moment behind. */
export const LANE_MARGIN = 5;
/** As many entries of a deny list can be looked up. */
export const MOST_DENIALS = 20;

/** The fields' names: `d1` and so on for entries that would deny the token, `1` and so on for claims. */
export const DENIAL_FIELD = 'd';
export const SCOPES_FIELD = 's';
/** It is empty in every entry. */
export const EMPTY_FIELD = 'r';
/** A field ends with this; and as the configuration writes it. */
export const FIELD_END = '\x1f';
export const FIELD_END_WRITTEN = '\\x1f';

/** A variable's kind: the line that sets it has to make it so. */
export type ClaimKind = 'text' | 'number' | 'boolean';

/** RFC 7519 §4.1, OpenID Connect Core 1.0 §2 and §5.1. */
const NUMBERS: readonly string[] = ['exp', 'iat', 'nbf', 'auth_time', 'updated_at'];
const BOOLEANS: readonly string[] = ['email_verified', 'phone_number_verified'];

/** The kind that a claim has in the lane; a token with another one does not go there. */
export function kindOf(claim: string): ClaimKind {
  if (NUMBERS.includes(claim)) return 'number';
  return BOOLEANS.includes(claim) ? 'boolean' : 'text';
}

/** The lane as the settings have it. */
export interface LanePlan {
  /** The most tokens. */
  readonly size: number;
  /** The claims that lines set as variables. */
  readonly claims: readonly string[];
  /** The lines' own name for the generation. INVARIANT: lines of other settings ask for another, which is not there. */
  readonly generation: string;
  readonly lines: readonly string[];
}
