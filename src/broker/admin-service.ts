// The admin service of an audience: it knows who is a member, with which roles, and which devices wait (document 004).
import { asArray, asObject, findMember, type Json } from '../codec/json';
import { parseJson } from '../codec/json-parse';
import { utf8Length } from '../codec/character';
import { encodeFully } from '../codec/percent-forms';
import { lowerAscii } from '../codec/percent';
import type { Text } from '../codec/text';
import { findFault } from '../keys/http-limits';
import { readText } from '../login/read-text';
import type { LoginStep } from '../login/step';
import { trimBlanks } from '../token/bearer';
import { INTERNAL_LIFETIME, INTERNAL_ROLE, writeClaims, type Person } from '../mint/token';
import type { HttpAnswer, HttpQuestion } from '../ports/http';
import type { BrokerContext } from './context';
import { LONGEST_NAME, readLine } from './person';

/** Bytes. */
const LONGEST_ROLE = 128;
const MOST_ROLES = 100;

/** What the admin service says of a person. */
export type LookUp =
  | { readonly kind: 'member'; readonly person: Person }
  | { readonly kind: 'unknown' }
  /** @member problem for the log */
  | { readonly kind: 'unavailable'; readonly problem: string };

/** What it says of a device. */
export type Pairing =
  | { readonly kind: 'paired' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unavailable'; readonly problem: string };

/** How each answer counts. */
const ANSWERS: Readonly<Record<LookUp['kind'] | Pairing['kind'], string>> = {
  member: 'known',
  paired: 'known',
  unknown: 'unknown',
  unavailable: 'failed',
};

function unavailable(problem: string): { readonly kind: 'unavailable'; readonly problem: string } {
  return { kind: 'unavailable', problem: 'the admin service: ' + problem };
}

function providerOf(person: Person): string {
  return person.tenant === '' ? person.provider : person.provider + ':' + person.tenant;
}

/** The address of a person. INVARIANT: the name is one segment of the path, whatever characters it has. */
function addressOf(admin: string, person: Person, text: Text): string {
  return admin + '/sysapi/user/' + encodeFully(person.user, text);
}

/** The types of JSON, and what some servers write of it that name none. */
const TYPES: readonly string[] = ['application/json', 'text/json', 'text/plain', ''];
const JSON_SUFFIX = '+json';

/** Whether a `Content-Type` (RFC 9110 §8.3.1) can be that of JSON: a page in its place is no answer, whatever it holds. */
function canBeJson(contentType: string, text: Text): boolean {
  const type = lowerAscii(trimBlanks(contentType.split(';')[0] ?? ''), text);
  return TYPES.indexOf(type) >= 0 || type.substring(type.length - JSON_SUFFIX.length) === JSON_SUFFIX;
}

/** The roles; undefined unless they are a list of short texts. */
function readRoles(value: Json | undefined, text: Text): readonly string[] | undefined {
  const items = asArray(value)?.items;
  if (items === undefined || items.length > MOST_ROLES) return undefined;
  const roles: string[] = [];
  for (let index = 0; index < items.length; index++) {
    const role = items[index];
    if (typeof role !== 'string' || role === '') return undefined;
    if (utf8Length(role, text) > LONGEST_ROLE || text.hasControl(role)) return undefined;
    roles.push(role);
  }
  return roles;
}

/** Reads the answer about a person. */
export function readLookUp(answer: HttpAnswer, person: Person, text: Text): LookUp {
  if (answer.ok && answer.status === 404) return { kind: 'unknown' };
  const fault = findFault(answer);
  if (!answer.ok || fault !== undefined) return unavailable(fault ?? '');
  if (!canBeJson(answer.contentType, text)) return unavailable('its answer has another content type than that of JSON');
  const object = asObject(parseJson(answer.body, text));
  if (object === undefined) return unavailable('its answer is no JSON object');
  const user = readText(object, 'upn');
  if (user === undefined || lowerAscii(user, text) !== lowerAscii(person.user, text)) {
    return unavailable('its answer is about another user');
  }
  const roles = readRoles(findMember(object, 'roles'), text);
  if (roles === undefined) return unavailable('its answer has no list of roles');
  const name = readLine(object, 'name', LONGEST_NAME, text) ?? person.name;
  return { kind: 'member', person: Object.assign({}, person, { roles, name }) };
}

/** Reads the answer about a device. */
export function readPairing(answer: HttpAnswer): Pairing {
  if (!answer.ok) return unavailable(answer.problem);
  if (answer.status >= 200 && answer.status < 300) return { kind: 'paired' };
  // A code that is unknown, was used, or is over.
  if (answer.status === 400 || answer.status === 404 || answer.status === 409 || answer.status === 410) {
    return { kind: 'unknown' };
  }
  return unavailable('it answers with status ' + answer.status.toString());
}

/** Asks with a token of the broker itself. */
function ask(
  context: BrokerContext,
  audience: string,
  person: Person,
  question: Pick<HttpQuestion, 'url' | 'contentType' | 'body' | 'isOnce'>,
  then: (answer: HttpAnswer, now: number) => LoginStep,
): LoginStep {
  const desk = context.desk;
  const system: Person = Object.assign({}, person, { roles: [INTERNAL_ROLE], names: [], values: [] });
  return {
    kind: 'sign',
    key: desk.signing,
    write: (random, now) => writeClaims(desk.issuer, audience, system, INTERNAL_LIFETIME, random, now),
    next: (jws) => {
      if (jws === undefined) return then({ ok: false, problem: 'was not asked: this proxy could not sign' }, 0);
      context.count('token', 'admin');
      return {
        kind: 'fetch',
        question: Object.assign({}, question, { authorization: 'Bearer ' + jws }),
        next: then,
      };
    },
  };
}

/** Looks a person up. @param admin the base URL */
export function lookUp(
  context: BrokerContext,
  admin: string,
  audience: string,
  person: Person,
  then: (found: LookUp, now: number) => LoginStep,
): LoginStep {
  const url = addressOf(admin, person, context.text) + '/' + providerOf(person);
  const question = { url, contentType: '', body: undefined };
  return ask(context, audience, person, question, (answer, now) => {
    const found = readLookUp(answer, person, context.text);
    context.count('admin', 'user ' + ANSWERS[found.kind]);
    return then(found, now);
  });
}

/** Gives a device to a person. @param code the pairing code, of letters, digits, `-`, `_` and `:` */
export function pairDevice(
  context: BrokerContext,
  admin: string,
  audience: string,
  person: Person,
  code: string,
  then: (pairing: Pairing) => LoginStep,
): LoginStep {
  const text = context.text;
  const path = addressOf(admin, person, text) + '/device/' + code;
  const url = path + '?provider=' + encodeFully(providerOf(person), text);
  const question = { url, contentType: 'application/json', body: '', isOnce: true };
  return ask(context, audience, person, question, (answer) => {
    const pairing = readPairing(answer);
    context.count('admin', 'device ' + ANSWERS[pairing.kind]);
    return then(pairing);
  });
}
