// Identity headers for a backend: from a verified token only, and each value has one reading only.
import { asArray, type Json } from '../codec/json';
import { formatJson } from '../codec/json-format';
import type { Text } from '../codec/text';
import type { Caller } from './caller';
import type { ForwardTerm, IdentityField } from '../model/policy';

export interface ForwardedHeader {
  readonly name: string;
  readonly value: string;
}

/**
 * A member of a list, encoded for its place between commas: `%` and `,` as `%25` and `%2C`, and blanks at either end,
 * which a reader may remove (RFC 9110 §5.6.1), as `%20`.
 */
function formatMember(member: string): string {
  const escaped = member.split('%').join('%25').split(',').join('%2C');
  let start = 0;
  let end = escaped.length;
  while (start < end && escaped.charAt(start) === ' ') start += 1;
  while (end > start && escaped.charAt(end - 1) === ' ') end -= 1;
  const before: string[] = [];
  const after: string[] = [];
  for (let index = 0; index < start; index++) before.push('%20');
  for (let index = end; index < escaped.length; index++) after.push('%20');
  return before.join('') + escaped.substring(start, end) + after.join('');
}

/** A list as one header value; undefined for an empty list. */
export function joinMembers(members: readonly string[]): string | undefined {
  if (members.length === 0) return undefined;
  const formatted: string[] = [];
  for (let index = 0; index < members.length; index++) formatted.push(formatMember(members[index] ?? ''));
  return formatted.join(',');
}

function fieldValue(caller: Caller, field: IdentityField): string | undefined {
  switch (field) {
    case 'groups':
      return joinMembers(caller.groups);
    case 'roles':
      return joinMembers(caller.roles);
    case 'subject':
    case 'user':
    case 'email':
    case 'preferred_username':
    case 'client':
    case 'issuer':
    case 'scopes':
      return caller[field];
  }
}

/** Strings unchanged, lists of strings joined, the rest as compact JSON; undefined for a missing claim. */
function claimValue(claim: Json | undefined): string | undefined {
  if (claim === undefined) return undefined;
  if (typeof claim === 'string') return claim;
  if (typeof claim === 'boolean') return claim ? 'true' : 'false';
  if (claim.kind === 'null') return undefined;
  const list = asArray(claim);
  if (list === undefined) return formatJson(claim);
  const members: string[] = [];
  for (let index = 0; index < list.items.length; index++) {
    const item = list.items[index];
    if (typeof item !== 'string') return formatJson(claim);
    members.push(item);
  }
  return joinMembers(members);
}

/** RFC 9110 §5.5: no control character; no blank at either end, which a reader removes; not empty. */
function isSafe(value: string, text: Text): boolean {
  if (value === '' || text.hasControl(value)) return false;
  return value.charAt(0) !== ' ' && value.charAt(value.length - 1) !== ' ';
}

/**
 * The headers that the backend gets, without values that are empty or ambiguous.
 */
export function forwardHeaders(caller: Caller, terms: readonly ForwardTerm[], text: Text): readonly ForwardedHeader[] {
  const headers: ForwardedHeader[] = [];
  for (let index = 0; index < terms.length; index++) {
    const term = terms[index];
    if (term === undefined) continue;
    const value = term.kind === 'field' ? fieldValue(caller, term.field) : claimValue(caller.values[term.slot]);
    if (value !== undefined && isSafe(value, text)) headers.push({ name: term.name, value });
  }
  return headers;
}
