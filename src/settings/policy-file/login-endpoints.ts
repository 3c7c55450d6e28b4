// `login.endpoints`: the endpoints of the issuer, by their names in a discovery document, where none is fetched.
import type { JsonObject } from '../../codec/json';
import type { LoginEndpoints } from '../../model/login';
import type { IssuerSettings } from '../../model/settings';
import { checkUrl, type IssuerContext } from './issuer-keys';
import { checkMembers, complain, member, readFlag, readObjectMember, readString, type Place } from './reader';

const NAMES_ISSUER = 'authorization_response_iss_parameter_supported';
const KEYS: readonly string[] = ['authorization_endpoint', 'token_endpoint', 'end_session_endpoint', NAMES_ISSUER];
const UNKNOWN =
  'names an issuer whose discovery document is not fetched; give its `keys` as {"discovery": true}, or `endpoints` here';
const KEYLESS = 'names an issuer without keys, so no ID token can be verified; give it `keys`';

/** A URL; undefined when it is missing, or no URL, which is noted. */
function readUrl(context: IssuerContext, object: Place<JsonObject>, name: string): string | undefined {
  const place = member(object, name);
  const url = place === undefined ? undefined : readString(context.reader, place);
  if (place !== undefined && url !== undefined) checkUrl(context, place.pointer, url);
  return url;
}

/** Notes an issuer at which nobody could sign in. */
function checkIssuer(context: IssuerContext, login: Place<JsonObject>, issuer: IssuerSettings, isGiven: boolean): void {
  const pointer = (member(login, 'issuer') ?? login).pointer;
  const remotes = issuer.sources.remotes;
  const isKeyless = remotes.length === 0 && (issuer.sources.configured?.keys ?? []).length === 0;
  if (isKeyless) complain(context.reader, pointer, KEYLESS);
  else if (!isGiven && !remotes.some((remote) => remote.kind === 'discovery')) {
    complain(context.reader, pointer, UNKNOWN);
  }
}

/**
 * Reads `endpoints`.
 * @param issuer of the login; undefined where the policy has none
 * @returns undefined: those of the discovery document
 */
export function readEndpointWords(
  context: IssuerContext,
  login: Place<JsonObject>,
  issuer: IssuerSettings | undefined,
): LoginEndpoints | undefined {
  if (issuer !== undefined) checkIssuer(context, login, issuer, member(login, 'endpoints') !== undefined);
  const object = readObjectMember(context.reader, login, 'endpoints');
  if (object === undefined) return undefined;
  checkMembers(context.reader, object, KEYS);
  for (let index = 0; index < 2; index++) {
    const name = KEYS[index] ?? '';
    if (member(object, name) === undefined) complain(context.reader, object.pointer, 'has no `' + name + '`');
  }
  return {
    authorization: readUrl(context, object, 'authorization_endpoint') ?? '',
    token: readUrl(context, object, 'token_endpoint') ?? '',
    endSession: readUrl(context, object, 'end_session_endpoint'),
    namesIssuer: readFlag(context.reader, object, NAMES_ISSUER, false),
  };
}
