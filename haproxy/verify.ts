// Verifies the token of a request: recalled from memory, or judged step by step, waiting for keys where that helps.
import { extractBearer } from '../src/core/bearer';
import { refuse, type Decision } from '../src/core/decision';
import { begin, resume, type Step } from '../src/core/flow';
import { judgeVerified, type VerifiedToken } from '../src/core/verified-token';
import { introspect } from './introspect';
import { awaitFirstKeys, refetchKeys } from './key-store';
import { enter, leave, type Lender } from './ports/converters';
import { text } from './ports/text';
import { recall, remember, type Remembered } from './remembered';
import type { Service } from './service';
import { countVerified } from './status';
import { preparePublication } from './variables';

/** A token that is good, with what is known of it; or why it is not. */
export type Verdict =
  | { readonly ok: true; readonly token: string; readonly known: Remembered }
  | { readonly ok: false; readonly decision: Decision };

/** The form under which a token is remembered: other spellings of the scheme would be entries of their own. */
export const SCHEME = 'Bearer ';

/** A step for which nobody is asked. */
type Ended = Exclude<Step, { readonly kind: 'verify' | 'introspect' }>;

/** Verifies until a step needs no more signatures, and no answer of the issuer. Suspends for the latter. */
function verifyWith(service: Service, bearer: string): Ended {
  let step: Step = begin(service.keys.judge, bearer);
  while (step.kind === 'verify' || step.kind === 'introspect') {
    if (step.kind === 'introspect') {
      step = introspect(service.keys.judge, step);
      continue;
    }
    const outcome = service.signatures.verify(step.pending.request);
    step = resume(service.keys.judge, step.pending, outcome, os.time());
  }
  return step;
}

/**
 * Whether it is worth judging once more, because keys have come in the meantime. Suspends the action.
 * @param epoch the key store's when the token was judged
 */
function waitForKeys(service: Service, ended: Ended, epoch: object): boolean {
  if (ended.kind === 'verified') return false;
  const wants = ended.kind === 'refetch' || ended.decision.reason === 'keys_unavailable';
  if (!wants) return false;
  // They may have come between two instructions of this very action; then there is nothing left to wait for.
  if (epoch !== service.keys.epoch) return true;
  const came = ended.kind === 'refetch' ? refetchKeys(service.keys, ended.issuer) : awaitFirstKeys(service.keys);
  return came || epoch !== service.keys.epoch;
}

/** A token that was accepted is remembered. */
function accept(service: Service, bearer: string, verified: VerifiedToken, epoch: object): Verdict {
  const now = os.time();
  const decision = judgeVerified(verified, service.memory.denyList, text, now);
  if (!decision.allowed) return { ok: false, decision };
  const publication = preparePublication(decision, service.claimNames);
  const known = remember(service.memory, SCHEME + bearer, verified, publication, epoch, now);
  countVerified();
  return { ok: true, token: bearer, known };
}

/** Judges a token that is not remembered. */
function judgeBearer(service: Service, bearer: string): Verdict {
  let epoch = service.keys.epoch;
  let ended = verifyWith(service, bearer);
  if (waitForKeys(service, ended, epoch)) {
    epoch = service.keys.epoch;
    ended = verifyWith(service, bearer);
  }
  if (ended.kind === 'verified') return accept(service, bearer, ended.verified, epoch);
  return { ok: false, decision: ended.kind === 'refused' ? ended.decision : ended.otherwise };
}

/**
 * Judges the token of Authorization fields that are not remembered as they stand. Suspends when it waits for keys.
 * @param fields the value of each header line; two are enough to see that there are several
 */
export function judgeFields(service: Service, lender: Lender, fields: readonly string[]): Verdict {
  const bearer = extractBearer(fields);
  if (!bearer.ok) return { ok: false, decision: refuse(bearer.reason) };
  const field = SCHEME + bearer.value;
  // Another spelling of a field that is remembered: `bearer`, two spaces.
  const known = field === fields[0] ? undefined : recall(service.memory, field, service.keys);
  if (known !== undefined) return { ok: true, token: bearer.value, known };
  enter(lender);
  const verdict = judgeBearer(service, bearer.value);
  leave();
  return verdict;
}
