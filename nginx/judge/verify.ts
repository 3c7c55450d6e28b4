// The part that judges a token in full. It is one function's body in the module, run when a token is not remembered.
import { refuse, type Decision } from '../../src/answer/decision';
import { openLogin } from 'inner:login';
import type { TokenPlace } from '../../src/model/token-place';
import type { VerifiedToken } from '../../src/token/verified-token';
import { judgeRefusal } from '../../src/policy/judge';
import { answerAccess, answerAuthRequest, answerGateway, answerSignIn, type AnsweredRuling } from '../answer/reply';
import { auditAnswer } from './audited-answer';
import { judgePresented, now, recallPresented } from './presented-token';
import { beginVisit, joinChanged, judgeVisit, type Visiting } from './by-session';
import { decide } from './steps';
import { takeToken, type TakenToken } from './take-token';
import type { HttpRequest } from '../njs';
import { findSnapshot } from '../store/find-snapshot';
import type { Snapshot } from '../store/snapshot';
import {
  answerRemembered,
  answerWithoutRules,
  judgeCaller,
  judgeRequest,
  metadataAnswer,
  plainAnswer,
  toAnswer,
  MISCONFIGURATIONS,
} from './by-policy';
import { setChangedParts } from '../answer/variables';
import type { PolicyHead, PolicyRules } from '../store/policy-store';
import { readGroups, readToken, type AnyWay } from '../ports/request-facts';
import { logError, logNotices, logMisconfiguration } from '../ports/log';
import type { Host } from './parts';

/** Of Authorization the backend gets what is left, by the operator's own lines. */
const WITHOUT_POLICY = { keepsAuthorization: true, keepsBearer: false };

/** Judges by a policy, and takes from the request the tokens at the operator's places and the cookies of login. */
function judgeByPolicy(
  host: Host,
  snapshot: Snapshot,
  rules: PolicyRules,
  request: HttpRequest,
  way: AnyWay,
): AnsweredRuling | Promise<AnsweredRuling> {
  const places = snapshot.trust?.settings.tokenPlaces;
  const signsIn = snapshot.trust?.settings.login !== undefined;
  if (places === undefined && !signsIn) return judgeRules(host, snapshot, rules, request, way, undefined, undefined);
  const taken = places === undefined ? undefined : takeToken(request, way, places, rules.head.policy);
  const visiting = signsIn ? beginVisit(host, snapshot, request, way, taken) : undefined;
  const left = visiting === undefined ? (taken?.changed ?? []) : joinChanged(taken, visiting.visit);
  const cache = rules.head.forwardLines.cache;
  // No cache behind may keep the answer to a request that passes without its token or session.
  const isHidden = taken?.found.ok === true || (visiting?.isAlone === true && visiting.visit.sealed !== undefined);
  const changed = isHidden && way !== 'authorizer' ? left.concat({ variable: cache, value: 'no-store' }) : left;
  function leave(ruling: AnsweredRuling): AnsweredRuling {
    return Object.assign({}, ruling, { changed });
  }
  const ruling = judgeRules(host, snapshot, rules, request, way, taken, visiting);
  return 'then' in ruling ? ruling.then(leave) : leave(ruling);
}

/** The request first, then the token where the rule requires one. */
function judgeRules(
  host: Host,
  snapshot: Snapshot,
  rules: PolicyRules,
  request: HttpRequest,
  way: AnyWay,
  taken: TakenToken | undefined,
  visiting: Visiting | undefined,
): AnsweredRuling | Promise<AnsweredRuling> {
  const head = rules.head;
  const writing = rules.writing();
  const asked = judgeRequest(request, way, rules);
  if (typeof asked === 'string') {
    logMisconfiguration(MISCONFIGURATIONS[asked]);
    return plainAnswer(refuse('settings_invalid'));
  }
  // INVARIANT: an index that has lost a node meanwhile decides nothing.
  if (!rules.isWhole(writing)) return plainAnswer(refuse('internal_error'));
  if (asked.kind === 'metadata') return metadataAnswer(head);
  if (asked.kind === 'decided') return toAnswer(head, asked.ruling, '', undefined, undefined);
  const target = asked;
  if (visiting?.isAlone === true) return judgeVisit(visiting, head, target);
  // Settings and keys are fresh: a token that the same ones verified before needs no second check, and no second question.
  const remembered = recallPresented(host, snapshot, request, taken);
  const token = tokenOf(request, head, taken);
  const known = remembered === undefined ? undefined : answerRemembered(request, way, head, target, remembered, token);
  if (known !== undefined) return auditAnswer(head, target, known);
  let verified: VerifiedToken | undefined;
  function conclude(decision: Decision): AnsweredRuling {
    const identity = verified === undefined ? undefined : verified.identity;
    if (!decision.allowed) {
      const ruling = judgeRefusal(head.policy, target.rule, decision, readGroups(request, way));
      return auditAnswer(head, target, toAnswer(head, ruling, '', undefined, identity));
    }
    // INVARIANT: without an identity no rule was asked.
    if (identity === undefined) return plainAnswer(refuse('internal_error'));
    const ruling = judgeCaller(request, way, head, target, identity, decision.claims, now());
    return auditAnswer(head, target, toAnswer(head, ruling, token, undefined, identity));
  }
  const decision = judgePresented(host, snapshot, request, taken, (found) => {
    verified = found;
  });
  return 'then' in decision ? decision.then(conclude) : conclude(decision);
}

/** The token for the policy's headers that get it; empty without one. */
function tokenOf(request: HttpRequest, head: PolicyHead, taken: TakenToken | undefined): string {
  if (taken === undefined) return readToken(request, head.policy.tokenHeaders);
  return taken.found.ok ? taken.found.value.token : '';
}

/** Without a policy the operator's own lines send the backend what is left of a request. */
function judgeAtPlaces(
  host: Host,
  snapshot: Snapshot,
  request: HttpRequest,
  way: AnyWay,
  places: readonly TokenPlace[],
): AnsweredRuling | Promise<AnsweredRuling> {
  const taken = takeToken(request, way, places, WITHOUT_POLICY);
  try {
    setChangedParts(request, taken.changed);
  } catch (error) {
    // INVARIANT: no request passes with a token that nobody takes from it.
    logMisconfiguration(MISCONFIGURATIONS.places);
    return plainAnswer(refuse('settings_invalid'));
  }
  const remembered = recallPresented(host, snapshot, request, taken);
  const known = remembered === undefined ? undefined : answerWithoutRules(request, way, remembered);
  if (known !== undefined) return known;
  const decision = judgePresented(host, snapshot, request, taken, () => undefined);
  return 'then' in decision ? decision.then(plainAnswer) : plainAnswer(decision);
}

function judgeAll(
  host: Host,
  snapshot: Snapshot,
  request: HttpRequest,
  way: AnyWay,
): AnsweredRuling | Promise<AnsweredRuling> {
  const rules = snapshot.rules;
  if (rules !== undefined) return judgeByPolicy(host, snapshot, rules, request, way);
  // INVARIANT: settings with a policy never judge a request without its rules.
  if (snapshot.trust !== undefined && snapshot.trust.settings.policy !== undefined) {
    return plainAnswer(refuse('internal_error'));
  }
  // INVARIANT: a request that asks for groups never passes with a token whose groups are unknown.
  if (snapshot.trust !== undefined && readGroups(request, way) !== undefined) {
    logMisconfiguration(MISCONFIGURATIONS.groups);
    return plainAnswer(refuse('settings_invalid'));
  }
  const places = snapshot.trust?.settings.tokenPlaces;
  if (places !== undefined) return judgeAtPlaces(host, snapshot, request, way, places);
  const decision = judgePresented(host, snapshot, request, undefined, () => undefined);
  return 'then' in decision ? decision.then(plainAnswer) : plainAnswer(decision);
}

function handle(
  request: HttpRequest,
  host: Host,
  way: AnyWay,
  answer: (request: HttpRequest, answer: AnsweredRuling) => void,
): Promise<void> | undefined {
  let unsaid: readonly string[] = [];
  function judge(snapshot: Snapshot): AnsweredRuling | Promise<AnsweredRuling> {
    unsaid = snapshot.unsaid;
    return judgeAll(host, snapshot, request, way);
  }
  return decide(
    () => {
      const snapshot = findSnapshot(host, () => host.openManage(host).check(request));
      return 'then' in snapshot ? snapshot.then(judge) : judge(snapshot);
    },
    (judged) => {
      if (judged.decision.reason === 'algorithm_unavailable') logNotices(unsaid, true);
      answer(request, judged);
    },
    logError,
    () => plainAnswer(refuse('internal_error')),
  );
}

/** `js_content` of the location that `auth_request` asks: 200, 401 or 403. */
export function auth(request: HttpRequest, host: Host): Promise<void> | undefined {
  return handle(request, host, 'auth', answerAuthRequest);
}

/** `js_content` for a gateway that asks from outside: the exact status and problem details. */
export function authorizer(request: HttpRequest, host: Host): Promise<void> | undefined {
  return handle(request, host, 'authorizer', answerGateway);
}

/** `js_access` (njs 0.9.9): lets the request pass or answers it, and sets `js_var` variables. */
export function access(request: HttpRequest, host: Host): Promise<void> | undefined {
  return handle(request, host, 'access', answerAccess);
}

/** The snapshot where somebody may sign in; undefined where the settings are broken or sign nobody in. */
function findLogin(request: HttpRequest, host: Host): Promise<Snapshot | undefined> {
  return Promise.resolve()
    .then(() => findSnapshot(host, () => host.openManage(host).check(request)))
    .then((snapshot) => (snapshot.trust?.settings.login === undefined ? undefined : snapshot));
}

/**
 * `js_content` of login's addresses; and of the location to which `error_page` leads what `auth_request` refused: a page load
 * gets the way to sign in there, or a page, and every other request the refusal.
 */
export function login(request: HttpRequest, host: Host): Promise<void> | undefined {
  return findLogin(request, host)
    .then((snapshot) => {
      const part = openLogin(host);
      if (snapshot !== undefined && part.isLoginPath(request, snapshot)) return part.answer(request, host, snapshot);
      return handle(request, host, 'sign_in', answerSignIn);
    })
    .then(undefined, (error: unknown) => {
      logError(error);
      answerSignIn(request, plainAnswer(refuse('internal_error')));
    });
}
