// The driver: performs the core's steps and sees to it that every request gets exactly one decision.
import { extractBearer } from '../src/core/bearer';
import { refuse, type Decision } from '../src/core/decision';
import { begin, resume, type Judge, type Step } from '../src/core/flow';
import { judgeVerified, type VerifiedToken } from '../src/core/verified-token';
import type { DenyList } from '../src/ports/deny-list';
import type { SignatureOutcome, Signatures } from '../src/ports/signatures';
import { text } from './ports/text';

/** What judging takes. */
export interface Worker {
  readonly judge: Judge;
  readonly signatures: Signatures<Promise<SignatureOutcome>>;
  readonly denyList: DenyList | undefined;
  /** Told of each token that was verified and allowed. */
  readonly remember: (verified: VerifiedToken) => void;
  /**
   * Waits for newer keys where they may be had, and gives what to judge by then; undefined when nothing is newer.
   * @param issuer whose; undefined for the first keys of all that have none yet
   */
  readonly renew: (issuer: number | undefined) => Promise<Worker | undefined>;
}

/** One bearer token on its way through the steps. */
interface Course {
  readonly worker: Worker;
  readonly bearer: string;
  readonly now: () => number;
  /** Whether keys were renewed for it already: never twice. */
  readonly renewed: boolean;
}

function conclude(course: Course, verified: VerifiedToken): Decision {
  const decision = judgeVerified(verified, course.worker.denyList, text, course.now());
  // INVARIANT: only a verified token that was allowed is remembered.
  if (decision.allowed) course.worker.remember(verified);
  return decision;
}

function renewAndBegin(course: Course, issuer: number | undefined, otherwise: Decision): Decision | Promise<Decision> {
  if (course.renewed) return otherwise;
  return course.worker.renew(issuer).then((worker) => {
    if (worker === undefined) return otherwise;
    return perform(
      { worker, bearer: course.bearer, now: course.now, renewed: true },
      begin(worker.judge, course.bearer),
    );
  });
}

/** Performs steps until there is a decision. Rejects only where code of this product is wrong. */
function perform(course: Course, step: Step): Decision | Promise<Decision> {
  if (step.kind === 'verified') return conclude(course, step.verified);
  if (step.kind === 'refetch') return renewAndBegin(course, step.issuer, step.otherwise);
  if (step.kind === 'refused') {
    if (step.decision.reason !== 'keys_unavailable') return step.decision;
    return renewAndBegin(course, undefined, step.decision);
  }
  const pending = step.pending;
  return course.worker.signatures
    .verify(pending.request)
    .then((outcome) => perform(course, resume(course.worker.judge, pending, outcome, course.now())));
}

/**
 * Judges the bearer token of one request.
 * @param authorization every Authorization field value, in order
 * @param now gives seconds since the epoch
 * @returns the decision, or a promise of one when a signature has to be checked or keys have to be fetched
 */
export function judgeToken(
  worker: Worker,
  authorization: readonly string[],
  now: () => number,
): Decision | Promise<Decision> {
  const bearer = extractBearer(authorization);
  if (!bearer.ok) return refuse(bearer.reason);
  return perform({ worker, bearer: bearer.value, now, renewed: false }, begin(worker.judge, bearer.value));
}

/**
 * Runs `judge` and hands its decision to `answer`; whatever goes wrong on the way becomes a refusal (RFC 9110 §15.6.4).
 * @param report told of each error, before the refusal is answered
 * @returns a promise when the decision takes one, so that the host knows that the request is not done
 */
export function decide(
  judge: () => Decision | Promise<Decision>,
  answer: (decision: Decision) => void,
  report: (error: unknown) => void,
): Promise<void> | undefined {
  function fail(error: unknown): void {
    report(error);
    answer(refuse('internal_error'));
  }
  try {
    const decision = judge();
    if (!('then' in decision)) {
      answer(decision);
      return undefined;
    }
    // INVARIANT: both handlers end in `answer`, so a rejected promise is a refusal and never an allow.
    return decision.then(answer).then(undefined, fail);
  } catch (error) {
    fail(error);
    return undefined;
  }
}
