// What the shared files of haproxy/ call of Lua's library answers on Node as Lua does.
import { describe, expect, test } from 'vitest';
import { library } from '../../../cli/ports/lua';

describe('a pattern of Lua', () => {
  test.each([
    ['^set%-var%(([%w_.]+)', 'set-var(txn.a_1)', ['txn.a_1']],
    ['^[45]%d%d$', '503', ['503']],
    ['^[45]%d%d$', '200', []],
    ['^([^,]+)', 'host,1', ['host']],
    ['^!?version_%l+%([%d.]+%)$', '!version_atleast(3.1)', ['!version_atleast(3.1)']],
    ['^[\r\n]*HTTP/%S+%s+(2%d%d)', '\r\nHTTP/1.0  200 OK', ['200']],
    ['^([%w_.]+)(.*)$', 'path,lower', ['path', ',lower']],
    ['^map[%l_]*$', 'map_str', ['map_str']],
    ['([%w_-]*)$', 'f(set-var', ['set-var']],
    ['a-b', 'aab', ['aab']],
    ['.', '\n', ['\n']],
    ['[%w]', 'é', []],
  ])('%j meets %j as in Lua', (pattern, text, expected) => {
    expect(library.match(text, pattern)).toEqual(expected);
  });
});

test('texts are cut, replaced and gone through as in Lua', () => {
  expect(library.sub('abcdef', 2, 4)).toBe('bcd');
  expect(library.sub('abcdef', -2)).toBe('ef');
  expect(library.sub('abcdef', 3)).toBe('cdef');
  expect(library.gsub('a"b\\ c', '[\'"\\ ]', '')).toEqual(['abc', 3]);
  expect([...library.gmatch('a;b', '[^;]+')]).toEqual([['a'], ['b']]);
  expect(library.char(10)).toBe('\n');
});

test('numbers are read as in Lua', () => {
  expect(tonumber('1f', 16)).toBe(31);
  expect(tonumber('8192')).toBe(8192);
  expect(tonumber('x')).toBeUndefined();
  expect(tostring(7)).toBe('7');
});
