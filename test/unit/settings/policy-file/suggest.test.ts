import { describe, expect, it } from 'vitest';
import { suggest } from '../../../../src/settings/policy-file/suggest';

const KNOWN = ['issuers', 'rules', 'clock_skew', 'otherwise', 'forward'];

describe('a suggestion', () => {
  it.each([
    ['issuer', 'issuers'],
    ['rule', 'rules'],
    ['Rules', 'rules'],
    ['clock_scew', 'clock_skew'],
    ['clockSkew', 'clock_skew'],
    ['otherwhise', 'otherwise'],
    ['foward', 'forward'],
  ])('for %s is %s', (word, meant) => {
    expect(suggest(word, KNOWN)).toBe(meant);
  });

  it.each(['', 'x', 'completely different', 'realm', 'z'.repeat(5000)])('is none for %s', (word) => {
    expect(suggest(word, KNOWN)).toBeUndefined();
  });
});
