// What is left of a request for its backend: no place but `Authorization: Bearer` keeps a token, whoever sent it and
// whatever was decided. Headers that are places are removed by name.
import type { Text } from '../../codec/text';
import type { PlaceKind, TokenPlace } from '../../model/token-place';
import { isBasic } from './basic';
import { trimBlanks } from '../bearer';
import { withoutCookies } from './cookies';
import { withoutParameters } from './parameters';
import { withoutProtocols } from './protocols';
import { queryOf, type RequestLines } from './request-lines';

const BEARER = 'bearer';

/** The changed parts of a request; undefined: unchanged. */
export interface Remainder {
  readonly authorization: readonly string[] | undefined;
  readonly cookies: readonly string[] | undefined;
  /** The list of subprotocols; empty: none is left. */
  readonly protocols: string | undefined;
  /** The target without its tokens, and without a `?` where nothing follows it. */
  readonly target: string | undefined;
}

/** The names of the places of one kind. */
export function namesOf(places: readonly TokenPlace[], kind: PlaceKind): readonly string[] {
  return places.filter((place) => place.kind === kind).map((place) => place.name);
}

/** A target without these parameters of its query; undefined when it has none of them. */
export function withoutTokens(target: string, names: readonly string[], text: Text): string | undefined {
  const query = queryOf(target);
  const rest = query === undefined ? undefined : withoutParameters(query, names, text);
  if (query === undefined || rest === undefined) return undefined;
  const path = target.substring(0, target.indexOf('?'));
  if (rest !== '') return path + '?' + rest;
  // RFC 9112 §3.2.1: an absolute form without a path (`http://host?token`) has none here, and nothing would mean nginx's own.
  return path === '' ? '/' : path;
}

/** Whether a backend could read a Bearer token out of an Authorization field: rather one too many. */
function mayBeBearer(field: string): boolean {
  return trimBlanks(field).substring(0, BEARER.length).toLowerCase() === BEARER;
}

/**
 * RFC 6750 §2: credentials that are a place are taken. Those of Bearer that are none were verified by nobody, and a backend
 * would believe them beside a verified token.
 */
function withoutCredentials(fields: readonly string[], basic: boolean, bearer: boolean): readonly string[] | undefined {
  const kept = fields.filter((field) => !(basic && isBasic(field)) && !(bearer && mayBeBearer(field)));
  return kept.length === fields.length ? undefined : kept;
}

/** Whether a request loses its Bearer credentials. @param keepsBearer whether the policy says that they stay */
export function takesBearer(places: readonly TokenPlace[], keepsBearer: boolean): boolean {
  return !keepsBearer && !places.some((place) => place.kind === 'bearer');
}

/**
 * What is left of a request.
 * @param keepsBearer whether the policy says that Bearer credentials stay where they are no place
 */
export function takeTokens(
  places: readonly TokenPlace[],
  request: RequestLines,
  text: Text,
  keepsBearer: boolean,
): Remainder {
  const cookies = namesOf(places, 'cookie');
  const parameters = namesOf(places, 'query');
  const marks = namesOf(places, 'websocket_protocol');
  const basic = namesOf(places, 'basic_password').length > 0;
  const bearer = takesBearer(places, keepsBearer);
  return {
    authorization: basic || bearer ? withoutCredentials(request.lines('authorization'), basic, bearer) : undefined,
    cookies: cookies.length > 0 ? withoutCookies(request.lines('cookie'), cookies) : undefined,
    protocols: marks.length > 0 ? withoutProtocols(request.lines('sec-websocket-protocol'), marks) : undefined,
    target: parameters.length > 0 ? withoutTokens(request.target, parameters, text) : undefined,
  };
}
