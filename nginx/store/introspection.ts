// Asks an issuer about opaque tokens (RFC 7662) with `ngx.fetch`; one that is not active is refused for a while without
// another question, where there is a dictionary.
import hashes from 'crypto';
import { refuse, type Decision } from '../../src/answer/decision';
import { introspectionResult, resumeIntrospection, type Trust, type Step } from '../../src/token/flow';
import { UNSENT } from '../../src/keys/http-limits';
import { describeAccepted, nextTurn, type Turn } from '../../src/token/client-secret';
import { describeOutage } from '../../src/token/introspection';
import type { HttpAnswer } from '../../src/ports/http';
import type { IntrospectStep } from '../../src/token/step';
import { createFetchClient } from '../ports/http';
import { count, INTROSPECTED } from '../ports/counts';
import { logOutage } from '../ports/log';
import { findZone, put, putFor } from '../ports/shared-dictionaries';

/** No other entry begins so. */
const INACTIVE = 'inactive:';

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** No other entry begins so. */
const ACCEPTED = 'client secret:';

function digest(value: unknown): string {
  return hashes.createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}

/**
 * The entry's name for an inactive token: a hash, since many long names would push out everything else.
 * INVARIANT: of whole questions. Another endpoint or client may answer otherwise, and the entry outlasts a reload.
 */
function nameOf(step: IntrospectStep): string {
  return INACTIVE + digest(step.questions);
}

/** Seconds for which a token that is not active is refused without another question. */
function inactiveAge(trust: Trust, step: IntrospectStep): number {
  return trust.settings.issuers[step.issuer]?.introspection?.inactiveAge ?? 0;
}

/** The refusal of a token that was not active a moment ago. */
function recallInactive(trust: Trust, step: IntrospectStep): Decision | undefined {
  const zone = findZone('jwtverify');
  const since = zone === undefined ? undefined : zone.get(nameOf(step));
  if (since === undefined) return undefined;
  const age = seconds() - Number(since);
  return age >= 0 && age < inactiveAge(trust, step) ? refuse('token_inactive') : undefined;
}

function noteRefusal(trust: Trust, step: IntrospectStep, decision: Decision, answer: HttpAnswer): void {
  if (decision.reason === 'token_inactive' && inactiveAge(trust, step) > 0) {
    const zone = findZone('jwtverify');
    if (zone !== undefined) putFor(zone, nameOf(step), seconds().toString(), inactiveAge(trust, step));
  }
  if (decision.reason !== 'introspection_unavailable') return;
  logOutage(describeOutage(step.questions, answer, ''));
}

/** The entry's name for the place of the client's secret that the issuer accepted last. */
function acceptedName(trust: Trust, step: IntrospectStep): string {
  return ACCEPTED + digest(trust.settings.issuers[step.issuer]?.introspection);
}

/** That place, where there are several and a dictionary has it; otherwise the first. */
function recallAccepted(trust: Trust, step: IntrospectStep): number {
  const zone = step.questions.length < 2 ? undefined : findZone('jwtverify');
  const place = zone === undefined ? 0 : Number(zone.get(acceptedName(trust, step)));
  return place > 0 && place < step.questions.length ? Math.floor(place) : 0;
}

function noteAccepted(trust: Trust, step: IntrospectStep, place: number): void {
  const zone = findZone('jwtverify');
  if (zone !== undefined) put(zone, acceptedName(trust, step), place.toString());
  logOutage(describeAccepted(step.questions[place]?.url ?? '', place, step.questions.length));
}

/** Asks with one of the client's secrets, and with the others where the issuer rejects it. */
function ask(trust: Trust, step: IntrospectStep, turn: Turn): Promise<HttpAnswer> {
  const question = step.questions[turn.place];
  if (question === undefined) return Promise.resolve<HttpAnswer>({ ok: false, problem: UNSENT });
  return createFetchClient(false)
    .post(question)
    .then((answer) => {
      const next = nextTurn(step.questions, turn, answer, seconds());
      if (next !== undefined) return ask(trust, step, next);
      if (turn.tried > 1 && answer.ok && answer.status === 200) noteAccepted(trust, step, turn.place);
      return answer;
    });
}

/** Continues with a token once its issuer has been asked, or with the issuer's answer of a moment ago. */
export function introspect(trust: Trust, step: IntrospectStep): Promise<Step> {
  const known = recallInactive(trust, step);
  if (known !== undefined) {
    count(INTROSPECTED + 'remembered');
    return Promise.resolve<Step>({ kind: 'refused', decision: known });
  }
  const first = { place: recallAccepted(trust, step), tried: 1, begun: seconds() };
  return ask(trust, step, first).then((answer) => {
    const next = resumeIntrospection(trust, step.issuer, answer, seconds());
    count(INTROSPECTED + introspectionResult(next));
    if (next.kind === 'refused') noteRefusal(trust, step, next.decision, answer);
    return next;
  });
}
