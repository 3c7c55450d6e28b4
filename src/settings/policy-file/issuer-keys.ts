// The sources of keys of a policy's issuer: one or several, each an object with one source.
import { asArray, type JsonObject } from '../../codec/json';
import type { SecretKey, VerificationKey } from '../../model/key';
import type { IssuerSettings, RemoteKeys } from '../../model/settings';
import { readJwkSet, readPemFile } from '../../keys/key-file';
import { issuerOf } from '../../keys/issuer-pattern';
import { checkKeyUrl, discoveryUrl, metadataUrl, PLAIN_HTTP } from '../../keys/key-url';
import { checkMembers, complain, member, readList, readObject, readString, type Place, type Reader } from './reader';
import type { Compilation, Vocabulary } from '../compilation';
import { readKeyFile, type KeyConfiguration } from '../read-keys';
import { MAX_SECRETS, readSecrets } from '../secrets';
import { readEncoding, readSecretTexts } from './named-secrets';

const SECRETS: readonly string[] = ['secret_env', 'secret_file'];
const SOURCES: readonly string[] = ['discovery', 'discovery_url', 'jwks_url', 'jwks_file', 'public_key_file'].concat(
  SECRETS,
);
const MAX_SOURCES = 8;
const SOURCE = 'an object with one source of keys, as {"discovery": true}, or a list of them';

/** The context in which issuers are compiled. */
export interface IssuerContext {
  readonly compilation: Compilation;
  readonly reader: Reader;
  readonly allowHttp: boolean;
}

/** The names of an issuer's members in problems with its keys. */
export function vocabularyFor(reader: Reader, object: Place<JsonObject>): Vocabulary {
  return {
    algorithms: reader.file + '#' + object.pointer + '/algorithms',
    secret: '`keys.secret_env` or `keys.secret_file`',
    publicKeyFile: '`keys.public_key_file`',
  };
}

/** Whether a URL can be asked; a faulty one is noted. */
export function checkUrl(context: IssuerContext, pointer: string, url: string): boolean {
  const fault = checkKeyUrl(url, context.allowHttp, context.reader.text);
  if (fault === undefined) return true;
  const words = fault === PLAIN_HTTP ? 'is a plain http:// URL; set `allow_http` to true if you mean it' : fault;
  complain(context.reader, pointer, words);
  return false;
}

/** An issuer by its name, or several by their pattern. */
export type NamedIssuer = Pick<IssuerSettings, 'issuer' | 'tenancy'>;

/** An issuer whose sources are being read, and what they gave so far. */
interface Collected {
  readonly named: NamedIssuer;
  readonly words: Vocabulary;
  readonly publicKeys: VerificationKey[];
  readonly secrets: SecretKey[];
  readonly remotes: RemoteKeys[];
  /** The sources so far. */
  readonly known: string[];
  /** Whether some source is the configuration's own, whatever it gave. */
  hasConfigured: boolean;
}

function addRemote(context: IssuerContext, found: Collected, place: Place<unknown>, remote: RemoteKeys): void {
  if (found.named.issuer !== '') checkUrl(context, place.pointer, remote.url);
  found.remotes.push(remote);
}

const FOR_ANY =
  'cannot be discovered for any tenant; name `discovery_url` (of Entra ID: ' +
  'https://login.microsoftonline.com/organizations/v2.0/.well-known/openid-configuration)';

/** Adds the issuer's discovery document: of several tenants that of the first. */
function discover(context: IssuerContext, found: Collected, place: Place<unknown>): void {
  const named = found.named;
  const first = named.tenancy?.tenants?.[0];
  if (named.tenancy !== undefined && first === undefined) {
    // A list without a tenant has a problem already.
    if (named.tenancy.tenants === undefined) complain(context.reader, place.pointer, FOR_ANY);
    return;
  }
  const issuer = named.tenancy === undefined || first === undefined ? named.issuer : issuerOf(named.tenancy, first);
  addRemote(context, found, place, {
    kind: 'discovery',
    url: discoveryUrl(issuer),
    issuer: named.issuer,
    tenancy: named.tenancy,
    fallback: metadataUrl(issuer),
    allowHttp: context.allowHttp,
  });
}

function addSecrets(context: IssuerContext, found: Collected, entry: Place<JsonObject>, name: string): void {
  const texts = readSecretTexts(context.compilation, context.reader, entry, name);
  found.hasConfigured = true;
  readSecrets(context.compilation, found.words, texts, readEncoding(context.reader, entry, 'encoding'), found.secrets);
}

/** Reads the one source of an entry, by its name. */
function addSource(context: IssuerContext, found: Collected, entry: Place<JsonObject>, name: string): void {
  const reader = context.reader;
  const place = member(entry, name);
  if (place === undefined) return;
  if (SECRETS.indexOf(name) >= 0) {
    addSecrets(context, found, entry, name);
    return;
  }
  if (name === 'discovery') {
    if (place.value !== true) complain(reader, place.pointer, 'can only be true; name another source of keys instead');
    discover(context, found, place);
    return;
  }
  const value = readString(reader, place);
  if (value === undefined) return;
  if (name === 'jwks_url' || name === 'discovery_url') {
    const kind = name === 'jwks_url' ? 'jwks' : 'discovery';
    const named = found.named;
    const allowHttp = context.allowHttp;
    addRemote(context, found, place, { kind, url: value, issuer: named.issuer, tenancy: named.tenancy, allowHttp });
    return;
  }
  const text = reader.text;
  const parse = name === 'jwks_file' ? (content: string) => readJwkSet(content, text) : readPemFile;
  found.hasConfigured = true;
  const keys = readKeyFile(context.compilation, reader.file + '#' + place.pointer, value, parse);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    if (key !== undefined) found.publicKeys.push(key);
  }
}

function addEntry(context: IssuerContext, found: Collected, entry: Place<JsonObject>): void {
  const reader = context.reader;
  checkMembers(reader, entry, SOURCES.concat(['encoding']));
  const named = SOURCES.filter((name) => member(entry, name) !== undefined);
  if (named.length !== 1) {
    const names = named.length === 0 ? 'names no source of keys' : 'names ' + named.join(' and ');
    complain(
      reader,
      entry.pointer,
      names + '; name one of ' + SOURCES.join(', ') + ', and give a list of such objects',
    );
  }
  const name = named[0];
  const encoding = member(entry, 'encoding');
  if (encoding !== undefined && (name === undefined || SECRETS.indexOf(name) < 0))
    complain(reader, encoding.pointer, 'has no effect without ' + SECRETS.join(' or '));
  if (name === undefined) return;
  const value = member(entry, name)?.value;
  const source = name + ' ' + (typeof value === 'string' ? value : '');
  const isTwin = found.known.indexOf(source) >= 0 && (name === 'discovery' || typeof value === 'string');
  if (isTwin) complain(reader, entry.pointer, 'is the source of an earlier one; remove one of the two');
  found.known.push(source);
  addSource(context, found, entry, name);
}

/** The objects of `keys`, which is one or a list of them; undefined for anything else, which is noted. */
function readEntries(reader: Reader, keys: Place<JsonObject['values'][number]>): readonly Place<JsonObject>[] {
  const places = asArray(keys.value) === undefined ? [keys] : (readList(reader, keys) ?? []);
  if (places.length > MAX_SOURCES)
    complain(reader, keys.pointer, 'has more than ' + MAX_SOURCES.toString() + ' sources of keys');
  const entries: Place<JsonObject>[] = [];
  for (let index = 0; index < places.length && index < MAX_SOURCES; index++) {
    const place = places[index];
    const entry = place === undefined ? undefined : readObject(reader, place, SOURCE);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

/** An issuer's keys, or their sources; discovery unless the policy names another. */
export function readKeys(
  context: IssuerContext,
  named: NamedIssuer,
  object: Place<JsonObject>,
  words: Vocabulary,
): KeyConfiguration {
  const reader = context.reader;
  const found: Collected = { named, words, publicKeys: [], secrets: [], remotes: [], known: [], hasConfigured: false };
  const keys = member(object, 'keys');
  if (keys === undefined) {
    discover(context, found, { value: named.issuer, pointer: object.pointer + '/issuer' });
  } else {
    const entries = readEntries(reader, keys);
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[index];
      if (entry !== undefined) addEntry(context, found, entry);
    }
    if (found.secrets.length > MAX_SECRETS) {
      complain(reader, keys.pointer, 'has more than ' + MAX_SECRETS.toString() + ' secrets; remove the oldest');
    }
  }
  const configured: VerificationKey[] = [];
  return {
    configured: found.hasConfigured ? configured.concat(found.secrets, found.publicKeys) : undefined,
    remotes: found.remotes,
  };
}
