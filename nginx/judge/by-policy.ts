// Judges a request by a policy for nginx's answers: checks the lines for forwarded headers, and adds the token's headers.
import { CLAIM_PREFIX } from '../../src/answer/contract';
import type { JsonObject } from '../../src/codec/json';
import { allow, PASSED, type Decision } from '../../src/answer/decision';
import type { ForwardedHeader } from '../../src/claims/forwarded-headers';
import type { JudgedIdentity } from '../../src/claims/identity';
import { judgeReadings, judgeTokenByReadings, type ReadRuling, type ReadTarget } from '../../src/policy/readings';
import type { Ruling } from '../../src/policy/ruling';
import type { AnsweredRuling } from '../answer/reply';
import type { Caller } from '../answer/variables';
import type { HttpRequest } from '../njs';
import type { RememberedToken } from '../store/remembered-tokens/token-store';
import type { PolicyHead, PolicyRules } from '../store/policy-store';
import { count, TOKEN } from '../ports/counts';
import { readFacts, readGroups, type AnyWay } from '../ports/request-facts';
import { text } from '../ports/text';
import { readIdentity } from '../store/remembered-tokens/identity';
import { hasForwardLines } from '../answer/forward-mark';

const NO_HEADERS: readonly ForwardedHeader[] = [];
const NO_CLAIMS: readonly string[] = [];

/** Why a request cannot be judged although the settings are good. */
export type Misconfiguration = 'forward' | 'asked' | 'groups' | 'places';

export const MISCONFIGURATIONS: Readonly<Record<Misconfiguration, string>> = {
  forward:
    'the location that answers does not include the lines that `jwtverify.forward` gives for this policy, which keep ' +
    'headers of clients from the backend; write them into a file and include it (docs/nginx.md, "Headers for the backend")',
  asked:
    'the location of `jwtverify.authorizer` must set `$jwtverify_method` and `$jwtverify_target`, which name the request ' +
    'that a gateway asks about',
  places:
    'the request has a token at a place of `OAUTH_TOKEN_FROM`, or Bearer credentials where that lacks `bearer`, which the ' +
    'configuration does not take from what the backend gets: ' +
    'declare the variables that docs/nginx.md lists for it, and send the backend what they hold',
  groups: '`allowed_groups` needs a policy, which defines the claims that hold groups',
};

/** The judgement of a request before its token; a word when the configuration prevents it. */
export function judgeRequest(request: HttpRequest, way: AnyWay, rules: PolicyRules): ReadRuling | Misconfiguration {
  const policy = rules.head.policy;
  // INVARIANT: no request passes to a backend that would get a client's own headers.
  const reaches = way === 'auth' || way === 'access';
  if (reaches && !hasForwardLines(request, rules.head.forwardLines, way === 'auth')) return 'forward';
  const facts = readFacts(request, way, policy);
  return facts === undefined ? 'asked' : judgeReadings(policy, rules.table, facts, text);
}

/** The judgement of a verified token, new or remembered. @param now seconds since the epoch */
export function judgeCaller(
  request: HttpRequest,
  way: AnyWay,
  head: PolicyHead,
  target: ReadTarget,
  identity: JudgedIdentity,
  claims: JsonObject | undefined,
  now: number,
): Ruling {
  return judgeTokenByReadings(head.policy, target, identity, claims, readGroups(request, way), text, now);
}

/**
 * A judgement as it is answered.
 * @param caller of a token that was verified
 * @param token the token itself where one was verified, otherwise empty
 * @param claims the claims' variables, names and values in turn; undefined: they are the decision's
 */
export function toAnswer(
  head: PolicyHead,
  ruling: Ruling,
  token: string,
  claims: readonly string[] | undefined,
  caller: Caller | undefined,
): AnsweredRuling {
  const headers =
    token === '' || !ruling.decision.allowed
      ? ruling.headers
      : ruling.headers.concat(head.policy.tokenHeaders.map((name) => ({ name, value: token })));
  return {
    decision: ruling.decision,
    rule: ruling.rule,
    wouldBe: ruling.wouldBe,
    caller,
    headers,
    forwardLines: head.forwardLines,
    claims,
    metadata: '',
    signIn: ruling.signIn,
  };
}

function wantsClaims(request: HttpRequest): boolean {
  return request.jsVarNames !== undefined && request.jsVarNames(CLAIM_PREFIX).length > 0;
}

/**
 * The answer to a request with a remembered token.
 * @param token as the request has it; empty where no header of the policy gets it
 * @returns undefined when its claims are wanted, and were not remembered
 */
export function answerRemembered(
  request: HttpRequest,
  way: AnyWay,
  head: PolicyHead,
  target: ReadTarget,
  remembered: RememberedToken,
  token: string,
): AnsweredRuling | undefined {
  const identity = readIdentity(remembered);
  const isWanted = way === 'access' && wantsClaims(request);
  if (identity === undefined || (isWanted && remembered.variables === '')) return undefined;
  count(TOKEN + 'remembered');
  const ruling = judgeCaller(request, way, head, target, identity, undefined, Math.floor(Date.now() / 1000));
  const claims = isWanted ? (JSON.parse(remembered.variables) as readonly string[]) : NO_CLAIMS;
  return toAnswer(head, ruling, token, claims, identity);
}

/**
 * The answer to a request with a remembered token where no policy is in force.
 * @returns undefined when its claims are wanted, and were not remembered
 */
export function answerWithoutRules(
  request: HttpRequest,
  way: AnyWay,
  remembered: RememberedToken,
): AnsweredRuling | undefined {
  const isWanted = way === 'access' && wantsClaims(request);
  if (isWanted && remembered.variables === '') return undefined;
  count(TOKEN + 'remembered');
  const decision = allow({ scopes: remembered.scopes, subject: remembered.subject, claims: undefined });
  const claims = isWanted ? (JSON.parse(remembered.variables) as readonly string[]) : NO_CLAIMS;
  return Object.assign({}, plainAnswer(decision), { claims });
}

/** An answer where no policy was asked. */
export function plainAnswer(decision: Decision): AnsweredRuling {
  return {
    decision,
    rule: '',
    wouldBe: '',
    headers: NO_HEADERS,
    forwardLines: undefined,
    claims: undefined,
    metadata: '',
  };
}

/**
 * The answer to a question for the metadata document, which needs no token. `jwtverify.metadata` serves it; a gateway that
 * asks gets it, to forward it or to let the request pass.
 */
export function metadataAnswer(head: PolicyHead): AnsweredRuling {
  return {
    decision: PASSED,
    rule: 'metadata',
    wouldBe: '',
    headers: NO_HEADERS,
    forwardLines: head.forwardLines,
    claims: NO_CLAIMS,
    metadata: head.policy.metadata === undefined ? '' : head.policy.metadata.body,
  };
}
