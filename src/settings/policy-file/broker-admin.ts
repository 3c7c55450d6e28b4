// The admin services of the broker: who is asked about the users of an audience.
import { AUDIENCE_PLACE, fillAudience } from '../../broker/audience-name';
import type { JsonObject } from '../../codec/json';
import { readAuthority } from '../../login/authority';
import { checkUrl, type IssuerContext } from './issuer-keys';
import {
  checkMembers,
  complain,
  member,
  readComment,
  readFlag,
  readObjectMember,
  readString,
  type Place,
} from './reader';

/** Whether an address has a host, once the audience is in it. */
export function hasHost(context: IssuerContext, address: string): boolean {
  const host = address.substring(address.indexOf('://') + 3).split('/')[0] ?? '';
  return readAuthority(host, address.substring(0, 8) === 'https://', context.reader.text) !== undefined;
}

/** A base URL of an admin service; undefined for anything else, which is noted. */
function readAdminUrl(context: IssuerContext, object: Place<JsonObject>, name: string): string | undefined {
  const reader = context.reader;
  const place = member(object, name);
  const url = place === undefined ? undefined : readString(reader, place);
  if (place === undefined || url === undefined) return undefined;
  const example = fillAudience(url, 'audience');
  if (!checkUrl(context, place.pointer, example)) return url;
  const segments = example.substring(example.indexOf('://') + 3).split('/');
  const isPlain = reader.text.isVisibleAscii(example) && example.indexOf('?') < 0;
  if (example.indexOf('{') >= 0 || example.indexOf('}') >= 0) {
    complain(reader, place.pointer, 'has braces that are not `' + AUDIENCE_PLACE + '`');
  } else if (!hasHost(context, example) || !isPlain || (segments.length > 1 && segments[segments.length - 1] === '')) {
    complain(reader, place.pointer, 'is not a host, with a path or none, and no slash at its end');
  }
  return url;
}

/** `admin` of the broker. */
export function readOwnAdmin(context: IssuerContext, broker: Place<JsonObject>): string | undefined {
  const object = readObjectMember(context.reader, broker, 'admin');
  if (object === undefined) return undefined;
  checkMembers(context.reader, object, ['comment', 'url']);
  readComment(context.reader, object);
  if (member(object, 'url') === undefined) {
    complain(context.reader, object.pointer, 'has no `url`; write the address of the service that knows the users');
  }
  return readAdminUrl(context, object, 'url');
}

/** Who is asked about the users of an audience; undefined where nobody is. @param usual of the broker */
export function readLookUp(
  context: IssuerContext,
  object: Place<JsonObject>,
  usual: string | undefined,
): string | undefined {
  const reader = context.reader;
  const place = member(object, 'admin');
  const own = readAdminUrl(context, object, 'admin');
  if (!readFlag(reader, object, 'look_up', true)) {
    if (place !== undefined)
      complain(reader, place.pointer, 'has no effect with `"look_up": false`; remove one of the two');
    return undefined;
  }
  const admin = own ?? usual;
  if (place === undefined && admin === undefined) {
    const words = 'looks its users up, but there is no `admin`, here or in `broker`; add that, or `"look_up": false`';
    complain(reader, object.pointer, words);
  }
  return admin;
}
