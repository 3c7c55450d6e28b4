// JSON by Lua's own patterns, which run in C: many times faster than one character after the other.
// It reads the JSON of nearly every issuer, and leaves everything else to the strict parser of the core.
import type { Json, JsonNull } from '../../src/codec/json';
import { MAX_DEPTH } from '../../src/codec/json-parse';

const byte = string.byte;
const find = string.find;

/** `string.match` by what the patterns below capture. */
type Match<Captures extends unknown[]> = (
  this: void,
  source: string,
  pattern: string,
  start: number,
) => LuaMultiReturn<Captures>;

const matchPart = string.match as unknown as Match<[part: string | undefined, next: number]>;
const matchText = string.match as unknown as Match<[value: string, next: number] | [value: undefined, next: undefined]>;
const matchMember = string.match as unknown as Match<MemberParts>;

/** A member's name and value, the mark behind them and the place after it; no name where the strict parser is needed. */
type MemberParts = [name: string | undefined, value: Json, mark: string, next: number];

/** A value and the place after it; nothing where the strict parser is needed. */
type Found = LuaMultiReturn<[value: Json, next: number] | [value: undefined, next: undefined]>;

const NULL: JsonNull = { kind: 'null' };

// This matches no string with an escape, or with a control character, which is a fault.
const TEXT_MEMBER = '^"([^"%c\\]*)":"([^"%c\\]*)"([,}])()';
const NUMBER_MEMBER = '^"([^"%c\\]*)":(%-?%d+)([,}])()';
const MEMBER_NAME = '^"([^"%c\\]*)":()';
const TEXT = '^"([^"%c\\]*)"()';
/** The most digits of a number that is exact in both kinds of Lua's numbers. */
const DIGITS = '^(%-?%d+)()';
const MOST_DIGITS = 15;
const LEADING_ZERO = '^%-?0%d';
const WORD = '^(%l+)()';
const AFTER_MEMBER = '^([,}])()';
const AFTER_ITEM = '^([,%]])()';

const OPEN_BRACE = 123;
const OPEN_BRACKET = 91;
const CLOSE_BRACE = 125;
const CLOSE_BRACKET = 93;
const QUOTE = 34;

function leave(): Found {
  return $multi(undefined, undefined);
}

function readWord(source: string, start: number): Found {
  const [word, next] = matchPart(source, WORD, start);
  if (word === 'true' || word === 'false') return $multi(word === 'true', next);
  if (word === 'null') return $multi(NULL, next);
  return leave();
}

/** RFC 8259 §6, whole numbers of few digits alone. */
function toNumber(text: string): Json | undefined {
  if (text.length > MOST_DIGITS) return undefined;
  const [zero] = find(text, LEADING_ZERO);
  return zero === undefined ? { kind: 'number', value: Number(text), text } : undefined;
}

/** A number that is an item, or the whole; the character after it tells the caller whether there was more. */
function readNumber(source: string, start: number): Found {
  const [text, next] = matchPart(source, DIGITS, start);
  const number = text === undefined ? undefined : toNumber(text);
  if (number === undefined) return leave();
  return $multi(number, next);
}

function readArray(source: string, start: number, depth: number): Found {
  const items: Json[] = [];
  if (byte(source, start) === CLOSE_BRACKET) return $multi({ kind: 'array', items }, start + 1);
  let at = start;
  for (;;) {
    const [item, end] = readValue(source, at, depth);
    if (item === undefined) return leave();
    const [mark, next] = matchPart(source, AFTER_ITEM, end);
    if (mark === undefined) return leave();
    items.push(item);
    if (mark === ']') return $multi({ kind: 'array', items }, next);
    at = next;
  }
}

/** One member and the mark behind it. */
function readMember(source: string, start: number, depth: number): LuaMultiReturn<MemberParts> {
  const [name, text, mark, next] = matchMember(source, TEXT_MEMBER, start);
  if (name !== undefined) return $multi(name, text, mark, next);
  const [counted, digits, behindDigits, afterDigits] = matchMember(source, NUMBER_MEMBER, start);
  if (counted !== undefined) {
    const number = toNumber(digits as string);
    if (number === undefined) return $multi(undefined, NULL, '', 0);
    return $multi(counted, number, behindDigits, afterDigits);
  }
  const [other, at] = matchPart(source, MEMBER_NAME, start);
  if (other === undefined) return $multi(undefined, NULL, '', 0);
  const [value, end] = readValue(source, at, depth);
  if (value === undefined) return $multi(undefined, NULL, '', 0);
  const [after, behind] = matchPart(source, AFTER_MEMBER, end);
  if (after === undefined) return $multi(undefined, NULL, '', 0);
  return $multi(other, value, after, behind);
}

function readObject(source: string, start: number, depth: number): Found {
  const names: string[] = [];
  const values: Json[] = [];
  if (byte(source, start) === CLOSE_BRACE) return $multi({ kind: 'object', names, values }, start + 1);
  const members: Record<string, Json | undefined> = {};
  let at = start;
  for (;;) {
    const [name, value, mark, next] = readMember(source, at, depth);
    // INVARIANT: no name occurs twice (RFC 7515 §4, RFC 7519 §4); the strict parser refuses it.
    if (name === undefined || members[name] !== undefined) return leave();
    members[name] = value;
    names.push(name);
    values.push(value);
    if (mark === '}') return $multi({ kind: 'object', names, values, members }, next);
    at = next;
  }
}

/** Reads one value; `depth` is the number of arrays and objects around it. */
function readValue(source: string, start: number, depth: number): Found {
  const code: number | undefined = byte(source, start);
  if (code === QUOTE) return matchText(source, TEXT, start);
  if (code !== OPEN_BRACE && code !== OPEN_BRACKET) {
    const isWord = code !== undefined && code >= 97;
    return isWord ? readWord(source, start) : readNumber(source, start);
  }
  if (depth >= MAX_DEPTH) return leave();
  return code === OPEN_BRACE ? readObject(source, start + 1, depth + 1) : readArray(source, start + 1, depth + 1);
}

/**
 * Parses JSON without white space, escapes, fractions and exponents. Undefined for anything else, good or bad.
 * @param source text that is known to be valid UTF-8
 */
export function parsePlainJson(source: string): Json | undefined {
  const [value, next] = readValue(source, 1, 0);
  return next === source.length + 1 ? value : undefined;
}
