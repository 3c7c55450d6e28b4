// Assesses a request and a verified token by a policy, without making a ruling: hosts need no more than this for the
// requests that pass.
import type { JudgedIdentity } from '../claims/identity';
import type { Mode, Policy, Rule } from '../model/policy';
import type { Reason } from '../answer/reason';
import type { Text } from '../codec/text';
import { checkDemands, hasWords } from './demands';
import { matchRule } from './match-rule';
import type { PolicyTable } from './policy-table';
import { readResource, type RequestedResource, type RequestFacts } from '../request/request-target';

/** The part of a policy that every request needs. */
export type PolicyTerms = Pick<
  Policy,
  'mode' | 'usesHosts' | 'comparedHeaders' | 'preflight' | 'paths' | 'clockSkew'
> & {
  readonly metadata?: { readonly path: string } | undefined;
};

/** A request whose token decides, by this rule. */
export interface TokenTarget {
  readonly kind: 'token';
  readonly rule: Rule;
  readonly resource: RequestedResource;
  readonly facts: RequestFacts;
}

/** `checkFurther` (further-demands.ts), which hosts have apart from the rest. */
export type CheckFurther = (target: TokenTarget, identity: JudgedIdentity, text: Text) => Reason | undefined;

/** The assessment of the request alone. */
export type TargetAssessment =
  /** The token is ignored. */
  | { readonly kind: 'pass'; readonly rule: string }
  /** The token decides. */
  | TokenTarget
  /** Refused, unless `mode` is `shadow`. `rule` is undefined when it came to none. */
  | { readonly kind: 'refused'; readonly reason: Reason; readonly mode: Mode; readonly rule: Rule | undefined }
  /** The client asks where to get a token (RFC 9728 §3.1), or by OPTIONS whether it may ask. */
  | { readonly kind: 'metadata' };

const PREFLIGHT = 'preflight';

/** Whether a path may have more than one reading (readings.ts); nearly none has. */
export function mayBeReadOtherwise(policy: PolicyTerms, facts: RequestFacts): boolean {
  return policy.paths.allow.length > 0 && facts.target.indexOf('%') >= 0;
}

/**
 * Whether a target is exactly this path, alone or in absolute-form (RFC 9112 §3.2.2), which some hosts make of HTTP/2's
 * targets, with an authority that the request may have.
 */
function isExactly(path: string, policy: PolicyTerms, facts: RequestFacts, text: Text): boolean {
  const target = facts.target;
  if (target === path) return true;
  const length = target.length - path.length;
  if (length <= 0 || target.charAt(0) === '/' || target.substring(length) !== path) return false;
  const origin = target.substring(0, length);
  const authority = origin.substring(origin.indexOf('://') + 3);
  if (authority.indexOf('/') >= 0 || authority.indexOf('?') >= 0) return false;
  return readResource(facts, policy.paths, policy.usesHosts, text).ok;
}

/** Whether a request asks for the metadata document, or a browser whether it may (Fetch §3.2.2). */
function asksForMetadata(policy: PolicyTerms, facts: RequestFacts, text: Text): boolean {
  if (policy.metadata === undefined) return false;
  const reads = facts.method === 'GET' || facts.method === 'HEAD';
  if (!reads && !(facts.method === 'OPTIONS' && facts.preflight)) return false;
  return isExactly(policy.metadata.path, policy, facts, text);
}

/** Fetch §3.2.2: a browser asks what it may do, and sends no token with the question. */
function isPreflight(policy: PolicyTerms, facts: RequestFacts, resource: RequestedResource): boolean {
  return policy.preflight && facts.preflight && facts.method === 'OPTIONS' && resource.segments !== undefined;
}

/**
 * Assesses a request before its token: has it one reading only, which rule decides, does that rule need a token?
 * @param table holds the policy's rules
 */
export function assessTarget(
  policy: PolicyTerms,
  table: PolicyTable,
  facts: RequestFacts,
  text: Text,
): TargetAssessment {
  if (asksForMetadata(policy, facts, text)) return { kind: 'metadata' };
  const resource = readResource(facts, policy.paths, policy.usesHosts, text);
  if (!resource.ok) return { kind: 'refused', reason: resource.reason, mode: policy.mode, rule: undefined };
  return assessResource(policy, table, facts, resource.value);
}

/** Assesses a request by the resource that was read out of it. */
export function assessResource(
  policy: PolicyTerms,
  table: PolicyTable,
  facts: RequestFacts,
  resource: RequestedResource,
): TargetAssessment {
  if (isPreflight(policy, facts, resource)) return { kind: 'pass', rule: PREFLIGHT };
  const place = matchRule(table, resource);
  const rule = table.rule(place);
  // INVARIANT: without a rule nothing passes.
  if (rule === undefined) return { kind: 'refused', reason: 'internal_error', mode: 'enforce', rule: undefined };
  if (rule.access === 'public') return { kind: 'pass', rule: rule.name };
  if (rule.access === 'authenticated' || rule.access === 'optional') return { kind: 'token', rule, resource, facts };
  const reason = place === table.otherwise ? 'rule_missing' : 'rule_refuses';
  return { kind: 'refused', reason, mode: rule.mode, rule };
}

/** Whether a token that meets a rule's requirements meets them in every request and at any time: `assessToken` without a question. */
export function isLasting(rule: Rule, identity: JudgedIdentity): boolean {
  const demands = rule.demands;
  if (identity.hosts !== undefined) return false;
  return demands === undefined || (demands.further === undefined && demands.maxAge < 0);
}

/**
 * The reason against a verified token; `judgeToken` acts on it. To be called on every request, also with a remembered
 * token, unless this very rule was met before and `isLasting`.
 * @param clockSkew seconds of tolerance for times
 * @param allowedGroups the groups of `?allowed_groups=` (`readAllowedGroups`); undefined without it
 * @param now seconds since the epoch
 * @param check `checkFurther`; undefined where a host leaves that to another call
 * @returns undefined when the token meets the rule and the question
 */
export function assessToken(
  clockSkew: number,
  target: TokenTarget,
  identity: JudgedIdentity,
  allowedGroups: readonly string[] | undefined,
  text: Text,
  now: number,
  check: CheckFurther | undefined,
): Reason | undefined {
  const demands = target.rule.demands;
  if (identity.hosts !== undefined || demands?.further !== undefined) {
    // INVARIANT: requirements that nobody checks let nothing pass.
    const reason = check === undefined ? 'internal_error' : check(target, identity, text);
    if (reason !== undefined) return reason;
  }
  const reason = demands === undefined ? undefined : checkDemands(identity, demands, clockSkew, now, text);
  if (reason !== undefined) return reason;
  if (allowedGroups === undefined) return undefined;
  if (identity.groupsOverage) return 'groups_overage';
  const isAllowed = allowedGroups.length > 0 && hasWords(identity.groups, { all: [], any: allowedGroups });
  return isAllowed ? undefined : 'groups_refused';
}
