// Judges by a policy that signs browsers in: a session, where a request presents no token, is judged as a token is.
import { openLogin } from 'inner:login';
import { refuse } from '../../src/answer/decision';
import type { Reason } from '../../src/answer/reason';
import { judgeRefusal } from '../../src/policy/judge';
import type { ReadTarget } from '../../src/policy/readings';
import { extractBearer } from '../../src/token/bearer';
import type { AnsweredRuling } from '../answer/reply';
import { readCookieVariables, type ChangedPart } from '../answer/variables';
import { COOKIE_VARIABLE } from '../answer/remainder-lines';
import type { HttpRequest } from '../njs';
import { count, TOKEN } from '../ports/counts';
import { readGroups, type AnyWay } from '../ports/request-facts';
import type { PolicyHead } from '../store/policy-store';
import { recallToken } from '../store/remembered-tokens/recall';
import { remember } from '../store/remembered-tokens/remember';
import type { Snapshot } from '../store/snapshot';
import { auditAnswer } from './audited-answer';
import { answerRemembered, judgeCaller, plainAnswer, toAnswer } from './by-policy';
import type { Host, OpenedSession, Visit } from './parts';
import { authorizationOf, now } from './presented-token';
import type { TakenToken } from './take-token';

/** Reasons of requests that present no token. */
const WITHOUT_TOKEN: readonly (Reason | '')[] = ['credentials_missing', 'scheme_unsupported'];

/** A request where browsers sign in. */
export interface Visiting {
  readonly host: Host;
  readonly snapshot: Snapshot;
  readonly request: HttpRequest;
  readonly way: AnyWay;
  readonly visit: Visit;
  /** Whether it presents no token, which would count alone. */
  readonly isAlone: boolean;
}

function presentsNone(request: HttpRequest, taken: TakenToken | undefined): boolean {
  const found = taken === undefined ? extractBearer(authorizationOf(request)) : taken.found;
  return !found.ok && WITHOUT_TOKEN.indexOf(found.reason) >= 0;
}

/** A request without cookies, which is not worth opening the part that signs browsers in. */
const NO_COOKIES: Visit = {
  sealed: undefined,
  openable: undefined,
  name: undefined,
  reason: 'credentials_missing',
  removals: [],
  changed: [],
};

/** The parts of a request that its backend gets otherwise: tokens are taken first, then the cookies of login. */
export function joinChanged(taken: TakenToken | undefined, visit: Visit): readonly ChangedPart[] {
  const others = (taken?.changed ?? []).filter((part) => part.variable !== COOKIE_VARIABLE);
  return others.concat(visit.changed);
}

/** What a request brings, where the policy signs browsers in. */
export function beginVisit(
  host: Host,
  snapshot: Snapshot,
  request: HttpRequest,
  way: AnyWay,
  taken: TakenToken | undefined,
): Visiting {
  const line = taken?.changed.find((part) => part.variable === COOKIE_VARIABLE)?.value;
  const isEmpty = line === undefined && request.headersIn['Cookie'] === undefined;
  const visit = isEmpty ? NO_COOKIES : openLogin(host).visit(request, way, snapshot, line);
  return { host, snapshot, request, way, visit, isAlone: presentsNone(request, taken) };
}

/** An answer with the cookies that go with it, and where it refuses a page load, with a page. */
function finish(
  visiting: Visiting,
  answer: AnsweredRuling,
  hasSession: boolean,
  own: readonly string[],
): AnsweredRuling {
  const cookies = visiting.way === 'sign_in' && own.length === 0 ? readCookieVariables(visiting.request) : own;
  const decision = answer.decision;
  const signIn = answer.signIn;
  if (decision.allowed && visiting.way === 'sign_in') {
    // `allowed_groups` of the location that asked, which knows no rule: nothing else differs between the two judges.
    const otherwise = visiting.snapshot.trust?.settings.login?.signIn;
    const refused = Object.assign({}, answer, { decision: refuse('groups_refused'), signIn: otherwise });
    return finish(visiting, refused, hasSession, cookies);
  }
  if (decision.allowed) return cookies.length === 0 ? answer : Object.assign({}, answer, { cookies });
  const refused = { decision, signIn, hasSession, cookies };
  const page = openLogin(visiting.host).showRefusal(visiting.request, visiting.way, visiting.snapshot, refused);
  return Object.assign({}, answer, { cookies, page });
}

/** A request that was refused is judged once more for its page, and has its line already. */
function auditVisit(visiting: Visiting, head: PolicyHead, target: ReadTarget, answer: AnsweredRuling): AnsweredRuling {
  return visiting.way === 'sign_in' ? answer : auditAnswer(head, target, answer);
}

function refuseVisit(
  visiting: Visiting,
  head: PolicyHead,
  target: ReadTarget,
  refused: Pick<OpenedSession, 'decision' | 'verified' | 'hasSession' | 'cookies'>,
): AnsweredRuling {
  const groups = readGroups(visiting.request, visiting.way);
  const ruling = judgeRefusal(head.policy, target.rule, refused.decision, groups);
  // As a token that is refused although it was verified, such a session has a caller, and a line in the audit.
  const answer = toAnswer(head, ruling, '', undefined, refused.verified?.identity);
  return finish(visiting, auditVisit(visiting, head, target, answer), refused.hasSession, refused.cookies);
}

/** Judges a session that was opened just now, and remembers it. */
function judgeOpened(visiting: Visiting, head: PolicyHead, target: ReadTarget, opened: OpenedSession): AnsweredRuling {
  const request = visiting.request;
  const way = visiting.way;
  const verified = opened.verified;
  if (verified === undefined || !opened.decision.allowed) {
    return refuseVisit(visiting, head, target, opened);
  }
  const identity = verified.identity;
  // INVARIANT: without an identity no rule was asked.
  if (identity === undefined) return plainAnswer(refuse('internal_error'));
  count(TOKEN + 'new');
  remember(request, [], visiting.visit.name, visiting.snapshot, visiting.host.memory, verified, now(), true);
  const ruling = judgeCaller(request, way, head, target, identity, opened.decision.claims, now());
  const answer = toAnswer(head, ruling, opened.token, undefined, identity);
  return finish(visiting, auditVisit(visiting, head, target, answer), true, opened.cookies);
}

/** The answer by a session that is remembered; undefined where it has to be opened. */
function recallVisit(visiting: Visiting, head: PolicyHead, target: ReadTarget): AnsweredRuling | undefined {
  const visit = visiting.visit;
  const host = visiting.host;
  const epoch = visiting.snapshot.epoch;
  // The access token of a session is sealed in it.
  if (visit.name === undefined || epoch === '' || head.policy.tokenHeaders.length > 0) return undefined;
  const remembered = recallToken(visiting.request, host.memory, epoch, visit.name);
  if (remembered === undefined || openLogin(host).isEnded(remembered)) return undefined;
  const answer = answerRemembered(visiting.request, visiting.way, head, target, remembered, '');
  return answer === undefined ? undefined : finish(visiting, auditVisit(visiting, head, target, answer), true, []);
}

/** Judges a request that presents no token. */
export function judgeVisit(
  visiting: Visiting,
  head: PolicyHead,
  target: ReadTarget,
): AnsweredRuling | Promise<AnsweredRuling> {
  const visit = visiting.visit;
  if (visit.sealed === undefined) {
    const decision = refuse(visit.reason);
    const refused = { decision, verified: undefined, hasSession: false, cookies: visit.removals };
    return refuseVisit(visiting, head, target, refused);
  }
  const known = recallVisit(visiting, head, target);
  if (known !== undefined) return known;
  return openLogin(visiting.host)
    .open(visiting.request, visiting.way, visiting.host, visiting.snapshot, visit)
    .then((opened) => judgeOpened(visiting, head, target, opened));
}
