// What a policy says to a request and to a verified token, before anything is made of it: hosts for which most requests
// pass need no more than this for them.
import type { JudgedIdentity } from '../core/identity';
import type { Mode, Policy, Rule } from '../core/policy';
import type { Reason } from '../core/reason';
import type { Text } from '../ports/text';
import { checkDemands, hasWords } from './demands';
import { matchRule } from './match-rule';
import type { PolicyTable } from './policy-table';
import { readResource, type RequestedResource, type RequestFacts } from './request-target';

/** What of a policy every request needs. */
export type PolicyTerms = Pick<Policy, 'mode' | 'usesHosts' | 'preflight' | 'paths' | 'clockSkew'> & {
  readonly metadata?: { readonly path: string } | undefined;
};

/** What the request alone tells. */
export type TargetAssessment =
  /** No token is looked at. */
  | { readonly kind: 'pass'; readonly rule: string }
  /** The token decides. */
  | { readonly kind: 'token'; readonly rule: Rule }
  /** Refused, unless `mode` is `shadow`. `rule` is undefined when it came to none. */
  | { readonly kind: 'refused'; readonly reason: Reason; readonly mode: Mode; readonly rule: Rule | undefined }
  /** The client asks where to get a token (RFC 9728 §3.1). */
  | { readonly kind: 'metadata' };

const PREFLIGHT = 'preflight';

/** Whether a request asks for the metadata document; compared to the letter. */
function asksForMetadata(policy: PolicyTerms, facts: RequestFacts): boolean {
  if (policy.metadata === undefined || (facts.method !== 'GET' && facts.method !== 'HEAD')) return false;
  return facts.target === policy.metadata.path;
}

/** Fetch §3.2.2: a browser asks what it may do, and sends no token with the question. */
function isPreflight(policy: PolicyTerms, facts: RequestFacts, resource: RequestedResource): boolean {
  return policy.preflight && facts.preflight && facts.method === 'OPTIONS' && resource.segments !== undefined;
}

/**
 * Looks at a request before its token: is it to be read in one way only, which rule decides, does that need a token?
 * @param table where the policy's rules are
 */
export function assessTarget(
  policy: PolicyTerms,
  table: PolicyTable,
  facts: RequestFacts,
  text: Text,
): TargetAssessment {
  if (asksForMetadata(policy, facts)) return { kind: 'metadata' };
  const resource = readResource(facts, policy.paths, policy.usesHosts, text);
  if (!resource.ok) return { kind: 'refused', reason: resource.reason, mode: policy.mode, rule: undefined };
  if (isPreflight(policy, facts, resource.value)) return { kind: 'pass', rule: PREFLIGHT };
  const place = matchRule(table, resource.value);
  const rule = table.rule(place);
  // INVARIANT: without a rule nothing passes.
  if (rule === undefined) return { kind: 'refused', reason: 'internal_error', mode: 'enforce', rule: undefined };
  if (rule.access === 'public') return { kind: 'pass', rule: rule.name };
  if (rule.access === 'authenticated') return { kind: 'token', rule };
  const reason = place === table.otherwise ? 'rule_missing' : 'rule_refuses';
  return { kind: 'refused', reason, mode: rule.mode, rule };
}

/**
 * What speaks against a verified token; what becomes of a reason is for `judgeToken`. To be called on every request, also
 * with a token that is remembered.
 * @param clockSkew seconds of tolerance for times
 * @param allowedGroups what `?allowed_groups=` asks for (`readAllowedGroups`); undefined when it is not there
 * @param now seconds since the epoch
 * @returns undefined when the rule, and the question, are content with it
 */
export function assessToken(
  clockSkew: number,
  rule: Rule,
  identity: JudgedIdentity,
  allowedGroups: readonly string[] | undefined,
  text: Text,
  now: number,
): Reason | undefined {
  const reason = rule.demands === undefined ? undefined : checkDemands(identity, rule.demands, clockSkew, now, text);
  if (reason !== undefined || allowedGroups === undefined) return reason;
  if (identity.groupsOverage) return 'groups_overage';
  const isAllowed = allowedGroups.length > 0 && hasWords(identity.groups, { all: [], any: allowedGroups });
  return isAllowed ? undefined : 'groups_refused';
}
