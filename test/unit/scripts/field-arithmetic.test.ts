// src/crypto's generated files against the script that writes them.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findEdited } from '../../../scripts/field-arithmetic.mjs';

const read = (path: string): string => readFileSync(path, 'utf8');

describe('the arithmetic of the fields', () => {
  test('is what the generator writes', () => {
    expect(findEdited(read)).toEqual([]);
  });

  test('is reported when one sign of it was changed', () => {
    const edit = (path: string): string =>
      path.endsWith('/p384-field.ts') ? read(path).replace('t5 -= q * up8', 't5 += q * up8') : read(path);
    expect(findEdited(edit)).toEqual(['p384-field.ts']);
  });
});
