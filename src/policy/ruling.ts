// A policy's ruling on a request: the decision, the rule that made it, and the decision that shadow mode suppressed.
import type { JsonObject } from '../codec/json';
import { formatDetailedChallenge } from '../answer/challenge';
import { allow, PASSED, type Decision } from '../answer/decision';
import type { JudgedIdentity } from '../claims/identity';
import type { ForwardedHeader } from '../claims/forwarded-headers';
import type { Demands } from '../model/demands';
import type { ChallengeTerms, Mode, Rule } from '../model/policy';
import { refusalFor, type Reason } from '../answer/reason';
import type { SignIn } from '../model/login';

/** The ruling that hosts act on. */
export interface Ruling {
  /** The decision. In shadow mode it allows, with the caller's details if a token was verified. */
  readonly decision: Decision;
  /** The name of the rule that decided; empty when the request came to none. */
  readonly rule: string;
  /** In shadow mode the reason that the request would have been refused for; empty otherwise. */
  readonly wouldBe: Reason | '';
  /** Identity headers for the backend. Whatever the client sent by these names is removed first, always. */
  readonly headers: readonly ForwardedHeader[];
  /** Of a refusal where the policy signs browsers in: what a page load gets instead (src/login/without-session.ts). */
  readonly signIn?: SignIn | undefined;
}

const NO_HEADERS: readonly ForwardedHeader[] = [];
const NO_SCOPES: readonly string[] = [];

/** Lets a request pass without a token, or in shadow mode without a good one. */
export function pass(rule: string, wouldBe: Reason | ''): Ruling {
  return { decision: PASSED, rule, wouldBe, headers: NO_HEADERS };
}

/** Lets a request pass with a verified token. */
export function passAs(
  rule: string,
  identity: JudgedIdentity,
  claims: JsonObject | undefined,
  wouldBe: Reason | '',
): Ruling {
  const decision = allow({ scopes: identity.scopes, subject: identity.subject, claims });
  return { decision, rule, wouldBe, headers: identity.headers };
}

function scopesOf(demands: Demands): readonly string[] {
  return demands.scopes.all.concat(demands.scopes.any);
}

/** A refusal with the challenge that the policy's realm, metadata and rule make it (RFC 6750 §3, RFC 9470 §3). */
export function refuseWith(reason: Reason, terms: ChallengeTerms, demands: Demands | undefined): Decision {
  const refusal = refusalFor(reason);
  const challenge = formatDetailedChallenge(refusal, {
    realm: terms.realm,
    scope: (demands === undefined ? NO_SCOPES : scopesOf(demands)).join(' '),
    acrValues: (demands?.acrValues ?? NO_SCOPES).join(' '),
    maxAge: demands === undefined || demands.maxAge < 0 ? '' : demands.maxAge.toString(),
    resourceMetadata: terms.resourceMetadata,
  });
  return { allowed: false, status: refusal.status, reason, challenge, scopes: '', subject: '', claims: undefined };
}

/** Refuses; in shadow mode lets the request pass and has the reason against it. */
export function refuseOrReport(reason: Reason, mode: Mode, rule: Rule | undefined, terms: ChallengeTerms): Ruling {
  const name = rule?.name ?? '';
  if (mode === 'shadow') return pass(name, reason);
  const decision = refuseWith(reason, terms, rule?.demands);
  return { decision, rule: name, wouldBe: '', headers: NO_HEADERS, signIn: rule?.signIn };
}
