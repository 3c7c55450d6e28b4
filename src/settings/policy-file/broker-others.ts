// `broker.other_audiences`: the hosts below one domain, and how tokens get to an audience.
import type { JsonObject } from '../../codec/json';
import { readAuthority } from '../../login/authority';
import type { BrokerDelivery, OtherAudiences } from '../../model/broker';
import { readLookUp } from './broker-admin';
import type { IssuerContext } from './issuer-keys';
import {
  checkMembers,
  complain,
  member,
  readChoice,
  readComment,
  readObjectMember,
  readString,
  type Place,
} from './reader';

const MEMBERS: readonly string[] = ['comment', 'redirect_domain', 'look_up', 'deliver'];
const DELIVERIES: readonly BrokerDelivery[] = ['fragment', 'form_post', 'code'];

/** How tokens get to an audience. */
export function readDelivery(context: IssuerContext, object: Place<JsonObject>): BrokerDelivery {
  return readChoice(context.reader, object, 'deliver', DELIVERIES, 'fragment');
}

/** The domain whose hosts are audiences, with a port where plain HTTP is allowed. */
function readDomain(context: IssuerContext, object: Place<JsonObject>): string {
  const reader = context.reader;
  const place = member(object, 'redirect_domain');
  if (place === undefined) {
    complain(reader, object.pointer, 'has no `redirect_domain`; name the domain whose hosts are the audiences');
    return '';
  }
  const domain = readString(reader, place) ?? '';
  const authority = readAuthority(domain, false, reader.text);
  const hasPort = domain.indexOf(':') >= 0;
  const written = authority === undefined ? '' : authority.host + (hasPort ? ':' + authority.port : '');
  if (domain !== '' && (written !== domain || domain.charAt(0) === '[' || (hasPort && !context.allowHttp))) {
    complain(reader, place.pointer, 'is not a domain in small letters, as `zoo.example`; a port needs `allow_http`');
  }
  return domain;
}

/**
 * Reads `other_audiences`. With a port, which `allow_http` allows, they are reached by plain HTTP.
 * @param admin of the broker
 */
export function readOthers(
  context: IssuerContext,
  broker: Place<JsonObject>,
  admin: string | undefined,
): OtherAudiences | undefined {
  const object = readObjectMember(context.reader, broker, 'other_audiences');
  if (object === undefined) return undefined;
  checkMembers(context.reader, object, MEMBERS);
  readComment(context.reader, object);
  const domain = readDomain(context, object);
  const delivery = readDelivery(context, object);
  return { domain, secure: domain.indexOf(':') < 0, delivery, admin: readLookUp(context, object, admin) };
}
