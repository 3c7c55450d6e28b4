// Conditions on one claim that have globs.
import type { Json } from '../codec/json';
import type { Text } from '../codec/text';
import type { ClaimCondition, Glob } from '../model/demands';
import { fulfils, readScalars } from './claim-condition';
import { matchesOne } from './glob';

/** Whether a text matches one of some globs; one with a control character never does. */
export function fits(value: string, globs: readonly Glob[], text: Text): boolean {
  return matchesOne(value, globs) && !text.hasControl(value);
}

/** Whether one of a claim's values is a text that matches one of some globs. */
function hasMatch(claim: Json, globs: readonly Glob[], text: Text): boolean {
  const values = readScalars(claim) ?? [];
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value === 'string' && fits(value, globs, text)) return true;
  }
  return false;
}

/** Whether a claim fulfils a whole condition. */
export function fulfilsWhole(claim: Json | undefined, condition: ClaimCondition, text: Text): boolean {
  if (!fulfils(claim, condition)) return false;
  return condition.globs === undefined || (claim !== undefined && hasMatch(claim, condition.globs, text));
}
