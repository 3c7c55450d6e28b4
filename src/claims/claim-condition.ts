// An operator's conditions on one claim: equals, any, all, none, exists, number comparisons. Globs are claim-pattern.ts.
import { asArray, asNumber, type Json } from '../codec/json';
import type { Scalar, ClaimCondition } from '../model/demands';

/** A claim's value or the members of its list; undefined when one of them is neither string, number nor boolean. */
export function readScalars(claim: Json): readonly Scalar[] | undefined {
  const list = asArray(claim);
  const items = list?.items ?? [claim];
  const scalars: Scalar[] = [];
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (typeof item === 'string' || typeof item === 'boolean') {
      scalars.push(item);
      continue;
    }
    const number = asNumber(item);
    if (number === undefined) return undefined;
    scalars.push(number.value);
  }
  return scalars;
}

/** How many of `wanted` are among `values`. */
function countShared(wanted: readonly Scalar[], values: readonly Scalar[]): number {
  let shared = 0;
  for (let index = 0; index < wanted.length; index++) {
    const value = wanted[index];
    if (value !== undefined && values.indexOf(value) >= 0) shared += 1;
  }
  return shared;
}

/** Compares a claim that is one number (RFC 8259 §6); anything else is not within any bounds. */
function isWithin(claim: Json, condition: ClaimCondition): boolean {
  const bounded =
    condition.gt !== undefined ||
    condition.gte !== undefined ||
    condition.lt !== undefined ||
    condition.lte !== undefined;
  if (!bounded) return true;
  const number = asNumber(claim);
  if (number === undefined) return false;
  const value = number.value;
  if (condition.gt !== undefined && !(value > condition.gt)) return false;
  if (condition.gte !== undefined && !(value >= condition.gte)) return false;
  if (condition.lt !== undefined && !(value < condition.lt)) return false;
  return condition.lte === undefined || value <= condition.lte;
}

/**
 * Whether a claim fulfils a condition, but for its globs. A missing claim fulfils none but that of being missing; one with an
 * object among its values none but that of being there.
 */
export function fulfils(claim: Json | undefined, condition: ClaimCondition): boolean {
  if (condition.exists !== undefined) return condition.exists === (claim !== undefined);
  if (claim === undefined) return false;
  const values = readScalars(claim);
  if (values === undefined) return false;
  if (condition.any !== undefined && countShared(condition.any, values) === 0) return false;
  if (condition.all !== undefined && countShared(condition.all, values) < condition.all.length) return false;
  if (condition.none !== undefined && countShared(condition.none, values) > 0) return false;
  return isWithin(claim, condition);
}
