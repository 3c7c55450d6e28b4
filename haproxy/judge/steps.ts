// Verifies the token of a request: recalls it from memory, or judges it step by step and waits for keys where that helps.
import { extractBearer } from '../../src/token/bearer';
import type { Identity } from '../../src/claims/identity';
import { nameFound, type FoundToken } from '../../src/token/places/find-token';
import type { Outcome } from '../../src/answer/outcome';
import { refuse, type Decision } from '../../src/answer/decision';
import { begin, resume, type Step } from '../../src/token/flow';
import { judgeVerified, type VerifiedToken } from '../../src/token/verified-token';
import { introspect } from '../store/introspection';
import { awaitFirstKeys, refetchKeys } from '../store/key-waits';
import { stopCounting } from '../ports/instruction-count';
import { logDetail } from '../ports/log';
import { enter, leave, type Lender } from '../ports/transaction';
import { text } from '../ports/text';
import { recall, remember, type RememberedToken } from '../store/remembered-tokens';
import type { Snapshot } from '../store/snapshot';
import { countVerified } from '../ports/counts';
import { preparePublication } from '../answer/variables';

/** A token that is good, with what is known of it; or why it is not. */
export type TokenResult =
  | { readonly ok: true; readonly token: string; readonly known: RememberedToken }
  /** `identity`: of a token that was verified, and is refused nevertheless, as one on the deny list. */
  | { readonly ok: false; readonly decision: Decision; readonly identity?: Identity | undefined };

/** The scheme under which a token is remembered: other spellings would be entries of their own. */
export const SCHEME = 'Bearer ';

/** A step that needs no signature and no answer of the issuer. */
type Ended = Exclude<Step, { readonly kind: 'verify' | 'introspect' }>;

/** Verifies until a step needs no more signatures, and no answer of the issuer. Suspends for the latter. */
function verifyWith(snapshot: Snapshot, bearer: string, places: readonly number[] | undefined): Ended {
  let step: Step = begin(snapshot.keys.trust, bearer, places);
  while (step.kind === 'verify' || step.kind === 'introspect') {
    if (step.kind === 'introspect') {
      step = introspect(snapshot.keys.trust, step);
      continue;
    }
    const outcome = snapshot.signatures.verify(step.pending.request);
    step = resume(snapshot.keys.trust, step.pending, outcome, os.time());
  }
  return step;
}

/** Whether a judgement may end otherwise once newer keys are there. */
function wantsKeys(ended: Ended): boolean {
  if (ended.kind === 'verified') return false;
  return ended.kind === 'refetch' || ended.decision.reason === 'keys_unavailable';
}

/** How often keys may come while a token is judged, be they another issuer's, before the judgement counts. */
const MAX_TRIES = 8;

/** Judges a token, again when keys come meanwhile, and waits for keys once. Suspends the action. */
function verifyWithKeys(
  snapshot: Snapshot,
  bearer: string,
  places: readonly number[] | undefined,
): { readonly ended: Ended; readonly epoch: object } {
  const { keys } = snapshot;
  let hasWaited = false;
  for (let tries = 1; ; tries++) {
    const { epoch } = keys;
    const ended = verifyWith(snapshot, bearer, places);
    if (!wantsKeys(ended)) return { ended, epoch };
    // Keys may have come between two instructions of this very action; then there is nothing to wait for.
    if (epoch !== keys.epoch && tries < MAX_TRIES) continue;
    if (hasWaited) return { ended, epoch };
    hasWaited = true;
    const came = ended.kind === 'refetch' ? refetchKeys(keys, ended.issuer) : awaitFirstKeys(keys);
    if (!came && epoch === keys.epoch) return { ended, epoch };
  }
}

/** A token that was accepted is remembered. @param field the form in which it is */
function accept(
  snapshot: Snapshot,
  bearer: string,
  field: string,
  verified: VerifiedToken,
  epoch: object,
): TokenResult {
  const now = os.time();
  const { denials, ended } = snapshot.memory;
  const version = ended?.version() ?? '';
  const decision = judgeVerified(verified, denials, text, now);
  if (!decision.allowed) return { ok: false, decision, identity: verified.identity };
  const publication = preparePublication(decision, snapshot.claimNames);
  const known = remember(snapshot.memory, field, verified, publication, epoch, version, now);
  countVerified();
  return { ok: true, token: bearer, known };
}

/** Judges a token that is not remembered. @param field the form in which it then is */
function judgeBearer(
  snapshot: Snapshot,
  bearer: string,
  field: string,
  places: readonly number[] | undefined,
): TokenResult {
  const { ended, epoch } = verifyWithKeys(snapshot, bearer, places);
  if (ended.kind === 'verified') return accept(snapshot, bearer, field, ended.verified, epoch);
  if (ended.kind === 'refused' && ended.detail !== undefined) logDetail(ended.decision.reason, ended.detail);
  return { ok: false, decision: ended.kind === 'refused' ? ended.decision : ended.otherwise };
}

/**
 * Judges the token of Authorization fields that are not remembered in this spelling. Suspends when it waits for keys.
 * @param fields the value of each header line; two are enough to see that there are several
 */
export function judgeFields(snapshot: Snapshot, lender: Lender, fields: readonly string[]): TokenResult {
  const bearer = extractBearer(fields);
  if (!bearer.ok) return { ok: false, decision: refuse(bearer.reason) };
  const field = SCHEME + bearer.value;
  // Another spelling of a field that is remembered: `bearer`, two spaces.
  const known = field === fields[0] ? undefined : recall(snapshot.memory, field, snapshot.keys);
  if (known !== undefined) return { ok: true, token: bearer.value, known };
  return judgeNew(snapshot, lender, bearer.value, field, undefined);
}

function judgeNew(
  snapshot: Snapshot,
  lender: Lender,
  bearer: string,
  field: string,
  places: readonly number[] | undefined,
): TokenResult {
  stopCounting();
  enter(lender);
  const result = judgeBearer(snapshot, bearer, field, places);
  leave();
  return result;
}

/** Judges the token that was found at one or more of the operator's places. Suspends when it waits for keys. */
export function judgeFound(snapshot: Snapshot, lender: Lender, found: Outcome<FoundToken>): TokenResult {
  if (!found.ok) return { ok: false, decision: refuse(found.reason) };
  const { token, places } = found.value;
  const field = nameFound(found.value);
  const known = recall(snapshot.memory, field, snapshot.keys);
  return known === undefined ? judgeNew(snapshot, lender, token, field, places) : { ok: true, token, known };
}
