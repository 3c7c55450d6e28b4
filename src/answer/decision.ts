// A decision holds everything that a host needs to allow or refuse one request.
import type { JsonObject } from '../codec/json';
import { formatChallenge } from './challenge';
import { refusalFor, type Reason, type RefusalStatus } from './reason';

/** The statuses of the contract. */
export type Status = 200 | RefusalStatus;

export interface Decision {
  readonly allowed: boolean;
  readonly status: Status;
  /** The refusal's stable code; empty when allowed. */
  readonly reason: Reason | '';
  /** The value for `WWW-Authenticate` (RFC 6750 §3); empty when there is none. */
  readonly challenge: string;
  /** The scopes, one space between each (RFC 6749 §3.3); empty when not allowed. */
  readonly scopes: string;
  /** `sub`; empty when the request is refused or the token has none. */
  readonly subject: string;
  /** The claims of a verified token that was accepted; undefined otherwise. */
  readonly claims: JsonObject | undefined;
}

/** The rights of a verified token. */
export interface Grant {
  readonly scopes: string;
  readonly subject: string;
  readonly claims: JsonObject;
}

/** The decision that lets a request pass. */
export function allow(grant: Pick<Decision, 'scopes' | 'subject' | 'claims'>): Decision {
  return {
    allowed: true,
    status: 200,
    reason: '',
    challenge: '',
    scopes: grant.scopes,
    subject: grant.subject,
    claims: grant.claims,
  };
}

/** Lets a request pass without details: it has no token, or the host publishes the details elsewhere. */
export const PASSED = allow({ scopes: '', subject: '', claims: undefined });

/** The decision that refuses a request for one reason. */
export function refuse(reason: Reason): Decision {
  const refusal = refusalFor(reason);
  const challenge = formatChallenge(refusal);
  return { allowed: false, status: refusal.status, reason, challenge, scopes: '', subject: '', claims: undefined };
}
