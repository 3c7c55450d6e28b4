// What an operator demands of one claim: equals, any, all, none, number comparisons.
import { asArray, asNumber, type Json } from '../codec/json';

/** A value as a policy has it; a number equals a number whatever it was written as. */
export type Scalar = string | number | boolean;

/** A compiled condition. Each part that is there must hold, and the claim must exist. */
export interface ClaimCondition {
  /** One of the claim's values must be among these. */
  readonly any?: readonly Scalar[] | undefined;
  /** Each of these must be among the claim's values. */
  readonly all?: readonly Scalar[] | undefined;
  /** No value of the claim may be among these. */
  readonly none?: readonly Scalar[] | undefined;
  readonly gt?: number | undefined;
  readonly gte?: number | undefined;
  readonly lt?: number | undefined;
  readonly lte?: number | undefined;
}

/** A claim's value or the members of its list; undefined when one of them is neither string, number nor boolean. */
function readScalars(claim: Json): readonly Scalar[] | undefined {
  const list = asArray(claim);
  const items = list === undefined ? [claim] : list.items;
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
 * Whether a claim fulfils a condition. A claim that is not there, or has an object among its values, fulfils none.
 */
export function fulfils(claim: Json | undefined, condition: ClaimCondition): boolean {
  if (claim === undefined) return false;
  const values = readScalars(claim);
  if (values === undefined) return false;
  if (condition.any !== undefined && countShared(condition.any, values) === 0) return false;
  if (condition.all !== undefined && countShared(condition.all, values) < condition.all.length) return false;
  if (condition.none !== undefined && countShared(condition.none, values) > 0) return false;
  return isWithin(claim, condition);
}
