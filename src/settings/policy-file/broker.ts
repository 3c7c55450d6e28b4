// `broker` of a policy: the issuer that this proxy is, its keys, and what it signs people in with.
import type { Json, JsonObject } from '../../codec/json';
import { writeDocuments } from '../../mint/documents';
import { formatPublicJwk } from '../../mint/public-jwk';
import type { Broker } from '../../model/broker';
import type { Login } from '../../model/login';
import type { IssuerSettings } from '../../model/settings';
import type { SigningKey } from '../../model/signing-key';
import { readAuthority } from '../../login/authority';
import { compileDesk, DESK_MEMBERS, refuseDesk } from './broker-desk';
import { checkUrl, type IssuerContext } from './issuer-keys';
import {
  checkMembers,
  complain,
  member,
  readComment,
  readList,
  readObject,
  readObjectMember,
  readString,
  type Place,
} from './reader';
import { checkKeyId, readPrivateFile, readSigningAlgorithm, writeHeader } from './signing-key';
import { hintAt } from './suggest';

const MEMBERS: readonly string[] = ['comment', 'issuer', 'keys'];
const FILE = 'private_key_file';
const KEY_MEMBERS: readonly string[] = ['comment', FILE, 'kid', 'alg'];
/** The key of now, the next and the last, twice over. */
const MOST_KEYS = 8;

/** A key of the broker. */
interface BrokerKey {
  readonly kid: string;
  readonly jwk: JsonObject;
  readonly signing: SigningKey;
}

/** The keys, and the names of all that the policy has, with those that cannot be used. */
interface BrokerKeys {
  readonly keys: BrokerKey[];
  readonly names: string[];
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

/** Reads a key; one that cannot be used is noted. */
function readKey(context: IssuerContext, item: Place<Json>, found: BrokerKeys): void {
  const reader = context.reader;
  const object = readObject(reader, item);
  if (object === undefined) return;
  checkMembers(reader, object, KEY_MEMBERS);
  readComment(reader, object);
  const kid = readKeyId(context, object, found.names);
  const place = member(object, FILE);
  if (place === undefined) {
    complain(reader, object.pointer, 'has no `private_key_file`; name a PEM file with a private key');
    return;
  }
  const path = readString(reader, place);
  const key = path === undefined ? undefined : readPrivateFile(context, path, place.pointer);
  if (key === undefined) return;
  const algorithm = readSigningAlgorithm(context, object, 'alg', key.type, place.pointer);
  const jwk = formatPublicJwk(key, kid, algorithm);
  if (jwk !== undefined) {
    // In the order of document 004's.
    const header = writeHeader(reader, ['alg', 'kid', 'typ'], [algorithm, kid, 'JWT']);
    found.keys.push({ kid, jwk, signing: { type: key.type, algorithm, header, pkcs8: key.pkcs8 } });
    return;
  }
  const mend = 'has no public key in it; write the file anew with `openssl pkey -in OLD -out NEW`';
  complain(reader, place.pointer, mend);
}

function readKeys(context: IssuerContext, object: Place<JsonObject>): BrokerKeys {
  const reader = context.reader;
  const place = member(object, 'keys');
  if (place === undefined) complain(reader, object.pointer, 'has no `keys`; name a private key and its `kid`');
  const items = place === undefined ? undefined : readList(reader, place);
  const found: BrokerKeys = { keys: [], names: [] };
  if (place === undefined || items === undefined) return found;
  if (items.length > MOST_KEYS) complain(reader, place.pointer, 'has more than ' + MOST_KEYS.toString() + ' keys');
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    if (item !== undefined) readKey(context, item, found);
  }
  return found;
}

/** The key that signs: the first one, unless `signs_with` names another. */
function chooseKey(context: IssuerContext, object: Place<JsonObject>, found: BrokerKeys): SigningKey | undefined {
  const place = member(object, 'signs_with');
  if (place === undefined) return found.keys[0]?.signing;
  const kid = readString(context.reader, place);
  if (kid !== undefined && found.names.indexOf(kid) < 0) {
    complain(context.reader, place.pointer, 'names no `kid` of `keys`' + hintAt(kid, found.names));
  }
  return found.keys.find((key) => key.kid === kid)?.signing;
}

/** The broker, and all issuers whose keys the proxy needs. */
export interface CompiledBroker {
  /** Undefined where a policy has none. */
  readonly broker: Broker | undefined;
  /** Those of the policy, and behind them the broker's providers that are not among them. */
  readonly issuers: readonly IssuerSettings[];
}

/**
 * Compiles `broker`.
 * @param issuers those of the policy, in their order
 * @param login of the same policy, whose cookies have other names
 */
export function compileBroker(
  context: IssuerContext,
  document: Place<JsonObject>,
  issuers: readonly IssuerSettings[],
  login: Login | undefined,
): CompiledBroker {
  const reader = context.reader;
  const object = readObjectMember(reader, document, 'broker');
  if (object === undefined) return { broker: undefined, issuers };
  checkMembers(reader, object, MEMBERS.concat(DESK_MEMBERS));
  readComment(reader, object);
  const issuer = readIssuer(context, object);
  const found = readKeys(context, object);
  const keys = found.keys.map((key) => key.jwk);
  const documents = writeDocuments(issuer, keys);
  if (member(object, 'providers') === undefined) {
    refuseDesk(reader, object);
    return { broker: { documents }, issuers };
  }
  const signing = chooseKey(context, object, found);
  const compiled = compileDesk(context, object, { issuer, signing, others: issuers, login });
  return { broker: { documents, desk: compiled.desk }, issuers: compiled.issuers };
}
