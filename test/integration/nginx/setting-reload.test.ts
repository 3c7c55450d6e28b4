// nginx is reloaded under load with another setting in its configuration: nothing is dropped, and once the old workers are
// gone only the new configuration counts.
import { describe, expect, test } from 'vitest';
import { startLoad } from '../helpers/keep-alive';
import { ENGINES, SHARED_DICT, startNginx, type Engine } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const OTHER = 'https://other.example';
const SERVER = `
    location / { auth_request /_jwtverify; empty_gif; }
    location = /_jwtverify { internal; js_content jwtverify.auth; }`;
const KEY = makeKeyPair('ES256');
const SET = JSON.stringify({ keys: [{ ...KEY.jwk, kid: 'kept', use: 'sig' }] });
const sign = (changes = {}): Promise<string> => signToken(KEY.privateKey, 'ES256', claims(changes), { kid: 'kept' });

const kinds: readonly (readonly [string, boolean])[] = [
  ['with a dictionary where there are some', true],
  ['without a dictionary', false],
];

describe.each(ENGINES.filter((engine) => engine.seesEnvValues))('$suite, $name', (engine: Engine) => {
  test.each(kinds)('a reload with another audience under load ends remembered tokens: %s', async (_, dictionary) => {
    const tokens = {
      one: await sign(),
      both: await sign({ aud: [AUDIENCE, OTHER] }),
      other: await sign({ aud: OTHER }),
    };
    const settings = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_JWKS_PATH: 'DIRECTORY/jwks.json' };
    const nginx = await startNginx(engine, {
      workers: 2,
      http: dictionary ? SHARED_DICT : '',
      server: SERVER,
      main: Object.entries(settings)
        .map(([name, value]) => `env "${name}=${value}";`)
        .join('\n'),
      files: { 'jwks.json': SET },
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
