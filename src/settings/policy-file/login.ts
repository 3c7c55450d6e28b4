// `login` of a policy: who signs browsers in, and for how long (docs/decisions/0050-login.md).
import { asObject, findMember, type JsonObject } from '../../codec/json';
import { plainSha256 } from '../../crypto/plain-sha256';
import { deriveSealingKeys } from '../../login/sealing-keys';
import type { ClaimSource, Login, LoginKeys, OpenIdClient, SealingPurpose, SignIn } from '../../model/login';
import type { Policy } from '../../model/policy';
import type { IssuerSettings } from '../../model/settings';
import { canonicalizeHost, coversHost } from '../../request/canonical-host';
import { SESSION_AGE } from '../table';
import { CLIENT_MEMBERS, readSigningCredentials } from './client-credentials';
import { CLIENT_KEY_MEMBERS } from './client-key';
import { checkUrl, type IssuerContext } from './issuer-keys';
import { readCookieSecrets, readCookieTerms } from './login-cookie';
import { readEndpointWords } from './login-endpoints';
import { addFromEnvironment, refuseLoginSettings } from './login-environment';
import { readPages } from './login-pages';
import { readReturnHosts } from './login-return';
import {
  checkMembers,
  complain,
  member,
  readComment,
  readFlag,
  readObjectMember,
  readString,
  readStringsMember,
  readWhole,
  type Place,
  type Reader,
} from './reader';
import { findSignIn, readSignIn } from './rule-sign-in';
import { hintAt } from './suggest';

const KEYS: readonly string[] = [
  'comment',
  'issuer',
  'scopes',
  'prefix',
  'redirect_uri',
  'claims_from',
  'cookie',
  'return_to',
  'logout',
  'sign_in',
  'endpoints',
  'pages',
].concat(CLIENT_MEMBERS, CLIENT_KEY_MEMBERS);
const COOKIE_KEYS: readonly string[] = [
  'name',
  'secret_file',
  'secret_env',
  'domain',
  'same_site',
  'secure',
  'max_age',
];
const SOURCES: readonly string[] = ['id_token', 'access_token'];
const PREFIX = '/oauth2';
export const CANNOT = 'is here, but this proxy cannot sign browsers in; remove it';
const EMPTY: JsonObject = { kind: 'object', names: [], values: [] };

/** The place of the issuer; it may be left out where there is one alone. */
function readIssuer(context: IssuerContext, object: Place<JsonObject>, issuers: readonly IssuerSettings[]): number {
  const reader = context.reader;
  const place = member(object, 'issuer');
  const names = issuers.map((issuer) => issuer.issuer);
  if (place === undefined) {
    if (issuers.length > 1) complain(reader, object.pointer, 'has no `issuer`; name one of ' + names.join(', '));
    return 0;
  }
  const name = readString(reader, place);
  const index = name === undefined ? 0 : names.indexOf(name);
  if (index < 0) {
    complain(reader, place.pointer, 'names no issuer of `issuers`' + hintAt(name ?? '', names));
  } else if (issuers[index]?.tenancy !== undefined) {
    complain(reader, place.pointer, 'is a pattern; name the issuer of one tenant in `issuers`, and here');
  }
  return index < 0 ? 0 : index;
}

/** Reads `scopes`. @param usual where it is left out */
export function readScopes(context: IssuerContext, object: Place<JsonObject>, usual: string): string {
  const place = member(object, 'scopes');
  if (place === undefined) return usual;
  const scopes = readStringsMember(context.reader, object, 'scopes');
  for (let index = 0; index < scopes.length; index++) {
    const scope = scopes[index] ?? '';
    // RFC 6749 §3.3.
    if (context.reader.text.isVisibleAscii(scope) && scope.indexOf('"') < 0 && scope.indexOf('\\') < 0) continue;
    complain(context.reader, place.pointer + '/' + index.toString(), 'is not one scope of visible ASCII');
  }
  if (scopes.length > 0 && scopes.indexOf('openid') < 0) {
    complain(context.reader, place.pointer, 'has no `openid`, without which issuers send no ID token; add it');
  }
  return scopes.join(' ');
}

/** Where login's paths begin: plain segments, so that every reader takes them for the same. */
function readPrefix(context: IssuerContext, object: Place<JsonObject>): string {
  const place = member(object, 'prefix');
  const prefix = place === undefined ? PREFIX : readString(context.reader, place);
  if (place === undefined || prefix === undefined) return PREFIX;
  const segments = prefix.substring(1).split('/');
  const isPlain = segments.every((segment) => segment !== '' && context.reader.text.isBase64UrlAlphabet(segment));
  if (prefix.charAt(0) === '/' && isPlain) return prefix;
  complain(context.reader, place.pointer, 'is not a path of letters, digits, `-` and `_`, as `/oauth2`');
  return PREFIX;
}

/** Whether browsers send the host of a URL the cookies of a domain. */
function isWithin(uri: string, domain: string, reader: Reader): boolean {
  const rest = uri.substring(uri.indexOf('://') + 3);
  const slash = rest.indexOf('/');
  const host = canonicalizeHost(slash < 0 ? rest : rest.substring(0, slash), reader.text);
  return host === domain || (host !== undefined && coversHost('*.' + domain, host));
}

function readRedirectUri(
  context: IssuerContext,
  object: Place<JsonObject>,
  prefix: string,
  domain: string | undefined,
): string | undefined {
  const place = member(object, 'redirect_uri');
  const uri = place === undefined ? undefined : readString(context.reader, place);
  if (place === undefined || uri === undefined) return undefined;
  checkUrl(context, place.pointer, uri);
  const end = prefix + '/callback';
  if (uri.substring(uri.length - end.length) !== end) {
    complain(context.reader, place.pointer, 'does not end with `' + end + '`, where the answer is read');
  }
  if (domain !== undefined && !isWithin(uri, domain, context.reader)) {
    complain(context.reader, place.pointer, 'is outside of the `domain` of `cookie`, so that nobody could sign in');
  }
  return uri;
}

function readSources(context: IssuerContext, object: Place<JsonObject>): readonly ClaimSource[] {
  const place = member(object, 'claims_from');
  if (place === undefined) return ['id_token'];
  const names = readStringsMember(context.reader, object, 'claims_from');
  const sources: ClaimSource[] = [];
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    if (name === 'id_token' || name === 'access_token') sources.push(name);
    else {
      const message = 'is not one of ' + SOURCES.join(', ') + hintAt(name, SOURCES);
      complain(context.reader, place.pointer + '/' + index.toString(), message);
    }
  }
  return sources;
}

/** What rules without `sign_in` have; undefined where a policy signs nobody in. */
export function readOwnSignIn(document: Place<JsonObject>): SignIn | undefined {
  const value = member(document, 'login')?.value;
  const object = value === undefined ? undefined : asObject(value);
  if (object === undefined) return undefined;
  return findSignIn(findMember(object, 'sign_in')) ?? 'redirect';
}

/** `cookie`, `logout`: an object, or one without members. */
function readPart(reader: Reader, object: Place<JsonObject>, name: string, keys: readonly string[]): Place<JsonObject> {
  const part = readObjectMember(reader, object, name) ?? { value: EMPTY, pointer: object.pointer + '/' + name };
  checkMembers(reader, part, keys);
  return part;
}

/** The keys of each purpose. */
function deriveKeys(context: IssuerContext, secrets: readonly string[], cookie: string): LoginKeys {
  const keysFor = (purpose: SealingPurpose) =>
    deriveSealingKeys(secrets, purpose, cookie, plainSha256, context.reader.text);
  return { session: keysFor('session'), login: keysFor('login'), signOut: keysFor('sign_out') };
}

/**
 * Compiles `login`; undefined where a policy has none.
 * @param issuers those of the policy, in their order
 * @param tokenHeaders the headers that get a request's token; of a session, the access token
 */
export function compileLogin(
  context: IssuerContext,
  document: Place<JsonObject>,
  issuers: readonly IssuerSettings[],
  tokenHeaders: Policy['tokenHeaders'],
): Login | undefined {
  const reader = context.reader;
  const written = readObjectMember(reader, document, 'login');
  if (member(document, 'login') === undefined) refuseLoginSettings(context.compilation);
  if (written === undefined) return undefined;
  const object = addFromEnvironment(context.compilation, written);
  if (context.compilation.source.signsIn !== true) complain(reader, object.pointer, CANNOT);
  checkMembers(reader, object, KEYS);
  readComment(reader, object);
  const isFaulty =
    member(object, 'cookie') !== undefined && asObject(member(object, 'cookie')?.value ?? '') === undefined;
  const cookie = readPart(reader, object, 'cookie', COOKIE_KEYS);
  const logout = readPart(reader, object, 'logout', ['issuer', 'back_channel']);
  const secrets = isFaulty ? [] : readCookieSecrets(context, cookie);
  const terms = readCookieTerms(reader, cookie);
  const prefix = readPrefix(context, object);
  const id = member(object, 'client_id');
  const issuer = readIssuer(context, object, issuers);
  return {
    issuer,
    clientId: typeof id?.value === 'string' ? id.value : '',
    credentials: readSigningCredentials(context, object, issuers[issuer]?.issuer ?? ''),
    scopes: readScopes(context, object, 'openid profile email'),
    prefix,
    redirectUri: readRedirectUri(context, object, prefix, terms.domain),
    cookie: terms,
    maxAge: readWhole(reader, cookie, SESSION_AGE),
    keys: deriveKeys(context, secrets, terms.name),
    returnTo: readReturnHosts(reader, object),
    claimsFrom: readSources(context, object),
    keepsIdToken: readFlag(reader, logout, 'issuer', false),
    keepsAccessToken: tokenHeaders.length > 0,
    backChannel: readFlag(reader, logout, 'back_channel', false),
    signIn: readSignIn(reader, object, 'redirect'),
    endpoints: readEndpointWords(context, object, issuers[issuer]),
    pages: readPages(context, object),
  };
}

/** The issuers, of which the discovery documents of some give the endpoints of their clients too. */
export function withEndpoints(
  issuers: readonly IssuerSettings[],
  clients: readonly OpenIdClient[],
): readonly IssuerSettings[] {
  const asking = clients.filter((client) => client.endpoints === undefined);
  if (asking.length === 0) return issuers;
  return issuers.map((issuer, place) => {
    if (!asking.some((client) => client.issuer === place)) return issuer;
    const remotes = issuer.sources.remotes.map((remote) =>
      remote.kind === 'discovery' ? Object.assign({}, remote, { givesEndpoints: true as const }) : remote,
    );
    return Object.assign({}, issuer, { sources: { configured: issuer.sources.configured, remotes } });
  });
}
