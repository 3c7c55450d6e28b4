import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { asObject, findMember, type Json } from '../../../src/codec/json';
import { formatJson } from '../../../src/codec/json-format';
import { MAX_DEPTH, parseJson } from '../../../src/codec/json-parse';

/** Our tree as plain JavaScript, to compare with JSON.parse. */
function toPlain(value: Json): unknown {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (value.kind === 'null') return null;
  if (value.kind === 'number') return value.value;
  if (value.kind === 'array') return value.items.map(toPlain);
  return Object.fromEntries(value.names.map((name, index) => [name, toPlain(value.values[index] as Json)]));
}

describe('strict JSON (RFC 8259)', () => {
  it.each([
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-1.5e-3',
    '1E2',
    '123456789012',
    '""',
    '"a"',
    '[]',
    '{}',
    '[[],{}]',
    ' \t\r\n{ "a" : [ 1 , 2 , {"b":null} ] , "c":"d" } \n',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
    '"\\u0041\\u00e9\\u20AC"',
    '"\\ud83d\\ude00"',
    '"é€😀"',
    '{"a\\u0062":1}',
    '"\u007f"',
    '["\\\\"]',
    '{"a":"x\\\\","b":"y"}',
  ])('reads %j as JSON.parse does', (source) => {
    const value = parseJson(source, text);
    expect(value).toBeDefined();
    expect(toPlain(value as Json)).toEqual(JSON.parse(source));
  });

  it.each([
    '',
    ' ',
    '{',
    '}',
    '[',
    ']',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '[1,]',
    '[,1]',
    '{,}',
    "{'a':1}",
    '{a:1}',
    'nul',
    'True',
    'NaN',
    'Infinity',
    '-',
    '+1',
    '01',
    '-01',
    '1.',
    '.5',
    '1e',
    '1e+',
    '0x1',
    '1e400',
    '-1e400',
    '"',
    '"\\x"',
    '"\\u12"',
    '"\\u12G4"',
    '"\\ud800"',
    '"\\udc00"',
    '"\\ud800\\u0041"',
    '"\\ud800x"',
    '"a\u0001b"',
    '"a\tb"',
    '"a\\"',
    '1 2',
    '{} {}',
    '[1]]',
    '\ufeff{}',
    '/**/1',
    '1//',
    '{"a":1 "b":2}',
    '[1 2]',
    'truefalse',
    '\u00a01',
    '"\\',
  ])('refuses %j', (source) => {
    expect(parseJson(source, text)).toBeUndefined();
  });

  it.each([
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"x":{"b":1,"b":1}}',
    '[{"__proto__":1,"__proto__":2}]',
    '{"constructor":1,"constructor":1}',
    '{"":1,"":2}',
  ])('refuses the duplicate member in %s', (source) => {
    expect(parseJson(source, text)).toBeUndefined();
  });

  it("keeps members that an engine's own objects inherit apart", () => {
    const object = asObject(parseJson('{"__proto__":1,"constructor":2,"toString":3,"$a":4,"a":5}', text));
    expect(object?.names).toEqual(['__proto__', 'constructor', 'toString', '$a', 'a']);
    expect(object && findMember(object, 'hasOwnProperty')).toBeUndefined();
  });

  it('nests as deep as the limit and no deeper', () => {
    const nest = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(parseJson(nest(MAX_DEPTH), text)).toBeDefined();
    expect(parseJson(nest(MAX_DEPTH + 1), text)).toBeUndefined();
  });

  it('distinguishes null from a missing member', () => {
    const object = asObject(parseJson('{"a":null}', text));
    expect(object && findMember(object, 'a')).toEqual({ kind: 'null' });
    expect(object && findMember(object, 'b')).toBeUndefined();
  });
});

describe('compact JSON', () => {
  it.each([
    '{"a":[1,2.50,-0,1E2],"b":{"c":null,"d":true,"e":false}}',
    '"q\\"b\\\\ é😀"',
    '"\\u0001\\u000a"',
    '[]',
    '{}',
  ])('writes %s as it was read', (source) => {
    expect(formatJson(parseJson(source, text) as Json)).toBe(source);
  });
});
