// Keys that a token brings along or points to are never used (RFC 8725 §3.10; RFC 7515 §4.1.2 to §4.1.8).
import { certificatePem, jwk } from '../keys.mjs';
import { token } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const ATTACKER = jwk('rsa-attacker');
const X5C = [certificatePem('rsa-2048').replaceAll(/-----[^-]+-----|\n/g, '')];
const HEADERS = {
  jwk: { jwk: ATTACKER },
  'jwk-with-kid': { jwk: { ...ATTACKER, kid: 'own' }, kid: 'own' },
  jku: { jku: 'https://attacker.example/jwks.json' },
  x5u: { x5u: 'https://attacker.example/certificate.pem' },
  x5c: { x5c: X5C },
  x5t: { x5t: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA', 'x5t#S256': 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
};

const pairs = Object.entries(HEADERS).flatMap(([id, extra]) => [
  vector(`embedded-${id}-attacker`, `signed by the key behind its own ${id}`, {
    token: token({ key: 'rsa-attacker', extra }),
    expected: refuse('signature_invalid'),
  }),
  vector(`embedded-${id}-honest`, `an honest token that carries ${id}, which is not looked at`, {
    token: token({ extra }),
    expected: allow(),
  }),
]);

export const topic = {
  name: 'embedded',
  comment: 'keys inside the token',
  vectors: [
    ...pairs,
    vector('embedded-jwk-unknown-kid', "an attacker's jwk and its kid, against a JWK set", {
      settings: 'jwks',
      token: token({ key: 'rsa-attacker', extra: { jwk: { ...ATTACKER, kid: 'own' }, kid: 'own' } }),
      expected: refuse('key_unknown'),
    }),
    vector('embedded-jwk-ec', 'an EC key in the header, against an EC key', {
      settings: 'p-256',
      token: token({ alg: 'ES256', key: 'p-256-attacker', extra: { jwk: jwk('p-256-attacker') } }),
      expected: refuse('signature_invalid'),
    }),
    vector('embedded-jwk-oct', 'a secret in the header', {
      token: token({ alg: 'HS256', key: Buffer.from('k'.repeat(32)), extra: { jwk: { kty: 'oct', k: 'a2tra2s' } } }),
      expected: refuse('algorithm_refused'),
    }),
    vector('embedded-jwk-string', 'a jwk that is no object, which is not looked at either', {
      token: token({ extra: { jwk: 'nothing' } }),
      expected: allow(),
    }),
  ],
};
