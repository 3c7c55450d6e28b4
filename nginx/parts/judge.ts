// The part that judges a token in full. It is one function's body in the module, run when a token is not remembered.
import { refuse, type Decision } from '../../src/core/decision';
import type { DenyList } from '../../src/ports/deny-list';
import type { VerifiedToken } from '../../src/core/verified-token';
import { judgeRefusal } from '../../src/policy/judge';
import { answerAccess, answerAuthRequest, answerGateway, type Answer } from '../answer';
import { decide, judgeToken, type Worker } from '../driver';
import type { HttpRequest, NginxObject } from '../host';
import { hold, load } from '../load';
import type { Loaded } from '../loaded';
import {
  answerRemembered,
  judgeCaller,
  judgeRequest,
  metadataAnswer,
  plainAnswer,
  toAnswer,
  UNWIRED,
} from '../policy-judgement';
import type { PolicyRules } from '../policy-pieces';
import { remember } from '../remember';
import { readGroups, readToken, type Way } from '../request-facts';
import { recallToken } from '../seen';
import { logError, logNotices, logUnwired } from '../ports/log';
import type { Host } from './parts';

declare const ngx: NginxObject;

function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** The Authorization field values, in order, one for each header line. */
function authorizationOf(request: HttpRequest): readonly string[] {
  return request.rawHeadersIn.filter((field) => field[0].toLowerCase() === 'authorization').map((field) => field[1]);
}

function denyListOf(loaded: Loaded): DenyList | undefined {
  const denials = ngx.shared === undefined ? undefined : ngx.shared['jwtverify_deny'];
  if (denials === undefined && loaded.denied === '') return undefined;
  return {
    holds: (entry) => (denials !== undefined && denials.has(entry)) || loaded.denied.indexOf('\n' + entry + '\n') >= 0,
  };
}

function workerFor(
  host: Host,
  request: HttpRequest,
  authorization: readonly string[],
  loaded: Loaded,
  tell: (verified: VerifiedToken) => void,
): Worker | undefined {
  const judge = loaded.judge;
  if (judge === undefined) return undefined;
  return {
    judge,
    signatures: loaded.signatures,
    denyList: denyListOf(loaded),
    remember: (verified) => {
      tell(verified);
      remember(request, authorization, loaded, host.memory, verified, now());
    },
    introspect: (step) => host.openManage(host).introspect(judge, step),
    renew: (issuer) =>
      host
        .openManage(host)
        .renew(request, judge, issuer)
        .then((checked) => {
          if (checked === undefined) return undefined;
          if (checked.entry !== '') hold(host, checked.loaded, checked.entry);
          return workerFor(host, request, authorization, checked.loaded, tell);
        }),
  };
}

/** Judges the token alone. @param tell told of the verified token when it is allowed */
function judgeWith(
  host: Host,
  loaded: Loaded,
  request: HttpRequest,
  tell: (verified: VerifiedToken) => void,
): Decision | Promise<Decision> {
  const authorization = authorizationOf(request);
  const worker = workerFor(host, request, authorization, loaded, tell);
  return worker === undefined ? refuse('settings_invalid') : judgeToken(worker, authorization, now);
}

/** Judges by a policy: the request first, then the token where the rule takes one. */
function judgeByPolicy(
  host: Host,
  loaded: Loaded,
  rules: PolicyRules,
  request: HttpRequest,
  way: Way,
): Answer | Promise<Answer> {
  const head = rules.head;
  const asked = judgeRequest(request, way, rules);
  if (typeof asked === 'string') {
    logUnwired(UNWIRED[asked]);
    return plainAnswer(refuse('settings_invalid'));
  }
  // INVARIANT: what an index said that has lost a node meanwhile counts for nothing.
  if (!rules.isWhole()) return plainAnswer(refuse('internal_error'));
  if (asked.kind === 'metadata') return metadataAnswer(head);
  if (asked.kind === 'decided') return toAnswer(head, asked.judgement, '', undefined);
  const rule = asked.rule;
  // Settings and keys have just been looked at: what was verified by the same ones need not be again, nor its issuer asked.
  const seen = loaded.epoch === '' ? undefined : recallToken(request, host.memory, loaded.epoch);
  const known = seen === undefined ? undefined : answerRemembered(request, way, head, rule, seen);
  if (known !== undefined) return known;
  let verified: VerifiedToken | undefined;
  function conclude(decision: Decision): Answer {
    const identity = verified === undefined ? undefined : verified.identity;
    if (!decision.allowed) return toAnswer(head, judgeRefusal(head.policy, rule, decision), '', undefined);
    // INVARIANT: without an identity no rule was asked.
    if (identity === undefined) return plainAnswer(refuse('internal_error'));
    const judgement = judgeCaller(request, way, head, rule, identity, decision.claims, now());
    return toAnswer(head, judgement, readToken(request, head.policy.tokenHeaders), undefined);
  }
  const decision = judgeWith(host, loaded, request, (found) => {
    verified = found;
  });
  return 'then' in decision ? decision.then(conclude) : conclude(decision);
}

function judgeAll(host: Host, loaded: Loaded, request: HttpRequest, way: Way): Answer | Promise<Answer> {
  const rules = loaded.rules;
  if (rules !== undefined) return judgeByPolicy(host, loaded, rules, request, way);
  // INVARIANT: settings with a policy are never judged by without its rules.
  if (loaded.judge !== undefined && loaded.judge.settings.policy !== undefined) {
    return plainAnswer(refuse('internal_error'));
  }
  // INVARIANT: who asks for groups lets nobody pass of whom they are not known.
  if (loaded.judge !== undefined && readGroups(request, way) !== undefined) {
    logUnwired(UNWIRED.groups);
    return plainAnswer(refuse('settings_invalid'));
  }
  const decision = judgeWith(host, loaded, request, () => undefined);
  return 'then' in decision ? decision.then(plainAnswer) : plainAnswer(decision);
}

function handle(
  request: HttpRequest,
  host: Host,
  way: Way,
  answer: (request: HttpRequest, answer: Answer) => void,
): Promise<void> | undefined {
  let unsaid: readonly string[] = [];
  function judge(loaded: Loaded): Answer | Promise<Answer> {
    unsaid = loaded.unsaid;
    return judgeAll(host, loaded, request, way);
  }
  return decide(
    () => {
      const loaded = load(host, request);
      return 'then' in loaded ? loaded.then(judge) : judge(loaded);
    },
    (judged) => {
      if (judged.decision.reason === 'algorithm_unavailable') logNotices(unsaid, true);
      answer(request, judged);
    },
    logError,
    plainAnswer(refuse('internal_error')),
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
