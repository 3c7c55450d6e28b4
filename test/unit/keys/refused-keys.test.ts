// Keys that must not be taken, each for one member alone; and what makes a key another key.
import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { readJwkSet } from '../../../src/keys/key-file';
import { beginFetch, endFetch, startKeys } from '../../../src/keys/key-state';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');

const read = (jwk: object): ReturnType<typeof readJwkSet> => readJwkSet(JSON.stringify({ keys: [jwk] }), text);

test('a key with an even modulus is not taken', () => {
  const modulus = Buffer.from(rsa.n ?? '', 'base64url');
  modulus[255] = (modulus[255] ?? 0) & 0xfe;
  expect(read({ ...rsa, n: modulus.toString('base64url') })).toMatchObject({
    keys: [],
    unusable: [expect.stringContaining('modulus is even')],
  });
});

test.each([
  ['P-256', ec.privateKey],
  ['Ed25519', ed.privateKey],
])('a private key of %s, whose only private member is `d`, is not taken', (_, key) => {
  expect(read(key.export({ format: 'jwk' }))).toMatchObject({
    keys: [],
    unusable: [expect.stringContaining('private key material')],
  });
});

test.each(['d', 'p', 'q', 'k'])('a key with the private member `%s` alone is not taken', (member) => {
  expect(read({ ...rsa, [member]: 'AQAB' }).keys).toEqual([]);
});

test('a key whose provider changes nothing but its `alg` is another key, and ends what the old one verified', () => {
  const times = { refresh: 600, cooldown: 30, maxStale: 86400 };
  const bring = (state: ReturnType<typeof startKeys>, alg: string, now: number): ReturnType<typeof startKeys> => {
    const keys = read({ ...rsa, kid: 'one', alg }).keys;
    return endFetch(beginFetch(state, now), { ok: true, keys, maxAge: undefined }, times, now, 0);
  };
  const first = bring(startKeys(1000), 'RS256', 1000);
  expect(bring(first, 'RS256', 1600).revision).toBe(first.revision);
  const second = bring(first, 'PS256', 1600);
  expect(second.revision).toBe(first.revision + 1);
  expect(second.keys[0]?.algorithms).toEqual(['PS256']);
});
