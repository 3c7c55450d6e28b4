// Characters of a deny list's entry that one does not see, against the properties that Unicode gives them.
import { expect, test } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { findUnseen } from '../../../src/codec/invisible';

const UNSEEN = /[\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Cc}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;
/** Blank or broken, though Unicode does not say so: a Braille cell without dots, a note head, a replacement. */
const BESIDES = [0x2800, 0x1d159, 0xfffd];
/** Whether a character joins the one before it, or the one after it, to a single one. */
const JOINS = /[\u0300-\u036f\u0653-\u0655\u1100-\u11ff\u3099\u309a]/;

test('every format character, blank, ignorable and combining character is found, and no other', () => {
  const wrong: string[] = [];
  for (let codePoint = 0x80; codePoint <= 0x10ffff; codePoint += 1) {
    if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
    const character = String.fromCodePoint(codePoint);
    const wanted = UNSEEN.test(character) || BESIDES.includes(codePoint) || JOINS.test(character);
    if ((findUnseen(`a${character}`, text) !== undefined) !== wanted) wrong.push(codePoint.toString(16));
  }
  expect(wrong).toEqual([]);
});

test('text of letters, digits and visible signs has none', () => {
  for (const value of ['', 'a b', 'Jürgen', 'Жанна', '田中', '\u{1f439}', 'a|b%20']) {
    expect([value, findUnseen(value, text)]).toEqual([value, undefined]);
  }
});
