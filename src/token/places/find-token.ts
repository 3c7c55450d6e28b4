// Finds the token of a request at the places that the operator names (RFC 6750 §2). Never chooses between two tokens.
import { extractBearer, trimBlanks } from '../bearer';
import type { Text } from '../../codec/text';
import type { TokenPlace } from '../../model/token-place';
import { fail, succeed, type Outcome } from '../../answer/outcome';
import { isBasic, readPassword } from './basic';
import { readCookies } from './cookies';
import { readForm } from './form';
import { readParameters } from './parameters';
import { readProtocols } from './protocols';
import { queryOf, type RequestLines } from './request-lines';

/** A token, and the places that have it, in the operator's list. */
export interface FoundToken {
  readonly token: string;
  readonly places: readonly number[];
}

const NONE: readonly string[] = [];
const SCHEME = 'bearer ';

/** The token of a header line; some clients write `Bearer` before it. */
function readHeaderLine(line: string): string {
  const value = trimBlanks(line);
  return value.substring(0, SCHEME.length).toLowerCase() === SCHEME
    ? trimBlanks(value.substring(SCHEME.length))
    : value;
}

function listOf(outcome: Outcome<string>): Outcome<readonly string[]> {
  return outcome.ok ? succeed([outcome.value]) : outcome;
}

function readAuthorization(place: TokenPlace, request: RequestLines, text: Text): Outcome<readonly string[]> {
  const fields = request.lines('authorization');
  if (place.kind === 'bearer') return listOf(extractBearer(fields));
  if (fields.length > 1) return fail('authorization_repeated');
  const field = fields[0] ?? '';
  return isBasic(field) ? listOf(readPassword(field, text)) : succeed(NONE);
}

function readFormParameter(name: string, request: RequestLines, text: Text): Outcome<readonly string[]> {
  const form = readForm(request);
  return form.ok ? readParameters(form.value, name, text) : form;
}

/** Every token at one place. */
function readPlace(place: TokenPlace, request: RequestLines, text: Text): Outcome<readonly string[]> {
  switch (place.kind) {
    case 'bearer':
    case 'basic_password':
      return readAuthorization(place, request, text);
    case 'header': {
      const values = request.lines(place.name).map((line) => readHeaderLine(line));
      return succeed(values.filter((value) => value !== ''));
    }
    case 'cookie':
      return succeed(readCookies(request.lines('cookie'), place.name));
    case 'query':
      return readParameters(queryOf(request.target) ?? '', place.name, text);
    case 'form':
      return readFormParameter(place.name, request, text);
    case 'websocket_protocol':
      return succeed(readProtocols(request.lines('sec-websocket-protocol'), place.name));
  }
}

/**
 * Finds the token of a request. Its characters are not checked here.
 * @param places where to look; every one is looked at
 * @returns `token_repeated` for two different tokens, wherever they are; `scheme_unsupported` or `credentials_missing`
 * when there is none; `authorization_repeated`, `credentials_malformed` or `form_incomplete`
 */
export function findToken(places: readonly TokenPlace[], request: RequestLines, text: Text): Outcome<FoundToken> {
  const found: number[] = [];
  let token: string | undefined;
  let isUnsupported = false;
  for (let index = 0; index < places.length; index++) {
    const place = places[index];
    const values = place === undefined ? succeed(NONE) : readPlace(place, request, text);
    if (!values.ok) {
      if (values.reason === 'scheme_unsupported') isUnsupported = true;
      else if (values.reason !== 'credentials_missing') return values;
      continue;
    }
    for (let position = 0; position < values.value.length; position++) {
      const value = values.value[position];
      // RFC 6750 §2: one method in each request. A client may repeat itself, as Cloudflare Access does.
      if (token !== undefined && value !== token) return fail('token_repeated');
      token = value;
    }
    if (values.value.length > 0) found.push(index);
  }
  if (token !== undefined) return succeed({ token, places: found });
  return fail(isUnsupported ? 'scheme_unsupported' : 'credentials_missing');
}

/** The form in which a found token is remembered: one that is good at one place need not be so at another. */
export function nameFound(found: FoundToken): string {
  return 'at ' + found.places.map((place) => place.toString()).join('.') + ' ' + found.token;
}
