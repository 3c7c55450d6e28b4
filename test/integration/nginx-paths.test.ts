// The path corpus through real nginx: no spelling reaches a resource that its request has no right to, however nginx
// hands it on: as it stands, rewritten by proxy_pass, or out of its own files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, type ClientHttp2Session } from 'node:http2';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPaths } from '../vectors/policies';
import { reachedBy } from './echo-backend';
import { askingsOf } from './nginx-policy';
import { startPolicyNginx, type PolicyNginx } from './nginx-policy-server';
import { ENGINES } from './nginx-server';
import { AUDIENCE, claims, ISSUER, signToken } from './tokens';
import { isPublic, READERS, targetsOf } from './path-readers';
import { freePort, type HttpAnswer } from './suite';

const SECRET = 'a secret of thirty-two characters';
const POLICY = {
  issuers: [{ issuer: ISSUER, audiences: [AUDIENCE], keys: { secret_env: 'HAMSTER_SECRET' } }],
  rules: [{ name: 'public', paths: ['/public/**'], access: 'public' }],
  otherwise: 'authenticated',
};

const PATHS = readPaths();
const TARGETS = targetsOf(PATHS);
const AT_ONCE = 16;
const HOST = ['Host', 'api.example'] as const;
const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** What every reader makes of the target that reached the backend, where that is not public. */
function strayed(answer: HttpAnswer): readonly string[] {
  const target = reachedBy(answer)?.line.split(' ')[1];
  if (target === undefined) return [];
  return Object.entries(READERS)
    .map(([reader, read]) => [reader, read(target)] as const)
    .filter(([, resource]) => !isPublic(resource))
    .map(([reader, resource]) => `${target}: ${reader}: ${resource}`);
}

/** Asks for all targets, some at once. */
async function askAll<Answer>(ask: (path: string) => Promise<Answer>, targets = TARGETS): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let start = 0; start < targets.length; start += AT_ONCE) {
    answers.push(...(await Promise.all(targets.slice(start, start + AT_ONCE).map((target) => ask(bytes(target))))));
  }
  return answers;
}

/** Asks over HTTP/2; undefined when nginx takes the stream for malformed. */
function askHttp2(session: ClientHttp2Session, path: string): Promise<HttpAnswer | undefined> {
  return new Promise((done) => {
    const stream = session.request({ ':path': path, ':authority': 'api.example' });
    let headers: Record<string, string> = {};
    let body = '';
    stream.setEncoding('latin1');
    stream.on('response', (got) => {
      headers = Object.fromEntries(Object.entries(got).map(([name, value]) => [name, String(value)]));
    });
    stream.on('data', (text: string) => (body += text));
    stream.on('error', () => {
      done(undefined);
    });
    stream.on('end', () => {
      done({ status: Number(headers[':status']), headers, body });
    });
    stream.end();
  });
}

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

function http2Server(port: number, backend: number): string {
  return `server {
    listen 127.0.0.1:${String(port)} http2;
    keepalive_requests 100000;
    ${JUDGED}
    location / { include DIRECTORY/forward.conf; proxy_pass http://127.0.0.1:${String(backend)}; }
  }`;
}

/** Files at and beside what is public, each of which says where it stands. */
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
  let [rewriting, files, http2] = [0, 0, 0];

  beforeAll(async () => {
    [rewriting, files, http2] = [await freePort(), await freePort(), await freePort()];
    nginx = await startPolicyNginx(engine, POLICY, {
      env: { HAMSTER_SECRET: SECRET },
      http: (backend) =>
        [rewritingServer(rewriting, backend), fileServer(files), http2Server(http2, backend)].join('\n  '),
    });
    writeFiles(nginx.directory);
  });
  afterAll(async () => {
    await nginx.stop();
    expect(nginx.errorLog()).not.toMatch(/js exception|js call exception|unhandled|internal error/);
  });

  describe.each(askingsOf(engine))('%s', (asking) => {
    test.each(PATHS)('$id is judged as one path or refused', async ({ target, expected }) => {
      const token = await signToken(SECRET, 'HS256', claims());
      const answer = await nginx.askWith(token, { port: nginx.portOf(asking), path: bytes(target), headers: [HOST] });
      const status = answer.headers['x-told-status'];
      const reason = answer.headers['x-told-reason'] ?? '';
      if (status === undefined) {
        // nginx itself refuses what it takes for no HTTP; it never comes to be judged.
        expect(answer.status).toBe(400);
      } else if ('path' in expected) {
        expect([answer.status, reason]).toEqual([200, '']);
        if (target.startsWith('/')) {
          expect(reachedBy(answer)?.line.split(' ').slice(0, 2)).toEqual(['GET', bytes(target)]);
        }
      } else {
        expect([status, reason, reachedBy(answer)]).toEqual(['400', expected.reason, undefined]);
      }
    });

    test('without a token no spelling reaches what is not public, however the backend reads it', async () => {
      const answers = await askAll((path) => nginx.ask({ port: nginx.portOf(asking), path, headers: [HOST] }));
      const reached = answers.filter((answer) => answer.status === 200).length;
      expect(answers.flatMap(strayed)).toEqual([]);
      expect(reached).toBeGreaterThan(100);
      expect(TARGETS.length - reached).toBeGreaterThan(500);
    });
  });

  test('nor where proxy_pass rewrites it', async () => {
    const answers = await askAll((path) => nginx.ask({ port: rewriting, path, headers: [HOST] }));
    expect(answers.flatMap(strayed)).toEqual([]);
    expect(answers.filter((answer) => answer.status === 200).length).toBeGreaterThan(100);
  });

  test('nor does nginx serve a file that is not public', async () => {
    const answers = await askAll((path) => nginx.ask({ port: files, path, headers: [HOST] }));
    const served = [...new Set(answers.filter((answer) => answer.status === 200).map((answer) => answer.body))];
    expect(served.filter((path) => !isPublic(path))).toEqual([]);
    expect(served).toContain('/public/secret');
    const token = await signToken(SECRET, 'HS256', claims());
    expect((await nginx.askWith(token, { port: files, path: '/secret', headers: [HOST] })).body).toBe('/secret');
  });

  test('nor over HTTP/2', async () => {
    const session = connect(`http://127.0.0.1:${String(http2)}`);
    const paths = TARGETS.filter((spelling) => spelling.startsWith('/'));
    const answers = (await askAll((path) => askHttp2(session, path), paths)).filter((answer) => answer !== undefined);
    session.close();
    expect(answers.flatMap(strayed)).toEqual([]);
    expect(answers.filter((answer) => answer.status === 200).length).toBeGreaterThan(100);
  });
});
