import { describe, expect, test } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { recallHeader, type Header } from '../../../src/token/header';
import type { Outcome } from '../../../src/answer/outcome';
import { createTwoGenerations } from '../../../src/memory/two-generations';

const segmentOf = (header: object): string => Buffer.from(JSON.stringify(header)).toString('base64url');
const memory = () => createTwoGenerations<Outcome<Header>>(4);

describe('recallHeader', () => {
  test('gives for a segment that came before what it gave then', () => {
    const kept = memory();
    const segment = segmentOf({ alg: 'RS256', kid: 'a' });
    const first = recallHeader(segment, text, kept);
    expect(first).toMatchObject({ ok: true, value: { algorithm: { name: 'RS256' }, kid: 'a' } });
    expect(recallHeader(segment, text, kept)).toBe(first);
    expect(recallHeader(segment, text, undefined)).toEqual(first);
  });

  test('separates segments, however many there are', () => {
    const kept = memory();
    for (let round = 0; round < 2; round += 1) {
      for (let number = 0; number < 20; number += 1) {
        const kid = String(number);
        expect(recallHeader(segmentOf({ alg: 'ES256', kid }), text, kept)).toMatchObject({ value: { kid } });
        expect(kept.count()).toBeLessThanOrEqual(4);
      }
    }
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'refuses the segment `%s`, which names what every object inherits',
    (segment) => {
      expect(recallHeader(segment, text, memory())).toEqual({ ok: false, reason: 'header_malformed' });
    },
  );

  test.each([
    ['algorithm_none', { alg: 'none' }],
    ['type_refused', { alg: 'RS256', typ: 'dpop+jwt' }],
    ['critical_unsupported', { alg: 'RS256', crit: ['x'] }],
  ])('keeps no header that is refused: %s', (reason, header) => {
    const kept = memory();
    expect(recallHeader(segmentOf(header), text, kept)).toEqual({ ok: false, reason });
    expect(kept.count()).toBe(0);
  });

  test('keeps no long one', () => {
    const kept = memory();
    expect(recallHeader(segmentOf({ alg: 'RS256', kid: 'k'.repeat(500) }), text, kept).ok).toBe(true);
    expect(kept.count()).toBe(0);
  });
});
