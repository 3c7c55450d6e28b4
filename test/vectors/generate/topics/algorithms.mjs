// Good tokens: each algorithm with each kind of key, and each form in which a key can be given (RFC 7518 §3.1, RFC 8037).
import { token } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const FORMS = {
  rsa: RSA,
  'rsa-2049': RSA,
  'rsa-2055': RSA,
  'rsa-3072': RSA,
  'rsa-4096': RSA,
  'rsa-pkcs1': ['RS256', 'PS256'],
  'rsa-certificate': ['RS256', 'PS256'],
  'p-256': ['ES256'],
  'p-256-certificate': ['ES256'],
  'p-384': ['ES384'],
  'p-521': ['ES512'],
  hmac: ['HS256', 'HS384', 'HS512'],
};
const KEYS = {
  rsa: 'rsa-2048',
  'rsa-pkcs1': 'rsa-2048',
  'rsa-certificate': 'rsa-2048',
  'p-256-certificate': 'p-256',
  hmac: 'secret',
};

const good = Object.entries(FORMS).flatMap(([settings, algorithms]) =>
  algorithms.map((alg) =>
    vector(`good-${settings}-${alg.toLowerCase()}`, `${alg} with the settings ${settings}`, {
      settings,
      token: token({ alg, key: KEYS[settings] ?? settings }),
      expected: allow(),
    }),
  ),
);

const several = [
  vector('good-pem-several-first', 'the first of several keys in one file', {
    settings: 'pem-several',
    token: token({ key: 'rsa-2048-b' }),
    expected: allow(),
  }),
  vector('good-pem-several-certificate', 'the second, a certificate', {
    settings: 'pem-several',
    token: token({ key: 'rsa-2048' }),
    expected: allow(),
  }),
  vector('good-pem-several-ec', 'the third, of another type', {
    settings: 'pem-several',
    token: token({ alg: 'ES256', key: 'p-256' }),
    expected: allow(),
  }),
  vector('pem-several-none-fits', 'none of several keys signed it', {
    settings: 'pem-several',
    token: token({ key: 'rsa-attacker' }),
    expected: refuse('signature_invalid'),
  }),
];

export const topic = {
  name: 'algorithms',
  comment: 'good tokens of every algorithm and key form',
  vectors: [...good, ...several],
};
