// The claims of an accepted token as variables of a proxy.
import { asStrings, type Json, type JsonObject } from '../codec/json';
import { formatJson } from '../codec/json-format';
import { toVariableName } from '../codec/character';
import type { Text } from '../codec/text';

export interface ClaimVariable {
  /** Letters, digits and `_`; without a prefix. */
  readonly name: string;
  /** Whole numbers as numbers, everything else as text. */
  readonly value: string | number;
}

/** Whole numbers up to this are the same on every engine. */
const MAX_WHOLE = 9007199254740991;

/** Strings and whole numbers as they are, lists of strings joined by a space, the rest as compact JSON. */
function toValue(claim: Json): string | number {
  if (typeof claim === 'string') return claim;
  const strings = asStrings(claim);
  if (strings !== undefined) return strings.join(' ');
  if (typeof claim === 'boolean' || claim.kind !== 'number') return formatJson(claim);
  const whole = Math.floor(claim.value) === claim.value && claim.value <= MAX_WHOLE && claim.value >= -MAX_WHOLE;
  return whole ? claim.value : claim.text;
}

/** Whether a value could end a header line, or a string of C, wherever the operator puts it. */
function breaksLines(value: string | number): boolean {
  if (typeof value !== 'string') return false;
  return value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0 || value.indexOf('\0') >= 0;
}

/**
 * The variables' names for claims with these names, one for each; empty for a claim that gets none. When two claims map to
 * one name, the claim with exactly that name gets it, otherwise the first.
 */
export function variableNames(claims: readonly string[], text: Text): readonly string[] {
  const names: string[] = [];
  const taken: Record<string, boolean> = {};
  for (let index = 0; index < claims.length; index++) taken['$' + (claims[index] ?? '')] = true;
  for (let index = 0; index < claims.length; index++) {
    const claim = claims[index] ?? '';
    const name = toVariableName(claim, text);
    const isTaken = name !== claim && taken['$' + name] === true;
    names.push(isTaken ? '' : name);
    taken['$' + name] = true;
  }
  return names;
}

/** A claim's value as a variable; undefined when it holds CR, LF or NUL. */
export function variableValue(claim: Json): string | number | undefined {
  const value = toValue(claim);
  return breaksLines(value) ? undefined : value;
}

/**
 * The variables of the top-level claims, in the claims' order.
 * @param claims the claims of a verified token
 */
export function claimVariables(claims: JsonObject, text: Text): readonly ClaimVariable[] {
  const variables: ClaimVariable[] = [];
  const names = variableNames(claims.names, text);
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    const claim = claims.values[index];
    const value = name === '' || claim === undefined ? undefined : variableValue(claim);
    if (value !== undefined) variables.push({ name, value });
  }
  return variables;
}
