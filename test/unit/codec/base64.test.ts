import { describe, expect, it } from 'vitest';
import {
  base64UrlLength,
  decodeBase64,
  decodeBase64Url,
  encodeBase64,
  isCanonicalBase64Url,
} from '../../../src/codec/base64';

/** Every length up to 70 bytes, with bytes that use all bits. */
const SAMPLES = Array.from({ length: 71 }, (_, length) =>
  Array.from({ length }, (_, index) => (index * 37 + 201) % 256),
);

describe('base64url (RFC 4648 §5)', () => {
  it('decodes what Node encodes, for every length', () => {
    for (const bytes of SAMPLES) {
      const segment = Buffer.from(bytes).toString('base64url');
      expect(decodeBase64Url(segment)).toEqual(bytes);
      expect(isCanonicalBase64Url(segment)).toBe(true);
      expect(base64UrlLength(bytes.length)).toBe(segment.length);
    }
  });

  it.each(['A', 'AAAAA', 'AA==', 'AAA=', '+/+/', '+AAA', '/AAA', 'A A A', 'AB', 'AAB', 'AA\n', 'é'])(
    'refuses %j',
    (segment) => {
      expect(decodeBase64Url(segment)).toBeUndefined();
    },
  );

  it('accepts exactly one last character for each value of a two- and a three-character segment', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const canonical = (prefix: string) => [...alphabet].filter((last) => isCanonicalBase64Url(prefix + last));
    expect(canonical('A')).toHaveLength(4);
    expect(canonical('AA')).toHaveLength(16);
    expect(canonical('AAA')).toHaveLength(64);
    expect(canonical('AAAA')).toEqual([]);
    for (const last of alphabet) {
      expect(decodeBase64Url('A' + last) !== undefined).toBe(isCanonicalBase64Url('A' + last));
      expect(decodeBase64Url('AA' + last) !== undefined).toBe(isCanonicalBase64Url('AA' + last));
    }
  });
});

describe('base64 (RFC 4648 §4)', () => {
  it('encodes and decodes as Node does, for every length', () => {
    for (const bytes of SAMPLES) {
      const encoded = Buffer.from(bytes).toString('base64');
      expect(encodeBase64(bytes)).toBe(encoded);
      expect(decodeBase64(encoded)).toEqual(bytes);
    }
  });

  it.each(['AA', 'AAA', 'A===', '====', 'AB==', 'AAB=', '-_-_', '-AAA', '_AAA', 'AA=A'])('refuses %j', (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });
});
