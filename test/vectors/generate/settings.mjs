// The groups of settings: environment variables, and the files that they name under `{directory}`.
import { OTHER_SECRET, SECRET, certificatePem, jwk, pkcs1Pem, privateKey, publicKey, spkiPem } from './keys.mjs';
import { AUDIENCE, ISSUER } from './token.mjs';

const PEM = { OAUTH_PUBKEY_PATH: '{directory}/pubkey.pem' };
const JWKS = { OAUTH_JWKS_PATH: '{directory}/jwks.json' };

function group(comment, environment, files = {}) {
  return { comment, environment: { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, ...environment }, files };
}

function broken(comment, environment, files = {}) {
  const whole = group(comment, environment, files);
  const kept = Object.entries(whole.environment).filter(([, value]) => value !== undefined);
  return { ...whole, environment: Object.fromEntries(kept), broken: true };
}

const pem = (comment, text, environment = {}) => group(comment, { ...PEM, ...environment }, { 'pubkey.pem': text });
const brokenPem = (comment, text, environment = {}) =>
  broken(comment, { ...PEM, ...environment }, { 'pubkey.pem': text });

const set = (...keys) => `${JSON.stringify({ keys }, undefined, 2)}\n`;
const jwks = (comment, ...keys) => group(comment, JWKS, { 'jwks.json': set(...keys) });
const brokenJwks = (comment, text) => broken(comment, JWKS, { 'jwks.json': text });

const RSA = spkiPem('rsa-2048');
const OCT = { kty: 'oct', k: Buffer.from(SECRET).toString('base64url') };

const SET = [
  { ...OCT, kid: 'oct', alg: 'HS256' },
  { kty: 'XYZ', kid: 'unknown-type', zz: 'AQAB' },
  jwk('rsa-2048', { kid: 'rsa-1', use: 'sig' }),
  jwk('rsa-2048-b', { kid: 'rsa-rs256', alg: 'RS256' }),
  jwk('rsa-2048-c', { kid: 'twin' }),
  jwk('rsa-2048-d', { kid: 'twin' }),
  jwk('rsa-2048-e', { kid: 'mixed-twin' }),
  jwk('p-256-b', { kid: 'mixed-twin' }),
  jwk('p-256', { kid: 'ec-256', use: 'sig', alg: 'ES256' }),
  jwk('p-384', { kid: 'ec-384' }),
  jwk('p-521', { kid: 'ec-521' }),
  jwk('rsa-3072', { kid: 'rsa-3072' }),
  jwk('rsa-2048', { kid: 'enc', use: 'enc' }),
  jwk('rsa-2048', { kid: 'ops-encrypt', key_ops: ['encrypt', 'wrapKey'] }),
  jwk('rsa-2048', { kid: 'ops-verify', key_ops: ['verify'] }),
  jwk('rsa-2048', { kid: 'alg-oaep', alg: 'RSA-OAEP' }),
  jwk('rsa-1024', { kid: 'rsa-1024' }),
  jwk('secp256k1', { kid: 'k1' }),
  jwk('rsa-2048', { kid: 'use-upper-case', use: 'SIG' }),
  jwk('rsa-2048', { kid: 'ops-string', key_ops: 'verify' }),
  jwk('rsa-2048', { kid: 'ops-empty', key_ops: [] }),
  jwk('rsa-2048', { kid: 'unset', use: '', key_ops: null, alg: null, d: null, k: '', x5c: [] }),
  jwk('rsa-2048', { kid: 'enc-verify', use: 'enc', key_ops: ['verify'] }),
  jwk('rsa-2048', { kid: 'alg-unknown', alg: 'RS257' }),
  jwk('rsa-2048', { kid: 'alg-number', alg: 256 }),
  jwk('rsa-2048', { kid: 'alg-of-other-type', alg: 'ES256' }),
  jwk('rsa-2048', { kid: 7 }),
  { ...privateKey('rsa-2048').export({ format: 'jwk' }), kid: 'private' },
  { ...jwk('rsa-2048', { kid: 'padded' }), e: 'AQAB==' },
  { ...jwk('p-256', { kid: 'short-x' }), x: 'AQAB' },
  { ...jwk('p-256', { kid: 'wrong-curve' }), crv: 'P-384' },
  { ...jwk('p-256', { kid: 'off-curve' }), y: jwk('p-256').x },
  'not an object',
  null,
  jwk('rsa-2048', { kid: '../kids/ä b' }),
  jwk('rsa-2048', { kid: '__proto__' }),
];

/** Bytes that are no UTF-8. */
export const BYTES = Buffer.from(Array.from({ length: 48 }, (_, index) => 255 - index * 3));

/** What an issuer of a policy has of secrets and public keys, while it moves from the one to the other. */
function mixed({ comment, algorithms }) {
  const keys = [
    { jwks_file: '{directory}/jwks.json' },
    { public_key_file: '{directory}/pubkey.pem' },
    { secret_file: '{directory}/secret.txt', encoding: 'base64url' },
  ];
  const issuers = [{ issuer: ISSUER, audiences: [AUDIENCE], keys, algorithms }];
  return {
    comment,
    environment: { OAUTH_POLICY: '{directory}/policy.json' },
    files: {
      'policy.json': `${JSON.stringify({ issuers, otherwise: 'authenticated' })}\n`,
      'jwks.json': set(jwk('rsa-2048', { kid: 'rsa-1', alg: 'RS256' }), jwk('p-256', { kid: 'ec-1' })),
      'pubkey.pem': spkiPem('rsa-2048-b'),
      'secret.txt': `${Buffer.from(SECRET).toString('base64url')}\n`,
    },
  };
}

const WORKING = {
  rsa: pem('one RSA key of 2048 bits, SubjectPublicKeyInfo', RSA),
  'rsa-no-skew': pem('the same without tolerance for clocks', RSA, { OAUTH_CLOCK_SKEW: '0' }),
  'rsa-pkcs1': pem('the same key as PKCS#1', pkcs1Pem('rsa-2048')),
  'rsa-certificate': pem('the same key in a certificate', certificatePem('rsa-2048')),
  'rsa-2049': pem('RSA, 2049 bits: PSS leaves a byte of the signature unused', spkiPem('rsa-2049')),
  'rsa-2055': pem('RSA, 2055 bits: PSS leaves two bits unused', spkiPem('rsa-2055')),
  'rsa-3072': pem('RSA, 3072 bits', spkiPem('rsa-3072')),
  'rsa-4096': pem('RSA, 4096 bits', spkiPem('rsa-4096')),
  'p-256': pem('EC, P-256', spkiPem('p-256')),
  'p-256-certificate': pem('EC, P-256, in a certificate', certificatePem('p-256')),
  'p-384': pem('EC, P-384', spkiPem('p-384')),
  'p-521': pem('EC, P-521', spkiPem('p-521')),
  ed25519: pem('Ed25519', spkiPem('ed25519')),
  'pem-several': pem(
    'several keys in one file, with text between them',
    `old key\n${pkcs1Pem('rsa-2048-b')}\nnew key\n${certificatePem('rsa-2048')}${spkiPem('p-256')}`,
  ),
  hmac: group('a shared secret of 64 bytes', { OAUTH_HMAC_SECRET: SECRET }),
  'hmac-hex': group('the same secret in hexadecimal', {
    OAUTH_HMAC_SECRET: Buffer.from(SECRET).toString('hex'),
    OAUTH_HMAC_SECRET_ENCODING: 'hex',
  }),
  'hmac-bytes': group(
    'a secret that is no text, in a file, as base64',
    { OAUTH_HMAC_SECRET_FILE: '{directory}/secret.txt', OAUTH_HMAC_SECRET_ENCODING: 'base64' },
    { 'secret.txt': `${BYTES.toString('base64')}\n` },
  ),
  'hmac-two': group(
    'two secrets in files: the new one and the old one',
    { OAUTH_HMAC_SECRET_FILE: '{directory}/new.txt {directory}/old.txt' },
    { 'new.txt': `${OTHER_SECRET}\n`, 'old.txt': SECRET },
  ),
  mixed: mixed({ comment: 'an issuer with a secret and public keys' }),
  'mixed-rs256': mixed({ comment: 'the same, RS256 and HS256 alone', algorithms: ['RS256', 'HS256'] }),
  jwks: jwks('a JWK set with usable and unusable keys', ...SET),
  'jwks-no-kid': jwks(
    'five RSA keys and an EC key, none with a kid',
    ...['rsa-2048', 'rsa-2048-b', 'rsa-2048-c', 'rsa-2048-d', 'rsa-2048-e', 'p-256'].map((name) => jwk(name)),
  ),
  'jwks-ed25519': jwks('two Ed25519 keys by kid', jwk('ed25519', { kid: 'ed-1' }), jwk('ed25519-b', { kid: 'ed-2' })),
  'jwks-ed25519-names': jwks(
    'Ed25519 keys bound by either name of their algorithm (RFC 9864 §2.2), and one bound to Ed448',
    jwk('ed25519', { kid: 'old-name', alg: 'EdDSA' }),
    jwk('ed25519-b', { kid: 'new-name', alg: 'Ed25519' }),
    jwk('ed25519', { kid: 'ed448', alg: 'Ed448' }),
  ),
  'algorithms-ed25519': group(
    'the name of RFC 9864 alone is allowed, beside RS256',
    { ...JWKS, OAUTH_ALGORITHMS: 'RS256 Ed25519' },
    { 'jwks.json': set(jwk('ed25519', { kid: 'ed-1' }), jwk('rsa-2048', { kid: 'rsa-1' })) },
  ),
  'jwks-and-pem': group(
    'a key by kid out of a JWK set, and one without out of a PEM file',
    { ...PEM, ...JWKS },
    { 'pubkey.pem': spkiPem('rsa-2048-c'), 'jwks.json': set(jwk('rsa-2048', { kid: 'rsa-1' })) },
  ),
  audiences: pem('several audiences', RSA, { OAUTH_AUDIENCE: `https://one.example ${AUDIENCE} plain-word` }),
  'audience-any': pem('any audience', RSA, { OAUTH_AUDIENCE: '*' }),
  'algorithms-rs256': pem('RS256 only', RSA, { OAUTH_ALGORITHMS: 'RS256' }),
  'algorithms-ps': pem('PS256 and PS384 only', RSA, { OAUTH_ALGORITHMS: 'PS256, PS384' }),
  'issuer-slash': pem('an issuer that ends in a slash', RSA, { OAUTH_ISSUER: `${ISSUER}/` }),
};

const BROKEN = {
  'no-issuer': brokenPem('OAUTH_ISSUER is not set', RSA, { OAUTH_ISSUER: undefined }),
  'empty-issuer': brokenPem('OAUTH_ISSUER is empty', RSA, { OAUTH_ISSUER: '' }),
  'no-audience': brokenPem('OAUTH_AUDIENCE is not set', RSA, { OAUTH_AUDIENCE: undefined }),
  'empty-audience': brokenPem('OAUTH_AUDIENCE is a space', RSA, { OAUTH_AUDIENCE: ' ' }),
  'no-key': broken('no key is named, and the issuer is no URL to discover any from', { OAUTH_ISSUER: 'hamsters' }),
  'plain-http': broken('no key is named, and the issuer is a plain http URL', {
    OAUTH_ISSUER: 'http://issuer.example',
  }),
  'missing-file': broken('the key file is not there', PEM),
  'empty-file': brokenPem('the key file is empty', ''),
  'no-pem': brokenPem('the key file holds no PEM block', 'no key in here\n'),
  'cut-pem': brokenPem('the PEM block does not end', RSA.slice(0, 200)),
  'private-key': brokenPem(
    'a private key where a public one belongs',
    privateKey('rsa-2048').export({ type: 'pkcs8', format: 'pem' }),
  ),
  'rsa-1024': brokenPem('an RSA key under 2048 bits (RFC 7518 §3.3)', spkiPem('rsa-1024')),
  secp256k1: brokenPem('a curve that no algorithm here uses', spkiPem('secp256k1')),
  ed448: brokenPem('Ed448, which no algorithm here uses', spkiPem('ed448')),
  'short-secret-hex': broken('a secret of 31 bytes in hexadecimal', {
    OAUTH_HMAC_SECRET: Buffer.from(SECRET.slice(0, 31)).toString('hex'),
    OAUTH_HMAC_SECRET_ENCODING: 'hex',
  }),
  'secret-encoding': broken('an encoding that is not known', {
    OAUTH_HMAC_SECRET: SECRET,
    OAUTH_HMAC_SECRET_ENCODING: 'base32',
  }),
  'secret-not-base64': broken('a secret that is not in its encoding', {
    OAUTH_HMAC_SECRET: SECRET,
    OAUTH_HMAC_SECRET_ENCODING: 'hex',
  }),
  'secret-public-key': broken('a public key in the place of a secret', {
    OAUTH_HMAC_SECRET: publicKey('rsa-2048').export({ type: 'spki', format: 'der' }).toString('base64'),
    OAUTH_HMAC_SECRET_ENCODING: 'base64',
  }),
  'secret-missing-file': broken('the file of a secret is not there', {
    OAUTH_HMAC_SECRET_FILE: '{directory}/secret.txt',
  }),
  'short-secret': broken('a secret of 31 bytes', { OAUTH_HMAC_SECRET: SECRET.slice(0, 31) }),
  'secret-and-key': brokenPem('a secret and a public key contradict', RSA, { OAUTH_HMAC_SECRET: SECRET }),
  'unknown-algorithm': brokenPem('an algorithm that is not known', RSA, { OAUTH_ALGORITHMS: 'RS256 RS1' }),
  'algorithm-none': brokenPem('none among the algorithms', RSA, { OAUTH_ALGORITHMS: 'RS256,none' }),
  'algorithm-without-key': brokenPem('an algorithm that no key fits', RSA, { OAUTH_ALGORITHMS: 'ES256' }),
  'bad-skew': brokenPem('a skew that is no number', RSA, { OAUTH_CLOCK_SKEW: 'a minute' }),
  'negative-skew': brokenPem('a negative skew', RSA, { OAUTH_CLOCK_SKEW: '-1' }),
  'later-setting': brokenPem('a setting that this version does not know yet', RSA, {
    OAUTH_POLICY: '{directory}/policy.json',
  }),
  'jwks-no-json': brokenJwks('a JWK set that is no JSON', '{"keys":['),
  'jwks-no-keys': brokenJwks('a JWK set without keys', '{"keys":[]}'),
  'jwks-duplicate': brokenJwks('a JWK set with a duplicate member', `{"keys":[],${set(jwk('rsa-2048')).slice(1)}`),
  'jwks-unusable': brokenJwks('a JWK set in which no key can be used', set({ ...OCT, kid: 'oct' }, jwk('rsa-1024'))),
};

export const SETTINGS = { ...WORKING, ...BROKEN };
