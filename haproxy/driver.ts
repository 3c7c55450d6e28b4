// Performs the judge's steps inside HAProxy. The only place that catches what Lua raises: it becomes a refusal.
import { extractBearer } from '../src/core/bearer';
import { refuse, type Decision } from '../src/core/decision';
import { begin, resume, type Step } from '../src/core/flow';
import { judgeVerified, type VerifiedToken } from '../src/core/verified-token';
import { awaitFirstKeys, refetchKeys, type KeyStore } from './key-store';
import { logCaught, logNoRoom } from './log';
import { enter, leave } from './ports/converters';
import type { PreparedSignatures } from './ports/signatures';
import { text } from './ports/text';
import { recall, remember, type Memory } from './remembered';
import { countHit, countRefusal, countVerified } from './status';
import { preparePublication, publishAllowed, publishRefused, takeBack, withhold, type Publication } from './variables';

/** What every request is judged with, ready before traffic flows. */
export interface Service {
  readonly keys: KeyStore;
  readonly signatures: PreparedSignatures;
  readonly memory: Memory;
  /** The claims that become variables; undefined for all. */
  readonly claimNames: readonly string[] | undefined;
}

const HEADER = 'authorization';
/** The form under which a token is remembered: other spellings of the scheme would be entries of their own. */
const SCHEME = 'Bearer ';
const NONE: readonly string[] = [];
const NOT_READY = refuse('settings_invalid');
const BROKEN = refuse('internal_error');

/** Its details are in the variables. */
const ALLOWED: Decision = {
  allowed: true,
  status: 200,
  reason: '',
  challenge: '',
  scopes: '',
  subject: '',
  claims: undefined,
};

function publishBroken(txn: Txn): void {
  takeBack(txn);
  withhold(txn);
  publishRefused(txn, BROKEN);
}

/** A step that needs no signature. */
type Ended = Exclude<Step, { readonly kind: 'verify' }>;

/** Verifies until a step needs no more signatures. */
function verifyWith(service: Service, bearer: string): Ended {
  let step: Step = begin(service.keys.judge, bearer);
  while (step.kind === 'verify') {
    const outcome = service.signatures.verify(step.pending.request);
    step = resume(service.keys.judge, step.pending, outcome, os.time());
  }
  return step;
}

/** Whether it is worth judging once more, because keys have come in the meantime. Suspends the action. */
function waitForKeys(service: Service, ended: Ended): boolean {
  if (ended.kind === 'refetch') return refetchKeys(service.keys, ended.issuer);
  if (ended.kind !== 'refused' || ended.decision.reason !== 'keys_unavailable') return false;
  return awaitFirstKeys(service.keys);
}

/** Lets a request pass, unless the variables that a rule may count on do not fit. */
function publish(txn: Txn, publication: Publication): Decision {
  if (publishAllowed(txn, publication)) return ALLOWED;
  publishBroken(txn);
  logNoRoom();
  return BROKEN;
}

/** A token that was accepted is remembered, and published. */
function accept(service: Service, txn: Txn, bearer: string, verified: VerifiedToken, epoch: number): Decision {
  const now = os.time();
  const decision = judgeVerified(verified, service.memory.denyList, text, now);
  if (!decision.allowed) return decision;
  const publication = preparePublication(decision, service.claimNames);
  remember(service.memory, SCHEME + bearer, verified, publication, epoch, now);
  countVerified();
  return publish(txn, publication);
}

/** Judges a token that is not remembered. */
function judgeBearer(service: Service, txn: Txn, bearer: string): Decision {
  let epoch = service.keys.epoch;
  let ended = verifyWith(service, bearer);
  if (waitForKeys(service, ended)) {
    epoch = service.keys.epoch;
    ended = verifyWith(service, bearer);
  }
  if (ended.kind === 'verified') return accept(service, txn, bearer, ended.verified, epoch);
  return ended.kind === 'refused' ? ended.decision : ended.otherwise;
}

function allowRemembered(txn: Txn, publication: Publication): Decision {
  countHit();
  const decision = publish(txn, publication);
  if (!decision.allowed) countRefusal(BROKEN.reason);
  return decision;
}

/** Judges a request whose Authorization field is not remembered as it stands. */
function judgeFields(service: Service, txn: Txn, fields: readonly string[]): Decision {
  withhold(txn);
  const bearer = extractBearer(fields);
  let decision: Decision;
  if (bearer.ok) {
    const field = SCHEME + bearer.value;
    // Another spelling of a field that is remembered: `bearer`, two spaces.
    const publication = field === fields[0] ? undefined : recallField(service, field);
    if (publication !== undefined) return allowRemembered(txn, publication);
    enter(txn);
    decision = judgeBearer(service, txn, bearer.value);
    leave();
  } else {
    decision = refuse(bearer.reason);
  }
  if (decision.allowed) return decision;
  countRefusal(decision.reason);
  publishRefused(txn, decision);
  return decision;
}

function recallField(service: Service, field: string): Publication | undefined {
  return recall(service.memory, field, service.keys, os.time());
}

function judgeRequest(service: Service | undefined, txn: Txn): Decision {
  takeBack(txn);
  if (service === undefined) {
    withhold(txn);
    publishRefused(txn, NOT_READY);
    return NOT_READY;
  }
  // `req.fhdr` does not split at commas: each is a line of its own. Two are enough to see that there are several.
  const fetches = txn.f;
  const count = fetches.req_fhdr_cnt(HEADER);
  if (count !== 1) {
    return judgeFields(
      service,
      txn,
      count > 1 ? [fetches.req_fhdr(HEADER, 1) ?? '', fetches.req_fhdr(HEADER, 2) ?? ''] : NONE,
    );
  }
  const field = fetches.req_fhdr(HEADER) ?? '';
  // Most requests bring a token that is remembered, and end here.
  const publication = recallField(service, field);
  return publication === undefined ? judgeFields(service, txn, [field]) : allowRemembered(txn, publication);
}

/**
 * Judges a request and sets the variables of the contract.
 * @param service undefined when the settings have not been read: everything is refused
 */
export function authorize(service: Service | undefined, txn: Txn): Decision {
  const [ok, result] = pcall(judgeRequest, service, txn);
  if (ok) return result;
  leave();
  pcall(publishBroken, txn);
  // Whatever could not be set: an error may have come after `authorized` was.
  withhold(txn);
  countRefusal(BROKEN.reason);
  logCaught(result);
  return BROKEN;
}
