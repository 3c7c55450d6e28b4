// The `WWW-Authenticate` value of a refusal (RFC 6750 §3).
import type { Refusal } from './reason';

/** The parameters that a policy adds to a challenge: printable ASCII without quote and backslash, or empty. */
export interface ChallengeDetails {
  readonly realm: string;
  /** The scopes that the request requires (RFC 6750 §3); only with `insufficient_scope`, and where there is no token. */
  readonly scope: string;
  /** RFC 9470 §3; only with `insufficient_user_authentication`. */
  readonly acrValues: string;
  readonly maxAge: string;
  /** The URL of the resource's metadata (RFC 9728 §5.1). */
  readonly resourceMetadata: string;
}

const NO_DETAILS: ChallengeDetails = { realm: '', scope: '', acrValues: '', maxAge: '', resourceMetadata: '' };

function add(parts: string[], name: string, value: string): void {
  if (value !== '') parts.push(name + '="' + value + '"');
}

/** Formats the challenge with a policy's parameters; empty for a refusal that credentials cannot mend. */
export function formatDetailedChallenge(refusal: Refusal, details: ChallengeDetails): string {
  if (refusal.error === 'none') return '';
  const parts: string[] = [];
  add(parts, 'realm', details.realm);
  // RFC 6750 §3.1: without authentication information there is no error code.
  add(parts, 'error', refusal.error);
  if (refusal.error !== '') add(parts, 'error_description', refusal.sentence);
  if (refusal.error === 'insufficient_scope' || refusal.error === '') add(parts, 'scope', details.scope);
  if (refusal.error === 'insufficient_user_authentication') {
    add(parts, 'acr_values', details.acrValues);
    add(parts, 'max_age', details.maxAge);
  }
  add(parts, 'resource_metadata', details.resourceMetadata);
  return parts.length === 0 ? 'Bearer' : 'Bearer ' + parts.join(', ');
}

/** Formats the challenge; empty for a refusal that credentials cannot mend. */
export function formatChallenge(refusal: Refusal): string {
  return formatDetailedChallenge(refusal, NO_DETAILS);
}
