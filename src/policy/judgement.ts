// What a policy makes of a request: the decision, the rule that took it, and what it would have been in shadow mode.
import type { JsonObject } from '../codec/json';
import { formatDetailedChallenge } from '../core/challenge';
import { allow, PASSED, type Decision } from '../core/decision';
import type { Identity } from '../core/identity';
import type { ForwardedHeader } from '../core/forward';
import type { ChallengeTerms, Demands, Mode, Rule } from '../core/policy';
import { REFUSALS, type Reason } from '../core/reason';

/** What hosts act on. */
export interface Judgement {
  /** What to answer. In shadow mode it allows, with what is known of the caller if a token was verified. */
  readonly decision: Decision;
  /** The name of the rule that decided; empty when the request came to none. */
  readonly rule: string;
  /** In shadow mode the reason that the request would have been refused for; empty otherwise. */
  readonly wouldBe: Reason | '';
  /** Identity headers for the backend. Whatever the client sent by these names is removed first, always. */
  readonly headers: readonly ForwardedHeader[];
}

const NO_HEADERS: readonly ForwardedHeader[] = [];
const NO_SCOPES: readonly string[] = [];

/** Lets a request pass without a token, or in shadow mode without a good one. */
export function pass(rule: string, wouldBe: Reason | ''): Judgement {
  return { decision: PASSED, rule, wouldBe, headers: NO_HEADERS };
}

/** Lets a request pass with a verified token. */
export function passAs(
  rule: string,
  identity: Identity,
  claims: JsonObject | undefined,
  wouldBe: Reason | '',
): Judgement {
  const decision = allow({ scopes: identity.scopes, subject: identity.subject, claims });
  return { decision, rule, wouldBe, headers: identity.headers };
}

function scopesOf(demands: Demands): readonly string[] {
  return demands.scopes.all.concat(demands.scopes.any);
}

/** A refusal with the challenge that the policy's realm, metadata and rule make it (RFC 6750 §3, RFC 9470 §3). */
export function refuseWith(reason: Reason, terms: ChallengeTerms, demands: Demands | undefined): Decision {
  const refusal = REFUSALS[reason];
  const challenge = formatDetailedChallenge(refusal, {
    realm: terms.realm,
    scope: (demands === undefined ? NO_SCOPES : scopesOf(demands)).join(' '),
    acrValues: (demands === undefined ? NO_SCOPES : demands.acrValues).join(' '),
    maxAge: demands === undefined || demands.maxAge < 0 ? '' : demands.maxAge.toString(),
    resourceMetadata: terms.resourceMetadata,
  });
  return { allowed: false, status: refusal.status, reason, challenge, scopes: '', subject: '', claims: undefined };
}

/** Refuses; in shadow mode lets pass and says why it would not have. */
export function refuseOrReport(reason: Reason, mode: Mode, rule: Rule | undefined, terms: ChallengeTerms): Judgement {
  const name = rule === undefined ? '' : rule.name;
  if (mode === 'shadow') return pass(name, reason);
  const demands = rule === undefined ? undefined : rule.demands;
  return { decision: refuseWith(reason, terms, demands), rule: name, wouldBe: '', headers: NO_HEADERS };
}
