// Judges a request in an action. Only this catches Lua's errors there: each becomes a refusal.
import { PASSED, refuse, type Decision } from '../../src/answer/decision';
import type { TokenPlace } from '../../src/model/token-place';
import { cleanHop } from '../answer/connection';
import { forbidCaching } from '../answer/headers';
import { BROKEN, passWith, publishBroken, refuseVariables, refuseWith } from './result';
import { logCaught } from '../ports/log';
import { giveMemoryBack, isOutOfMemory } from '../ports/memory-limit';
import { judgeByRules, type ActionAnswer } from './by-policy';
import { leave } from '../ports/transaction';
import { recall } from '../store/remembered-tokens';
import { AUTHORIZATION, readFields } from '../ports/request-facts';
import type { Snapshot } from '../store/snapshot';
import { countRefusal, counts } from '../ports/counts';
import { publishAllowed, takeBack, wasCalled, withhold } from '../answer/variables';
import { judgeFields, judgeFound } from './steps';
import { takeToken } from './take-token';

const NOT_READY = refuse('settings_invalid');

/** Judges a request whose Authorization field is not remembered in this very form. */
function judgeUnknown(snapshot: Snapshot, txn: Txn, fields: readonly string[]): Decision {
  withhold(txn);
  const result = judgeFields(snapshot, txn, fields);
  return result.ok ? passWith(txn, result.known.publication) : refuseWith(txn, result.decision, '');
}

/** Judges a request whose token may be at other places than its Authorization header. */
function judgeAtPlaces(snapshot: Snapshot, places: readonly TokenPlace[], txn: Txn): Decision {
  withhold(txn);
  const result = judgeFound(snapshot, txn, takeToken(places, txn, false));
  if (!result.ok) return refuseWith(txn, result.decision, '');
  forbidCaching(txn);
  return passWith(txn, result.known.publication);
}

function judgeRequest(snapshot: Snapshot | undefined, txn: Txn): ActionAnswer {
  if (wasCalled(txn)) takeBack(txn);
  // A policy's own rules clean the headers, by a plan.
  if (snapshot?.rules !== undefined) return judgeByRules(snapshot, snapshot.rules, txn);
  // Headers that the configuration sets from our variables must reach whoever is behind the next hop, too.
  cleanHop(txn);
  if (snapshot === undefined) {
    withhold(txn);
    return refuseWith(txn, NOT_READY, '');
  }
  const { places } = snapshot;
  if (places !== undefined) return judgeAtPlaces(snapshot, places, txn);
  const fetches = txn.f;
  const count = fetches.req_fhdr_cnt(AUTHORIZATION);
  if (count !== 1) return judgeUnknown(snapshot, txn, readFields(fetches, count));
  const field = fetches.req_fhdr(AUTHORIZATION) ?? '';
  // Most requests have a remembered token, and end here.
  const known = recall(snapshot.memory, field, snapshot.keys);
  if (known === undefined) return judgeUnknown(snapshot, txn, [field]);
  if (!publishAllowed(txn, known.publication)) return refuseVariables(txn);
  snapshot.lane?.offer(txn, field, known);
  counts.passed += 1;
  return PASSED;
}

/**
 * Judges a request and sets the variables of the contract; with a policy also the headers that the backend is given.
 * @param snapshot undefined when the settings have not been read: everything is refused
 */
export function authorize(snapshot: Snapshot | undefined, txn: Txn): ActionAnswer {
  const [ok, result] = pcall(judgeRequest, snapshot, txn);
  if (ok) return result;
  if (isOutOfMemory(result)) giveMemoryBack();
  leave();
  pcall(publishBroken, txn);
  // An error may have come after `authorized` was set.
  withhold(txn);
  countRefusal(BROKEN.reason, '');
  logCaught(result);
  return BROKEN;
}
