// A request judged by a policy, as far as nginx's answers go: with the token's own headers, and the wiring looked at.
import type { JsonObject } from '../src/codec/json';
import { PASSED, type Decision } from '../src/core/decision';
import type { ForwardedHeader } from '../src/core/forward';
import type { JudgedIdentity } from '../src/core/identity';
import type { Rule } from '../src/core/policy';
import { judgeTarget, judgeToken, type TargetJudgement } from '../src/policy/judge';
import type { Judgement } from '../src/policy/judgement';
import type { Answer } from './answer';
import type { HttpRequest } from './host';
import type { Remembered } from './memory';
import type { PolicyHead, PolicyRules } from './policy-pieces';
import { readFacts, readGroups, readToken, type Way } from './request-facts';
import { text } from './ports/text';
import { readIdentity } from './remembered-identity';
import { isWired } from './wiring';

const NO_HEADERS: readonly ForwardedHeader[] = [];
const NO_CLAIMS: readonly string[] = [];

/** Why nothing is judged although the settings are good. */
export type Unwired = 'forward' | 'asked' | 'groups';

export const UNWIRED: Readonly<Record<Unwired, string>> = {
  forward:
    'the location that answers does not include the lines that `jwtverify.forward` gives for this policy, which keep ' +
    "clients' own identity headers from the backend",
  asked:
    'the location of `jwtverify.authorizer` sets no `$jwtverify_method` and `$jwtverify_target`, so that it is not known ' +
    'which request a gateway asks about',
  groups: '`allowed_groups` is asked for, and there is no policy that says which claims are groups',
};

/** The judgement of a request before its token; a word when the configuration does not let it be judged. */
export function judgeRequest(request: HttpRequest, way: Way, rules: PolicyRules): TargetJudgement | Unwired {
  const policy = rules.head.policy;
  // INVARIANT: nothing passes to a backend that could be told a client's own headers.
  if (way !== 'authorizer' && !isWired(request, rules.head.wiring)) return 'forward';
  const facts = readFacts(request, way, policy.usesHosts);
  return facts === undefined ? 'asked' : judgeTarget(policy, rules.table, facts, text);
}

/** The judgement of a verified token, new or remembered. @param now seconds since the epoch */
export function judgeCaller(
  request: HttpRequest,
  way: Way,
  head: PolicyHead,
  rule: Rule,
  identity: JudgedIdentity,
  claims: JsonObject | undefined,
  now: number,
): Judgement {
  return judgeToken(head.policy, rule, identity, claims, readGroups(request, way), text, now);
}

/**
 * A judgement as it is answered.
 * @param token the token itself where one was verified, otherwise empty
 * @param claims the claims' variables, names and values in turn; undefined: they are the decision's
 */
export function toAnswer(
  head: PolicyHead,
  judgement: Judgement,
  token: string,
  claims: readonly string[] | undefined,
): Answer {
  const headers =
    token === '' || !judgement.decision.allowed
      ? judgement.headers
      : judgement.headers.concat(head.policy.tokenHeaders.map((name) => ({ name, value: token })));
  return {
    decision: judgement.decision,
    rule: judgement.rule,
    wouldBe: judgement.wouldBe,
    headers,
    wiring: head.wiring,
    claims,
    metadata: '',
  };
}

function wantsClaims(request: HttpRequest): boolean {
  return request.jsVarNames !== undefined && request.jsVarNames('oauth_claim_').length > 0;
}

/**
 * The answer to a request with a remembered token.
 * @returns undefined when its claims are wanted, and were not remembered
 */
export function answerRemembered(
  request: HttpRequest,
  way: Way,
  head: PolicyHead,
  rule: Rule,
  seen: Remembered,
): Answer | undefined {
  const identity = readIdentity(seen);
  const isWanted = way === 'access' && wantsClaims(request);
  if (identity === undefined || (isWanted && seen[6] === '')) return undefined;
  const judgement = judgeCaller(request, way, head, rule, identity, undefined, Math.floor(Date.now() / 1000));
  const token = readToken(request, head.policy.tokenHeaders);
  return toAnswer(head, judgement, token, isWanted ? (JSON.parse(seen[6]) as readonly string[]) : NO_CLAIMS);
}

/** An answer where no policy was asked. */
export function plainAnswer(decision: Decision): Answer {
  return { decision, rule: '', wouldBe: '', headers: NO_HEADERS, wiring: undefined, claims: undefined, metadata: '' };
}

/**
 * The answer to a question for the metadata document, which takes no token. `jwtverify.metadata` serves it; a gateway that
 * asks is given it, to hand it on or to let the request pass.
 */
export function metadataAnswer(head: PolicyHead): Answer {
  return {
    decision: PASSED,
    rule: 'metadata',
    wouldBe: '',
    headers: NO_HEADERS,
    wiring: head.wiring,
    claims: NO_CLAIMS,
    metadata: head.policy.metadata === undefined ? '' : head.policy.metadata.body,
  };
}
