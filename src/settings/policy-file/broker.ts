// `broker` of a policy: the issuer that this proxy is, and its keys.
import type { Json, JsonObject } from '../../codec/json';
import { writeDocuments } from '../../mint/documents';
import { formatPublicJwk } from '../../mint/public-jwk';
import type { Broker } from '../../model/broker';
import { readAuthority } from '../../login/authority';
import { checkUrl, type IssuerContext } from './issuer-keys';
import {
  checkMembers,
  complain,
  member,
  readList,
  readObject,
  readObjectMember,
  readString,
  type Place,
} from './reader';
import { checkKeyId, readPrivateFile, readSigningAlgorithm } from './signing-key';

const MEMBERS: readonly string[] = ['comment', 'issuer', 'keys'];
const FILE = 'private_key_file';
const KEY_MEMBERS: readonly string[] = ['comment', FILE, 'kid', 'alg'];
/** The key of now, the next and the last, twice over. */
const MOST_KEYS = 8;

function readComment(context: IssuerContext, object: Place<JsonObject>): void {
  const place = member(object, 'comment');
  if (place !== undefined) readString(context.reader, place);
}

/** Whether a URL is an origin and plain segments, so that its documents have one spelling. */
function isPlain(context: IssuerContext, url: string): boolean {
  const text = context.reader.text;
  const segments = url.substring(url.indexOf('://') + 3).split('/');
  const isSecure = url.substring(0, 8) === 'https://';
  if (readAuthority(segments[0] ?? '', isSecure, text) === undefined) return false;
  return segments.every((segment, index) => index === 0 || (segment !== '' && text.isBase64UrlAlphabet(segment)));
}

function readIssuer(context: IssuerContext, object: Place<JsonObject>): string {
  const place = member(object, 'issuer');
  if (place === undefined) {
    complain(context.reader, object.pointer, 'has no `issuer`; write the URL by which clients reach this proxy');
    return '';
  }
  const issuer = readString(context.reader, place);
  if (issuer === undefined) return '';
  checkUrl(context, place.pointer, issuer);
  if (isPlain(context, issuer)) return issuer;
  const words = 'is not a host, with a path of letters, digits, `-` and `_` or none, and no slash at its end';
  complain(context.reader, place.pointer, words);
  return '';
}

/** What a key is called: its own name among those so far. */
function readKeyId(context: IssuerContext, object: Place<JsonObject>, known: string[]): string {
  const reader = context.reader;
  const place = member(object, 'kid');
  const kid = place === undefined ? undefined : readString(reader, place);
  if (place === undefined) {
    complain(reader, object.pointer, 'has no `kid`; give each key a name that no other had, as its date: `2026-11`');
  }
  if (place === undefined || kid === undefined) return '';
  checkKeyId(reader, place.pointer, [kid]);
  if (known.indexOf(kid) >= 0) complain(reader, place.pointer, 'is the `kid` of another key too');
  known.push(kid);
  return kid;
}

/** The public part of a key; undefined for one that cannot be used, which is noted. */
function readKey(context: IssuerContext, item: Place<Json>, known: string[]): JsonObject | undefined {
  const reader = context.reader;
  const object = readObject(reader, item);
  if (object === undefined) return undefined;
  checkMembers(reader, object, KEY_MEMBERS);
  readComment(context, object);
  const kid = readKeyId(context, object, known);
  const place = member(object, FILE);
  if (place === undefined) {
    complain(reader, object.pointer, 'has no `private_key_file`; name a PEM file with a private key');
    return undefined;
  }
  const path = readString(reader, place);
  const key = path === undefined ? undefined : readPrivateFile(context, path, place.pointer);
  if (key === undefined) return undefined;
  const alg = readSigningAlgorithm(context, object, 'alg', key.type, place.pointer);
  const jwk = formatPublicJwk(key, kid, alg);
  if (jwk === undefined) {
    complain(
      reader,
      place.pointer,
      'has no public key in it; write the file anew with `openssl pkey -in OLD -out NEW`',
    );
  }
  return jwk;
}

function readKeys(context: IssuerContext, object: Place<JsonObject>): readonly JsonObject[] {
  const reader = context.reader;
  const place = member(object, 'keys');
  if (place === undefined) complain(reader, object.pointer, 'has no `keys`; name a private key and its `kid`');
  const items = place === undefined ? undefined : readList(reader, place);
  if (place === undefined || items === undefined) return [];
  if (items.length > MOST_KEYS) complain(reader, place.pointer, 'has more than ' + MOST_KEYS.toString() + ' keys');
  const known: string[] = [];
  const keys: JsonObject[] = [];
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    const key = item === undefined ? undefined : readKey(context, item, known);
    if (key !== undefined) keys.push(key);
  }
  return keys;
}

/** Compiles `broker`; undefined where a policy has none. */
export function compileBroker(context: IssuerContext, document: Place<JsonObject>): Broker | undefined {
  const object = readObjectMember(context.reader, document, 'broker');
  if (object === undefined) return undefined;
  checkMembers(context.reader, object, MEMBERS);
  readComment(context, object);
  const issuer = readIssuer(context, object);
  return { documents: writeDocuments(issuer, readKeys(context, object)) };
}
