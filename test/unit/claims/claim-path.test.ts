import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { asObject } from '../../../src/codec/json';
import { formatJson } from '../../../src/codec/json-format';
import { parseJson } from '../../../src/codec/json-parse';
import { findClaim, findFirstClaim, parseClaimPath } from '../../../src/claims/claim-path';

function find(claims: unknown, ...places: readonly string[]): unknown {
  const object = asObject(parseJson(JSON.stringify(claims), text));
  const paths = places.map((place) => parseClaimPath(place)).filter((path) => path !== undefined);
  if (object === undefined || paths.length !== places.length) throw new Error('not well-formed');
  const found = findFirstClaim(object, paths);
  return found === undefined ? undefined : JSON.parse(formatJson(found));
}

describe('the place of a claim', () => {
  it('D7: goes from the top down between dots', () => {
    expect(find({ realm_access: { roles: ['a'] } }, 'realm_access.roles')).toEqual(['a']);
    expect(find({ a: { b: { c: 1 } } }, 'a.b.c')).toBe(1);
  });

  it('is a top-level claim of that very name first', () => {
    expect(find({ 'a.b': 1, a: { b: 2 } }, 'a.b')).toBe(1);
    expect(find({ 'https://a.example/roles': ['x'] }, 'https://a.example/roles')).toEqual(['x']);
    expect(find({ 'a.b': null, a: { b: 2 } }, 'a.b')).toBe(2);
  });

  it('is to the letter as a JSON pointer (RFC 6901)', () => {
    expect(find({ resource_access: { 'my.client': { roles: ['x'] } } }, '/resource_access/my.client/roles')).toEqual([
      'x',
    ]);
    expect(find({ 'a/b': { 'c~d': 1 } }, '/a~1b/c~0d')).toBe(1);
    expect(find({ '/a': 1 }, '/a')).toBeUndefined();
    expect(find({ '': 1 }, '/')).toBe(1);
  });

  it('is the first of several that exists; null does not', () => {
    expect(find({ b: 2, c: 3 }, 'a', 'b', 'c')).toBe(2);
    expect(find({ a: null, b: 2 }, 'a', 'b')).toBe(2);
    expect(find({ a: false, b: 2 }, 'a', 'b')).toBe(false);
    expect(find({ a: 'x' }, 'a.b', 'b')).toBeUndefined();
    expect(find({ a: [{ b: 1 }] }, 'a.b')).toBeUndefined();
  });

  it('is none when it is empty or no pointer', () => {
    for (const place of ['', '/a~', '/a~2', '/~x/y']) expect(parseClaimPath(place)).toBeUndefined();
  });

  it('has no prototype to climb into', () => {
    const claims = asObject(parseJson('{"a":{}}', text));
    for (const place of ['constructor', '__proto__', 'a.constructor', '/a/__proto__']) {
      const path = parseClaimPath(place);
      expect(claims === undefined || path === undefined ? 'x' : findClaim(claims, path)).toBeUndefined();
    }
  });
});
