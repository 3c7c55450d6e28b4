// The driver: performs the core's steps and sees to it that every request gets exactly one decision.
import { extractBearer } from '../src/core/bearer';
import { refuse, type Decision } from '../src/core/decision';
import { begin, resume, type Judge, type Step } from '../src/core/flow';
import { judgeVerified } from '../src/core/verified-token';
import type { SignatureOutcome, Signatures } from '../src/ports/signatures';

/** What judging takes: compiled once where module state lasts, for each request where it does not. */
export interface Worker {
  readonly judge: Judge;
  readonly signatures: Signatures<Promise<SignatureOutcome>>;
}

/** Performs steps until there is a decision. Rejects only where code of this product is wrong. */
function perform(worker: Worker, step: Step, now: () => number): Decision | Promise<Decision> {
  if (step.kind === 'refused') return step.decision;
  if (step.kind === 'verified') return judgeVerified(step.verified, undefined, now());
  if (step.kind === 'refetch') return step.otherwise;
  const pending = step.pending;
  return worker.signatures
    .verify(pending.request)
    .then((outcome) => perform(worker, resume(worker.judge, pending, outcome, now()), now));
}

/**
 * Judges the bearer token of one request.
 * @param authorization every Authorization field value, in order
 * @param now gives seconds since the epoch
 * @returns the decision, or a promise of one when a signature has to be checked
 */
export function judgeToken(
  worker: Worker,
  authorization: readonly string[],
  now: () => number,
): Decision | Promise<Decision> {
  const bearer = extractBearer(authorization);
  return bearer.ok ? perform(worker, begin(worker.judge, bearer.value), now) : refuse(bearer.reason);
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
