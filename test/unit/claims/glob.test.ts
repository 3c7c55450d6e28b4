// Globs against a regular expression of the same meaning, and at sizes at which a search with turning back would not end.
import { describe, expect, test } from 'vitest';
import { matchesGlob } from '../../../src/claims/glob';
import { policyOf } from '../policy/compile';

function compile(glob: string): readonly string[] {
  const { rules } = policyOf({ rules: [{ paths: ['/'], require: { subject: { glob } } }] });
  return rules[0]?.demands?.further?.subject?.globs[0] ?? [];
}

/** The second reading. */
function expressionOf(glob: string): RegExp {
  const source = glob.replaceAll(/\*\*|\*|[^*]+/g, (piece) => {
    if (piece === '**') return '[^]*';
    return piece === '*' ? '[^/:]*' : piece.replaceAll(/[$()+.?[\\\]^{|}/]/g, '\\$&');
  });
  return new RegExp(`^${source}$`);
}

/** Every text of these letters up to a length. */
function textsOf(letters: string, length: number): readonly string[] {
  let texts = [''];
  const all = [''];
  for (let round = 0; round < length; round += 1) {
    texts = texts.flatMap((text) => [...letters].map((letter) => text + letter));
    all.push(...texts);
  }
  return all;
}

const GLOBS = [
  'a*',
  '*a',
  'a**',
  '**a',
  'a*b',
  'a**b',
  '*a*',
  '**a**',
  '*',
  'a*/b',
  '**a*b',
  '*a**b',
  'ab**a*/*b',
  '**ab*a',
];
const MORE = ['a*:*', '*/**', '**/*', '**a*b**a*', 'a*a*a', '**aa*a', '*:a', '**/a*/b**', '*a/*', '**ba*:b'];

describe('a glob', () => {
  const texts = textsOf('ab/:', 6);

  test.each([...GLOBS, ...MORE])('%s matches what it says, and nothing else', (glob) => {
    const compiled = compile(glob);
    const expression = expressionOf(glob);
    const wrong = texts.filter((text) => matchesGlob(text, compiled) !== expression.test(text));
    expect(wrong).toEqual([]);
  });

  test('takes no longer than its text for each star, whatever the text', () => {
    const long = 'a'.repeat(200_000);
    expect(matchesGlob(long, compile('**a*b**a*b**a*b**a*c'))).toBe(false);
    expect(matchesGlob('a/'.repeat(100_000), compile('**a*b**a*b**a*b**a*c'))).toBe(false);
    expect(matchesGlob('a:'.repeat(100_000), compile('*a*a*a*a*a*a*a*b'))).toBe(false);
    expect(matchesGlob(`${long}b`, compile('**a**a**a**a**a**a**b'))).toBe(true);
    expect(matchesGlob(`${'/:'.repeat(100_000)}/b`, compile('**/*:**/*:**/*b'))).toBe(true);
  });

  test('of one text, or none, matches nothing', () => {
    expect(matchesGlob('a', ['a'])).toBe(false);
    expect(matchesGlob('', [])).toBe(false);
  });
});
