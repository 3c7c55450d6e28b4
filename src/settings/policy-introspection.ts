// An issuer's `introspection`: how it is asked about opaque tokens (RFC 7662).
import { encodeBase64 } from '../codec/base64';
import type { JsonObject } from '../codec/json';
import type { Introspection } from '../core/introspection';
import type { Text } from '../ports/text';
import {
  checkMembers,
  complain,
  member,
  readObjectMember,
  readString,
  readWhole,
  type Place,
  type Reader,
} from '../policy/reader';
import { checkUrl, type IssuerContext } from './policy-keys';

const KEYS: readonly string[] = ['comment', 'url', 'client_id', 'client_secret_env', 'cache_age', 'inactive_age'];
const HEX = '0123456789ABCDEF';

/** Visible ASCII as forms write it (RFC 6749 §2.3.1 and appendix B), octets of `:` and all. */
function encodeForm(value: string): readonly number[] {
  const octets: number[] = [];
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
    const isPlain = isLetter || (code >= 48 && code <= 57) || code === 45 || code === 46 || code === 95;
    if (isPlain) octets.push(code);
    else octets.push(37, HEX.charCodeAt(Math.floor(code / 16)), HEX.charCodeAt(code % 16));
  }
  return octets;
}

/** The Basic credentials of a client (RFC 6749 §2.3.1, RFC 7617 §2). */
function basicCredentials(id: string, secret: string): string {
  const octets: number[] = [];
  return 'Basic ' + encodeBase64(octets.concat(encodeForm(id), [58], encodeForm(secret)));
}

function checkVisible(reader: Reader, place: Place<unknown>, value: string, what: string, text: Text): void {
  if (text.isVisibleAscii(value)) return;
  complain(reader, place.pointer, what + ' other than visible ASCII; ask for one without (RFC 6749 appendix A)');
}

function readClientId(reader: Reader, object: Place<JsonObject>): string {
  const place = member(object, 'client_id');
  if (place === undefined) {
    complain(
      reader,
      object.pointer,
      'has no `client_id`; issuers answer only those whom they know (RFC 7662 section 2.1)',
    );
    return '';
  }
  const id = readString(reader, place) ?? '';
  checkVisible(reader, place, id, 'has characters', reader.text);
  return id;
}

function readClientSecret(context: IssuerContext, object: Place<JsonObject>): string {
  const reader = context.reader;
  const place = member(object, 'client_secret_env');
  if (place === undefined) {
    complain(reader, object.pointer, 'has no `client_secret_env`; name the environment variable that holds the secret');
    return '';
  }
  const name = readString(reader, place);
  const secret = name === undefined ? undefined : context.compilation.source.environment(name);
  if (name !== undefined && secret === undefined) {
    complain(reader, place.pointer, 'names the variable `' + name + '`, which is not set');
  }
  if (secret === '') complain(reader, place.pointer, 'names a variable that is empty');
  if (secret !== undefined) checkVisible(reader, place, secret, 'names a variable with characters', reader.text);
  return secret ?? '';
}

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
    authorization: basicCredentials(readClientId(reader, object), readClientSecret(context, object)),
    age: readWhole(reader, object, 'cache_age', 1, 3600, 60),
    inactiveAge: readWhole(reader, object, 'inactive_age', 0, 300, 10),
  };
}
