// `broker.audiences`: whom tokens are for, how they get there, and who is asked about the user.
import { fillAudience, isAudienceName } from '../../broker/audience-name';
import type { JsonObject } from '../../codec/json';
import type { BrokerAudience, OtherAudiences } from '../../model/broker';
import { readAuthority } from '../../login/authority';
import { hasHost, readLookUp, readOwnAdmin } from './broker-admin';
import type { FoundProviders } from './broker-issuer';
import { readDelivery, readOthers } from './broker-others';
import { checkUrl, type IssuerContext } from './issuer-keys';
import {
  checkMembers,
  complain,
  member,
  pointTo,
  readComment,
  readObject,
  readObjectMember,
  readString,
  readStringOrStrings,
  readStringsMember,
  type Place,
} from './reader';
import { hintAt } from './suggest';
import { readTenants } from './tenants';

const MEMBERS: readonly string[] = ['comment', 'redirect', 'look_up', 'admin', 'deliver', 'tenants', 'claims'];
const MOST_AUDIENCES = 1000;
/** What the broker writes itself, and what belongs to the ID token alone. */
const OWN_CLAIMS: readonly string[] = [
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'upn',
  'name',
  'provider',
  'tenant',
  'roles',
  'nonce',
  'azp',
  'at_hash',
  'c_hash',
];
const NAME_WORDS = 'is not the name of an audience: a letter, then letters, digits and `-`, 3 to 64 characters in all';

export interface FoundAudiences {
  readonly listed: readonly BrokerAudience[];
  readonly others: OtherAudiences | undefined;
  /** Of a request that names none. */
  readonly usual: string | undefined;
}

/** What all audiences share. */
interface AudienceGround {
  /** The broker's own admin service; undefined without one. */
  readonly admin: string | undefined;
  readonly providers: FoundProviders;
}

/** The addresses that tokens go to. */
function readRedirects(context: IssuerContext, object: Place<JsonObject>): readonly string[] {
  const reader = context.reader;
  const place = member(object, 'redirect');
  if (place === undefined) {
    complain(reader, object.pointer, 'has no `redirect`; write the address that its tokens go to');
    return [];
  }
  const urls = readStringOrStrings(reader, place);
  for (let index = 0; index < urls.length; index++) {
    const url = urls[index] ?? '';
    const pointer = typeof place.value === 'string' ? place.pointer : place.pointer + '/' + index.toString();
    if (!checkUrl(context, pointer, url)) continue;
    const rest = url.substring(url.indexOf('://') + 3);
    const host = rest.split('?')[0]?.split('/')[0] ?? '';
    const isGood = readAuthority(host, url.substring(0, 8) === 'https://', reader.text) !== undefined;
    const isPlain = reader.text.isVisibleAscii(url) && url.indexOf('\\') < 0 && url.indexOf('"') < 0;
    if (!isGood || !isPlain)
      complain(reader, pointer, 'is not a whole URL of visible ASCII, as `https://zoo.example/in`');
  }
  return urls;
}

/** The tenants that some provider lets in; undefined where one of them lets in any. */
function listTenants(found: FoundProviders): readonly string[] | undefined {
  let listed: readonly string[] = [];
  for (let index = 0; index < found.providers.length; index++) {
    const provider = found.providers[index];
    const tenancy = found.issuers[provider?.client.issuer ?? -1]?.tenancy;
    if (provider?.tenantClaim === undefined) continue;
    if (tenancy?.tenants === undefined || tenancy.claim !== provider.tenantClaim) return undefined;
    listed = listed.concat(tenancy.tenants);
  }
  return listed;
}

/** The tenants of an audience; each must be one of a provider. */
function readOwnTenants(
  context: IssuerContext,
  object: Place<JsonObject>,
  ground: AudienceGround,
): readonly string[] | undefined {
  const place = member(object, 'tenants');
  const tenants = place === undefined ? undefined : readTenants(context.reader, place);
  if (place === undefined || tenants === undefined) return undefined;
  const known = listTenants(ground.providers);
  for (let index = 0; known !== undefined && index < tenants.length; index++) {
    if (known.indexOf(tenants[index] ?? '') >= 0) continue;
    const words =
      'has `' + (tenants[index] ?? '') + '`, of which no provider lets anybody in; correct it, or remove it';
    complain(context.reader, place.pointer, words);
  }
  return tenants;
}

/** The claims that tokens have besides the broker's own. */
function readClaims(context: IssuerContext, object: Place<JsonObject>): readonly string[] {
  const claims = readStringsMember(context.reader, object, 'claims');
  for (let index = 0; index < claims.length; index++) {
    if (OWN_CLAIMS.indexOf(claims[index] ?? '') < 0) continue;
    const pointer = object.pointer + '/claims/' + index.toString();
    complain(context.reader, pointer, 'is a claim that the broker writes itself, or leaves out; remove it');
  }
  return claims;
}

function readAudience(
  context: IssuerContext,
  name: string,
  object: Place<JsonObject>,
  ground: AudienceGround,
): BrokerAudience {
  const reader = context.reader;
  if (!isAudienceName(name, reader.text)) complain(reader, object.pointer, NAME_WORDS);
  checkMembers(reader, object, MEMBERS);
  readComment(reader, object);
  const base = readLookUp(context, object, ground.admin);
  const admin = base === undefined ? undefined : fillAudience(base, name);
  const isLonger = base !== undefined && admin !== undefined && hasHost(context, fillAudience(base, 'audience'));
  if (isLonger && !hasHost(context, admin) && isAudienceName(name, reader.text)) {
    complain(
      reader,
      object.pointer,
      'is too long a name for the host of its `admin`; a part of a host has 63 characters',
    );
  }
  return {
    name,
    redirects: readRedirects(context, object),
    delivery: readDelivery(context, object),
    admin,
    tenants: readOwnTenants(context, object, ground),
    claims: readClaims(context, object),
  };
}

/** The audiences of the list. */
function readListed(
  context: IssuerContext,
  broker: Place<JsonObject>,
  ground: AudienceGround,
): readonly BrokerAudience[] {
  const reader = context.reader;
  const object = readObjectMember(reader, broker, 'audiences');
  if (member(broker, 'audiences') === undefined && member(broker, 'other_audiences') === undefined) {
    complain(reader, broker.pointer, 'has no `audiences` and no `other_audiences`; name whom tokens are for');
  }
  if (object === undefined) return [];
  const names = object.value.names;
  if (names.length === 0) complain(reader, object.pointer, 'is empty; name an audience, or leave it out');
  if (names.length > MOST_AUDIENCES) {
    complain(reader, object.pointer, 'has more than ' + MOST_AUDIENCES.toString() + ' audiences');
  }
  const audiences: BrokerAudience[] = [];
  for (let index = 0; index < names.length && index < MOST_AUDIENCES; index++) {
    const name = names[index] ?? '';
    const value = object.value.values[index];
    const item =
      value === undefined ? undefined : readObject(reader, { value, pointer: pointTo(object.pointer, name) });
    if (item !== undefined) audiences.push(readAudience(context, name, item, ground));
  }
  return audiences;
}

/** The audience of requests that name none. */
function readUsual(
  context: IssuerContext,
  broker: Place<JsonObject>,
  listed: readonly BrokerAudience[],
): string | undefined {
  const place = member(broker, 'default_audience');
  const name = place === undefined ? undefined : readString(context.reader, place);
  if (place === undefined || name === undefined) return undefined;
  const names = listed.map((audience) => audience.name);
  if (names.indexOf(name) < 0) {
    complain(context.reader, place.pointer, 'names no audience of `audiences`' + hintAt(name, names));
  }
  return name;
}

/** Reads `audiences`, `other_audiences`, `default_audience` and `admin`. @param providers of the same broker */
export function readAudiences(
  context: IssuerContext,
  broker: Place<JsonObject>,
  providers: FoundProviders,
): FoundAudiences {
  const admin = readOwnAdmin(context, broker);
  const ground: AudienceGround = { admin, providers };
  const listed = readListed(context, broker, ground);
  const others = readOthers(context, broker, admin);
  // Each that has its own service needs none of the broker.
  const uses = listed.some((audience) => audience.admin !== undefined) || others?.admin !== undefined;
  if (admin !== undefined && !uses) {
    const pointer = member(broker, 'admin')?.pointer ?? broker.pointer;
    complain(context.reader, pointer, 'has no effect: no audience looks its users up; remove it');
  }
  return { listed, others, usual: readUsual(context, broker, listed) };
}
