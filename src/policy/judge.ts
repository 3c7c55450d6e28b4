// The policy's three answers for a host: to a request, to a token that was refused, to a token that was verified.
import type { JsonObject } from '../codec/json';
import type { Decision } from '../core/decision';
import type { Identity } from '../core/identity';
import type { Policy, ResourceMetadata, Rule } from '../core/policy';
import type { Reason } from '../core/reason';
import type { Text } from '../ports/text';
import { checkDemands, hasWords } from './demands';
import { pass, passAs, refuseOrReport, type Judgement } from './judgement';
import { matchRule } from './match-rule';
import type { PolicyTable } from './policy-table';
import { readResource, type RequestedResource, type RequestFacts } from './request-target';

/** What the request alone tells. */
export type TargetJudgement =
  /** Decided without a token, which is not looked at. */
  | { readonly kind: 'decided'; readonly judgement: Judgement }
  /** The token decides: `judgeToken` once it is verified, `judgeRefusal` when it is refused or missing. */
  | { readonly kind: 'token'; readonly rule: Rule }
  /** The client asks where to get a token (RFC 9728 §3.1): answer 200 with this document. */
  | { readonly kind: 'metadata'; readonly metadata: ResourceMetadata };

const PREFLIGHT = 'preflight';

function decided(judgement: Judgement): TargetJudgement {
  return { kind: 'decided', judgement };
}

/** Whether a request asks for the metadata document; compared to the letter. */
function asksForMetadata(policy: Policy, facts: RequestFacts): boolean {
  if (policy.metadata === undefined || (facts.method !== 'GET' && facts.method !== 'HEAD')) return false;
  return facts.target === policy.metadata.path;
}

/** Fetch §3.2.2: a browser asks what it may do, and sends no token with the question. */
function isPreflight(policy: Policy, facts: RequestFacts, resource: RequestedResource): boolean {
  return policy.preflight && facts.preflight && facts.method === 'OPTIONS' && resource.segments !== undefined;
}

/**
 * Judges a request before its token: is it to be read in one way only, which rule decides, does that need a token?
 * @param table where the policy's rules are
 */
export function judgeTarget(policy: Policy, table: PolicyTable, facts: RequestFacts, text: Text): TargetJudgement {
  if (asksForMetadata(policy, facts) && policy.metadata !== undefined) {
    return { kind: 'metadata', metadata: policy.metadata };
  }
  const resource = readResource(facts, policy.paths, policy.usesHosts, text);
  if (!resource.ok) return decided(refuseOrReport(resource.reason, policy.mode, undefined, policy.challenge));
  if (isPreflight(policy, facts, resource.value)) return decided(pass(PREFLIGHT, ''));
  const place = matchRule(table, resource.value);
  const rule = table.rule(place);
  // INVARIANT: without a rule nothing passes.
  if (rule === undefined) return decided(refuseOrReport('internal_error', 'enforce', undefined, policy.challenge));
  if (rule.access === 'public') return decided(pass(rule.name, ''));
  if (rule.access === 'authenticated') return { kind: 'token', rule };
  const reason = place === table.otherwise ? 'rule_missing' : 'rule_refuses';
  return decided(refuseOrReport(reason, rule.mode, rule, policy.challenge));
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

/** The reason against a verified token; undefined when the rule, and the question, are content with it. */
function findReason(
  policy: Policy,
  rule: Rule,
  identity: Identity,
  allowedGroups: readonly string[] | undefined,
  text: Text,
  now: number,
): Reason | undefined {
  const reason =
    rule.demands === undefined ? undefined : checkDemands(identity, rule.demands, policy.clockSkew, now, text);
  if (reason !== undefined || allowedGroups === undefined) return reason;
  if (identity.groupsOverage) return 'groups_overage';
  const isAllowed = allowedGroups.length > 0 && hasWords(identity.groups, { all: [], any: allowedGroups });
  return isAllowed ? undefined : 'groups_refused';
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
  identity: Identity,
  claims: JsonObject | undefined,
  allowedGroups: readonly string[] | undefined,
  text: Text,
  now: number,
): Judgement {
  const reason = findReason(policy, rule, identity, allowedGroups, text, now);
  if (reason === undefined) return passAs(rule.name, identity, claims, '');
  if (rule.mode === 'shadow') return passAs(rule.name, identity, claims, reason);
  return refuseOrReport(reason, 'enforce', rule, policy.challenge);
}
