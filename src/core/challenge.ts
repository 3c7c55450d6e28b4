// The `WWW-Authenticate` value of a refusal (RFC 6750 §3).
import type { Refusal } from './reason';

/** Formats the challenge; empty for a refusal that credentials cannot mend. */
export function formatChallenge(refusal: Refusal): string {
  // RFC 6750 §3.1: without authentication information there is no error code.
  if (refusal.error === '') return 'Bearer';
  if (refusal.error === 'none') return '';
  return 'Bearer error="' + refusal.error + '", error_description="' + refusal.sentence + '"';
}
