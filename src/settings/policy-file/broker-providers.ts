// `broker.providers`: the OpenID providers with which people sign in, by their names.
import type { JsonObject } from '../../codec/json';
import { lowerAscii } from '../../codec/percent';
import type { OpenIdClient } from '../../model/login';
import type { IssuerSettings } from '../../model/settings';
import { placeIssuer, type FoundProviders, type ProviderGround } from './broker-issuer';
import { findPreset, PRESET_PARAMETERS, type Preset } from './broker-presets';
import { CLIENT_MEMBERS, readSigningCredentials } from './client-credentials';
import { CLIENT_KEY_MEMBERS } from './client-key';
import type { IssuerContext } from './issuer-keys';
import { readScopes } from './login';
import { readEndpointWords } from './login-endpoints';
import {
  checkMembers,
  complain,
  member,
  pointTo,
  readComment,
  readObject,
  readObjectMember,
  readString,
  readStrings,
  type Place,
} from './reader';

const MEMBERS: readonly string[] = [
  'comment',
  'issuer',
  'tenants',
  'keys',
  'label',
  'scopes',
  'user_claims',
  'tenant_claim',
  'endpoints',
].concat(CLIENT_MEMBERS, CLIENT_KEY_MEMBERS);
const MOST_PROVIDERS = 16;
const LONGEST_NAME = 32;
const SMALL_LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const NAME_WORDS =
  'is not the name of a provider: a small letter, then small letters, digits, `-` and `_`, 32 characters at the most';

function isProviderName(context: IssuerContext, name: string): boolean {
  const text = context.reader.text;
  if (name.length > LONGEST_NAME || !text.isBase64UrlAlphabet(name) || lowerAscii(name, text) !== name) return false;
  return name !== '' && SMALL_LETTERS.indexOf(name.charAt(0)) >= 0;
}

/** The client at the provider. */
function readClient(
  context: IssuerContext,
  object: Place<JsonObject>,
  name: string,
  place: number,
  preset: Preset | undefined,
  ground: ProviderGround,
  issuer: IssuerSettings | undefined,
): OpenIdClient {
  const reader = context.reader;
  const id = member(object, 'client_id');
  const audience = member(object, 'client_assertion_audience');
  if (issuer?.tenancy !== undefined && audience?.value === 'issuer') {
    complain(reader, audience.pointer, 'is `issuer`, but that is a pattern here; leave it out');
  }
  // One without any source has a problem already.
  const sources = issuer?.sources;
  const hasSource = sources?.configured !== undefined || (sources?.remotes.length ?? 0) > 0;
  const endpoints = readEndpointWords(context, object, hasSource ? issuer : undefined);
  if (endpoints?.endSession !== undefined) {
    const pointer = object.pointer + '/endpoints/end_session_endpoint';
    complain(reader, pointer, 'has no effect: the broker signs nobody out; remove it');
  }
  return {
    issuer: place,
    clientId: typeof id?.value === 'string' ? id.value : '',
    credentials: readSigningCredentials(context, object, issuer?.issuer ?? ''),
    scopes: readScopes(context, object, preset?.scopes ?? 'openid profile email'),
    redirectUri: ground.broker + '/callback/' + name,
    cookie: ground.cookie.terms,
    keys: { login: ground.cookie.keys.login },
    claimsFrom: ['id_token'],
    endpoints,
  };
}

/** The claims that may hold the user's name. */
function readUserClaims(
  context: IssuerContext,
  object: Place<JsonObject>,
  preset: Preset | undefined,
): readonly string[] {
  const place = member(object, 'user_claims');
  if (place !== undefined) return readStrings(context.reader, place);
  if (preset !== undefined) return preset.userClaims;
  const words = "has no `user_claims`; name the claims that may hold the user's name, as `email`";
  complain(context.reader, object.pointer, words);
  return [];
}

function readText(context: IssuerContext, object: Place<JsonObject>, name: string): string | undefined {
  const place = member(object, name);
  return place === undefined ? undefined : readString(context.reader, place);
}

function readProvider(
  context: IssuerContext,
  name: string,
  object: Place<JsonObject>,
  ground: ProviderGround,
  found: FoundProviders,
): void {
  const reader = context.reader;
  if (!isProviderName(context, name)) complain(reader, object.pointer, NAME_WORDS);
  checkMembers(reader, object, MEMBERS);
  readComment(reader, object);
  const preset = findPreset(name);
  const place = placeIssuer(context, object, preset, ground, found);
  const issuer = found.issuers[place];
  const client = readClient(context, object, name, place, preset, ground, issuer);
  found.providers.push({
    name,
    label: readText(context, object, 'label') ?? preset?.label ?? name,
    client,
    userClaims: readUserClaims(context, object, preset),
    tenantClaim: readText(context, object, 'tenant_claim') ?? preset?.tenantClaim ?? issuer?.tenancy?.claim,
    parameters: preset === undefined ? [] : PRESET_PARAMETERS,
  });
}

/** Reads `providers`, in the order of the policy, which is that of the buttons. */
export function readProviders(
  context: IssuerContext,
  broker: Place<JsonObject>,
  ground: ProviderGround,
): FoundProviders {
  const reader = context.reader;
  const found: FoundProviders = { providers: [], issuers: ground.others.slice() };
  const object = readObjectMember(reader, broker, 'providers');
  if (object === undefined) return found;
  const names = object.value.names;
  if (names.length === 0) complain(reader, object.pointer, 'is empty; name a provider, or leave it out');
  if (names.length > MOST_PROVIDERS) {
    complain(reader, object.pointer, 'has more than ' + MOST_PROVIDERS.toString() + ' providers');
  }
  for (let index = 0; index < names.length && index < MOST_PROVIDERS; index++) {
    const name = names[index] ?? '';
    const value = object.value.values[index];
    const item =
      value === undefined ? undefined : readObject(reader, { value, pointer: pointTo(object.pointer, name) });
    if (item !== undefined) readProvider(context, name, item, ground, found);
  }
  return found;
}
