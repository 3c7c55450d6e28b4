// Judges a request in an action. The only place that catches what Lua raises there: it becomes a refusal.
import { PASSED, refuse, type Decision } from '../src/core/decision';
import { allowWith, BROKEN, publishBroken, refuseVariables, refuseWith } from './conclude';
import { logCaught } from './log';
import { judgeByRules, type Answer } from './policy';
import { leave } from './ports/converters';
import { recall } from './remembered';
import { AUTHORIZATION, readFields } from './request-facts';
import type { Service } from './service';
import { countRefusal } from './status';
import { publishAllowed, takeBack, wasCalled, withhold } from './variables';
import { judgeFields } from './verify';

const NOT_READY = refuse('settings_invalid');

/** Judges a request whose Authorization field is not remembered as it stands. */
function judgeUnknown(service: Service, txn: Txn, fields: readonly string[]): Decision {
  withhold(txn);
  const verdict = judgeFields(service, txn, fields);
  return verdict.ok ? allowWith(txn, verdict.known.publication) : refuseWith(txn, verdict.decision);
}

function judgeRequest(service: Service | undefined, txn: Txn): Answer {
  if (wasCalled(txn)) takeBack(txn);
  if (service === undefined) {
    withhold(txn);
    return refuseWith(txn, NOT_READY);
  }
  if (service.rules !== undefined) return judgeByRules(service, service.rules, txn);
  const fetches = txn.f;
  const count = fetches.req_fhdr_cnt(AUTHORIZATION);
  if (count !== 1) return judgeUnknown(service, txn, readFields(fetches, count));
  const field = fetches.req_fhdr(AUTHORIZATION) ?? '';
  // Most requests bring a token that is remembered, and end here.
  const known = recall(service.memory, field, service.keys);
  if (known === undefined) return judgeUnknown(service, txn, [field]);
  return publishAllowed(txn, known.publication) ? PASSED : refuseVariables(txn);
}

/**
 * Judges a request and sets the variables of the contract; with a policy also the headers that the backend is given.
 * @param service undefined when the settings have not been read: everything is refused
 */
export function authorize(service: Service | undefined, txn: Txn): Answer {
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
