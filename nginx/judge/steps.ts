// The driver: performs the core's steps and sees to it that every request gets exactly one decision.
import { extractBearer } from '../../src/token/bearer';
import { refuse, type Decision } from '../../src/answer/decision';
import type { Outcome } from '../../src/answer/outcome';
import type { FoundToken } from '../../src/token/places/find-token';
import { begin, resume, type Trust, type Step } from '../../src/token/flow';
import type { IntrospectStep } from '../../src/token/step';
import { judgeVerified, type VerifiedToken } from '../../src/token/verified-token';
import type { DenyList } from '../../src/ports/deny-list';
import type { SignatureOutcome, Signatures } from '../../src/ports/signatures';
import { text } from '../ports/text';

/** The dependencies of judging. */
export interface Verifier {
  readonly trust: Trust;
  readonly signatures: Signatures<Promise<SignatureOutcome>>;
  readonly denyList: DenyList | undefined;
  /** Called with each token that was verified, be it that the deny list or its times refuse it. */
  readonly tell: (verified: VerifiedToken) => void;
  /** Called with each token that was verified and allowed. */
  readonly remember: (verified: VerifiedToken) => void;
  /** Called with the detail of a refusal for the operator, never for a client. */
  readonly explain?: (reason: string, detail: string) => void;
  /** Asks the issuer about an opaque token. */
  readonly introspect: (step: IntrospectStep) => Promise<Step>;
  /**
   * Waits for newer keys where there may be some, and returns the new dependencies; undefined when nothing is newer.
   * @param issuer whose; undefined for the first keys of all that have none yet
   */
  readonly renew: (issuer: number | undefined) => Promise<Verifier | undefined>;
}

/** One bearer token on its way through the steps. */
interface Course {
  readonly verifier: Verifier;
  readonly bearer: string;
  /** The places that it was found at; undefined: in the Authorization header, which alone was looked at. */
  readonly places: readonly number[] | undefined;
  readonly now: () => number;
  /** Whether keys were renewed for it already: never twice. */
  readonly renewed: boolean;
}

function conclude(course: Course, verified: VerifiedToken): Decision {
  course.verifier.tell(verified);
  const decision = judgeVerified(verified, course.verifier.denyList, text, course.now());
  // INVARIANT: only a verified token that was allowed is remembered.
  if (decision.allowed) course.verifier.remember(verified);
  return decision;
}

function renewAndBegin(course: Course, issuer: number | undefined, otherwise: Decision): Decision | Promise<Decision> {
  if (course.renewed) return otherwise;
  return course.verifier.renew(issuer).then((verifier) => {
    if (verifier === undefined) return otherwise;
    return perform(
      { verifier, bearer: course.bearer, places: course.places, now: course.now, renewed: true },
      begin(verifier.trust, course.bearer, course.places),
    );
  });
}

/** Performs steps until there is a decision. Rejects only where code of this product is wrong. */
function perform(course: Course, step: Step): Decision | Promise<Decision> {
  if (step.kind === 'verified') return conclude(course, step.verified);
  if (step.kind === 'refetch') return renewAndBegin(course, step.issuer, step.otherwise);
  if (step.kind === 'refused') {
    const explain = course.verifier.explain;
    if (step.detail !== undefined && explain !== undefined) explain(step.decision.reason, step.detail);
    if (step.decision.reason !== 'keys_unavailable') return step.decision;
    return renewAndBegin(course, undefined, step.decision);
  }
  if (step.kind === 'introspect') {
    return course.verifier.introspect(step).then((next) => perform(course, next));
  }
  const pending = step.pending;
  return course.verifier.signatures
    .verify(pending.request)
    .then((outcome) => perform(course, resume(course.verifier.trust, pending, outcome, course.now())));
}

/**
 * Judges the bearer token of one request.
 * @param authorization every Authorization field value, in order
 * @param now gives seconds since the epoch
 * @returns the decision, or a promise of one when a signature has to be checked or keys have to be fetched
 */
export function verifyToken(
  verifier: Verifier,
  authorization: readonly string[],
  now: () => number,
): Decision | Promise<Decision> {
  const bearer = extractBearer(authorization);
  if (!bearer.ok) return refuse(bearer.reason);
  const course = { verifier, bearer: bearer.value, places: undefined, now, renewed: false };
  return perform(course, begin(verifier.trust, bearer.value));
}

/** Judges the token that was found at one or more of the operator's places. */
export function verifyFound(
  verifier: Verifier,
  found: Outcome<FoundToken>,
  now: () => number,
): Decision | Promise<Decision> {
  if (!found.ok) return refuse(found.reason);
  const token = found.value.token;
  const places = found.value.places;
  return perform({ verifier, bearer: token, places, now, renewed: false }, begin(verifier.trust, token, places));
}

/**
 * Runs `judge` and hands its answer to `answer`; whatever goes wrong on the way becomes a refusal (RFC 9110 §15.6.4).
 * @param report called with each error, before the refusal is answered
 * @param makeFailure makes the refusal for an error of this product's own
 * @returns a promise when the answer needs one, so that the host knows that the request is not done
 */
export function decide<Answer extends object>(
  judge: () => Answer | Promise<Answer>,
  answer: (answer: Answer) => void,
  report: (error: unknown) => void,
  makeFailure: () => Answer,
): Promise<void> | undefined {
  function fail(error: unknown): void {
    report(error);
    answer(makeFailure());
  }
  try {
    const judged = judge();
    if (!('then' in judged)) {
      answer(judged);
      return undefined;
    }
    // INVARIANT: both handlers end in `answer`, so a rejected promise is a refusal and never an allow.
    return judged.then(answer).then(undefined, fail);
  } catch (error) {
    fail(error);
    return undefined;
  }
}
