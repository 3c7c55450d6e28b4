import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { hasRocaForm } from '../../../src/keys/roca';
import { rsaMaterial } from '../../../src/keys/spki';

// The key of Wycheproof's json_web_key test 7.
const FLAWED =
  'AanFpofbj7KjD4Lf-N2hVMKR7yewSyXhhbirIMTGpfYEhZ_lnt5UoK98DnKIgArXGTu3MaW_HhFw16HGaTDUHqPrId7fe4r11CqRw09yBFuW79V8sYIw' +
  'HdzCaWflUI6auImYbVfoN9_nD5n8N8SY9DwXw7mwZM9wREPXoDPgOoIWl6q_MPsp7n0zs3Z5ZaiQWOOzl1S9OhwAfSiiOwz6efnXEaxuTEtPd7BjSx7N' +
  'aFka8Dx9U7YqXy2RFj1O9PjyaDGuRh7YXsX3iMUSP_wSyHQg_c_qHRtKUsNSGCT7OZg0hzm2KphtjnayKJvC64vAbROBR4Ubg6Bxg9IQVZ-QYyE';

test('a key of the flawed generator is recognized and refused', () => {
  const modulus = [...Buffer.from(FLAWED, 'base64url')];
  expect(hasRocaForm(modulus)).toBe(true);
  expect(rsaMaterial(modulus, [1, 0, 1])).toEqual({
    ok: false,
    problem: 'its private key can be computed from it (CVE-2017-15361); make a new key',
  });
});

test('other keys are taken', () => {
  for (let count = 0; count < 5; count += 1) {
    const { n = '' } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
    const modulus = [...Buffer.from(n, 'base64url')];
    expect(hasRocaForm(modulus)).toBe(false);
    expect(rsaMaterial(modulus, [1, 0, 1]).ok).toBe(true);
  }
});
