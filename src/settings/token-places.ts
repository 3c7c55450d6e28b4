// Where a request may have its token, as the operator names it: `OAUTH_TOKEN_FROM`, and what a policy shares with it.
import type { Text } from '../codec/text';
import { lowerAscii } from '../codec/percent';
import { splitWords } from '../codec/words';
import { isSamePlace, type PlaceKind, type TokenPlace } from '../model/token-place';
import { isHeaderName } from '../policy/headers';
import { report, type Compilation } from './compilation';
import { hintAt } from './policy-file/suggest';
import { TOKEN_FROM } from './table';

/** The places that need no name, and those that do. */
export const PLAIN_PLACES: readonly PlaceKind[] = ['bearer', 'basic_password', 'websocket_protocol'];
export const NAMED_PLACES: readonly PlaceKind[] = ['header', 'cookie', 'query', 'form', 'websocket_protocol'];
const ALL_PLACES: readonly PlaceKind[] = [
  'bearer',
  'header',
  'cookie',
  'query',
  'form',
  'basic_password',
  'websocket_protocol',
];
export const MOST_PLACES = 16;
const MOST_LETTERS = 128;

/** The entry before a token among the subprotocols of a WebSocket, where no other is named. */
const MARK = 'bearer';

/** RFC 9110 §5.6.2: the characters of a token besides letters and digits. */
const TOKEN_MARKS = "!#$%&'*+-.^_`|~";
/** RFC 3986 §2.3: those of an unreserved name. */
const UNRESERVED = '-._~';

/** Headers that are another place, or that the request itself needs. */
const OTHER_HEADERS: readonly (readonly [string, string])[] = [
  ['authorization', 'is where `bearer` and `basic_password` look; name one of these'],
  ['cookie', 'holds cookies; name the place `cookie`'],
  ['sec-websocket-protocol', 'holds subprotocols; name the place `websocket_protocol`'],
];
const NEEDED: readonly string[] = [
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

function hasOnly(name: string, marks: string): boolean {
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    const isWord = (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
    if (!isWord && marks.indexOf(name.charAt(index)) < 0) return false;
  }
  return name !== '' && name.length <= MOST_LETTERS;
}

function findHeaderFault(name: string, text: Text): string | undefined {
  const lower = lowerAscii(name, text);
  for (let index = 0; index < OTHER_HEADERS.length; index++) {
    const pair = OTHER_HEADERS[index];
    if (pair !== undefined && pair[0] === lower) return pair[1];
  }
  if (NEEDED.indexOf(lower) >= 0) return 'is a header that the request itself needs';
  if (!isHeaderName(name, text) || name.length > MOST_LETTERS)
    return 'is not a header name; use letters, digits and `-`';
  return undefined;
}

/** What is wrong with the name of a place; undefined when nothing is. */
export function findPlaceFault(compilation: Compilation, kind: PlaceKind, name: string): string | undefined {
  const text = compilation.text;
  if (kind === 'header') return findHeaderFault(name, text);
  if (kind === 'form' && compilation.source.readsForms !== true) {
    return 'is a parameter of a form, which nginx cannot read before it decides; name another place';
  }
  if (kind === 'cookie' && !hasOnly(name, TOKEN_MARKS)) return 'is not the name of a cookie (RFC 6265 section 4.1.1)';
  if (kind === 'websocket_protocol' && !hasOnly(name, TOKEN_MARKS))
    return 'is not the name of a subprotocol (RFC 6455 section 4.1)';
  if ((kind === 'query' || kind === 'form') && !hasOnly(name, UNRESERVED))
    return 'is not the name of a parameter; use letters, digits, `-`, `.`, `_` and `~`';
  return undefined;
}

/** A place without a name of its own. */
export function plainPlace(kind: PlaceKind): TokenPlace {
  return { kind, name: kind === 'websocket_protocol' ? MARK : '' };
}

/** A place with its name. */
export function namedPlace(compilation: Compilation, kind: PlaceKind, name: string): TokenPlace {
  return { kind, name: kind === 'header' ? lowerAscii(name, compilation.text) : name };
}

/** The kind of this name among some; undefined when there is none. */
export function findKind(kinds: readonly PlaceKind[], name: string): PlaceKind | undefined {
  for (let index = 0; index < kinds.length; index++) {
    if (kinds[index] === name) return kinds[index];
  }
  return undefined;
}

/** The beginning of a message about a word that is no place. */
export function describeUnknown(word: string): string {
  return 'is not one of ' + ALL_PLACES.join(', ') + hintAt(word, ALL_PLACES);
}

export function isAmong(places: readonly TokenPlace[], place: TokenPlace): boolean {
  return places.some((other) => isSamePlace(place, other));
}

/** All places of both lists, each once. */
export function joinPlaces(one: readonly TokenPlace[], other: readonly TokenPlace[]): readonly TokenPlace[] {
  return one.concat(other.filter((place) => !isAmong(one, place)));
}

/** The places to look at; undefined where that is the Authorization header alone, as without the setting. */
export function unlessBearer(places: readonly TokenPlace[]): readonly TokenPlace[] | undefined {
  return places.length === 1 && places[0]?.kind === 'bearer' ? undefined : places;
}

/** A word of the environment: `KIND`, or `KIND:NAME`. */
function readWord(compilation: Compilation, word: string): TokenPlace | undefined {
  const setting = TOKEN_FROM.name;
  const colon = word.indexOf(':');
  const start = colon < 0 ? word : word.substring(0, colon);
  const kind = findKind(colon < 0 ? PLAIN_PLACES : NAMED_PLACES, start);
  if (kind !== undefined && colon < 0) return plainPlace(kind);
  if (kind === undefined) {
    const other = findKind(ALL_PLACES, start);
    const fault =
      other === undefined
        ? describeUnknown(start)
        : colon < 0
          ? 'needs a name; write `' + other + ':NAME`'
          : 'has no name of its own; write `' + other + '` alone';
    report(compilation, setting, '`' + start + '` ' + fault);
    return undefined;
  }
  const name = word.substring(colon + 1);
  const fault = findPlaceFault(compilation, kind, name);
  if (name === '') report(compilation, setting, '`' + word + '` needs a name; write `' + word + 'NAME`');
  else if (fault !== undefined) report(compilation, setting, '`' + name + '` ' + fault);
  return namedPlace(compilation, kind, name);
}

/** The places of `OAUTH_TOKEN_FROM`; undefined for the Authorization header alone. */
export function readTokenPlaces(compilation: Compilation): readonly TokenPlace[] | undefined {
  const setting = TOKEN_FROM.name;
  const value = compilation.source.environment(setting);
  if (value === undefined) return undefined;
  const words = splitWords(value.split(',').join(' '));
  if (words.length === 0) report(compilation, setting, 'is empty; name a place, or unset it');
  if (words.length > MOST_PLACES) report(compilation, setting, 'names more than ' + MOST_PLACES.toString() + ' places');
  const places: TokenPlace[] = [];
  for (let index = 0; index < words.length && index < MOST_PLACES; index++) {
    const word = words[index] ?? '';
    const place = readWord(compilation, word);
    if (place === undefined) continue;
    if (isAmong(places, place)) report(compilation, setting, '`' + word + '` is in the list twice');
    places.push(place);
  }
  return unlessBearer(places);
}
