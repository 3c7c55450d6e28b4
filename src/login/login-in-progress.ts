// A login in progress, between `start` and `callback`: sealed in a cookie of its own, for each `state`.
import { asNumber, asObject, findMember, wholeNumber, type Json, type JsonObject } from '../codec/json';
import { formatJson } from '../codec/json-format';
import { parseJson } from '../codec/json-parse';
import type { Text } from '../codec/text';
import type { CookieTerms } from '../model/login';

/** Seconds for which somebody may take to sign in. */
export const LOGIN_AGE = 600;
/** Logins in progress of one browser: several tabs. */
export const MOST_LOGINS = 5;
const LONGEST_STATE = 64;
const NAME_LENGTH = 8;

export interface LoginInProgress {
  readonly state: string;
  readonly nonce: string;
  /** RFC 7636 §4.1. */
  readonly verifier: string;
  /** The issuer that was asked (RFC 9700 §4.4). */
  readonly issuer: string;
  readonly redirectUri: string;
  /** A Location on the operator's own hosts. */
  readonly returnTo: string;
  /** Seconds since the epoch. */
  readonly begun: number;
}

/** What the names of all of them begin with. */
export function loginCookies(terms: CookieTerms): string {
  return terms.name + '-login-';
}

/** The name of the cookie for a state; undefined for what is no state of ours. */
export function loginCookieName(terms: CookieTerms, state: string, text: Text): string | undefined {
  if (state.length < NAME_LENGTH || state.length > LONGEST_STATE || !text.isBase64UrlAlphabet(state)) return undefined;
  return loginCookies(terms) + state.substring(0, NAME_LENGTH);
}

/** The text to be sealed. */
export function formatLogin(login: LoginInProgress): string {
  const names = ['state', 'nonce', 'verifier', 'issuer', 'redirect_uri', 'return_to', 'begun'];
  const values: Json[] = [login.state, login.nonce, login.verifier, login.issuer, login.redirectUri, login.returnTo];
  values.push(wholeNumber(login.begun));
  return formatJson({ kind: 'object', names, values });
}

function readMember(object: JsonObject, name: string): string | undefined {
  const value = findMember(object, name);
  return typeof value === 'string' ? value : undefined;
}

/** Reads what `formatLogin` wrote; undefined for anything else. */
export function parseLogin(opened: string, text: Text): LoginInProgress | undefined {
  const object = asObject(parseJson(opened, text));
  if (object === undefined) return undefined;
  const state = readMember(object, 'state');
  const nonce = readMember(object, 'nonce');
  const verifier = readMember(object, 'verifier');
  const issuer = readMember(object, 'issuer');
  const redirectUri = readMember(object, 'redirect_uri');
  const returnTo = readMember(object, 'return_to');
  const begun = asNumber(findMember(object, 'begun'));
  if (state === undefined || nonce === undefined || verifier === undefined || begun === undefined) return undefined;
  if (issuer === undefined || redirectUri === undefined || returnTo === undefined) return undefined;
  return { state, nonce, verifier, issuer, redirectUri, returnTo, begun: begun.value };
}
