// Performs the judge's steps inside HAProxy. The only place that catches what Lua raises: it becomes a refusal.
import { extractBearer } from '../src/core/bearer';
import { refuse, type Decision } from '../src/core/decision';
import { begin, resume, type Judge, type Step } from '../src/core/flow';
import { judgeVerified } from '../src/core/verified-token';
import { logCaught } from './log';
import { enter, leave } from './ports/converters';
import type { PreparedSignatures } from './ports/signatures';
import { publish, withdraw } from './variables';

/** What every request is judged with, ready before traffic flows. */
export interface Service {
  readonly judge: Judge;
  readonly signatures: PreparedSignatures;
}

const HEADER = 'authorization';
const NONE: readonly string[] = [];
const NOT_READY = refuse('settings_invalid');
const BROKEN = refuse('internal_error');

/** Every `Authorization` line on its own: `req.fhdr` does not split at commas. */
function readAuthorization(txn: Txn): readonly string[] {
  const fetches = txn.f;
  const count = fetches.req_fhdr_cnt(HEADER);
  if (count === 1) return [fetches.req_fhdr(HEADER) ?? ''];
  if (!(count > 1)) return NONE;
  // Two are enough for the judge to see that there are several.
  return [fetches.req_fhdr(HEADER, 1) ?? '', fetches.req_fhdr(HEADER, 2) ?? ''];
}

function judgeRequest(service: Service, txn: Txn): Decision {
  const bearer = extractBearer(readAuthorization(txn));
  if (!bearer.ok) return refuse(bearer.reason);
  let step: Step = begin(service.judge, bearer.value);
  while (step.kind === 'verify') {
    const outcome = service.signatures.verify(step.pending.request);
    step = resume(service.judge, step.pending, outcome, os.time());
  }
  if (step.kind === 'verified') return judgeVerified(step.verified, undefined, os.time());
  return step.kind === 'refused' ? step.decision : step.otherwise;
}

function judgeAndPublish(service: Service | undefined, txn: Txn): Decision {
  withdraw(txn);
  if (service === undefined) {
    publish(txn, NOT_READY);
    return NOT_READY;
  }
  enter(txn.c);
  const decision = judgeRequest(service, txn);
  publish(txn, decision);
  leave();
  return decision;
}

/**
 * Judges a request and sets the variables of the contract.
 * @param service undefined when the settings have not been read: everything is refused
 */
export function authorize(service: Service | undefined, txn: Txn): Decision {
  const [ok, result] = pcall(judgeAndPublish, service, txn);
  if (ok) return result;
  leave();
  pcall(publish, txn, BROKEN);
  // `publish` never takes `authorized` back, and an error may have come after it was set.
  txn.set_var('txn.authorized', false);
  logCaught(result);
  return BROKEN;
}
