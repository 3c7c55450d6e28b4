// What a session holds, and the text that is sealed of it.
import { asNumber, asObject, findMember, wholeNumber, type Json, type JsonObject } from '../codec/json';
import { formatJson } from '../codec/json-format';
import { parseJson } from '../codec/json-parse';
import type { Text } from '../codec/text';
import { readText } from './read-text';

export interface Session {
  /**
   * Claims as of a token: `iss`, `sub`, `aud` (the client), `jti` (the session itself), `iat` (the sign-in), `exp` (the
   * session's end), `scope`, and those that the policy reads.
   */
  readonly claims: JsonObject;
  /** Seconds since the epoch: when the access token expires; undefined where the issuer does not say it. */
  readonly expires: number | undefined;
  /** When it was refreshed, or began. */
  readonly refreshed: number;
  readonly refresh: string | undefined;
  /** Undefined unless something forwards it. */
  readonly access: string | undefined;
  /** Undefined unless sign-out at the issuer is on. */
  readonly id: string | undefined;
}

/** The text to be sealed. */
export function formatSession(session: Session): string {
  const names = ['claims', 'refreshed'];
  const values: Json[] = [session.claims, wholeNumber(session.refreshed)];
  const add = (name: string, value: Json | undefined): void => {
    if (value === undefined) return;
    names.push(name);
    values.push(value);
  };
  add('expires', session.expires === undefined ? undefined : wholeNumber(session.expires));
  add('refresh_token', session.refresh);
  add('access_token', session.access);
  add('id_token', session.id);
  return formatJson({ kind: 'object', names, values });
}

/** Reads what `formatSession` wrote; undefined for anything else. */
export function parseSession(opened: string, text: Text): Session | undefined {
  const object = asObject(parseJson(opened, text));
  if (object === undefined) return undefined;
  const claims = asObject(findMember(object, 'claims'));
  const refreshed = asNumber(findMember(object, 'refreshed'));
  if (claims === undefined || refreshed === undefined) return undefined;
  return {
    claims,
    expires: asNumber(findMember(object, 'expires'))?.value,
    refreshed: refreshed.value,
    refresh: readText(object, 'refresh_token'),
    access: readText(object, 'access_token'),
    id: readText(object, 'id_token'),
  };
}
