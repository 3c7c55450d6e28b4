// A reload that brings another build of the module: nothing that the older one left in a dictionary is judged by.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, inject, test } from 'vitest';
import { blocksOf } from '../helpers/docs-blocks';
import { startBlock } from '../helpers/docs-runner';
import { startEchoBackend } from '../helpers/echo-backend';
import { startLoad } from '../helpers/keep-alive';
import { askingsOf, startWithPolicy, wire } from '../helpers/nginx-policy';
import { keySet, startKeyServer } from '../helpers/nginx-provider';
import { ENGINES, SHARED_DICT, startNginx, type Nginx } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, makeKeyPair, signToken } from '../helpers/tokens';

const KEYS_DICT = `${SHARED_DICT} js_shared_dict_zone zone=jwtverify_keys:4m timeout=2d evict;`;
const SECRET = 'a secret of thirty-two characters';
const key = makeKeyPair('RS256');
const ENV = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE };

/** This build, and an older one that differs by a text; `id` is what it calls itself. */
function olderBuild(id: string, from: string, to: string): string {
  // Without the ends of lines within texts, which may fall anywhere.
  const text = readFileSync(inject('artifacts').js, 'utf8').replaceAll('\\\n', '');
  const own = /^\/\/ Build ([\w-]+)$/m.exec(text)?.[1];
  if (own === undefined || !text.includes(from)) throw new Error('the module says no build');
  return text.replaceAll(`"${own}"`, `"${id}"`).replaceAll(from, to);
}

/** Puts this build in place of the older one, by a reload. */
async function upgrade(nginx: Nginx): Promise<void> {
  copyFileSync(inject('artifacts').js, join(nginx.directory, 'jwtverify.js'));
  await nginx.reload();
}

const IDS = ['', 'older'];
const ZONES = [SHARED_DICT, KEYS_DICT];

describe.concurrent.each(ENGINES.filter((engine) => engine.hasSharedDict))(
  '$suite, $name',
  { timeout: 60_000 },
  (engine) => {
    test('O1: a token that an older build took is judged anew', async ({ expect }) => {
      const good = await signToken(key.privateKey, 'RS256', claims(), { typ: 'at+jwt' });
      const odd = await signToken(key.privateKey, 'RS256', claims(), { typ: 'odd+jwt' });
      for (const id of IDS) {
        for (const http of ZONES) {
          const files = { k: key.pem, 'jwtverify.js': olderBuild(id, '"at+jwt"', '"odd+jwt"') };
          const nginx = await startNginx(engine, { http, env: { ...ENV, OAUTH_PUBKEY_PATH: 'DIRECTORY/k' }, files });
          expect((await nginx.askWith(odd)).status).toBe(200);
          expect((await nginx.askWith(odd)).status).toBe(200);
          await upgrade(nginx);
          for (let turn = 0; turn < 3; turn += 1) {
            expect((await nginx.askWith(odd)).status).toBe(401);
            expect((await nginx.askWith(good)).status).toBe(200);
          }
          await nginx.stop();
        }
      }
    });

    test('O1: keys that an older build fetched are fetched anew, and no request is refused meanwhile', async ({
      expect,
    }) => {
      const token = await signToken(key.privateKey, 'RS256', claims(), { kid: 'a' });
      for (const id of IDS) {
        const provider = await startKeyServer(keySet([{ ...key.jwk, kid: 'a' }]));
        const nginx = await startNginx(engine, {
          http: KEYS_DICT,
          env: { ...ENV, OAUTH_JWKS_URL: `${provider.origin}/keys`, OAUTH_ALLOW_HTTP: '1' },
          files: { 'jwtverify.js': olderBuild(id, '"at+jwt"', '"odd+jwt"') },
        });
        expect((await nginx.askWith(token)).status).toBe(200);
        expect(provider.asked.length).toBe(1);
        await upgrade(nginx);
        const answers = await Promise.all([1, 2, 3, 4].map(() => nginx.askWith(token)));
        expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
        expect(provider.asked.length).toBe(2);
        await nginx.stop();
        await provider.stop();
      }
    });

    const POLICY = {
      issuers: [{ issuer: ISSUER, audiences: [AUDIENCE], keys: { secret_env: 'HAMSTER_SECRET' } }],
      rules: [{ name: 'all', paths: ['/**'] }],
      forward: { 'X-Auth-Request-User': 'user' },
    };

    test.for(askingsOf(engine))(
      'O1: a policy is compiled anew, and judged under lines of its own, by %s',
      async (asking, { expect }) => {
        const token = await signToken(SECRET, 'HS256', claims());
        const backend = await startEchoBackend();
        for (const id of IDS) {
          // Of these two, one made other lines than this build does, the other the same.
          for (const [to, isSame] of [
            ['x-gone', false],
            ['x-original-method', true],
          ] as const) {
            const files = { 'jwtverify.js': olderBuild(id, '"x-original-method"', `"${to}"`) };
            const nginx = await startWithPolicy(engine, POLICY, backend, {
              asking,
              env: { HAMSTER_SECRET: SECRET },
              files,
            });
            expect((await nginx.askWith(token)).status).toBe(200);
            await upgrade(nginx);
            const refused = asking === 'js_access' ? 503 : 403;
            const before = nginx.messages().length;
            expect([to, (await nginx.askWith(token)).status]).toEqual([to, isSame ? 200 : refused]);
            expect([to, (await nginx.askWith(token)).status]).toEqual([to, isSame ? 200 : refused]);
            const said = nginx.messages().slice(before).join();
            if (isSame) expect(said).toBe('');
            else expect(said).toContain('the lines that `jwtverify.forward` gives for this policy');
            await wire(nginx);
            expect([to, (await nginx.askWith(token)).status]).toEqual([to, 200]);
            await nginx.stop();
          }
        }
        await backend.stop();
      },
    );

    test('O1: an upgrade as docs/nginx.md has it refuses no request', async ({ expect }) => {
      const block = blocksOf('docs/nginx.md').find((one) => one.askedBy?.endsWith('nginx/other-build.test.ts'));
      if (block === undefined) throw new Error('the document has no such configuration');
      const text = block.text
        .replace('pid /run/jwtverify-next.pid;', 'env HAMSTER_SECRET;')
        .replace('/etc/nginx/next/', '/etc/nginx/njs/')
        .replace('listen 127.0.0.1:8081;', 'listen 8080;');
      const token = await signToken(SECRET, 'HS256', claims());
      const backend = await startEchoBackend();
      const files = { 'jwtverify.js': olderBuild('older', '"x-original-method"', '"x-gone"') };
      const env = { HAMSTER_SECRET: SECRET };
      const nginx = await startWithPolicy(engine, POLICY, backend, { workers: 2, env, files });
      const load = startLoad(nginx.port, () => ['any', token]);
      await load.more('any', 20);
      const next = await startBlock({ ...block, text }, engine.suite, env, JSON.stringify(POLICY));
      const lines = await next.ask(undefined, { method: 'GET', path: '/_forward' });
      await next.stop();
      expect([lines.status, lines.body]).toEqual([200, expect.stringContaining('x-original-method')]);
      writeFileSync(join(nginx.directory, 'forward.conf'), lines.body);
      await upgrade(nginx);
      await load.more('any', 50);
      await load.end();
      expect(load.seen('any')).toEqual(['200']);
      await nginx.stop();
      await backend.stop();
    });
  },
);
