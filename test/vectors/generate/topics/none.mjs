// Unsecured tokens, and algorithm names that are not in the table (RFC 8725 §3.1 and §3.2).
import { claims, signingInput, token } from '../token.mjs';
import { refuse, vector } from '../vector.mjs';

const signatureOf = (text) => text.slice(text.lastIndexOf('.') + 1);
const SIGNATURE = signatureOf(token());

const unsecured = (alg) => `${signingInput({ alg, typ: 'JWT' }, claims())}.`;
const signed = (alg) => `${signingInput({ alg, typ: 'JWT' }, claims())}.${SIGNATURE}`;

const NONES = ['none', 'None', 'nOnE', 'NONE', 'nonE'];
const nones = NONES.flatMap((alg, index) => [
  vector(`none-${index}-unsigned`, `alg ${alg} with an empty signature`, {
    token: unsecured(alg),
    expected: refuse('algorithm_none'),
  }),
  vector(`none-${index}-signed`, `alg ${alg} with somebody's signature`, {
    token: signed(alg),
    expected: refuse('algorithm_none'),
  }),
]);

const ODD = {
  'rs256-lower-case': 'rs256',
  'rs256-mixed-case': 'Rs256',
  'rs256-space-after': 'RS256 ',
  'rs256-space-before': ' RS256',
  'rs256-nul-after': 'RS256\u0000',
  'rs256-newline-after': 'RS256\n',
  'rs256-full-width': '\uff32\uff33256',
  empty: '',
  rs1: 'RS1',
  'rs-256-dash': 'RS-256',
  es256k: 'ES256K',
  'none-with-space': 'none ',
  'hs256-lower-case': 'hs256',
  'eddsa-lower-case': 'eddsa',
  'ed448-name': 'Ed448',
  'rsa-oaep': 'RSA-OAEP',
  dir: 'dir',
  'prototype-member': 'constructor',
  proto: '__proto__',
};
const odd = Object.entries(ODD).map(([id, alg]) =>
  vector(`alg-${id}`, `an alg that is not in the table: ${JSON.stringify(alg)}`, {
    token: token({ header: { alg, typ: 'JWT' } }),
    expected: refuse('algorithm_unsupported'),
  }),
);

const WRONG = { missing: undefined, null: null, number: 256, array: ['RS256'], object: { name: 'RS256' }, true: true };
const wrong = Object.entries(WRONG).map(([id, alg]) =>
  vector(`alg-${id}`, 'RFC 7515 §4.1.1: alg must be there and be a string', {
    token: token({ header: { alg, typ: 'JWT' } }),
    expected: refuse('header_malformed'),
  }),
);

const secret = [
  vector('none-hmac', 'alg none where a secret is configured', {
    settings: 'hmac',
    token: unsecured('none'),
    expected: refuse('algorithm_none'),
  }),
  vector('none-jwks', 'alg none with the kid of a key', {
    settings: 'jwks',
    token: `${signingInput({ alg: 'none', kid: 'rsa-1' }, claims())}.`,
    expected: refuse('algorithm_none'),
  }),
];

export const topic = {
  name: 'none',
  comment: 'unsecured tokens and unknown algorithms',
  vectors: [...nones, ...odd, ...wrong, ...secret],
};
