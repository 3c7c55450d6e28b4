// The path corpus through real HAProxy: no spelling reaches a resource that its request has no right to.
import { connect, type ClientHttp2Session } from 'node:http2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPaths } from '../vectors/policies';
import { reachedBy } from './echo-backend';
import { ISSUERS, startWithPolicy, tokenOf, type PolicyProxy } from './haproxy-policy-server';
import { isPublic, READERS, targetsOf } from './path-readers';
import { SUITES, type HttpAnswer } from './suite';

const POLICY = {
  issuers: ISSUERS,
  rules: [{ name: 'public', paths: ['/public/**'], access: 'public' }],
  otherwise: 'authenticated',
};

const PATHS = readPaths();
const TARGETS = targetsOf(PATHS);
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

/** Asks over HTTP/2; undefined when HAProxy takes the stream for malformed. */
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

describe.each(SUITES)('paths through HAProxy of %s', (suite) => {
  let proxy: PolicyProxy;

  beforeAll(async () => {
    proxy = await startWithPolicy(suite, { policy: POLICY });
  });
  afterAll(async () => {
    await proxy.stop();
  });

  test.each(PATHS)('$id is judged as one path or refused', async ({ target, expected }) => {
    const answer = await proxy.askWith(tokenOf(), { path: bytes(target), headers: [['Host', 'api.example']] });
    const reason = answer.headers['x-oauth-reason'];
    // HAProxy wants one authority in the target and in Host, no `#`, and completes an empty path (3.0).
    const isPlain = target.startsWith('/') && !target.includes('#');
    if ('path' in expected && !isPlain && reason === undefined) {
      expect(answer.status).toBe(400);
    } else if ('path' in expected) {
      expect([answer.status, reason]).toEqual([200, '']);
      const line = reachedBy(answer)?.line;
      if (isPlain) expect(line).toBe(`GET ${bytes(target)} HTTP/1.1`);
    } else {
      // HAProxy itself refuses what is no HTTP; it never comes to be judged.
      expect([answer.status, reason ?? expected.reason]).toEqual([400, expected.reason]);
    }
  });

  test('without a token no spelling reaches what is not public, however the backend reads it', async () => {
    const astray: string[] = [];
    let reached = 0;
    for (const target of TARGETS) {
      const answer = await proxy.ask({ path: bytes(target), headers: [['Host', 'api.example']] });
      if (answer.status === 200) reached += 1;
      astray.push(...strayed(answer));
    }
    expect(astray).toEqual([]);
    expect(reached).toBeGreaterThan(100);
    expect(TARGETS.length - reached).toBeGreaterThan(500);
  });

  test('hundreds of the spellings would lead some backend astray', () => {
    const leading = TARGETS.filter((target) => target.startsWith('/public'));
    const astray = leading.filter((target) => Object.values(READERS).some((read) => !isPublic(read(target))));
    expect(astray.length).toBeGreaterThan(300);
  });

  test('nor over HTTP/2', async () => {
    const session = connect(`http://127.0.0.1:${proxy.port}`);
    const astray: string[] = [];
    let reached = 0;
    for (const target of TARGETS.filter((spelling) => spelling.startsWith('/'))) {
      const answer = await askHttp2(session, bytes(target));
      if (answer === undefined) continue;
      if (answer.status === 200) reached += 1;
      astray.push(...strayed(answer));
    }
    session.close();
    expect(astray).toEqual([]);
    expect(reached).toBeGreaterThan(100);
  });
});
