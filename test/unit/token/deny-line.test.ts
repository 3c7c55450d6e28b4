// Entries of a deny list: what counts, and what is named with its mend.
import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { encodeEntry } from '../../../src/codec/percent';
import { denialEntries, CLIENT_PATHS } from '../../../src/token/deny-entries';
import { DENY_KINDS, synonymsOf } from '../../../src/token/deny-entry';
import { createDenyFaults, findEntryFault, isTimed, readDenyLine as read } from '../../../src/token/deny-line';
import type { Json, JsonObject } from '../../../src/codec/json';

const objectOf = (members: Readonly<Record<string, Json>>): JsonObject => ({
  kind: 'object',
  names: Object.keys(members),
  values: Object.values(members),
});

const X = [{ name: 'x', steps: ['x'] }];
const ISSUERS = ['https://a.example', 'https://b.example/{tid}/v2.0', 'one, two'];
const READER = { text, issuers: ISSUERS };
const readDenyLine = (line: string) => read(line, READER);

describe('a line of a deny list', () => {
  it.each(DENY_KINDS.filter((kind) => !isTimed(`${kind}:`)))('denies by %s', (kind) => {
    expect(readDenyLine(`${kind}:x`)).toEqual({ entry: `${kind}:x`, fault: '' });
  });

  it.each([
    ['sub:x', 'sub:x'],
    ['  sub:x\t\r', 'sub:x'],
    ['sub:x 1', 'sub:x'],
    ['sub:x # left', 'sub:x'],
    ['sub:x #', 'sub:x'],
    ['jti:x left on Monday', 'jti:x'],
    ['kid:x old', 'kid:x'],
    ['sub:a:b', 'sub:a:b'],
    ['sub:"', 'sub:"'],
    ['sub:50%', 'sub:50%'],
    ['sub:a|b', 'sub:a|b'],
    ['sub:a%7Cb', 'sub:a%7Cb'],
    ['sub:a%257Cb', 'sub:a%257Cb'],
    ['sub:a+b%7Cc', 'sub:a+b%7Cc'],
    ['sub:me+tag@x.example', 'sub:me+tag@x.example'],
    ['sub:a%2Bb', 'sub:a%2Bb'],
    ['sub:+1|2', 'sub:+1|2'],
    ['jti:a+b', 'jti:a+b'],
    ['kid:a+b', 'kid:a+b'],
    ['sub:Rene%CC%81', 'sub:Rene%CC%81'],
    ['sub:René', 'sub:René'],
    ['sub:क्षि', 'sub:क्षि'],
    ['sub:한', 'sub:한'],
    ['# caf\ufffd', ''],
    ['sub:x # caf\ufffd', 'sub:x'],
    ['sub:J%C3%BCrgen', 'sub:J%C3%BCrgen'],
    ['sub:%F0%9F%90%B9', 'sub:%F0%9F%90%B9'],
    ['sub:a%2C', 'sub:a%2C'],
    ['sub:a%E2%80%8B', 'sub:a%E2%80%8B'],
    ['sub:a,b;c', 'sub:a,b;c'],
    ['sub:\u{1f439}', 'sub:\u{1f439}'],
    ['sid:a+b seen on Monday', 'sid:a+b'],
    ['iss:https://a.example,sub:x', 'iss:https://a.example,sub:x'],
    ['iss:https://a.example,sub:a,b', 'iss:https://a.example,sub:a,b'],
    ['iss:https://a.example,jti:x stolen', 'iss:https://a.example,jti:x'],
    ['iss:https://b.example/one/v2.0,sub:a%7Cb # left', 'iss:https://b.example/one/v2.0,sub:a%7Cb'],
    ['iss:one%2C%20two,sid:x', 'iss:one%2C%20two,sid:x'],
    ['sub_issued_before:x 1764432000', 'sub_issued_before:x 1764432000'],
    ['sub_issued_before:x\t1764432000 # left', 'sub_issued_before:x 1764432000'],
    ['iss:https://a.example,sub_issued_before:x 99999999999', 'iss:https://a.example,sub_issued_before:x 99999999999'],
    ['', ''],
    [' \t', ''],
    ['# sub:x', ''],
    [' #sub:x', ''],
  ])('`%s` is good', (line, entry) => {
    expect(readDenyLine(line)).toEqual({ entry, fault: '' });
  });

  it.each([
    ['x', 'has no colon'],
    ['uid:x', 'does not begin with any of'],
    ['iss:https://a.example', 'names an issuer alone; write it, a comma and an entry'],
    ['iss:,sub:x', 'names an issuer alone'],
    ['iss:', 'names an issuer alone'],
    ['iss:https://a.example,x', 'does not begin with any of'],
    ['iss:https://a.example,sub:', 'has no value right after the colon'],
    ['iss:https://a.example,iss:https://a.example,sub:x', 'does not begin with any of'],
    ['iss:https://a.example, sub:x', 'does not begin with any of'],
    [':x', 'does not begin with any of'],
    ['SUB:x', 'does not begin with any of'],
    ['sub :x', 'has no colon'],
    ['"sub:x"', 'does not begin with any of'],
    ['sub:', 'has no value right after the colon'],
    ['sub: x', 'has a blank after the colon'],
    ['sub:\tx', 'has a blank after the colon'],
    ["sub:'x'", 'has quotes around its value'],
    ['sub:a\u0007', 'holds a control character'],
    ['\ufeffsub:a', 'begins with a byte order mark'],
  ])('`%s` denies nothing, and is named', (line, fault) => {
    const read = readDenyLine(line);
    expect(read.entry).toBe('');
    expect(read.fault).toContain(fault);
  });

  it.each([
    ['sub:a%7cb', 'sub:a|b', 'has a percent escape that never matches'],
    ['sub:%61b', 'sub:ab', 'has a percent escape'],
    ['sub:a|b%2C', 'sub:a|b,', 'has a percent escape'],
    ['sub:a%20b|c%7C', 'sub:a%20b|c|', 'has a percent escape'],
    ['sub:5%_%7C', 'sub:5%_%7C', 'has a percent escape'],
    ['sub:caf%E9', 'sub:caf%E9', 'has a percent escape'],
    ['sub:%ED%A0%80', 'sub:%ED%A0%80', 'has a percent escape'],
    ['sub:a\u200bb', 'sub:a\u200bb', 'holds an invisible character, U+200B'],
    ['sub:a\u00a0', 'sub:a\u00a0', 'holds an invisible character, U+00A0'],
    ['jti:\u200ea', 'jti:\u200ea', 'holds an invisible character, U+200E'],
    ['sub:a\u2028', 'sub:a\u2028', 'holds an invisible character, U+2028'],
    ['sub:a\ufeff', 'sub:a\ufeff', 'holds an invisible character, U+FEFF'],
    ['sub:a\u{e0041}', 'sub:a\u{e0041}', 'holds an invisible character, U+E0041'],
    ['sub:a\u{1d173}', 'sub:a\u{1d173}', 'holds an invisible character, U+1D173'],
    ['sub:a\u{e0100}', 'sub:a\u{e0100}', 'holds an invisible character, U+E0100'],
    ['sub:a\ufe0f', 'sub:a\ufe0f', 'holds an invisible character, U+FE0F'],
    ['sub:a\u{e0fff}', 'sub:a\u{e0fff}', 'holds an invisible character, U+E0FFF'],
    ['sub:a\uffff', 'sub:a\uffff', 'holds an invisible character, U+FFFF'],
    ['sub:caf\ufffd', 'sub:caf\ufffd', 'holds a character that is not UTF-8, or U+FFFD; save the file as UTF-8'],
    ['sub:caf\ud800', 'sub:caf\ud800', 'holds a character that is not UTF-8'],
    ['sub:Rene\u0301', 'sub:Rene\u0301', 'holds a combining character, U+0301; write it and its letter as one'],
    ['sub:か\u3099', 'sub:か\u3099', 'holds a combining character, U+3099'],
    ['sub:\u1112\u1161\u11ab', 'sub:\u1112\u1161\u11ab', 'holds a combining character, U+1112'],
    ['sub:a+b', 'sub:a+b', 'has a `+` that could be a plus sign or a blank; write `%2B` or `%20`'],
    ['client:a+b%25', 'client:a+b%25', 'has a `+` that could be a plus sign or a blank'],
    ['iss:https://c.example,sub:x', 'iss:https://c.example,sub:x', 'names an issuer that is not configured'],
    ['iss:https://a.example/,sub:x', 'iss:https://a.example/,sub:x', 'names an issuer that is not configured'],
    ['iss:https://b.example/v2.0,sub:x', 'iss:https://b.example/v2.0,sub:x', 'names an issuer that is not configured'],
    ['iss:https%3A%2F%2Fa.example,sub:x', 'iss:https%3A%2F%2Fa.example,sub:x', 'has its issuer in a spelling'],
    ['iss:https://a.example,sub:a%7cb', 'iss:https://a.example,sub:a|b', 'has a percent escape that never matches'],
    ['sub:a,', 'sub:a,', 'ends in `,`; remove it'],
    ['sub:a; # left', 'sub:a;', 'ends in `;`; remove it'],
  ])('`%s` denies what it says, and is named', (line, entry, fault) => {
    const read = readDenyLine(line);
    expect(read.entry).toBe(entry);
    expect(read.fault).toContain(fault);
    expect(findEntryFault(line.split(' ')[0] ?? '', READER)).toBe(read.fault);
  });

  it.each([
    'sub_issued_before:x',
    'sub_issued_before:x 1',
    'sub_issued_before:x 0',
    'sub_issued_before:x 1764432000000',
    'sub_issued_before:x 0764432000',
    'sub_issued_before:x -764432000',
    'sub_issued_before:x 1764432000.5',
    'sub_issued_before:x 2026-11-29',
    'sub_issued_before:x # 1764432000',
    'sub_issued_before:x 1764432000 soon',
  ])('`%s` has no time, is named, and denies the subject whatever the time is', (line) => {
    const said = readDenyLine(line);
    expect(said.entry).toBe('sub_issued_before:x ?');
    expect(said.fault).toMatch(/needs a time after a blank|has a word after its entry/);
  });

  it('counts with the settings unknown, whatever its issuer', () => {
    expect(findEntryFault('iss:https://c.example,sub:x', { text, issuers: undefined })).toBeUndefined();
  });

  it('has the synonyms of every spelling of its value', () => {
    const spellings = ['sub:a b|', 'sub:a%20b|', 'sub:a%20b%7C', 'sub:a+b%7C'];
    for (const spelling of spellings) expect(synonymsOf(spelling, text)).toEqual(spellings);
    expect(synonymsOf('sub:a%7cb', text)).toEqual(['sub:a%7cb']);
    const bound = spellings.map((spelling) => `iss:https://a.example,${spelling}`);
    expect(synonymsOf('iss:https://a.example,sub:a%20b%7C', text)).toEqual(bound);
  });

  it('with a word after its entry is named, and denies its whole value at the most', () => {
    expect(readDenyLine('sub:John Doe')).toMatchObject({ entry: 'sub:John Doe' });
    expect(readDenyLine('sub:John Doe').fault).toContain('write `%20`');
    expect(readDenyLine('sub:John 1 2').entry).toBe('sub:John 1 2');
  });
});

it('ten faulty lines are named by their numbers, the others counted', () => {
  const faults = createDenyFaults(READER);
  for (let line = 0; line < 13; line += 1) faults.read(line === 1 ? 'sub:x' : 'x');
  const said = faults.describe();
  expect(said).toHaveLength(11);
  expect(said[1]).toMatch(/^line 3 has no colon/);
  expect(said[10]).toBe('and 2 more lines like these');
});

it('a second time for one entry is named, and both count', () => {
  const faults = createDenyFaults(READER);
  const lines = ['sub_issued_before:x 1764432000', 'sub_issued_before:y 1764432000', 'sub_issued_before:x 1764432001'];
  expect(lines.map((line) => faults.read(line))).toEqual(lines);
  expect(faults.describe()).toEqual([expect.stringMatching(/^line 3 has a time for an entry that an earlier line/)]);
});

describe('the entries of a token', () => {
  it('name a value as it is, and encoded where that differs', () => {
    const entries = denialEntries(objectOf({ sub: 'a b', jti: '1%20"', azp: '', x: 'c' }), X, 'k\n', text);
    expect(entries).toEqual(['jti:1%20"', 'jti:1%2520%22', 'sub:a b', 'sub:a%20b', 'sub:a+b', 'client:c', 'kid:k%0A']);
  });

  it('say a value encoded as a whole, as other tools do', () => {
    const of = (sub: string) => denialEntries(objectOf({ sub }), X, undefined, text);
    expect(of('auth0|4711')).toEqual(['sub:auth0|4711', 'sub:auth0%7C4711']);
    expect(of('a.b-c_d~9Z')).toEqual(['sub:a.b-c_d~9Z']);
    for (const value of ['x@y.z', 'é', '\u20ac', '\u{1f439}', 'a/b?c=d&e', 'a\nb']) {
      expect(of(value)).toContain(`sub:${encodeURIComponent(value)}`);
      expect(of(`${value} z`)).toContain(`sub:${new URLSearchParams({ a: `${value} z` }).toString().slice(2)}`);
    }
  });

  it('say a letter with a mark of its own as one character too, so that what one sees is denied', () => {
    const of = (sub: string) => denialEntries(objectOf({ sub }), X, undefined, text);
    expect(of('Rene\u0301')).toEqual(['sub:Rene\u0301', 'sub:Rene%CC%81', 'sub:René', 'sub:Ren%C3%A9']);
    expect(of('\u1112\u1161\u11ab')).toContain('sub:한');
    expect(of('x\u0301')).toEqual(['sub:x\u0301', 'sub:x%CC%81']);
  });

  it('deny no other value', () => {
    const of = (sub: string) => denialEntries(objectOf({ sub }), X, undefined, text);
    // The literal value of what looks like an escape is said by its own encoding.
    expect(of('auth0%7C4711')).toEqual(['sub:auth0%7C4711', 'sub:auth0%257C4711']);
    expect(of('auth0|4711')).not.toContain('sub:auth0%257C4711');
    expect(of('René')).toEqual(['sub:René', 'sub:Ren%C3%A9']);
    expect(of('a+b')).toEqual(['sub:a+b', 'sub:a%2Bb']);
    const ofId = (jti: string) => denialEntries(objectOf({ jti }), X, undefined, text);
    expect(ofId('a b')).toEqual(['jti:a b', 'jti:a%20b']);
    expect(ofId('a b|c')).toContain('jti:a+b%7Cc');
    expect(ofId('a+b')).toEqual(['jti:a+b', 'jti:a%2Bb']);
  });

  it('name the client by the first place that has one, and by every place before it that cannot be read', () => {
    const list: Json = { kind: 'array', items: ['b', 'c\n', { kind: 'number', value: 7, text: '7' }] };
    const clientsOf = (members: Readonly<Record<string, Json>>, places = CLIENT_PATHS): readonly string[] =>
      denialEntries(objectOf(members), places, undefined, text).filter((entry) => entry.startsWith('client:'));
    expect(clientsOf({ azp: 'a', appid: 'b' })).toEqual(['client:a']);
    expect(clientsOf({ appid: 'b' })).toEqual(['client:b']);
    expect(clientsOf({ x: 'b' })).toEqual([]);
    expect(clientsOf({ x: 'b' }, X)).toEqual(['client:b']);
    expect(clientsOf({ client_id: list, azp: 'a', appid: 'd' })).toEqual([
      'client:b',
      'client:c%0A',
      'client:7',
      'client:a',
    ]);
    expect(clientsOf({ client_id: objectOf({ id: 'b' }), azp: 'a' })).toEqual(['client:a']);
  });

  it('hold no blank and no control character once encoded', () => {
    const all = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join('');
    expect(encodeEntry(all, text)).toMatch(/^[!-~]+$/);
    expect(decodeURIComponent(encodeEntry(all, text))).toBe(all);
  });
});
