// Letters and marks as one character, against what the engine of the tests makes of them.
import { expect, test } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { composeLetters } from '../../../src/codec/composition';

const MARKS = /[\u0300-\u036f\u0653-\u0655\u1100-\u11ff\u3099\u309a]/;

test('every character that marks and Hangul letters make is made of them, and nothing else is changed', () => {
  const wrong: string[] = [];
  for (let codePoint = 0x80; codePoint <= 0x10ffff; codePoint += 1) {
    if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
    const character = String.fromCodePoint(codePoint);
    const parts = character.normalize('NFD');
    // Other scripts have marks that entries may hold as they are.
    if ([...parts].slice(1).some((part) => !MARKS.test(part))) continue;
    const wanted = parts === character ? character : character.normalize('NFC');
    if (composeLetters(`a${parts}.`, text) !== `a${wanted}.`.normalize('NFC')) wrong.push(codePoint.toString(16));
  }
  expect(wrong).toEqual([]);
});

test('text without marks stays as it is', () => {
  for (const value of ['', 'a b', 'René', '한', 'क्षि', '\u{1f439}', 'x\u0301', '\u0301']) {
    expect(composeLetters(value, text)).toBe(value);
  }
});
