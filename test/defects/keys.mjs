// Defects of src/keys: which keys are taken, and for how long they count.
import { inArea } from './define.mjs';

const defect = inArea('keys', ['unit'], ['test/unit/keys/']);

/** @type {readonly import('./define.mjs').Defect[]} */
export const KEYS = [
  defect('one form of the weak RSA keys of ROCA is accepted', 'src/keys/roca.ts', {
    find: 'if (!isPower(remainder(modulus, prime), prime)) return false;',
    replace: 'if (prime > 0) return false;',
  }),
  defect('nobody looks for the weak RSA keys of ROCA', 'src/keys/spki.ts', {
    find: "if (hasRocaForm(n)) return fault('its private key can be computed from it (CVE-2017-15361); make a new key');",
    replace: "if (n.length === 0 && hasRocaForm(n)) return fault('');",
  }),
  defect('an RSA key of 1024 bits is taken', 'src/keys/spki.ts', {
    find: 'const MIN_MODULUS_BITS = 2048;',
    replace: 'const MIN_MODULUS_BITS = 1024;',
  }),
  defect('the exponent 1 is taken', 'src/keys/spki.ts', {
    find: ' || (e.length === 1 && e[0] === 1)) {',
    replace: ') {',
  }),
  defect('an even modulus is taken', 'src/keys/spki.ts', {
    find: "if (!isOdd(n)) return fault('its RSA modulus is even');",
    replace: '',
  }),
  defect('a point beside its curve is taken', 'src/crypto/curve-point.ts', {
    find: 'return compare(rest, zero) === 0 || compare(rest, prime) === 0;',
    replace: 'return compare(rest, zero) >= 0 || compare(rest, prime) === 0;',
  }),
  defect('coordinates of the prime or more are taken', 'src/crypto/curve-point.ts', {
    find: 'if (compare(x, prime) >= 0 || compare(y, prime) >= 0) return false;',
    replace: '',
  }),
  defect('a private key is taken', 'src/keys/jwk.ts', {
    find: "const PRIVATE_MEMBERS = ['d', 'p', 'q', 'k'];",
    replace: "const PRIVATE_MEMBERS = ['p', 'q', 'k'];",
  }),
  defect('a key for encryption is taken', 'src/keys/jwk.ts', {
    find: "if (use !== undefined && use !== 'sig') return false;",
    replace: '',
  }),
  defect('key_ops is ignored', 'src/keys/jwk.ts', {
    find: "return names !== undefined && names.indexOf('verify') >= 0;",
    replace: 'return names !== undefined && names.length >= 0;',
  }),
  defect('a key’s own alg does not bind', 'src/keys/jwk.ts', {
    find: 'algorithms = [algorithm.name];',
    replace: 'algorithms = algorithmsFor(algorithm.keyType);',
  }),
  defect('an alg that does not fit the key’s type is taken', 'src/keys/jwk.ts', {
    find: 'if (algorithm?.keyType !== material.value.type)',
    replace: 'if (algorithm === undefined)',
  }),
  defect('a key that changes only its alg is the same key', 'src/keys/key-state.ts', {
    find: "one.spki === other.spki && one.algorithms.join(' ') === other.algorithms.join(' ');",
    replace: 'one.spki === other.spki;',
  }),
  defect('stale keys count for ever', 'src/keys/key-state.ts', {
    find: 'return state.goodAt > 0 && now - state.goodAt >= times.maxStale;',
    replace: 'return state.goodAt < 0 && now - state.goodAt >= times.maxStale;',
  }),
  defect('stale keys still verify tokens', 'src/keys/present-keys.ts', {
    find: 'if (!isStale(state, times, now)) return',
    replace: 'if (isStale(state, times, now) || !isStale(state, times, now)) return',
    tests: ['test/unit/keys/', 'test/unit/token/flow.test.ts'],
  }),
  defect('one empty set withdraws every key', 'src/keys/key-state.ts', {
    find: 'if (now < countsAt) return endFailed(',
    replace: 'if (now < 0) return endFailed(',
  }),
  defect('an empty set never withdraws a key', 'src/keys/key-state.ts', {
    find: 'if (now < countsAt) return endFailed(',
    replace: 'if (now > 0) return endFailed(',
  }),
  defect('a failed fetch takes the keys away', 'src/keys/key-state.ts', {
    find: '  return settled(state, {\n    keys: state.keys,',
    replace: '  return settled(state, {\n    keys: [],',
  }),
  defect('unknown kids fetch without a cooldown', 'src/keys/key-state.ts', {
    find: ' && now - state.attemptedAt >= times.cooldown;',
    replace: ';',
  }),
  defect('a provider that says max-age=0 is asked without pause', 'src/keys/key-state.ts', {
    find: 'return maxAge < least ? least : maxAge;',
    replace: 'return maxAge;',
  }),
  defect('a bad set replaces good keys', 'src/keys/fetch-keys.ts', {
    find: 'if (set.keys.length === 0 && set.hasNone !== true)',
    replace: 'if (set.keys.length < 0 && set.hasNone !== true)',
  }),
];
