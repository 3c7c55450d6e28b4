// A remembered token as HAProxy's own C reads it: one text of fields with names, which the converter `param` takes apart.
import { CLAIM_VARIABLES, TRANSACTION } from '../../src/answer/contract';
import {
  DENIAL_FIELD,
  EMPTY_FIELD,
  FIELD_END,
  kindOf,
  MOST_DENIALS,
  SCOPES_FIELD,
  type ClaimKind,
} from '../ports/lane-map';
import type { RememberedToken } from './remembered-tokens';

/** HAProxy cuts a longer value at `tune.bufsize`: INVARIANT: the start wants 16384 of it. */
const MOST_LENGTH = 2048;

const CLAIM = TRANSACTION + CLAIM_VARIABLES;

/** A claim's value as a field has it; undefined where it is of another kind. */
function formatClaim(kind: ClaimKind, value: VariableValue | undefined): string | undefined {
  if (kind === 'text') return typeof value === 'string' ? value : undefined;
  if (kind === 'number') return typeof value === 'number' ? string.format('%d', value) : undefined;
  if (typeof value !== 'boolean') return undefined;
  return value ? '1' : '0';
}

/** Adds the fields of the claims; false where one does not fit. */
function addClaims(
  fields: string[],
  claims: readonly string[],
  { shape, values }: RememberedToken['publication'],
): boolean {
  if (shape.names !== undefined) return false;
  for (const place of $range(1, shape.count)) {
    const claim = string.sub(shape.variables.get(place), CLAIM.length + 1);
    const index = claims.indexOf(claim);
    const text = formatClaim(kindOf(claim), values.get(place));
    if (index < 0 || text === undefined) return false;
    fields.push(tostring(index + 1) + '=' + text);
  }
  return true;
}

/**
 * The fields of a token, to follow its time.
 * @returns undefined for a token that lines cannot judge or publish as the action does
 */
export function formatFields(claims: readonly string[], known: RememberedToken): string | undefined {
  const { denials, publication } = known;
  const fields: string[] = [];
  for (const entry of [...denials.entries, ...denials.timed])
    fields.push(DENIAL_FIELD + tostring(fields.length + 1) + '=' + entry);
  if (fields.length > MOST_DENIALS || !addClaims(fields, claims, publication)) return undefined;
  fields.push(SCOPES_FIELD + '=' + publication.scopes, EMPTY_FIELD + '=');
  // INVARIANT: no field ends another one, and no NUL cuts the text.
  if (fields.some((field) => string.find(field, '%c')[0] !== undefined)) return undefined;
  const text = FIELD_END + fields.join(FIELD_END);
  return text.length > MOST_LENGTH ? undefined : text;
}
