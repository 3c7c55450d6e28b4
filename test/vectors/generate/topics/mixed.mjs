// An issuer with a secret and public keys at once: each key keeps its own algorithms (RFC 8725 §2.1, §3.1).
import { jwk, pkcs1Pem, publicKey, spkiPem } from '../keys.mjs';
import { base64Url, signBytes, token, tokenWithSignature } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const body = (pem) => pem.replaceAll(/-----[^-]+-----|\n/g, '');

/** Everything that somebody who knows a public key could take for the secret. */
function guessesOf(name, kid, members) {
  const pem = spkiPem(name);
  const key = jwk(name, { kid, ...members });
  const guesses = {
    pem: pem,
    'pem-trimmed': pem.trimEnd(),
    'pem-crlf': pem.replaceAll('\n', '\r\n'),
    der: publicKey(name).export({ type: 'spki', format: 'der' }),
    'base64-body': body(pem),
    'jwk-text': JSON.stringify(key),
    'jwk-bare': JSON.stringify(jwk(name)),
    'jwks-text': JSON.stringify({ keys: [key] }),
    kid: kid ?? 'none',
  };
  for (const [part, value] of Object.entries(jwk(name)).filter(([part]) => ['n', 'x', 'y'].includes(part))) {
    guesses[`${part}-text`] = value;
    guesses[`${part}-bytes`] = Buffer.from(value, 'base64url');
  }
  if (key.kty !== 'RSA') return guesses;
  const der = publicKey(name).export({ type: 'pkcs1', format: 'der' });
  return { ...guesses, pkcs1: pkcs1Pem(name), 'pkcs1-der': der, 'pkcs1-body': body(pkcs1Pem(name)) };
}

const KEYS = [
  ['rsa', 'rsa-2048', 'rsa-1', { alg: 'RS256' }],
  ['ec', 'p-256', 'ec-1', {}],
  ['pem', 'rsa-2048-b', undefined, {}],
];

const row = (id, comment, settings, made, expected) =>
  vector(`${settings}-${id}`, comment, { settings, token: made, expected, wire: false });
const good = (id, comment, options, settings = 'mixed') => row(id, comment, settings, token(options), allow());
const bad = (id, comment, options, reason, settings = 'mixed') =>
  row(id, comment, settings, token(options), refuse(reason));

const attacks = KEYS.flatMap(([short, name, kid, members]) =>
  Object.entries(guessesOf(name, kid, members)).flatMap(([form, secret]) => {
    const key = Buffer.from(secret);
    const comment = `with a public key as the secret: ${short}, ${form}`;
    const plain = bad(`hs256-${short}-${form}`, `HS256 ${comment}`, { alg: 'HS256', key }, 'signature_invalid');
    if (kid === undefined) {
      return [
        plain,
        bad(
          `hs512-${short}-${form}-kid`,
          `HS512 ${comment}, and a kid that names no key`,
          { alg: 'HS512', key, extra: { kid: 'any' } },
          'signature_invalid',
        ),
      ];
    }
    return [
      plain,
      bad(
        `hs256-${short}-${form}-kid`,
        `HS256 ${comment}, and its kid`,
        { alg: 'HS256', key, extra: { kid } },
        'key_mismatch',
      ),
    ];
  }),
);

const relabelled = (id, comment, options, alg, reason, change) => {
  const header = { alg, typ: 'JWT', ...options.extra };
  return row(
    id,
    comment,
    'mixed',
    tokenWithSignature({ ...options, header }, change ?? ((bytes) => bytes)),
    refuse(reason),
  );
};
const mac = (alg) => (_, input) => signBytes(alg, 'secret', input);

export const topic = {
  name: 'mixed',
  comment: 'one issuer with a secret and public keys',
  vectors: [
    good('rs256', 'RS256 with a key of the set', { extra: { kid: 'rsa-1' } }),
    good('rs256-no-kid', 'RS256 without kid', {}),
    good('rs256-pem', 'RS256 with the key of the PEM file', { key: 'rsa-2048-b' }),
    good('ps256-pem', 'PS256 with it, and a kid that names no key', {
      alg: 'PS256',
      key: 'rsa-2048-b',
      extra: { kid: 'any' },
    }),
    good('es256', 'ES256 with a key of the set', { alg: 'ES256', key: 'p-256', extra: { kid: 'ec-1' } }),
    ...['HS256', 'HS384', 'HS512'].flatMap((alg) => [
      good(alg.toLowerCase(), `${alg} with the secret`, { alg, key: 'secret' }),
      good(`${alg.toLowerCase()}-kid`, `${alg} with the secret, and a kid that names no key`, {
        alg,
        key: 'secret',
        extra: { kid: 'legacy' },
      }),
    ]),
    ...attacks,
    bad('hs256-other', 'HS256 with another secret', { alg: 'HS256', key: 'other-secret' }, 'signature_invalid'),
    bad(
      'hs256-written',
      'HS256 with the secret as it is written',
      { alg: 'HS256', key: Buffer.from(base64Url(Buffer.from('only'))) },
      'signature_invalid',
    ),
    bad(
      'hs256-kid-of-rsa',
      'the right secret under the kid of a public key',
      { alg: 'HS256', key: 'secret', extra: { kid: 'rsa-1' } },
      'key_mismatch',
    ),
    bad(
      'ps256-bound',
      "the key's own alg binds (RFC 7517 §4.4)",
      { alg: 'PS256', extra: { kid: 'rsa-1' } },
      'key_mismatch',
    ),
    bad('rs256-kid-of-ec', 'RS256 with the kid of an EC key', { extra: { kid: 'ec-1' } }, 'key_mismatch'),
    bad(
      'es256-kid-unknown',
      'ES256 with a kid that names no key, and no nameless key for it',
      { alg: 'ES256', key: 'p-256', extra: { kid: 'other' } },
      'key_unknown',
    ),
    bad('es384', 'ES384, for which there is no key', { alg: 'ES384', key: 'p-384' }, 'algorithm_refused'),
    bad('rs256-attacker', 'RS256 with a strange key', { key: 'rsa-attacker' }, 'signature_invalid'),
    relabelled('rs256-is-hs256', 'an HMAC under alg RS256', {}, 'RS256', 'signature_malformed', mac('HS256')),
    relabelled(
      'es256-is-hs512',
      'an HMAC of 64 bytes under alg ES256',
      { extra: { kid: 'ec-1' } },
      'ES256',
      'signature_invalid',
      mac('HS512'),
    ),
    relabelled(
      'hs512-is-es256',
      'an ES256 signature under alg HS512',
      { alg: 'ES256', key: 'p-256' },
      'HS512',
      'signature_invalid',
    ),
    relabelled('hs256-is-rs256', 'an RS256 signature under alg HS256', {}, 'HS256', 'signature_malformed'),
    good('rs256', 'RS256 where RS256 and HS256 are allowed', { extra: { kid: 'rsa-1' } }, 'mixed-rs256'),
    good('hs256', 'HS256 where RS256 and HS256 are allowed', { alg: 'HS256', key: 'secret' }, 'mixed-rs256'),
    ...[
      ['hs512', { alg: 'HS512', key: 'secret' }],
      ['ps256', { alg: 'PS256', key: 'rsa-2048-b' }],
      ['es256', { alg: 'ES256', key: 'p-256', extra: { kid: 'ec-1' } }],
    ].map(([id, options]) =>
      bad(id, `${options.alg} where RS256 and HS256 are allowed`, options, 'algorithm_refused', 'mixed-rs256'),
    ),
  ],
};
