// The claims of an accepted token as variables of a proxy.
import { asStrings, type Json, type JsonObject } from '../codec/json';
import { formatJson } from '../codec/json-format';
import { toVariableName } from '../codec/character';
import type { Text } from '../ports/text';

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
 * The variables of the top-level claims, in the claims' order. When two names become one, the claim that is spelled so
 * keeps it, otherwise the first; a value with CR, LF or NUL is left out.
 * @param claims the claims of a verified token
 */
export function claimVariables(claims: JsonObject, text: Text): readonly ClaimVariable[] {
  const variables: ClaimVariable[] = [];
  const taken: Record<string, boolean> = {};
  for (let index = 0; index < claims.names.length; index++) taken['$' + (claims.names[index] ?? '')] = true;
  for (let index = 0; index < claims.names.length; index++) {
    const claim = claims.names[index];
    const value = claims.values[index];
    if (claim === undefined || value === undefined) continue;
    const name = toVariableName(claim, text);
    if (name === '' || (name !== claim && taken['$' + name] === true)) continue;
    taken['$' + name] = true;
    const converted = toValue(value);
    if (!breaksLines(converted)) variables.push({ name, value: converted });
  }
  return variables;
}
