// How a judgement ends in an action: counted, and told in the variables of the contract.
import { PASSED, refuse, type Decision } from '../src/core/decision';
import { logNoRoom } from './log';
import { countRefusal } from './status';
import { publishAllowed, publishRefused, publishRule, takeBack, withhold, type Publication } from './variables';

export const BROKEN = refuse('internal_error');

/** Takes back whatever has been told, and refuses. */
export function publishBroken(txn: Txn): void {
  takeBack(txn);
  withhold(txn);
  publishRule(txn, '', '');
  publishRefused(txn, BROKEN);
}

/** Refuses for a reason that no client can mend. */
export function refuseBroken(txn: Txn): Decision {
  publishBroken(txn);
  countRefusal(BROKEN.reason);
  return BROKEN;
}

/**
 * Refuses a request for which HAProxy has no room left.
 * @param remedy the setting of HAProxy that gives more
 */
export function refuseForRoom(txn: Txn, what: string, remedy: string): Decision {
  logNoRoom(what, remedy);
  return refuseBroken(txn);
}

/** Lets a request pass, its details in the variables, unless the variables that a rule of the configuration may count on do not fit. */
export function allowWith(txn: Txn, publication: Publication): Decision {
  if (publishAllowed(txn, publication)) return PASSED;
  return refuseForRoom(txn, 'the variables', 'tune.vars.txn-max-size');
}

/** Refuses a request; `withhold` has come before. */
export function refuseWith(txn: Txn, decision: Decision): Decision {
  countRefusal(decision.reason);
  publishRefused(txn, decision);
  return decision;
}
