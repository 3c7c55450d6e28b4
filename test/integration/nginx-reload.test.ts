// nginx is reloaded under load with keep-alive clients, with another key and other settings: nothing is dropped, and once
// the old workers are gone only the new configuration counts.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startLoad } from './keep-alive';
import { ENGINES, SHARED_DICT, startNginx, type Engine } from './nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken, type KeyPair } from './tokens';

const OTHER = 'https://other.example';
const SERVER = `
    location / { auth_request /_jwtverify; empty_gif; }
    location = /_jwtverify { internal; js_content jwtverify.auth; }`;
const keys = { removed: makeKeyPair('ES256'), kept: makeKeyPair('ES256'), added: makeKeyPair('RS256') };
const setOf = (...names: (keyof typeof keys)[]): string =>
  JSON.stringify({ keys: names.map((kid) => ({ ...keys[kid].jwk, kid, use: 'sig' })) });
const sign = (pair: KeyPair, kid: string, changes = {}): Promise<string> =>
  signToken(pair.privateKey, pair.jwk['kty'] === 'EC' ? 'ES256' : 'RS256', claims(changes), { kid });

const kinds: readonly (readonly [string, boolean])[] = [
  ['with a dictionary where there are some', true],
  ['without a dictionary', false],
];

describe.each(ENGINES)('$suite, $name', (engine: Engine) => {
  test.each(kinds)(
    'reloads with another key set drop no request and answer none wrongly: %s',
    async (_, dictionary) => {
      const tokens = {
        removed: await sign(keys.removed, 'removed'),
        kept: await sign(keys.kept, 'kept'),
        added: await sign(keys.added, 'added'),
      };
      const nginx = await startNginx(engine, {
        workers: 2,
        http: dictionary && engine.hasSharedDict ? SHARED_DICT : '',
        server: SERVER,
        env: { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_JWKS_PATH: 'DIRECTORY/jwks.json' },
        files: { 'jwks.json': setOf('removed', 'kept') },
      });
      let phase = 'before';
      const load = startLoad(nginx.port, (turn) => {
        const kind = (['removed', 'kept', 'added'] as const)[turn % 3] ?? 'kept';
        return [kind === 'kept' ? kind : `${kind}, ${phase}`, tokens[kind]];
      });
      try {
        await load.more('removed, before', 50);
        await nginx.reload();
        await load.more('removed, before', 50);
        phase = 'meanwhile';
        await load.settle();
        writeFileSync(join(nginx.directory, 'jwks.json'), setOf('kept', 'added'));
        await nginx.reload();
        phase = 'after';
        await load.more('added, after', 50);
      } finally {
        await load.end();
      }
      await nginx.stop();
      expect(load.seen('kept')).toEqual(['200']);
      expect([load.seen('removed, before'), load.seen('added, before')]).toEqual([['200'], ['401']]);
      expect([load.seen('removed, after'), load.seen('added, after')]).toEqual([['401'], ['200']]);
      expect(nginx.errorLog()).not.toMatch(/js exception|unhandled|internal error|exited on signal/);
    },
  );
});

describe.each(ENGINES.filter((engine) => engine.seesEnvValues))('$suite, $name', (engine: Engine) => {
  test.each(kinds)('a reload with another audience under load ends remembered tokens: %s', async (_, dictionary) => {
    const tokens = {
      one: await sign(keys.kept, 'kept'),
      both: await sign(keys.kept, 'kept', { aud: [AUDIENCE, OTHER] }),
      other: await sign(keys.kept, 'kept', { aud: OTHER }),
    };
    const settings = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_JWKS_PATH: 'DIRECTORY/jwks.json' };
    const nginx = await startNginx(engine, {
      workers: 2,
      http: dictionary ? SHARED_DICT : '',
      server: SERVER,
      main: Object.entries(settings)
        .map(([name, value]) => `env "${name}=${value}";`)
        .join('\n'),
      files: { 'jwks.json': setOf('kept') },
    });
    let phase = 'before';
    const load = startLoad(nginx.port, (turn) => {
      const kind = (['one', 'both', 'other'] as const)[turn % 3] ?? 'both';
      return [kind === 'both' ? kind : `${kind}, ${phase}`, tokens[kind]];
    });
    try {
      await load.more('one, before', 50);
      phase = 'meanwhile';
      await load.settle();
      await nginx.reload((configuration) => configuration.replace(AUDIENCE, OTHER));
      phase = 'after';
      await load.more('one, after', 50);
    } finally {
      await load.end();
    }
    await nginx.stop();
    expect(load.seen('both')).toEqual(['200']);
    expect([load.seen('one, before'), load.seen('other, before')]).toEqual([['200'], ['401']]);
    expect([load.seen('one, after'), load.seen('other, after')]).toEqual([['401'], ['200']]);
    expect(nginx.errorLog()).not.toMatch(/js exception|unhandled|internal error|exited on signal/);
  });
});
