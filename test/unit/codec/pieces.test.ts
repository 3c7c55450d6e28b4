// The pieces of a text: the same as those of `split`, but for those that are too short.
import { describe, expect, it } from 'vitest';
import { longPieces, shortest, withoutPieces } from '../../../src/codec/pieces';

/** Every text of up to five characters. */
function textsOf(characters: string): readonly string[] {
  let texts: readonly string[] = [''];
  const all = [...texts];
  for (let length = 0; length < 5; length += 1) {
    texts = texts.flatMap((text) => [...characters].map((character) => text + character));
    all.push(...texts);
  }
  return all;
}

const TEXTS = textsOf('&ab');

describe('the pieces of a text', () => {
  it.each([1, 2, 3])('are all that have at least %i characters', (least) => {
    for (const text of TEXTS) {
      expect(longPieces(text, '&', least)).toEqual(text.split('&').filter((piece) => piece.length >= least));
    }
  });

  it.each(['a', 'b', 'ab', 'aba'])(
    'stay without those that are %j, and with every separator between them',
    (chosen) => {
      for (const text of TEXTS) {
        const kept = text.split('&').filter((piece) => piece !== chosen);
        const expected = kept.length === text.split('&').length ? undefined : kept.join('&');
        expect(withoutPieces(text, '&', chosen.length, (piece) => piece === chosen)?.join('&')).toBe(expected);
      }
    },
  );

  it('are looked at from the length of the shortest name on', () => {
    expect([shortest([]), shortest(['abc']), shortest(['abc', 'a', 'ab'])]).toEqual([0, 3, 1]);
  });
});
