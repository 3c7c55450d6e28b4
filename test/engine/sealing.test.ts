// AES-256-GCM, HKDF, sealed cookies and RSA signatures in plain TypeScript on each engine, against known answers and node:crypto.
import {
  constants,
  createCipheriv,
  createHash,
  generateKeyPairSync,
  hkdfSync,
  privateDecrypt,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { GCM_VECTORS } from '../contract/sealing';
import { LUA_ENGINES, NJS_ENGINES, NODE } from './engines';
import { shortenAnswer, type SealingQuestion } from './sealing-answer';

interface Case {
  readonly question: SealingQuestion;
  readonly answer: string;
}

function gcmCases(key: string, nonce: string, plaintext: string, sealed: string): Case[] {
  const flipped = Buffer.from(sealed, 'hex');
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 0x80;
  return [
    { question: { ask: 'seal', key, nonce, text: plaintext }, answer: sealed },
    { question: { ask: 'open', key, nonce, text: sealed }, answer: `opened ${plaintext}` },
    { question: { ask: 'open', key, nonce, text: flipped.toString('hex') }, answer: 'refused' },
  ];
}

function randomCases(length: number): Case[] {
  const [key, nonce, plaintext] = [randomBytes(32), randomBytes(12), randomBytes(length)];
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  const derived = Buffer.from(hkdfSync('sha256', key, nonce, plaintext.subarray(0, 1000), 37)).toString('hex');
  const [one, two, three] = [key, nonce, plaintext].map((bytes) => bytes.toString('hex'));
  return [
    ...gcmCases(one ?? '', two ?? '', three ?? '', sealed.toString('hex')),
    // node:crypto derives with at most 1024 bytes of info.
    {
      question: { ask: 'derive', key: one ?? '', nonce: two ?? '', text: three?.slice(0, 2000) ?? '' },
      answer: derived,
    },
  ];
}

/** What node:crypto makes of a cookie, by the format that docs/decisions/0050-login.md has. */
function cookieCase(length: number): Case {
  const secret = randomBytes(32).toString('base64');
  const plaintext = 'Grüße 🐹 '.repeat(length);
  const nonce = randomBytes(12);
  const derived = Buffer.from(hkdfSync('sha256', secret, '', 'jwtverify 1 session __Host-a', 37));
  const cipher = createCipheriv('aes-256-gcm', derived.subarray(0, 32), nonce);
  const sealed = [cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
  const value = Buffer.concat([Buffer.from([1]), derived.subarray(32), nonce, ...sealed]).toString('base64url');
  const count = Math.ceil((value.length + 2) / 3800);
  const chunks = Array.from({ length: count }, (_, index) => {
    const name = index === 0 ? '__Host-a' : `__Host-a_${String(index)}`;
    return `${name}=${`${String(count)}.${value}`.slice(index * 3800, (index + 1) * 3800)}`;
  });
  const question = { ask: 'cookie', key: secret, nonce: nonce.toString('hex'), text: plaintext } as const;
  return { question, answer: `opened ${chunks.join('; ')}` };
}

/** A signature of PKCS #1 is the same whoever makes it; one of PSS depends on its salt alone. */
function signingCases(modulusLength: number): Case[] {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength });
  const [message, unit] = [randomBytes(60), randomBytes(32)];
  const key = privateKey.export({ format: 'der', type: 'pkcs1' }).toString('hex');
  const question = { key, nonce: unit.toString('hex'), text: message.toString('hex') };
  return [
    {
      question: { ask: 'RS256', ...question },
      answer: sign('sha256', message, privateKey).toString('base64url'),
    },
    { question: { ask: 'PS256', ...question }, answer: signWithSalt(privateKey, message, unit).toString('base64url') },
  ];
}

const sha256 = (...parts: readonly Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** EMSA-PSS-ENCODE (RFC 8017 §9.1.1) for a modulus of whole octets, and OpenSSL's private operation. */
function signWithSalt(key: KeyObject, message: Buffer, salt: Buffer): Buffer {
  const length = Number(key.asymmetricKeyDetails?.modulusLength) / 8;
  const tag = sha256(Buffer.alloc(8), sha256(message), salt);
  const block = Buffer.concat([Buffer.alloc(length - 66), Buffer.from([1]), salt]);
  const mask = Buffer.concat(
    Array.from({ length: Math.ceil(block.length / 32) }, (_, counter) => sha256(tag, Buffer.from([0, 0, 0, counter]))),
  );
  const masked = Buffer.from(block.map((octet, index) => octet ^ (mask[index] ?? 0)));
  masked[0] = (masked[0] ?? 0) & 0x7f;
  const encoded = Buffer.concat([masked, tag, Buffer.from([0xbc])]);
  return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
}

const CASES = [
  ...[2048, 3072].flatMap(signingCases),
  ...[0, 1, 2, 3, 190, 700].map(cookieCase),
  ...GCM_VECTORS.flatMap(({ key, nonce, plaintext, sealed }) => gcmCases(key, nonce, plaintext, sealed)),
  ...[0, 1, 15, 16, 17, 31, 33, 257, 3000].flatMap(randomCases),
];

describe.concurrent('sealing and signing in plain TypeScript', () => {
  for (const engine of [NODE, ...NJS_ENGINES, ...LUA_ENGINES]) {
    test(`${engine.name} seals, opens, refuses, derives and signs as node:crypto does`, async () => {
      const answers = await engine.run(
        'sealing',
        CASES.map(({ question }) => question),
      );
      expect(answers).toEqual(CASES.map(({ answer }) => shortenAnswer(answer)));
    });
  }
});
