// Secrets out of the environment, files and policies: their bytes, and what is never one.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { ALGORITHMS } from '../../../src/model/algorithm';
import type { VerificationKey } from '../../../src/model/key';
import { describeProblems } from '../../../src/model/problem';
import type { SettingsAnswer } from '../../../src/model/settings';
import { compileSettings } from '../../../src/settings/environment';

type Texts = Readonly<Record<string, string>>;

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const BYTES = Buffer.from(Array.from({ length: 40 }, (_, index) => 255 - index * 6));
const TEXT = 'ein Geheimnis für 😀 zweiunddreißig Hamster';

function answerFor(environment: Texts, files: Texts = {}): SettingsAnswer {
  const all: Texts = { OAUTH_ISSUER: 'i', OAUTH_AUDIENCE: 'a', ...environment };
  const source = {
    environment: (name: string) => all[name],
    readFile: (path: string) => {
      const content = files[path];
      return content === undefined
        ? { ok: false as const, problem: 'no such file' }
        : { ok: true as const, text: content };
    },
  };
  return compileSettings(
    source,
    text,
    ALGORITHMS.map(({ name }) => name),
  );
}

/** The secrets, as bytes in hexadecimal. */
function secretsOf(environment: Texts, files: Texts = {}): readonly string[] {
  const answer = answerFor(environment, files);
  if (!answer.ok) throw new Error(describeProblems(answer.problems).join('\n'));
  const keys: readonly VerificationKey[] = answer.settings.issuers[0]?.sources.configured?.keys ?? [];
  return keys.map((key) => (key.kind === 'secret' ? Buffer.from(key.secret, 'base64').toString('hex') : key.kind));
}

function problemsOf(environment: Texts, files: Texts = {}): readonly string[] {
  const answer = answerFor(environment, files);
  return answer.ok ? [] : describeProblems(answer.problems);
}

const hex = (value: string | Buffer): string => Buffer.from(value).toString('hex');
const FILE = { OAUTH_HMAC_SECRET_FILE: '/s' };
const encoded = (encoding: string, value: string): Texts => ({
  OAUTH_HMAC_SECRET: value,
  OAUTH_HMAC_SECRET_ENCODING: encoding,
});

describe('a public key in the place of a secret', () => {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const jwk = JSON.stringify(publicKey.export({ format: 'jwk' }));
  it.each([
    ['its base64 without a frame', der.toString('base64')],
    ['its base64url', der.toString('base64url')],
    ['its base64 between blanks', ` ${der.toString('base64')} `],
    ['a JWK after a blank', ` ${jwk}`],
  ])('is refused as text: %s', (_form, value) => {
    expect(problemsOf({ OAUTH_HMAC_SECRET: value })).toHaveLength(1);
  });
});

describe('a secret', () => {
  it.each([
    ['text', TEXT, TEXT],
    ['base64', BYTES.toString('base64'), BYTES],
    ['base64', BYTES.subarray(0, 38).toString('base64'), BYTES.subarray(0, 38)],
    ['base64', BYTES.subarray(0, 38).toString('base64').replaceAll('=', ''), BYTES.subarray(0, 38)],
    ['base64url', BYTES.toString('base64url'), BYTES],
    ['base64url', BYTES.subarray(0, 37).toString('base64url'), BYTES.subarray(0, 37)],
    ['base64url', `${BYTES.subarray(0, 37).toString('base64url')}==`, BYTES.subarray(0, 37)],
    ['hex', BYTES.toString('hex'), BYTES],
    ['hex', BYTES.toString('hex').toUpperCase(), BYTES],
  ])('in %s is decoded from a variable and from a file with a line end', (encoding, value, bytes) => {
    expect(secretsOf(encoded(encoding, value))).toEqual([hex(bytes)]);
    for (const end of ['', '\n', '\r\n']) {
      const environment = { ...FILE, OAUTH_HMAC_SECRET_ENCODING: encoding };
      expect(secretsOf(environment, { '/s': value + end })).toEqual([hex(bytes)]);
    }
  });

  it('in several files is several keys in their order, each once', () => {
    const files = { '/s': 'n'.repeat(32), '/t': `${'o'.repeat(32)}\n`, '/u': 'n'.repeat(32) };
    expect(secretsOf({ OAUTH_HMAC_SECRET_FILE: '/s  /t' }, files)).toEqual([hex('n'.repeat(32)), hex('o'.repeat(32))]);
    const twice = answerFor({ OAUTH_HMAC_SECRET_FILE: '/s /t /u' }, files);
    expect(twice.ok && describeProblems(twice.notices)).toEqual([
      'OAUTH_HMAC_SECRET_FILE: `/u` is the same secret once more',
    ]);
    expect(secretsOf({ OAUTH_HMAC_SECRET_FILE: '/s /t /u' }, files)).toHaveLength(2);
  });

  it.each([
    ['odd hexadecimal', encoded('hex', BYTES.toString('hex').slice(1)), 'is not hex'],
    ['base64 with blanks', encoded('base64', ' ' + BYTES.toString('base64')), 'is not base64'],
    ['base64url as base64', encoded('base64', '-_'.repeat(20)), 'is not base64'],
    ['base64 as base64url', encoded('base64url', '+/'.repeat(20)), 'is not base64url'],
    ['stray bits', encoded('base64', 'A'.repeat(45) + 'B=='), 'is not base64'],
    ['31 bytes', encoded('hex', 'ab'.repeat(31)), 'is shorter than 32 bytes'],
    [
      'a public key',
      encoded('base64', publicKey.export({ type: 'spki', format: 'der' }).toString('base64')),
      'is a public key',
    ],
    [
      'a public key in PKCS#1',
      encoded('hex', hex(publicKey.export({ type: 'pkcs1', format: 'der' }))),
      'is a public key',
    ],
    ['a JWK', encoded('text', JSON.stringify(publicKey.export({ format: 'jwk' }))), 'holds a JSON Web Key'],
    ['no bytes', encoded('base64', ''), 'is empty'],
  ])('is never %s', (_, environment, problem) => {
    const problems = problemsOf(environment);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('OAUTH_HMAC_SECRET: ' + problem);
  });

  it.each([
    ['empty', '', 'is empty; write the secret into it'],
    ['a line end alone', '\n', 'is empty; write the secret into it'],
    ['two line ends', `${TEXT}\n\n`, 'has more than one line'],
    ['two lines', `${TEXT}\n${TEXT}`, 'has more than one line'],
    ['bytes that are no text', '\ufffd'.repeat(20), 'is not UTF-8'],
    ['a PEM file', PEM, 'holds a PEM block'],
    ['quotes', `"${TEXT}"\n`, 'has quotes around it'],
  ])('in a file is not %s', (_, content, problem) => {
    const problems = problemsOf(FILE, { '/s': content });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('OAUTH_HMAC_SECRET_FILE: `/s` ' + problem);
    if (content.length > 30) expect(problems.join()).not.toContain(content.slice(0, 30));
  });
});
