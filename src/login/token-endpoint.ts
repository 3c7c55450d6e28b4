// The token endpoint (RFC 6749 §4.1.3, §5.1, §6): a code or a refresh token for tokens.
import { asNumber, asObject, findMember } from '../codec/json';
import { parseJson } from '../codec/json-parse';
import type { Text } from '../codec/text';
import { findFault } from '../keys/http-limits';
import { writeAssertion } from './client-assertion';
import { FORM_TYPE } from '../token/places/form';
import type { HttpAnswer } from '../ports/http';
import { formatParameters, type Parameter } from './query';
import { readText } from './read-text';
import type { ClientContext, LoginStep } from './step';

const UNSIGNED = 'was not asked: this proxy could not sign with `client_key_file`';

/** RFC 6749 §5.2. */
const ERRORS: readonly string[] = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
];

export interface IssuedTokens {
  readonly access: string;
  readonly refresh: string | undefined;
  readonly id: string | undefined;
  /** Granted; undefined: those that were asked for. */
  readonly scope: string | undefined;
  /** Seconds for which the access token is good; undefined where the issuer does not say it. */
  readonly lifetime: number | undefined;
}

export type TokenAnswer =
  | { readonly kind: 'tokens'; readonly tokens: IssuedTokens }
  /** The issuer says no. @member error of RFC 6749 §5.2; `other` for any other */
  | { readonly kind: 'refused'; readonly error: string }
  | { readonly kind: 'unavailable'; readonly problem: string };

function unavailable(problem: string): TokenAnswer {
  return { kind: 'unavailable', problem };
}

/** RFC 6749 §5.2: errors come with 400, or 401 for the client. */
function readError(answer: HttpAnswer, text: Text): string | undefined {
  if (!answer.ok || answer.status < 400 || answer.status >= 500) return undefined;
  const object = asObject(parseJson(answer.body, text));
  const error = object === undefined ? undefined : readText(object, 'error');
  if (error === undefined) return answer.status === 401 ? 'invalid_client' : 'other';
  return ERRORS.indexOf(error) < 0 ? 'other' : error;
}

/** Reads an answer of the token endpoint. */
export function readTokenAnswer(answer: HttpAnswer, text: Text): TokenAnswer {
  const error = readError(answer, text);
  if (error !== undefined) return { kind: 'refused', error };
  const fault = findFault(answer);
  if (!answer.ok || fault !== undefined) return unavailable(fault ?? '');
  const object = asObject(parseJson(answer.body, text));
  const access = object === undefined ? undefined : readText(object, 'access_token');
  if (object === undefined || access === undefined) return unavailable('its answer has no access_token');
  // RFC 6749 §7.1: a type that is not understood cannot be used; it is compared without regard to case.
  if (readText(object, 'token_type')?.toLowerCase() !== 'bearer') return unavailable('its token_type is not Bearer');
  const lifetime = asNumber(findMember(object, 'expires_in'))?.value;
  const isLifetime = lifetime !== undefined && lifetime > 0 && lifetime < 1e9;
  return {
    kind: 'tokens',
    tokens: {
      access,
      refresh: readText(object, 'refresh_token'),
      id: readText(object, 'id_token'),
      scope: readText(object, 'scope'),
      lifetime: isLifetime ? lifetime : undefined,
    },
  };
}

/**
 * Asks for tokens: with each secret or key of the client, while the issuer does not know it.
 * @param then continues with what the issuer answers in the end; nobody was asked where its time is 0
 */
export function askForTokens(
  context: ClientContext,
  parameters: readonly Parameter[],
  then: (answer: TokenAnswer, now: number) => LoginStep,
): LoginStep {
  const credentials = context.login.credentials;
  const endpoints = context.endpoints;
  if (!endpoints.ok) return then(unavailable(endpoints.problem), 0);
  const url = endpoints.endpoints.token;
  const form = formatParameters(parameters, context.text);

  function send(place: number, assertion: string): LoginStep {
    const next = (answer: HttpAnswer, now: number): LoginStep => {
      const read = readTokenAnswer(answer, context.text);
      const isUnknown = read.kind === 'refused' && read.error === 'invalid_client';
      return isUnknown && place + 1 < credentials.length ? ask(place + 1) : then(read, now);
    };
    const question = {
      url,
      authorization: credentials[place]?.authorization,
      contentType: FORM_TYPE,
      body: form + (credentials[place]?.form ?? '') + assertion,
      isOnce: true,
    };
    return { kind: 'fetch', question, next };
  }

  function ask(place: number): LoginStep {
    const key = credentials[place]?.key;
    const audience = credentials[place]?.audience ?? url;
    if (key === undefined) return send(place, '');
    return {
      kind: 'sign',
      key,
      write: (random, now) => writeAssertion(context.login.clientId, audience, random, now),
      next: (jws) => (jws === undefined ? then(unavailable(UNSIGNED), 0) : send(place, jws)),
    };
  }

  return ask(0);
}
