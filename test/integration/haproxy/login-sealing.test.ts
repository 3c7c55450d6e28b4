// Sealed texts of each HAProxy, with and without luaossl, in each other and in node:crypto: a fleet may mix them.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleLua } from '../../engine/build';
import { IS_STOCK, startHaproxy, type Haproxy } from '../helpers/haproxy-server';
import { SUITES } from '../helpers/suite';

const CONFIGURATION = `global
  chroot DIRECTORY
  lua-load DIRECTORY/sealing.lua
defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
frontend sealing
  bind 127.0.0.1:PORT
  http-request use-service lua.sealing
`;
const LUA_OFF = { LUA_PATH: '', LUA_CPATH: '' };
const WAYS = SUITES.flatMap((suite) => [
  { suite, way: 'luaossl', env: {} },
  { suite, way: 'no luaossl', env: LUA_OFF },
]);
const key = randomBytes(32);
const TEXTS = ['', 'a', 'Grüße 🐹 ', 'x'.repeat(15), 'Grüße 🐹 '.repeat(800)];
const QUERY = key.toString('base64');

const servers: Haproxy[] = [];
beforeAll(async () => {
  const files = { 'sealing.lua': bundleLua('sealing-haproxy.ts') };
  for (const { suite, env } of WAYS) {
    servers.push(await startHaproxy(suite, { configuration: CONFIGURATION, files, env }));
  }
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

async function ask(server: Haproxy | undefined, path: string, body: string): Promise<string> {
  const answer = await server?.ask({ method: 'POST', path: `${path}?${QUERY}`, body });
  return answer?.status === 200 ? answer.body : String(answer?.status);
}

function openWithNode(sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
}

function sealWithNode(text: string | Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = [cipher.update(text), cipher.final()];
  return Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]).toString('base64url');
}

/** A sealed text with one bit of a byte changed. */
function flip(sealed: string, place: number): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const at = (place + bytes.length) % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString('base64url');
}

describe.each(WAYS.map((way, index) => ({ ...way, index })))('HAProxy of $suite, $way', ({ index, way }) => {
  test('seals what node:crypto and every other HAProxy opens', async () => {
    for (const text of TEXTS) {
      const sealed = await ask(servers[index], '/seal', text);
      expect(openWithNode(sealed)).toBe(text);
      for (const other of servers) expect(await ask(other, '/open', sealed)).toBe(text);
    }
  });

  test('never seals under one nonce twice', async () => {
    const sealed = await Promise.all(Array.from({ length: 20 }, () => ask(servers[index], '/seal', 'a')));
    expect(new Set(sealed.map((value) => value.slice(0, 16))).size).toBe(20);
  });

  test('opens nothing that was changed, shortened, or is no text', async () => {
    const sealed = sealWithNode('Grüße');
    const changed = [0, 11, 12, -17, -16, -1].map((place) => flip(sealed, place));
    const strange = [sealWithNode(Buffer.from([0xff, 0xfe])), 'AAAA', '', 'x', 'A'.repeat(37)];
    for (const value of [...changed, sealed.slice(0, -4), `${sealed}AAAA`, ...strange]) {
      expect(await ask(servers[index], '/open', value), value).toBe('403');
    }
    expect(await ask(servers[index], '/open', sealed)).toBe('Grüße');
  });

  test('names what seals', async () => {
    const answer = await servers[index]?.ask({ method: 'POST', path: `/seal?${QUERY}`, body: 'a' });
    const isThere = way === 'luaossl' && !IS_STOCK;
    expect(answer?.headers['x-way']).toBe(isThere ? 'luaossl' : "HAProxy's aes_gcm_enc, or plain TypeScript");
  });
});
