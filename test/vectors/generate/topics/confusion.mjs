// Keys used for what they are not: the public key as a secret, another type, curve, purpose or algorithm (RFC 8725 §2.1).
import { publicKey, pkcs1Pem, spkiPem } from '../keys.mjs';
import { token } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const PEM = spkiPem('rsa-2048');
const AS_SECRET = {
  pem: Buffer.from(PEM),
  'pem-trimmed': Buffer.from(PEM.trimEnd()),
  'pem-crlf': Buffer.from(PEM.replaceAll('\n', '\r\n')),
  pkcs1: Buffer.from(pkcs1Pem('rsa-2048')),
  der: publicKey('rsa-2048').export({ type: 'spki', format: 'der' }),
  'base64-body': Buffer.from(PEM.replaceAll(/-----[^-]+-----|\n/g, '')),
  modulus: Buffer.from(publicKey('rsa-2048').export({ format: 'jwk' }).n),
  empty: Buffer.alloc(0),
};

const secrets = Object.entries(AS_SECRET).map(([id, key]) =>
  vector(`hs256-public-key-${id}`, `HS256 with the public key as the secret: ${id}`, {
    token: token({ alg: 'HS256', key }),
    expected: refuse('algorithm_refused'),
  }),
);

const misfit = (id, comment, settings, options, reason) =>
  vector(id, comment, { settings, token: token(options), expected: refuse(reason) });

const SPKI = Buffer.from(PEM);
const others = [
  misfit(
    'hs512-public-key',
    'HS512 with the public key as the secret',
    'rsa',
    { alg: 'HS512', key: SPKI },
    'algorithm_refused',
  ),
  misfit(
    'hs256-public-key-kid',
    'HS256 with the kid of an RSA key',
    'jwks',
    { alg: 'HS256', key: SPKI, extra: { kid: 'rsa-1' } },
    'algorithm_refused',
  ),
  misfit(
    'hs256-oct-in-set',
    'a secret in a JWK set file is no secret of ours',
    'jwks',
    { alg: 'HS256', key: 'secret', extra: { kid: 'oct' } },
    'algorithm_refused',
  ),
  misfit(
    'es256-rsa-settings',
    'ES256 where only an RSA key is set',
    'rsa',
    { alg: 'ES256', key: 'p-256' },
    'algorithm_refused',
  ),
  misfit('rs256-ec-settings', 'RS256 where only an EC key is set', 'p-256', { alg: 'RS256' }, 'algorithm_refused'),
  misfit(
    'es384-p-256-settings',
    'ES384 where only a P-256 key is set',
    'p-256',
    { alg: 'ES384', key: 'p-384' },
    'algorithm_refused',
  ),
  misfit(
    'es256-p-384-settings',
    'ES256 where only a P-384 key is set',
    'p-384',
    { alg: 'ES256', key: 'p-256' },
    'algorithm_refused',
  ),
  misfit(
    'es256-p-521-settings',
    'ES256 where only a P-521 key is set',
    'p-521',
    { alg: 'ES256', key: 'p-256' },
    'algorithm_refused',
  ),
  misfit(
    'eddsa-rsa-settings',
    'EdDSA where only an RSA key is set',
    'rsa',
    { alg: 'EdDSA', key: 'ed25519' },
    'algorithm_refused',
  ),
  misfit('rs256-hmac-settings', 'RS256 where only a secret is set', 'hmac', { alg: 'RS256' }, 'algorithm_refused'),
  misfit(
    'es256-kid-of-rsa',
    'ES256 with the kid of an RSA key',
    'jwks',
    { alg: 'ES256', key: 'p-256', extra: { kid: 'rsa-1' } },
    'key_mismatch',
  ),
  misfit(
    'rs256-kid-of-ec',
    'RS256 with the kid of an EC key',
    'jwks',
    { alg: 'RS256', extra: { kid: 'ec-256' } },
    'key_mismatch',
  ),
  misfit(
    'es256-kid-of-p-384',
    'ES256 with the kid of a P-384 key',
    'jwks',
    { alg: 'ES256', key: 'p-256', extra: { kid: 'ec-384' } },
    'key_mismatch',
  ),
  misfit(
    'es384-kid-of-p-256',
    'ES384 with the kid of a P-256 key',
    'jwks',
    { alg: 'ES384', key: 'p-384', extra: { kid: 'ec-256' } },
    'key_mismatch',
  ),
  misfit(
    'ps256-key-alg-rs256',
    "RFC 7517 §4.4: the key's own alg binds",
    'jwks',
    { alg: 'PS256', key: 'rsa-2048-b', extra: { kid: 'rsa-rs256' } },
    'key_mismatch',
  ),
  misfit(
    'rs512-key-alg-rs256',
    "the key's own alg binds the hash too",
    'jwks',
    { alg: 'RS512', key: 'rsa-2048-b', extra: { kid: 'rsa-rs256' } },
    'key_mismatch',
  ),
  misfit(
    'rs256-key-use-enc',
    'RFC 7517 §4.2: a key for encryption verifies nothing',
    'jwks',
    { extra: { kid: 'enc' } },
    'key_unknown',
  ),
  misfit(
    'rs256-key-ops-encrypt',
    'RFC 7517 §4.3: key_ops without verify',
    'jwks',
    { extra: { kid: 'ops-encrypt' } },
    'key_unknown',
  ),
  misfit(
    'rs256-key-alg-oaep',
    'a key whose alg is for encryption',
    'jwks',
    { extra: { kid: 'alg-oaep' } },
    'key_unknown',
  ),
  misfit(
    'rs256-key-1024',
    'RFC 7518 §3.3: a key under 2048 bits is not used',
    'jwks',
    { key: 'rsa-1024', extra: { kid: 'rsa-1024' } },
    'key_unknown',
  ),
  misfit('ps256-only-rs256', 'OAUTH_ALGORITHMS narrows', 'algorithms-rs256', { alg: 'PS256' }, 'algorithm_refused'),
  misfit(
    'rs512-only-rs256',
    'OAUTH_ALGORITHMS narrows the hash',
    'algorithms-rs256',
    { alg: 'RS512' },
    'algorithm_refused',
  ),
  misfit(
    'hs256-only-rs256',
    'HS256 is not allowed by OAUTH_ALGORITHMS',
    'algorithms-rs256',
    { alg: 'HS256', key: SPKI },
    'algorithm_refused',
  ),
  misfit(
    'rs256-only-ps',
    'RS256 where PS256 and PS384 are allowed',
    'algorithms-ps',
    { alg: 'RS256' },
    'algorithm_refused',
  ),
  misfit(
    'ps512-only-ps',
    'PS512 where PS256 and PS384 are allowed',
    'algorithms-ps',
    { alg: 'PS512' },
    'algorithm_refused',
  ),
  misfit(
    'rs256-labelled-ps256',
    'an RS256 signature under alg PS256',
    'rsa',
    { header: { alg: 'PS256' } },
    'signature_invalid',
  ),
  misfit(
    'ps256-labelled-rs256',
    'a PS256 signature under alg RS256',
    'rsa',
    { alg: 'PS256', header: { alg: 'RS256' } },
    'signature_invalid',
  ),
  misfit(
    'rs512-labelled-rs256',
    'an RS512 signature under alg RS256',
    'rsa',
    { alg: 'RS512', header: { alg: 'RS256' } },
    'signature_invalid',
  ),
  misfit(
    'hs256-labelled-rs256',
    'an HMAC under alg RS256',
    'rsa',
    { alg: 'HS256', key: SPKI, header: { alg: 'RS256' } },
    'signature_malformed',
  ),
  misfit(
    'hs256-labelled-hs512',
    'an HS256 code under alg HS512',
    'hmac',
    { alg: 'HS256', key: 'secret', header: { alg: 'HS512' } },
    'signature_malformed',
  ),
];

const fitting = (id, comment, settings, options) =>
  vector(id, comment, { settings, token: token(options), expected: allow() });
const good = [
  fitting('rs256-key-alg-rs256', "alg as the key's own", 'jwks', { key: 'rsa-2048-b', extra: { kid: 'rsa-rs256' } }),
  fitting('rs256-key-ops-verify', 'key_ops with verify', 'jwks', { extra: { kid: 'ops-verify' } }),
  fitting('rs256-only-rs256', 'the one algorithm allowed', 'algorithms-rs256', {}),
  fitting('ps384-only-ps', 'one of two algorithms allowed', 'algorithms-ps', { alg: 'PS384' }),
];

export const topic = {
  name: 'confusion',
  comment: 'keys and algorithms that do not fit',
  vectors: [...secrets, ...others, ...good],
};
