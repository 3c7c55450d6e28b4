// `jwtverify keys export` and `keys convert`: public keys in the form that is wanted, and nothing that is private.
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { convertKeys, exportKeys, type ExportOptions } from '../../../cli/commands/export-keys';
import { createRecorder } from './recorder';

const folder = mkdtempSync(join(tmpdir(), 'keys-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pemOf = (key: typeof rsa.publicKey): string => key.export({ type: 'spki', format: 'pem' }).toString();

function write(name: string, content: object | string): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

interface Printed {
  readonly text: string;
  readonly warnings: string;
}

async function printed(run: typeof convertKeys, source: string, options: ExportOptions = {}): Promise<Printed> {
  const recorder = createRecorder();
  await run(source, options, recorder.output);
  return { text: recorder.stdout(), warnings: recorder.stderr() };
}

const AUTH0 = 'test/fixtures/auth0/jwks.json';

describe('keys convert', () => {
  test('writes PEM as a set, and the set as the same PEM', async () => {
    const pem = write('keys.pem', pemOf(rsa.publicKey) + pemOf(ec.publicKey));
    const { text } = await printed(convertKeys, pem);
    const set = JSON.parse(text) as { readonly keys: readonly { readonly kid: string; readonly kty: string }[] };
    expect(set.keys.map(({ kty }) => kty)).toEqual(['RSA', 'EC']);
    expect(set.keys.map(({ kid }) => kid.length)).toEqual([43, 43]);
    const back = await printed(convertKeys, write('keys.json', text));
    const blocks = back.text.split(/^kid: .*\n/m).slice(1);
    expect(blocks).toEqual([pemOf(rsa.publicKey), pemOf(ec.publicKey)]);
  });

  test('writes the key of a certificate, and one key alone', async () => {
    const { text } = await printed(convertKeys, 'test/fixtures/auth0/certificate.pem', { to: 'jwk' });
    expect(Object.keys(JSON.parse(text) as object)).toEqual(['kid', 'use', 'kty', 'n', 'e']);
    const again = await printed(convertKeys, write('one.json', text));
    expect(createPublicKey(again.text).asymmetricKeyType).toBe('rsa');
  });

  test('leaves out what is private, and says so', async () => {
    const secret = { ...ec.privateKey.export({ format: 'jwk' }), kid: 'secret' };
    const set = write('mixed.json', { keys: [secret, { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'good' }] });
    const { text, warnings } = await printed(convertKeys, set, { to: 'jwks' });
    expect(text).not.toContain(secret.d);
    expect(text).toContain('"kid": "good"');
    expect(warnings).toContain('`secret` is left out: it holds private key material');
    const pem = write('private.pem', ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    await expect(printed(convertKeys, pem)).rejects.toThrow('no key that can be used');
  });

  test('refuses several keys as one, a `kid` that is not there, and what holds no keys', async () => {
    const pem = write('two.pem', pemOf(rsa.publicKey) + pemOf(ec.publicKey));
    await expect(printed(convertKeys, pem, { to: 'jwk' })).rejects.toThrow('several keys');
    await expect(printed(convertKeys, AUTH0, { kid: 'none' })).rejects.toThrow('no usable key has the kid `none`');
    await expect(printed(convertKeys, write('text', 'hello'))).rejects.toThrow('neither');
    await expect(printed(convertKeys, 'https://a.example/')).rejects.toThrow('keys export');
  });

  test('writes no `kid` that could be read as a block of PEM', async () => {
    const jwk = { ...ec.publicKey.export({ format: 'jwk' }), kid: '-----BEGIN PUBLIC KEY-----' };
    const { text } = await printed(convertKeys, write('evil.json', { keys: [jwk] }));
    expect(text).toBe(pemOf(ec.publicKey));
  });
});

describe('keys export', () => {
  test('prints the keys that an issuer publishes', async () => {
    const server = createServer((request, answer) => {
      const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
      const isDiscovery = request.url === '/.well-known/openid-configuration';
      answer.end(isDiscovery ? JSON.stringify({ issuer: origin, jwks_uri: `${origin}/keys` }) : readFileSync(AUTH0));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    try {
      const { text } = await printed(exportKeys, origin, { to: 'pem', allowHttp: true });
      expect(text).toContain('-----BEGIN PUBLIC KEY-----');
      await expect(printed(exportKeys, origin)).rejects.toThrow('--allow-http');
    } finally {
      await new Promise((done) => server.close(done));
    }
  });
});
