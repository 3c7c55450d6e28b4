// `crit` and `b64`: this product understands no extension, so either is refused (RFC 7515 §4.1.11, RFC 7797 §3).
import { token } from '../token.mjs';
import { refuse, vector } from '../vector.mjs';

const HEADERS = {
  'crit-unknown': { crit: ['http://example.com/UNDEFINED'], 'http://example.com/UNDEFINED': true },
  'crit-exp': { crit: ['exp'], exp: 1363284000 },
  'crit-b64': { crit: ['b64'], b64: true },
  'crit-b64-false': { crit: ['b64'], b64: false },
  'crit-standard-name': { crit: ['alg'] },
  'crit-name-not-there': { crit: ['nowhere'] },
  'crit-empty-array': { crit: [] },
  'crit-string': { crit: 'exp' },
  'crit-null': { crit: null },
  'crit-number': { crit: 0 },
  'crit-false': { crit: false },
  'crit-object': { crit: {} },
  'crit-array-of-numbers': { crit: [1] },
  'b64-true': { b64: true },
  'b64-false': { b64: false },
  'b64-null': { b64: null },
};

export const topic = {
  name: 'critical',
  comment: 'critical header parameters',
  vectors: Object.entries(HEADERS).map(([id, extra]) =>
    vector(id, `header with ${JSON.stringify(extra)}`, {
      token: token({ extra }),
      expected: refuse('critical_unsupported'),
    }),
  ),
};
