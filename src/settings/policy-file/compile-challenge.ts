// The challenge of refusals, and the document that names the authorization servers (RFC 6750 §3, RFC 9728).
import { formatJson } from '../../codec/json-format';
import type { Json, JsonObject } from '../../codec/json';
import type { ChallengeTerms, ResourceMetadata, Rule } from '../../model/policy';
import type { PlaceKind, TokenPlace } from '../../model/token-place';
import {
  checkMembers,
  complain,
  member,
  readObjectMember,
  readString,
  readStrings,
  type Place,
  type Reader,
} from './reader';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';
const METADATA_KEYS: readonly string[] = [
  'resource',
  'authorization_servers',
  'scopes_supported',
  'resource_name',
  'resource_documentation',
];

/** RFC 9728 §2: those of the places of a token that have a name there; the Authorization header without a list. */
export function bearerMethods(places: readonly TokenPlace[] | undefined): readonly string[] {
  if (places === undefined) return ['header'];
  const methods: readonly (readonly [PlaceKind, string])[] = [
    ['bearer', 'header'],
    ['form', 'body'],
    ['query', 'query'],
  ];
  return methods.filter((pair) => places.some((place) => place.kind === pair[0])).map((pair) => pair[1]);
}

export interface CompiledChallenge {
  readonly challenge: ChallengeTerms;
  readonly metadata: ResourceMetadata | undefined;
}

/** RFC 9110 §5.6.4: the text between quotes that needs no escapes. */
function isQuotable(value: string): boolean {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code < 32 || code > 126 || code === 34 || code === 92) return false;
  }
  return true;
}

function readRealm(reader: Reader, document: Place<JsonObject>): string {
  const challenge = readObjectMember(reader, document, 'challenge');
  if (challenge === undefined) return '';
  checkMembers(reader, challenge, ['realm']);
  const place = member(challenge, 'realm');
  const realm = place === undefined ? undefined : readString(reader, place);
  if (place !== undefined && realm !== undefined && !isQuotable(realm)) {
    complain(reader, place.pointer, 'is not printable ASCII without quote and backslash (RFC 9110 section 5.6.4)');
  }
  return realm ?? '';
}

/** Scheme and authority of a resource, and the path after them. */
interface Resource {
  readonly origin: string;
  readonly path: string;
}

/** RFC 9728 §1.2: an https URL without fragment; a query would have to be found again, and is refused here. */
function splitResource(url: string): Resource | undefined {
  const start = 'https://';
  if (url.substring(0, start.length) !== start || !isQuotable(url)) return undefined;
  if (url.indexOf('#') >= 0 || url.indexOf('?') >= 0 || url.indexOf(' ') >= 0 || url.indexOf('@') >= 0)
    return undefined;
  const rest = url.substring(start.length);
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.substring(0, slash);
  if (authority === '') return undefined;
  // RFC 9728 §3.1: a slash at the end is dropped before the well-known path goes in between.
  const path = slash < 0 ? '' : rest.substring(slash);
  return { origin: start + authority, path: path === '/' ? '' : path };
}

/** Every scope that some rule asks for, once. */
function scopesOf(rules: readonly Rule[]): readonly string[] {
  const scopes: string[] = [];
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index];
    if (rule?.demands === undefined) continue;
    const asked = rule.demands.scopes.all.concat(rule.demands.scopes.any);
    for (let place = 0; place < asked.length; place++) {
      const scope = asked[place] ?? '';
      if (scopes.indexOf(scope) < 0) scopes.push(scope);
    }
  }
  return scopes;
}

function list(items: readonly string[]): Json {
  return { kind: 'array', items };
}

function readListMember(
  reader: Reader,
  object: Place<JsonObject>,
  name: string,
  otherwise: readonly string[],
): readonly string[] {
  const place = member(object, name);
  return place === undefined ? otherwise : readStrings(reader, place);
}

/** RFC 9728 §2. */
function formatMetadata(
  reader: Reader,
  object: Place<JsonObject>,
  resource: string,
  issuers: readonly string[],
  rules: readonly Rule[],
  methods: readonly string[],
): string {
  // RFC 9728 §2: a client takes each for the identifier of a server.
  if (member(object, 'authorization_servers') === undefined && issuers.some((issuer) => issuer.indexOf('{') >= 0)) {
    complain(
      reader,
      object.pointer,
      'needs `authorization_servers`: an issuer with any tenant is no server of its own',
    );
  }
  const names: string[] = ['resource', 'authorization_servers'];
  const values: Json[] = [resource, list(readListMember(reader, object, 'authorization_servers', issuers))];
  const scopes = readListMember(reader, object, 'scopes_supported', scopesOf(rules));
  if (scopes.length > 0) {
    names.push('scopes_supported');
    values.push(list(scopes));
  }
  names.push('bearer_methods_supported');
  values.push(list(methods));
  const texts = ['resource_name', 'resource_documentation'];
  for (let index = 0; index < texts.length; index++) {
    const name = texts[index] ?? '';
    const place = member(object, name);
    const value = place === undefined ? undefined : readString(reader, place);
    if (value === undefined) continue;
    names.push(name);
    values.push(value);
  }
  return formatJson({ kind: 'object', names, values });
}

function compileMetadata(
  reader: Reader,
  document: Place<JsonObject>,
  issuers: readonly string[],
  rules: readonly Rule[],
  methods: readonly string[],
): ResourceMetadata | undefined {
  const object = readObjectMember(reader, document, 'metadata');
  if (object === undefined) return undefined;
  checkMembers(reader, object, METADATA_KEYS);
  const place = member(object, 'resource');
  if (place === undefined) {
    complain(reader, object.pointer, 'has no `resource`; give the https URL that clients know this API by');
    return undefined;
  }
  const url = readString(reader, place);
  const resource = url === undefined ? undefined : splitResource(url);
  if (url === undefined) return undefined;
  if (resource === undefined) {
    complain(
      reader,
      place.pointer,
      'is not an https:// URL without query, fragment and credentials (RFC 9728 section 1.2)',
    );
    return undefined;
  }
  const path = WELL_KNOWN + resource.path;
  return { path, url: resource.origin + path, body: formatMetadata(reader, object, url, issuers, rules, methods) };
}

/**
 * Compiles `challenge` and `metadata`.
 * @param issuers whose tokens are accepted: the document's authorization servers, unless it names others
 * @param methods `bearer_methods_supported` of the document
 */
export function compileChallenge(
  reader: Reader,
  document: Place<JsonObject>,
  issuers: readonly string[],
  rules: readonly Rule[],
  methods: readonly string[],
): CompiledChallenge {
  const realm = readRealm(reader, document);
  const metadata = compileMetadata(reader, document, issuers, rules, methods);
  const resourceMetadata = metadata?.url ?? '';
  return { challenge: { realm, resourceMetadata }, metadata };
}
