import { describe, expect, it } from 'vitest';
import { printable } from '../../../src/codec/printable';
import { describeForeign } from '../../../src/token/foreign-token';
import type { Json, JsonObject } from '../../../src/codec/json';
import type { IssuerSettings } from '../../../src/model/settings';

const KEYS = { ready: true, revision: 0, keys: [], algorithms: [], unavailable: [] };

function issuer(name: string, audiences: readonly string[]): IssuerSettings {
  return { issuer: name, audiences, allowed: undefined, sources: { configured: KEYS, remotes: [] } };
}

function claims(members: Readonly<Record<string, Json>>): JsonObject {
  return { kind: 'object', names: Object.keys(members), values: Object.values(members) };
}

const list = (items: readonly string[]): Json => ({ kind: 'array', items });

describe('what the log says of a foreign token', () => {
  it.each([
    ['the audience', claims({ aud: 'other' }), 'the `aud` of the token is `other`; expected `api`, `second`'],
    [
      'all of several',
      claims({ aud: list(['x', 'y']) }),
      'the `aud` of the token is `x`, `y`; expected `api`, `second`',
    ],
    ['that there is none', claims({}), 'the `aud` of the token is empty or missing; expected `api`, `second`'],
  ])('names %s', (_, given, line) => {
    expect(describeForeign('audience_refused', given, [issuer('https://us/', ['api', 'second'])])).toBe(line);
  });

  it('names the issuer, and every one that it could be of', () => {
    const ours = [issuer('https://us/', []), issuer('https://them/', [])];
    expect(describeForeign('issuer_refused', claims({ iss: 'https://us' }), ours)).toBe(
      'the `iss` of the token is `https://us`; expected `https://us/`, `https://them/`',
    );
    expect(describeForeign('expired', claims({ iss: 'x' }), ours)).toBeUndefined();
  });

  it('is bounded, and holds visible ASCII alone', () => {
    const many = Array.from({ length: 1000 }, () => '\n\u{1F439}é`\\ x' + 'y'.repeat(5000));
    const line = describeForeign('audience_refused', claims({ aud: list(many) }), [issuer('i', ['api'])]) ?? '';
    expect(line.length).toBeLessThan(900);
    expect(line).toMatch(/^[ -~]*$/);
    expect(line).toContain(' and 995 more');
  });

  it.each([
    ['plain', 'plain'],
    ['a`b\r\nc', 'a?b?c'],
    ['häst', 'h?st'],
    ['0123456789ab', '0123456789...'],
    ['', ''],
  ])('writes %j as %j', (text, written) => {
    expect(printable(text, 10)).toBe(written);
  });
});
