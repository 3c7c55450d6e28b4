// The throw-away keys that sign the vectors (see ../keys/README.md). `node generate/keys.mjs` makes the ones not there yet.
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DIRECTORY = new URL('../keys/', import.meta.url);

const RECIPES = {
  'rsa-2048': ['rsa', { modulusLength: 2048 }],
  'rsa-2048-b': ['rsa', { modulusLength: 2048 }],
  'rsa-2048-c': ['rsa', { modulusLength: 2048 }],
  'rsa-2048-d': ['rsa', { modulusLength: 2048 }],
  'rsa-2048-e': ['rsa', { modulusLength: 2048 }],
  'rsa-2049': ['rsa', { modulusLength: 2049 }],
  'rsa-2055': ['rsa', { modulusLength: 2055 }],
  'rsa-3072': ['rsa', { modulusLength: 3072 }],
  'rsa-4096': ['rsa', { modulusLength: 4096 }],
  'rsa-1024': ['rsa', { modulusLength: 1024 }],
  'rsa-attacker': ['rsa', { modulusLength: 2048 }],
  'p-256': ['ec', { namedCurve: 'P-256' }],
  'p-256-b': ['ec', { namedCurve: 'P-256' }],
  'p-256-attacker': ['ec', { namedCurve: 'P-256' }],
  'p-384': ['ec', { namedCurve: 'P-384' }],
  'p-521': ['ec', { namedCurve: 'P-521' }],
  secp256k1: ['ec', { namedCurve: 'secp256k1' }],
  ed25519: ['ed25519', {}],
  'ed25519-b': ['ed25519', {}],
  ed448: ['ed448', {}],
};

/** Test-only HMAC secret: 64 characters of ASCII, long enough for HS512 (RFC 7518 §3.2). */
export const SECRET = 'only-for-test-vectors-0123456789-abcdefghijklmnopqrstuvwxyz-ABCD';
export const OTHER_SECRET = 'another-test-vectors-secret-9876543210-zyxwvutsrqponmlkjihgfedcba';

const path = (file) => fileURLToPath(new URL(file, DIRECTORY));

export function privateKey(name) {
  return createPrivateKey(readFileSync(path(`${name}.pem`)));
}

export function publicKey(name) {
  return createPublicKey(privateKey(name));
}

/** SubjectPublicKeyInfo as PEM. */
export function spkiPem(name) {
  return publicKey(name).export({ type: 'spki', format: 'pem' });
}

/** RSAPublicKey as PEM (RFC 8017 §A.1.1). */
export function pkcs1Pem(name) {
  return publicKey(name).export({ type: 'pkcs1', format: 'pem' });
}

export function certificatePem(name) {
  return readFileSync(path(`${name}.certificate.pem`), 'utf8');
}

export function jwk(name, members = {}) {
  return { ...publicKey(name).export({ format: 'jwk' }), ...members };
}

function makeMissing() {
  for (const [name, [type, options]] of Object.entries(RECIPES)) {
    if (existsSync(path(`${name}.pem`))) continue;
    const pair = generateKeyPairSync(type, options);
    writeFileSync(path(`${name}.pem`), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }
  for (const name of ['rsa-2048', 'p-256']) {
    if (existsSync(path(`${name}.certificate.pem`))) continue;
    const subject = `/CN=jwtverify test vectors ${name}`;
    const options = ['-x509', '-new', '-sha256', '-days', '36500', '-key', path(`${name}.pem`), '-subj', subject];
    execFileSync('openssl', ['req', ...options, '-out', path(`${name}.certificate.pem`)]);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) makeMissing();
