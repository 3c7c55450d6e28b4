// A session's claims, and the verified token that the judge makes of them at each request: the seal is their signature.
import { asNumber, findMember, wholeNumber, type JsonObject } from '../codec/json';
import type { Reason } from '../answer/reason';
import { accept } from '../token/accept';
import { checkClaims } from '../token/claims';
import type { IssuerSettings } from '../model/settings';
import { refused, type Step } from '../token/step';
import { withClaims } from './pick-claims';
import type { Session } from './session-text';
import type { LoginContext } from './step';

/** The claims that login itself sets. */
export interface SessionTerms {
  readonly issuer: string;
  readonly clientId: string;
  readonly sessionId: string;
  /** Seconds since the epoch. */
  readonly began: number;
  readonly ends: number;
  readonly scope: string;
}

/** A session's claims: its own, and those of its tokens that none of these hides. */
export function sessionClaims(terms: SessionTerms, picked: JsonObject): JsonObject {
  const own: JsonObject = {
    kind: 'object',
    names: ['iss', 'aud', 'jti', 'iat', 'exp', 'scope'],
    values: [
      terms.issuer,
      terms.clientId,
      terms.sessionId,
      wholeNumber(terms.began),
      wholeNumber(terms.ends),
      terms.scope,
    ],
  };
  return withClaims(own, picked);
}

/** When a session ends, by today's settings, whatever it was sealed with. */
export function endOf(session: Session, maxAge: number): number {
  const began = asNumber(findMember(session.claims, 'iat'))?.value ?? 0;
  const ends = asNumber(findMember(session.claims, 'exp'))?.value ?? 0;
  return Math.min(ends, began + maxAge);
}

/** The reason against a session, of one against its verified token: `expired` is what any token is. */
export function sessionReason(reason: Reason): Reason {
  return reason === 'expired' ? 'session_expired' : reason;
}

/**
 * Judges a session's claims as those of a token of its issuer, whose audience is the client.
 * @param now seconds since the epoch
 * @returns the verified token, which rules then judge, or a refusal
 */
export function acceptSession(context: LoginContext, session: Session, now: number): Step {
  const login = context.login;
  const issuer = context.trust.settings.issuers[login.issuer];
  if (issuer === undefined) return refused('internal_error');
  const terms = issuer.terms;
  const demanded: IssuerSettings = {
    issuer: issuer.issuer,
    audiences: [login.clientId],
    allowed: issuer.allowed,
    sources: issuer.sources,
    // The age of a sign-in is the session's own affair.
    terms: terms === undefined ? undefined : Object.assign({}, terms, { maxTokenAge: -1 }),
  };
  // INVARIANT: a session has no grace beyond its end, which is no time of another machine's clock.
  const end = endOf(session, login.maxAge);
  if (now >= end) return refused('session_expired');
  const accepted = checkClaims(session.claims, demanded, context.trust.settings.clockSkew, context.text, now);
  if (!accepted.ok) return refused(accepted.reason);
  const valid = accepted.value.validity;
  const judged = { grant: accepted.value.grant, validity: { until: end, from: valid.from, issued: valid.issued } };
  return accept(context.trust, login.issuer, judged, { key: undefined, kid: undefined });
}
