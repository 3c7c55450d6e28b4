// A text of what login reads: an issuer's answers, claims, and sessions.
import { findMember, type JsonObject } from '../codec/json';

/** The text of a member; undefined when it is missing, empty, or no text. */
export function readText(object: JsonObject, name: string): string | undefined {
  const value = findMember(object, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
