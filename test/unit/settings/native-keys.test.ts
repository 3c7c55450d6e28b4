import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { text } from '../../../nginx/ports/text';
import type { Compilation } from '../../../src/settings/compilation';
import { readNativeKeys } from '../../../src/settings/native-keys';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const SPKI = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

/** What comes of files at /1, /2 and so on. */
function read(setting: string | undefined, ...files: readonly string[]) {
  const source = {
    environment: () => setting,
    readFile: (path: string) => {
      const content = files[Number(path.slice(1)) - 1];
      return content === undefined
        ? { ok: false as const, problem: 'no such file' }
        : { ok: true as const, text: content };
    },
  };
  const compilation: Compilation = { source, text, engine: [], problems: [], notices: [] };
  return { keys: readNativeKeys(compilation), problems: compilation.problems.map(({ message }) => message) };
}

describe('OAUTH_NATIVE_KEYS', () => {
  test('is nothing when it is not set', () => {
    expect(read(undefined)).toEqual({ keys: [], problems: [] });
  });

  test('names files with one public key each, and text around it does not matter', () => {
    const keys = [
      { path: '/1', spki: SPKI },
      { path: '/2', spki: SPKI },
    ];
    expect(read('/1 /2', PEM, `Our key\n${PEM}\n`)).toEqual({ keys, problems: [] });
  });

  test.each([
    ['two keys', PEM + PEM],
    ['a key and a certificate', `${PEM}-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n`],
    ['a certificate before the key', `-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n${PEM}`],
    ['a private key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['nothing', ''],
    ['a key that is cut off', PEM.slice(0, 60)],
    ['a key in more than a megabyte', PEM + ' '.repeat(1048576)],
  ])('is a problem with %s in a file', (_, content) => {
    const { keys, problems } = read('/1 /2', PEM, content);
    expect(keys).toHaveLength(1);
    expect(problems).toEqual(['`/2` does not hold exactly one usable PEM block `PUBLIC KEY` and nothing else']);
  });
});
