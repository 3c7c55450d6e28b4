// Asks an issuer about opaque tokens (RFC 7662). Requests with the same token share one question; a token that is not active
// is refused for a while without another.
import { refuse } from '../../src/answer/decision';
import { introspectionResult, resumeIntrospection, type Step } from '../../src/token/flow';
import type { Trust } from '../../src/token/flow';
import type { IntrospectStep } from '../../src/token/step';
import { describeOutage } from '../../src/token/introspection';
import { createTwoGenerations } from '../../src/memory/two-generations';
import type { HttpAnswer } from '../../src/ports/http';
import { countIntrospection } from '../ports/counts';
import { createQuietLog } from '../ports/log';
import { forgetWhenFull } from '../ports/memory-limit';
import { activeTransaction } from '../ports/transaction';
import { hash } from '../ports/hash';
import { sendsChunked } from '../ports/http';
import { ask } from './questions';

/** Tokens that are known not to be active; each takes about 200 bytes, however long it is. */
const MAX_INACTIVE = 1000;

/** By a hash of the question: until when each is refused, in seconds since the epoch. */
const inactive = createTwoGenerations<number>(MAX_INACTIVE);
const complain = createQuietLog();

forgetWhenFull(() => {
  inactive.clear();
});

/** The statuses of a server that cannot read chunked requests: it finds no length, or no token. */
const UNREAD: readonly number[] = [400, 411];

/** A hint at the one cause that only this host has. */
function hintFor(answer: HttpAnswer): string {
  const isUnread = answer.ok && UNREAD.includes(answer.status) && sendsChunked();
  return isUnread ? ' (this HAProxy sends chunked requests: can the server read them?)' : '';
}

/** Continues with a token once its issuer has been asked, or with the issuer's answer of a moment ago. */
export function introspect(trust: Trust, step: IntrospectStep): Step {
  const terms = trust.settings.issuers[step.issuer]?.introspection;
  // INVARIANT: without a collision of SHA-256 nobody learns anything of another's token, or makes it fail.
  const name = hash.digest('SHA-256', step.questions[0]?.body ?? '');
  const until = inactive.recall(name);
  if (until !== undefined && os.time() < until) {
    countIntrospection('remembered');
    return { kind: 'refused', decision: refuse('token_inactive') };
  }
  const answer = ask(step.questions, name, activeTransaction()?.f.src() ?? '');
  const after = resumeIntrospection(trust, step.issuer, answer, os.time());
  countIntrospection(introspectionResult(after));
  if (after.kind !== 'refused') return after;
  if (after.decision.reason === 'token_inactive' && terms !== undefined && terms.inactiveAge > 0) {
    inactive.remember(name, os.time() + terms.inactiveAge);
  }
  if (after.decision.reason === 'introspection_unavailable') {
    complain(describeOutage(step.questions, answer, hintFor(answer)));
  }
  return after;
}
