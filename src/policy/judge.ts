// The policy's three answers for a host: to a request, to a token that was refused, to a token that was verified.
import type { JsonObject } from '../codec/json';
import type { Decision } from '../core/decision';
import type { JudgedIdentity } from '../core/identity';
import type { Policy, ResourceMetadata, Rule } from '../core/policy';
import type { Reason } from '../core/reason';
import type { Text } from '../ports/text';
import { assessTarget, assessToken } from './assess';
import { pass, passAs, refuseOrReport, type Judgement } from './judgement';
import type { PolicyTable } from './policy-table';
import type { RequestFacts } from './request-target';

/** What the request alone tells. */
export type TargetJudgement =
  /** Decided without a token, which is not looked at. */
  | { readonly kind: 'decided'; readonly judgement: Judgement }
  /** The token decides: `judgeToken` once it is verified, `judgeRefusal` when it is refused or missing. */
  | { readonly kind: 'token'; readonly rule: Rule }
  /** The client asks where to get a token (RFC 9728 §3.1): answer 200 with this document. */
  | { readonly kind: 'metadata'; readonly metadata: ResourceMetadata };

/**
 * Judges a request before its token: is it to be read in one way only, which rule decides, does that need a token?
 * @param table where the policy's rules are
 */
export function judgeTarget(policy: Policy, table: PolicyTable, facts: RequestFacts, text: Text): TargetJudgement {
  const target = assessTarget(policy, table, facts, text);
  if (target.kind === 'token') return target;
  if (target.kind === 'pass') return { kind: 'decided', judgement: pass(target.rule, '') };
  if (target.kind === 'metadata' && policy.metadata !== undefined) {
    return { kind: 'metadata', metadata: policy.metadata };
  }
  const judgement =
    target.kind === 'refused'
      ? refuseOrReport(target.reason, target.mode, target.rule, policy.challenge)
      : refuseOrReport('internal_error', 'enforce', undefined, policy.challenge);
  return { kind: 'decided', judgement };
}

/**
 * What becomes of a request whose token is missing or refused: the refusal with the policy's own challenge, or in
 * shadow mode a report.
 * @param decision the refusal, from the core
 */
export function judgeRefusal(policy: Policy, rule: Rule, decision: Decision): Judgement {
  const reason: Reason = decision.reason === '' ? 'internal_error' : decision.reason;
  return refuseOrReport(reason, rule.mode, rule, policy.challenge);
}

/**
 * Judges a verified token by the rule. To be called on every request, also with a token that is remembered.
 * @param claims the token's claims, for the decision; undefined where the host keeps them elsewhere
 * @param allowedGroups what `?allowed_groups=` asks for (`readAllowedGroups`); undefined when it is not there
 * @param now seconds since the epoch
 */
export function judgeToken(
  policy: Policy,
  rule: Rule,
  identity: JudgedIdentity,
  claims: JsonObject | undefined,
  allowedGroups: readonly string[] | undefined,
  text: Text,
  now: number,
): Judgement {
  const reason = assessToken(policy.clockSkew, rule, identity, allowedGroups, text, now);
  if (reason === undefined) return passAs(rule.name, identity, claims, '');
  if (rule.mode === 'shadow') return passAs(rule.name, identity, claims, reason);
  return refuseOrReport(reason, 'enforce', rule, policy.challenge);
}
