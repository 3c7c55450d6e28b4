// Judges a request by the policy's rules: its target, its token, then both together. Remembered tokens too.
import type { Decision } from '../../src/answer/decision';
import type { Outcome } from '../../src/answer/outcome';
import type { Identity } from '../../src/claims/identity';
import type { Policy, ResourceMetadata, Rule } from '../../src/model/policy';
import type { Reason } from '../../src/answer/reason';
import { assessToken, isLasting, type TokenTarget } from '../../src/policy/assess';
import { checkFurther } from '../../src/policy/further-demands';
import { describeAudit } from '../../src/policy/audit-line';
import { judgeRefusal, judgeTarget, judgeToken } from '../../src/policy/judge';
import type { Ruling } from '../../src/policy/ruling';
import { allowWith, refuseBroken, refuseForRoom, refuseVariables, refuseWith } from './result';
import type { FoundToken } from '../../src/token/places/find-token';
import { addHeaders, cleanHeaders, nameHeaders } from '../answer/headers';
import { logAudit, logShadow } from '../ports/log';
import { text } from '../ports/text';
import { recall, type RememberedToken } from '../store/remembered-tokens';
import { AUTHORIZATION, readFacts, readFields } from '../ports/request-facts';
import type { CookieLines } from '../store/cookie-lines';
import { findKnown, keepKnown } from '../store/known-targets';
import type { Login, Rules, Snapshot } from '../store/snapshot';
import { countAllowed, countShadow } from '../ports/counts';
import { NO_PUBLICATION, publishCaller, publishRule, wasCalled, withhold } from '../answer/variables';
import { concludeBrowser, identityIn, refusalOf, takeCookies, type BrowserRefusal } from './browser';
import { judgeSession } from './judge-session';
import { judgeFields, judgeFound, SCHEME } from './steps';
import { takeToken } from './take-token';

const NO_FIELDS: readonly string[] = [];

/** The answer: the decision, the document that the client asked for (RFC 9728 §3.1), or a way to sign in. */
export type ActionAnswer = Decision | ResourceMetadata | BrowserRefusal;

/** Whether the client asked for the document. */
export function isDocument(answer: ActionAnswer): answer is ResourceMetadata {
  return (answer as Partial<ResourceMetadata>).body !== undefined;
}

/** Whether a refusal may have another form for a browser. */
export function isForBrowser(answer: ActionAnswer): answer is BrowserRefusal {
  return (answer as Partial<BrowserRefusal>).render !== undefined;
}

/** Counts a request that passes, and logs one that shadow mode lets pass. @param wouldBe why it would be refused otherwise */
export function reportPass(rule: string, wouldBe: Reason | ''): void {
  if (wouldBe === '') {
    countAllowed(rule);
    return;
  }
  countShadow(wouldBe, rule);
  logShadow(rule, wouldBe);
}

/** Acts on a judgement that knows of no token. */
function conclude(txn: Txn, ruling: Ruling): Decision {
  publishRule(txn, ruling.rule, ruling.wouldBe);
  if (!ruling.decision.allowed) {
    withhold(txn);
    return refuseWith(txn, ruling.decision, ruling.rule);
  }
  const decision = allowWith(txn, NO_PUBLICATION);
  if (decision.allowed) reportPass(ruling.rule, ruling.wouldBe);
  return decision;
}

/** Lets a request with a verified token pass, with the headers for its backend. */
function passKnown(
  txn: Txn,
  rules: Rules,
  identity: Identity,
  known: RememberedToken,
  token: string,
  rule: Rule,
  wouldBe: Reason | '',
): Decision {
  const { headers } = identity;
  const names = known.headerNames ?? nameHeaders(rules, headers);
  known.headerNames = names;
  // INVARIANT: the backend gets the caller's headers, or the request does not reach it.
  if (!addHeaders(rules, txn, headers, names, token)) return refuseForRoom(txn, 'the headers', 'tune.bufsize');
  if (!publishRule(txn, rule.name, wouldBe)) return refuseVariables(txn);
  const decision = allowWith(txn, known.publication);
  if (decision.allowed) reportPass(rule.name, wouldBe);
  return decision;
}

/** Logs the decision on a verified token, as the policy wants it. @param decision as the request gets it */
function audit(
  policy: Policy,
  identity: Identity,
  target: TokenTarget,
  decision: Decision,
  rule: string,
  wouldBe: Reason | '',
): Decision {
  const line = describeAudit(policy, { decision, rule, wouldBe }, identity, target.resource, text);
  if (line !== '') logAudit(line);
  return decision;
}

/** Refuses a token, or lets it pass in shadow mode. @param identity of one that was verified nevertheless */
function judgeRefused(
  txn: Txn,
  policy: Policy,
  target: TokenTarget,
  refused: Decision,
  identity: Identity | undefined,
): Decision {
  const ruling = judgeRefusal(policy, target.rule, refused);
  if (identity === undefined) return conclude(txn, ruling);
  publishCaller(txn, identity.subject, identity.client);
  return audit(policy, identity, target, conclude(txn, ruling), ruling.rule, ruling.wouldBe);
}

/** Whether a verified token meets the rule's requirements. Where it always will, it is not asked again (`isLasting`). */
function meets(policy: Policy, target: TokenTarget, identity: Identity, known: RememberedToken): boolean {
  const { clockSkew } = policy;
  if (assessToken(clockSkew, target, identity, undefined, text, os.time(), checkFurther) !== undefined) return false;
  if (isLasting(target.rule, identity)) known.met = target.rule;
  return true;
}

/** Judges a verified token by the rule. */
function judgeKnown(txn: Txn, rules: Rules, known: RememberedToken, token: string, target: TokenTarget): Decision {
  const { policy } = rules;
  const { rule } = target;
  const identity = known.identity;
  // A policy gives every verified token an identity.
  if (identity === undefined) return refuseBroken(txn);
  publishCaller(txn, identity.subject, identity.client);
  keepKnown(rules.targets, policy, target);
  // Most requests end here, and nothing is made for them.
  if (known.met === rule || meets(policy, target, identity, known)) {
    const decision = passKnown(txn, rules, identity, known, token, rule, '');
    return policy.audit === undefined ? decision : audit(policy, identity, target, decision, rule.name, '');
  }
  const ruling = judgeToken(policy, target, identity, undefined, undefined, text, os.time());
  const decision = ruling.decision.allowed
    ? passKnown(txn, rules, identity, known, token, rule, ruling.wouldBe)
    : conclude(txn, ruling);
  return audit(policy, identity, target, decision, ruling.rule, ruling.wouldBe);
}

/** Whether a request has nothing at the places of a token. */
function hasNoToken(found: Outcome<FoundToken> | undefined): boolean {
  return found === undefined || (!found.ok && found.reason === 'credentials_missing');
}

/** Judges a request without a token where browsers sign in. */
function judgeBrowser(
  snapshot: Snapshot,
  login: Login,
  txn: Txn,
  cookies: CookieLines,
  target: TokenTarget,
): ActionAnswer {
  withhold(txn);
  const session = judgeSession(snapshot, login.host, txn, cookies, true);
  const { rule } = target;
  const decision =
    session.kind === 'good'
      ? judgeKnown(txn, login.rules, session.known, session.known.session?.access ?? '', target)
      : judgeRefused(txn, login.rules.policy, target, refusalOf(session), identityIn(session));
  return concludeBrowser(login, txn, cookies.lines, session, rule, decision);
}

/**
 * Judges a request, sets the variables of the contract, and leaves only headers that the backend may trust.
 * @returns the metadata document when the client asked for it; such a request sets no variables
 */
export function judgeByRules(snapshot: Snapshot, rules: Rules, txn: Txn): ActionAnswer {
  const { policy, table } = rules;
  const fetches = txn.f;
  const { places, login } = snapshot;
  const cookies = login === undefined ? undefined : takeCookies(login.host, txn);
  const found = places === undefined ? undefined : takeToken(places, txn, policy.keepsBearer);
  const fields = found === undefined ? readFields(fetches, fetches.req_fhdr_cnt(AUTHORIZATION)) : NO_FIELDS;
  if (wasCalled(txn)) publishCaller(txn, '', '');
  // INVARIANT: before anything is judged, so that no judgement lets a client's own headers pass.
  cleanHeaders(rules, txn);
  const facts = readFacts(fetches, policy);
  const target = findKnown(rules.targets, policy, facts) ?? judgeTarget(policy, table, facts, text);
  if (target.kind === 'metadata') {
    countAllowed('metadata');
    withhold(txn);
    return target.metadata;
  }
  if (target.kind === 'decided') return conclude(txn, target.ruling);
  const field = fields[0];
  if (login !== undefined && cookies !== undefined && field === undefined && hasNoToken(found)) {
    return judgeBrowser(snapshot, login, txn, cookies, target);
  }
  const remembered =
    field === undefined || fields.length > 1 ? undefined : recall(snapshot.memory, field, snapshot.keys);
  if (remembered !== undefined && field !== undefined) {
    return judgeKnown(txn, rules, remembered, string.sub(field, SCHEME.length + 1), target);
  }
  withhold(txn);
  const result = found === undefined ? judgeFields(snapshot, txn, fields) : judgeFound(snapshot, txn, found);
  if (!result.ok) return judgeRefused(txn, policy, target, result.decision, result.identity);
  return judgeKnown(txn, rules, result.known, result.token, target);
}
