// The end of a judgement in an action: counts it, and sets the variables of the contract.
import { PASSED, refuse, type Decision } from '../../src/answer/decision';
import { logNoRoom } from '../ports/log';
import { countRefusal, counts } from '../ports/counts';
import { publishAllowed, publishRefused, publishRule, takeBack, type Publication } from '../answer/variables';

export const BROKEN = refuse('internal_error');

/** Removes the variables set so far, and refuses. */
export function publishBroken(txn: Txn): void {
  takeBack(txn);
  publishRule(txn, '', '');
  publishRefused(txn, BROKEN);
}

/** Refuses for a reason that no client can mend. */
export function refuseBroken(txn: Txn): Decision {
  publishBroken(txn);
  countRefusal(BROKEN.reason, '');
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

/** Refuses a request whose variables do not fit, since a rule of the configuration may rely on them. */
export function refuseVariables(txn: Txn): Decision {
  return refuseForRoom(txn, 'the variables', 'tune.vars.txn-max-size');
}

/** Lets a request pass, its details in the variables, unless they do not fit. */
export function allowWith(txn: Txn, publication: Publication): Decision {
  return publishAllowed(txn, publication) ? PASSED : refuseVariables(txn);
}

/** The same without a policy, and counts the request. */
export function passWith(txn: Txn, publication: Publication): Decision {
  if (!publishAllowed(txn, publication)) return refuseVariables(txn);
  counts.passed += 1;
  return PASSED;
}

/** Refuses a request; `withhold` has come before. @param rule the rule that decided; empty without one */
export function refuseWith(txn: Txn, decision: Decision, rule: string): Decision {
  countRefusal(decision.reason, rule);
  publishRefused(txn, decision);
  return decision;
}
