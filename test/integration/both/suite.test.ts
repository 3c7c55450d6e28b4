// The test machines themselves: what a test starts in one runs there, can be asked, and is gone afterwards.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  freePort,
  HAPROXY,
  makeWorkDirectory,
  request,
  runIn,
  startIn,
  SUITES,
  waitForPort,
  type SuiteName,
} from '../helpers/suite';

const EXPECTED: Readonly<Record<SuiteName, readonly [haproxy: string, nginx: string, njs: string]>> = {
  bookworm: ['version 2.6.', 'nginx/1.22.', '0.7.9'],
  trixie: ['version 3.0.', 'nginx/1.26.', '0.8.'],
  sid: ['version 3.', 'nginx/1.', '1.'],
};

describe.each(SUITES)('%s', (suite) => {
  test('has the generation of proxies that the tests are about', async () => {
    const [haproxy, nginx, njs] = EXPECTED[suite];
    expect((await runIn(suite, ['haproxy', '-v'])).output).toContain(haproxy);
    expect((await runIn(suite, ['nginx', '-v'])).output).toContain(nginx);
    expect((await runIn(suite, ['njs', '-v'])).output).toMatch(new RegExp(`^${njs.replaceAll('.', '\\.')}`));
    for (const lua of ['lua5.3', 'lua5.4']) {
      expect(await runIn(suite, [lua, '-e', 'require "openssl"; print "luaossl"'])).toEqual({
        code: 0,
        output: 'luaossl\n',
      });
    }
  });

  test('runs a command with only the environment, the directory and the time it is given', async () => {
    const work = makeWorkDirectory(suite);
    writeFileSync(join(work.outside, 'seen'), 'inside');
    const ran = await runIn(suite, ['sh', '-c', 'cat seen; echo; date +%F; env; exit 7'], {
      cwd: work.inside,
      env: { OAUTH_ISSUER: 'https://issuer.example/' },
      faketime: '2018-11-07 00:00:00',
    });
    expect(ran.code).toBe(7);
    expect(ran.output).toContain('inside\n2018-11-07\n');
    expect(ran.output).toContain('OAUTH_ISSUER=https://issuer.example/');
    expect(ran.output).not.toContain('VITEST');
  });

  test('haproxy at a given time answers, and its pid is the proxy itself', async () => {
    const work = makeWorkDirectory(suite);
    const port = await freePort();
    writeFileSync(
      join(work.outside, 'haproxy.cfg'),
      `defaults
  mode http
  timeout client 5s
frontend f
  bind 127.0.0.1:${String(port)}
  http-request return status 200 content-type text/plain lf-string "%[date,utime(%Y)] %[req.hdr_cnt(x-a)]"
`,
    );
    const proxy = startIn(suite, [...HAPROXY, '-f', `${work.inside}/haproxy.cfg`], {
      faketime: '2018-11-07 00:00:00',
    });
    await waitForPort(port, proxy);
    const headers = [
      ['X-A', '1'],
      ['X-A', '2'],
    ] as const;
    expect((await request({ port, headers })).body).toBe('2018 2');
    expect(readFileSync(`/proc/${String(proxy.pid)}/comm`, 'utf8')).toBe('haproxy\n');
    await proxy.stop();
    expect(existsSync(`/proc/${String(proxy.pid)}`)).toBe(false);
  });

  test('a second haproxy does not share the port of the first one', async () => {
    const work = makeWorkDirectory(suite);
    const port = await freePort();
    const configuration = `defaults
  mode http
  timeout client 5s
frontend f
  bind 127.0.0.1:${String(port)}
  http-request return status 200
`;
    writeFileSync(join(work.outside, 'haproxy.cfg'), configuration);
    const command = [...HAPROXY, '-f', `${work.inside}/haproxy.cfg`];
    const first = startIn(suite, command);
    await waitForPort(port, first);
    const second = await runIn(suite, ['timeout', '20', ...command]);
    expect(second.code).toBe(1);
    expect(second.output).toMatch(/cannot bind|Address already in use/i);
    await first.stop();
  });

  test('nginx with its workers is gone after a stop, and after its master was killed', async () => {
    const work = makeWorkDirectory(suite);
    for (const end of ['stop', 'kill']) {
      const port = await freePort();
      writeFileSync(
        join(work.outside, 'nginx.conf'),
        `daemon off; worker_processes 2; error_log stderr; pid ${work.inside}/nginx.pid;
events {} http { access_log off; server { listen 127.0.0.1:${String(port)}; location / { return 200 "here"; } } }`,
      );
      const proxy = startIn(suite, ['nginx', '-c', `${work.inside}/nginx.conf`], { faketime: '2018-11-07 00:00:00' });
      await waitForPort(port, proxy);
      const answer = await request({ port, method: 'POST', path: '/x', body: 'b' });
      expect(answer).toMatchObject({ status: 200, body: 'here' });
      expect(answer.headers['date']).toContain('2018');
      if (end === 'stop') {
        await proxy.stop();
        expect(await proxy.exited).toEqual({ code: 0, signal: null });
      } else {
        process.kill(proxy.pid, 'SIGKILL');
        expect(await proxy.exited).toEqual({ code: null, signal: 'SIGKILL' });
      }
      await expect(request({ port })).rejects.toThrow('ECONNREFUSED');
    }
  });
});

test('a process that ignores TERM is killed', async () => {
  const stubborn = startIn('bookworm', ['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 1; done']);
  while (!stubborn.output().includes('ready')) {
    await new Promise((done) => setTimeout(done, 20));
  }
  await stubborn.stop();
  expect(await stubborn.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

test('what a test process started and made is gone when that process is killed', async () => {
  const work = makeWorkDirectory('bookworm');
  const { outputFiles } = await build({
    stdin: {
      contents: `import { makeWorkDirectory, startIn } from '../helpers/suite';
        const { outside } = makeWorkDirectory('bookworm');
        const first = startIn('bookworm', ['sleep', '3000']);
        const second = startIn('bookworm', ['sh', '-c', 'sleep 3000 & wait']);
        setTimeout(() => console.log(JSON.stringify([outside, first.pid, second.pid])), 500);`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  const script = join(work.outside, 'started.mjs');
  writeFileSync(script, outputFiles[0]?.text ?? '');
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const text = await new Promise<string>((done) =>
    child.stdout.once('data', (chunk: Buffer) => {
      done(chunk.toString());
    }),
  );
  const [directory, first, second] = JSON.parse(text) as [string, number, number];
  expect(existsSync(directory)).toBe(true);
  expect(existsSync(`/proc/${String(first)}`)).toBe(true);
  child.kill('SIGKILL');
  const remains = () =>
    [directory, `/proc/${String(first)}`, `/proc/${String(second)}`].filter((path) => existsSync(path));
  await expect.poll(remains, { timeout: 20_000 }).toEqual([]);
});

test('waiting for a port ends with the output of a process that ended instead', async () => {
  const failed = startIn('bookworm', ['sh', '-c', 'echo no such setting; exit 1']);
  await expect(waitForPort(await freePort(), failed)).rejects.toThrow('no such setting');
});

test('an answer is read as it was framed: by chunks, by length, and to the end', async () => {
  const bodies = [
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    'HTTP/1.1 401 No\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 5\r\n\r\nabcde',
    'HTTP/1.1 500 No\r\n\r\nabcde',
  ];
  const seen: unknown[] = [];
  for (const body of bodies) {
    const port = await freePort();
    const server = createServer((socket: Socket) => socket.on('error', () => undefined).end(body)).listen(
      port,
      '127.0.0.1',
    );
    await waitForPort(port);
    const { status, headers, body: text } = await request({ port });
    seen.push([status, headers['x-a'], text]);
    server.close();
  }
  expect(seen).toEqual([
    [200, undefined, 'abcde'],
    [401, '1, 2', 'abcde'],
    [500, undefined, 'abcde'],
  ]);
});
