// JSON by the engine's own parser, which is many times faster than one written in JavaScript, where the two agree.
import type { Json } from '../../src/codec/json';
import { MAX_DEPTH } from '../../src/codec/json-parse';

type Native = string | number | boolean | null | Native[] | { readonly [name: string]: Native };

function convertObject(value: Readonly<Record<string, Native>>, depth: number): Json | undefined {
  const names = Object.keys(value);
  const values: Json[] = [];
  for (let index = 0; index < names.length; index++) {
    const member = value[names[index] ?? ''];
    // Most members are strings: no call for them.
    const converted = typeof member === 'string' ? member : convert(member, depth);
    if (converted === undefined) return undefined;
    values.push(converted);
  }
  return { kind: 'object', names, values };
}

/** The core's form of a value; undefined when it nests too deep. `depth` is the number of arrays and objects around it. */
function convert(value: Native | undefined, depth: number): Json | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return { kind: 'number', value, text: value.toString() };
  if (value === null) return { kind: 'null' };
  if (value === undefined || depth >= MAX_DEPTH) return undefined;
  if (!Array.isArray(value)) return convertObject(value, depth + 1);
  const items: Json[] = [];
  for (let index = 0; index < value.length; index++) {
    const item = convert(value[index], depth + 1);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return { kind: 'array', items };
}

/**
 * Parses JSON that is written as the engine itself would write it: no white space, no escape, each number in its shortest
 * form. Undefined for anything else, good or bad.
 * @param source text that is known to be valid UTF-8
 */
export function parseCanonicalJson(source: string): Json | undefined {
  // An escape may spell a lone surrogate, which the engine would write just so.
  if (source.indexOf('\\') >= 0) return undefined;
  try {
    const value = JSON.parse(source) as Native;
    // INVARIANT: a member that occurs twice, or an engine's leniency, makes a text that differs from the source.
    return JSON.stringify(value) === source ? convert(value, 0) : undefined;
  } catch {
    return undefined;
  }
}

/** Half a character: the escape of a high surrogate without that of a low one after it, and the reverse. */
const LONE_HIGH = /\\u[dD][89ABab]..(?!\\u[dD][C-Fc-f])/;
const LONE_LOW = /(?<!\\u[dD][89ABab]..)\\u[dD][C-Fc-f]/;

/**
 * Whether a string with escapes has half a character, which the engines let through (RFC 8259 §8.2). It is searched for:
 * one replacement costs the engine njs as much as ten thousand characters of a search.
 */
function hasHalf(quoted: string): boolean {
  if (quoted.indexOf('\\ud') < 0 && quoted.indexOf('\\uD') < 0) return false;
  // Without escaped backslashes each backslash begins another escape.
  const source = quoted.indexOf('\\\\') < 0 ? quoted : quoted.split('\\\\').join('..');
  return LONE_HIGH.test(source) || LONE_LOW.test(source);
}

/**
 * Decodes a JSON string. The engines refuse each faulty escape themselves.
 * @param quoted with its quotes, and without raw control characters
 * @returns undefined for one with a faulty escape or half a character
 */
export function decodeJsonString(quoted: string): string | undefined {
  if (hasHalf(quoted)) return undefined;
  try {
    const value = JSON.parse(quoted) as Native;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
