// The policy's three answers for a host: to a request, to a token that was refused, to a token that was verified.
import type { JsonObject } from '../codec/json';
import type { Decision } from '../answer/decision';
import type { JudgedIdentity } from '../claims/identity';
import type { Policy, ResourceMetadata, Rule } from '../model/policy';
import type { Reason } from '../answer/reason';
import type { Text } from '../codec/text';
import { assessTarget, assessToken, type TargetAssessment, type TokenTarget } from './assess';
import { checkFurther } from './further-demands';
import { pass, passAs, refuseOrReport, type Ruling } from './ruling';
import type { PolicyTable } from './policy-table';
import type { RequestFacts } from '../request/request-target';

/** The ruling on the request alone. */
export type TargetRuling =
  /** Decided without a token, which is ignored. */
  | { readonly kind: 'decided'; readonly ruling: Ruling }
  /** The token decides: `judgeToken` once it is verified, `judgeRefusal` when it is refused or missing. */
  | TokenTarget
  /** The client asks where to get a token (RFC 9728 §3.1): answer 200 with this document. */
  | { readonly kind: 'metadata'; readonly metadata: ResourceMetadata };

/**
 * Judges a request before its token: has it one reading only, which rule decides, does that rule need a token?
 * @param table holds the policy's rules
 */
export function judgeTarget(policy: Policy, table: PolicyTable, facts: RequestFacts, text: Text): TargetRuling {
  return ruleOn(policy, assessTarget(policy, table, facts, text));
}

/** The ruling that an assessment gives. */
export function ruleOn(policy: Policy, target: TargetAssessment): TargetRuling {
  if (target.kind === 'token') return target;
  if (target.kind === 'pass') return { kind: 'decided', ruling: pass(target.rule, '') };
  if (target.kind === 'metadata' && policy.metadata !== undefined) {
    return { kind: 'metadata', metadata: policy.metadata };
  }
  const ruling =
    target.kind === 'refused'
      ? refuseOrReport(target.reason, target.mode, target.rule, policy.challenge)
      : refuseOrReport('internal_error', 'enforce', undefined, policy.challenge);
  return { kind: 'decided', ruling };
}

/** Reasons of requests that present no token: none at all, credentials of another scheme, or a session that is over. */
const WITHOUT_TOKEN: readonly Reason[] = [
  'credentials_missing',
  'scheme_unsupported',
  'session_invalid',
  'session_expired',
];

/**
 * The ruling on a request whose token is missing or refused: the refusal with the policy's own challenge, or in shadow
 * mode a report. A rule with optional access lets a request without a token pass, and never one with a bad token.
 * @param decision the refusal, from the core
 * @param allowedGroups the groups of `?allowed_groups=`, of which a caller must have one; undefined without it
 */
export function judgeRefusal(
  policy: Policy,
  rule: Rule,
  decision: Decision,
  allowedGroups?: readonly string[],
): Ruling {
  const reason: Reason = decision.reason === '' ? 'internal_error' : decision.reason;
  const isAnonymous = WITHOUT_TOKEN.indexOf(reason) >= 0 && allowedGroups === undefined;
  if (rule.access === 'optional' && isAnonymous) return pass(rule.name, '');
  return refuseOrReport(reason, rule.mode, rule, policy.challenge);
}

/**
 * Judges a verified token by the rule. To be called on every request, also with a token that is remembered, unless `isLasting`.
 * @param claims the token's claims, for the decision; undefined where the host keeps them elsewhere
 * @param allowedGroups the groups of `?allowed_groups=` (`readAllowedGroups`); undefined without it
 * @param now seconds since the epoch
 */
export function judgeToken(
  policy: Policy,
  target: TokenTarget,
  identity: JudgedIdentity,
  claims: JsonObject | undefined,
  allowedGroups: readonly string[] | undefined,
  text: Text,
  now: number,
): Ruling {
  const rule = target.rule;
  const reason = assessToken(policy.clockSkew, target, identity, allowedGroups, text, now, checkFurther);
  if (reason === undefined) return passAs(rule.name, identity, claims, '');
  if (rule.mode === 'shadow') return passAs(rule.name, identity, claims, reason);
  return refuseOrReport(reason, 'enforce', rule, policy.challenge);
}
