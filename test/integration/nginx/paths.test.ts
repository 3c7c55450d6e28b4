// The path corpus where nginx does not hand a path on as it is: rewritten by proxy_pass, and out of its own files. No
// spelling reaches a resource that its request has no right to.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPaths } from '../../vectors/policies';
import { startPolicyNginx, type PolicyNginx } from '../helpers/nginx-policy-server';
import { ENGINES } from '../helpers/nginx-server';
import { AUDIENCE, claims, ISSUER, signToken } from '../helpers/tokens';
import { askAll, isPublic, strayed, targetsOf } from '../helpers/path-readers';
import { freePort } from '../helpers/suite';

const SECRET = 'a secret of thirty-two characters';
const POLICY = {
  issuers: [{ issuer: ISSUER, audiences: [AUDIENCE], keys: { secret_env: 'HAMSTER_SECRET' } }],
  rules: [{ name: 'public', paths: ['/public/**'], access: 'public' }],
  otherwise: 'authenticated',
};

const PATHS = readPaths();
const TARGETS = targetsOf(PATHS);
const HOST = ['Host', 'api.example'] as const;

const JUDGED = `
    auth_request /_jwtverify;
    location = /_jwtverify { internal; js_content jwtverify.auth; }`;

/** A server that rewrites targets: it decodes them, resolves their dots, and encodes them anew. */
function rewritingServer(port: number, backend: number): string {
  return `server {
    listen 127.0.0.1:${String(port)};
    ${JUDGED}
    location / { include DIRECTORY/forward.conf; proxy_pass http://127.0.0.1:${String(backend)}/; }
  }`;
}

/** A server of files. */
function fileServer(port: number): string {
  return `server {
    listen 127.0.0.1:${String(port)};
    ${JUDGED}
    location / { include DIRECTORY/forward.conf; root DIRECTORY/files; try_files $uri $uri/index.html =404; }
  }`;
}

/** Files at and beside what is public, each of which names its own place. */
function writeFiles(directory: string): void {
  for (const folder of ['', 'public', 'public/x', 'api', 'admin', 'a', 'a/b']) {
    mkdirSync(join(directory, 'files', folder), { recursive: true });
    for (const name of ['index.html', 'secret', 'users']) {
      writeFileSync(join(directory, 'files', folder, name), `/${folder === '' ? '' : `${folder}/`}${name}`);
    }
  }
}

describe.each(ENGINES)('paths through nginx of $suite, $name', (engine) => {
  let nginx: PolicyNginx;
  let [rewriting, files] = [0, 0];

  beforeAll(async () => {
    [rewriting, files] = [await freePort(), await freePort()];
    nginx = await startPolicyNginx(engine, POLICY, {
      env: { HAMSTER_SECRET: SECRET },
      http: (backend) => [rewritingServer(rewriting, backend), fileServer(files)].join('\n  '),
    });
    writeFiles(nginx.directory);
  });
  afterAll(async () => {
    await nginx.stop();
    expect(nginx.errorLog()).not.toMatch(/js exception|js call exception|unhandled|internal error/);
  });

  test('without a token no spelling reaches what is not public where proxy_pass rewrites it', async () => {
    const answers = await askAll(TARGETS, (path) => nginx.ask({ port: rewriting, path, headers: [HOST] }));
    expect(answers.flatMap(strayed)).toEqual([]);
    expect(answers.filter((answer) => answer.status === 200).length).toBeGreaterThan(100);
  });

  test('nor does nginx serve a file that is not public', async () => {
    const answers = await askAll(TARGETS, (path) => nginx.ask({ port: files, path, headers: [HOST] }));
    const served = [...new Set(answers.filter((answer) => answer.status === 200).map((answer) => answer.body))];
    expect(served.filter((path) => !isPublic(path))).toEqual([]);
    expect(served).toContain('/public/secret');
    const token = await signToken(SECRET, 'HS256', claims());
    expect((await nginx.askWith(token, { port: files, path: '/secret', headers: [HOST] })).body).toBe('/secret');
  });
});
