// Asks an issuer about opaque tokens (RFC 7662) with `ngx.fetch`; one that is not active is refused for a while without
// another question, where there is a dictionary.
import { refuse, type Decision } from '../src/core/decision';
import { resumeIntrospection, type Judge, type Step } from '../src/core/flow';
import { ANSWER_TIMEOUT } from '../src/core/http-answer';
import { describeOutage } from '../src/core/introspection';
import type { HttpAnswer } from '../src/ports/http';
import type { IntrospectStep } from './driver';
import { createFetchClient } from './ports/fetch';
import { logOutage } from './ports/log';
import { findZone, put } from './ports/zones';

/** No other entry begins so. */
const INACTIVE = 'inactive:';

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** The refusal of a token that was not active a moment ago. */
function recallInactive(step: IntrospectStep): Decision | undefined {
  const zone = findZone('jwtverify');
  const until = zone === undefined ? undefined : zone.get(INACTIVE + step.question.body);
  return until !== undefined && seconds() < Number(until) ? refuse('token_inactive') : undefined;
}

function noteRefusal(judge: Judge, step: IntrospectStep, decision: Decision, answer: HttpAnswer): void {
  const issuer = judge.settings.issuers[step.issuer];
  const terms = issuer === undefined ? undefined : issuer.introspection;
  if (decision.reason === 'token_inactive' && terms !== undefined && terms.inactiveAge > 0) {
    const zone = findZone('jwtverify');
    if (zone !== undefined) put(zone, INACTIVE + step.question.body, (seconds() + terms.inactiveAge).toString());
  }
  if (decision.reason !== 'introspection_unavailable') return;
  logOutage('introspection at `' + step.question.url + '`: ' + describeOutage(answer));
}

/** Goes on with a token once its issuer has been asked, or with what it said a moment ago. */
export function introspect(judge: Judge, step: IntrospectStep): Promise<Step> {
  const known = recallInactive(step);
  if (known !== undefined) return Promise.resolve<Step>({ kind: 'refused', decision: known });
  return createFetchClient(ANSWER_TIMEOUT)
    .post(step.question)
    .then((answer) => {
      const next = resumeIntrospection(judge, step.issuer, answer, seconds());
      if (next.kind === 'refused') noteRefusal(judge, step, next.decision, answer);
      return next;
    });
}
