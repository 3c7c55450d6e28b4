// An issuer's `introspection`: how it is asked about opaque tokens (RFC 7662).
import type { JsonObject } from '../../codec/json';
import { checkMembers, complain, member, readObjectMember, readString, readWhole, type Place } from './reader';
import { CLIENT_MEMBERS, readClientCredentials } from './client-credentials';
import { checkUrl, type IssuerContext } from './issuer-keys';
import type { Introspection } from '../../model/settings';
import { ACTIVE_AGE, INACTIVE_AGE } from '../table';

const KEYS: readonly string[] = ['comment', 'url', 'cache_age', 'inactive_age'].concat(CLIENT_MEMBERS);

function readUrl(context: IssuerContext, object: Place<JsonObject>): string {
  const place = member(object, 'url');
  if (place === undefined) {
    complain(context.reader, object.pointer, "has no `url`; give the issuer's `introspection_endpoint`");
    return '';
  }
  const url = readString(context.reader, place);
  if (url !== undefined) checkUrl(context, place.pointer, url);
  return url ?? '';
}

/** Compiles `introspection`; undefined when the issuer has none. */
export function compileIntrospection(context: IssuerContext, issuer: Place<JsonObject>): Introspection | undefined {
  const reader = context.reader;
  const object = readObjectMember(reader, issuer, 'introspection');
  if (object === undefined) return undefined;
  checkMembers(reader, object, KEYS);
  const comment = member(object, 'comment');
  if (comment !== undefined) readString(reader, comment);
  return {
    url: readUrl(context, object),
    credentials: readClientCredentials(context, object),
    age: readWhole(reader, object, ACTIVE_AGE),
    inactiveAge: readWhole(reader, object, INACTIVE_AGE),
  };
}
