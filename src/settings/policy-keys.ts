// Where the keys of a policy's issuer come from: one of five sources.
import type { JsonObject } from '../codec/json';
import type { VerificationKey } from '../core/key';
import { readJwkSet, readPemFile } from '../keys/key-file';
import { checkKeyUrl, discoveryUrl, PLAIN_HTTP, type RemoteKeys } from '../keys/key-url';
import {
  checkMembers,
  complain,
  member,
  readObjectMember,
  readString,
  type Place,
  type Reader,
} from '../policy/reader';
import type { Compilation, Vocabulary } from './compilation';
import { readKeyFile, readSecret } from './read-keys';

const SOURCES: readonly string[] = ['discovery', 'jwks_url', 'jwks_file', 'public_key_file', 'secret_env'];

/** What issuers are compiled with. */
export interface IssuerContext {
  readonly compilation: Compilation;
  readonly reader: Reader;
  readonly allowHttp: boolean;
}

/** How problems with an issuer's keys name its members. */
export function vocabularyFor(reader: Reader, object: Place<JsonObject>): Vocabulary {
  return {
    algorithms: reader.file + '#' + object.pointer + '/algorithms',
    secret: '`keys.secret_env`',
    publicKeyFile: '`keys.public_key_file`',
  };
}

/** A URL that is asked, checked. */
export function checkUrl(context: IssuerContext, pointer: string, url: string): void {
  const fault = checkKeyUrl(url, context.allowHttp, context.reader.text);
  if (fault === undefined) return;
  const words = fault === PLAIN_HTTP ? 'is a plain http:// URL; set `allow_http` to true if you mean it' : fault;
  complain(context.reader, pointer, words);
}

export type Keys = { readonly kind: 'configured'; readonly keys: readonly VerificationKey[] } | RemoteKeys;

/** The one member of `keys`, by its name. */
function readSource(
  context: IssuerContext,
  issuer: string,
  keys: Place<JsonObject>,
  name: string,
  words: Vocabulary,
): Keys | undefined {
  const reader = context.reader;
  const place = member(keys, name);
  if (place === undefined) return undefined;
  const setting = reader.file + '#' + place.pointer;
  if (name === 'discovery') {
    if (place.value !== true) complain(reader, place.pointer, 'can only be true; name another source of keys instead');
    const url = discoveryUrl(issuer);
    if (issuer !== '') checkUrl(context, place.pointer, url);
    return { kind: 'discovery', url, issuer, allowHttp: context.allowHttp };
  }
  const value = readString(reader, place);
  if (value === undefined) return undefined;
  if (name === 'jwks_url') {
    checkUrl(context, place.pointer, value);
    return { kind: 'jwks', url: value, issuer, allowHttp: context.allowHttp };
  }
  if (name === 'secret_env') {
    const secret = context.compilation.source.environment(value);
    if (secret !== undefined) {
      return { kind: 'configured', keys: [readSecret(context.compilation, setting, words, secret)] };
    }
    complain(reader, place.pointer, 'names the variable `' + value + '`, which is not set');
    return undefined;
  }
  const text = reader.text;
  const parse = name === 'jwks_file' ? (content: string) => readJwkSet(content, text) : readPemFile;
  return { kind: 'configured', keys: readKeyFile(context.compilation, setting, value, parse) };
}

/** An issuer's keys, or where they are; discovery unless the policy says otherwise. */
export function readKeys(
  context: IssuerContext,
  issuer: string,
  object: Place<JsonObject>,
  words: Vocabulary,
): Keys | undefined {
  const reader = context.reader;
  if (member(object, 'keys') === undefined) {
    const url = discoveryUrl(issuer);
    if (issuer !== '') checkUrl(context, object.pointer + '/issuer', url);
    return { kind: 'discovery', url, issuer, allowHttp: context.allowHttp };
  }
  const keys = readObjectMember(reader, object, 'keys');
  if (keys === undefined) return undefined;
  checkMembers(reader, keys, SOURCES);
  const named: string[] = [];
  for (let index = 0; index < SOURCES.length; index++) {
    const name = SOURCES[index] ?? '';
    if (member(keys, name) !== undefined) named.push(name);
  }
  if (named.length !== 1) {
    const found = named.length === 0 ? 'names no source of keys' : 'names ' + named.join(' and ');
    complain(reader, keys.pointer, found + '; name one of ' + SOURCES.join(', '));
  }
  const name = named[0];
  return name === undefined ? undefined : readSource(context, issuer, keys, name, words);
}
