// Counts for the operator, of all workers, in the shared dictionary `jwtverify_metrics` (njs 0.8.0). Nothing is counted
// where the configuration does not declare it.
import type { Decision } from '../../src/answer/decision';
import type { NginxObject, NumberDictionary } from '../njs';

declare const ngx: NginxObject;

/** The dictionary's name, and the beginnings of its entries' names. */
export const METRICS_ZONE = 'jwtverify_metrics';
/** A request passed with a remembered token; the rule follows, empty without one. */
export const PASSED_REMEMBERED = 'p ';
/** A request passed otherwise. */
export const ALLOWED = 'a ';
/** The reason, a blank and the rule follow. */
export const DENIED = 'd ';
export const SHADOWED = 's ';
/** `new` or `remembered` follows. */
export const TOKEN = 't ';
/** The result follows; of a fetch, also a blank and the issuer. */
export const INTROSPECTED = 'i ';
export const FETCHED = 'f ';
/** The values of the labels follow. */
export const SIGNED_IN = 'l ';
export const REFRESHED = 'r ';
export const SIGNED_OUT = 'o ';
/** The event of the broker, a blank and the values of the labels follow. */
export const BROKERED = 'b ';

/** INVARIANT: what is wrong with the dictionary changes no decision; a full one counts no new names. */
export function countIn(zone: NumberDictionary, name: string): void {
  try {
    zone.incr(name, 1);
  } catch {
    // `jwtverify.metrics` reports a dictionary that cannot count.
  }
}

/** The dictionary for counts; undefined when the configuration does not declare it. */
export function findMetricsZone(): NumberDictionary | undefined {
  return ngx.shared?.[METRICS_ZONE] as unknown as NumberDictionary | undefined;
}

/** Counts one event. */
export function count(name: string): void {
  const zone = findMetricsZone();
  if (zone !== undefined) countIn(zone, name);
}

/** Counts a judged request. @param wouldBe the reason that shadow mode ignored */
export function countDecision(decision: Omit<Decision, 'claims'>, rule: string, wouldBe: string): void {
  if (!decision.allowed) count(DENIED + decision.reason + ' ' + rule);
  else if (wouldBe !== '') count(SHADOWED + wouldBe + ' ' + rule);
  else count(ALLOWED + rule);
}
