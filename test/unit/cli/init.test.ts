// `jwtverify init` where no proxy is: what it needs, what it asks, what it writes.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { init, type InitOptions } from '../../../cli/commands/init';
import { buildCli } from '../../../scripts/build-cli.mjs';
import { createRecorder, type Recorder } from './recorder';

const ROOT = join(import.meta.dirname, '../../..');
const AUTH0 = readFileSync(join(ROOT, 'test/fixtures/auth0/jwks.json'), 'utf8');
let server: Server;
let issuer = '';
let keys = AUTH0;
let folder = '';
const folders: string[] = [];

beforeAll(async () => {
  server = createServer((request, answer) => {
    if (request.url === '/jwks') answer.end(keys);
    else if (request.url === '/.well-known/openid-configuration')
      answer.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` }));
    else answer.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
beforeEach(() => {
  keys = AUTH0;
  folder = mkdtempSync(join(tmpdir(), 'init-'));
  chmodSync(folder, 0o755);
  folders.push(folder);
});
afterAll(async () => {
  for (const one of folders) rmSync(one, { recursive: true });
  await new Promise((done) => server.close(done));
});

async function ran(changes: Partial<InitOptions> = {}, proxy: 'haproxy' | 'nginx' = 'haproxy'): Promise<Recorder> {
  const recorder = createRecorder();
  const options: InitOptions = {
    issuer,
    audience: ['api'],
    listen: '8080',
    directory: '/gate',
    root: folder,
    module: '/usr/local/share/haproxy/jwtverify.lua',
    caFile: '/etc/ssl/certs/ca-certificates.crt',
    allowHttp: true,
  };
  await init(proxy, { ...options, ...changes }, recorder.output);
  return recorder;
}

const read = (name: string): string => readFileSync(join(folder, 'gate', name), 'utf8');

describe('init', () => {
  test('writes a policy in canonical form, and says that no proxy has checked the configuration', async () => {
    const recorder = await ran({ readScope: 'read', writeScope: 'write' });
    expect(read('policy.json')).toBe(`{
  "issuers": [{ "issuer": "${issuer}", "audiences": ["api"] }],
  "allow_http": true,
  "rules": [
    { "name": "read", "methods": ["GET", "HEAD"], "paths": ["/**"], "require": { "scopes": ["read"] } },
    { "name": "write", "paths": ["/**"], "require": { "scopes": ["write"] } }
  ],
  "otherwise": "deny",
  "forward": { "X-Auth-Request-User": "user", "X-Auth-Request-Email": "email" }
}
`);
    expect(read('haproxy.cfg')).toContain('setenv OAUTH_POLICY /gate/policy.json');
    expect(recorder.stderr()).toContain('haproxy is not installed here');
  });

  test('warns of a folder that the workers of nginx cannot enter', async () => {
    mkdirSync(join(folder, 'gate'), { mode: 0o700 });
    expect((await ran({}, 'nginx')).stderr()).toContain(`cannot enter ${folder}/gate`);
    expect((await ran({ directory: '/open' }, 'nginx')).stderr()).not.toContain('cannot enter');
  });

  test('prints the same as JSON', async () => {
    const recorder = await ran({ json: true });
    const files = ['/gate/policy.json', '/gate/haproxy.cfg'];
    expect(JSON.parse(recorder.stdout())).toEqual({ proxy: 'haproxy', files, checked: 'absent' });
  });

  test.each([
    ['no issuer', { issuer: undefined }, '--issuer is missing'],
    ['no audience', { audience: [] }, '--audience is missing'],
    ['an issuer that is no URL', { issuer: 'issuer.example' }, 'an issuer is a URL'],
    ['plain http that is not allowed', { allowHttp: undefined }, '--allow-http'],
    ['a backend that is none', { backend: 'api; }' }, 'a backend is host and port'],
    ['a backend whose port is none', { backend: 'api:70000' }, 'a backend is host and port'],
    ['a port that is none', { listen: '0' }, '--listen: `0` is not a port from 1 to 65535'],
    ['a folder that needs quotes', { directory: '/a b' }, '--directory'],
  ])('refuses %s, and writes nothing', async (_, changes, message) => {
    await expect(ran(changes)).rejects.toThrow(message);
    expect(existsSync(join(folder, 'gate'))).toBe(false);
  });

  test('refuses an issuer whose keys nobody can use, and one without a discovery document', async () => {
    keys = '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}';
    await expect(ran()).rejects.toThrow('can use none of its keys');
    await expect(ran({ issuer: `${issuer}/nowhere` })).rejects.toThrow('no discovery document');
  });

  test('says why an issuer cannot be asked', async () => {
    await expect(ran({ issuer: 'http://127.0.0.1:1' })).rejects.toThrow(
      /^http:\/\/127\.0\.0\.1:1 cannot be asked where its keys are:\nhttp:\/\/127\.0\.0\.1:1\/\.well-known\/openid-configuration: the request fails/,
    );
  });

  test('asks on a terminal what no option says', async () => {
    const cli = await buildCli();
    const words = [
      'init',
      'haproxy',
      '--root',
      folder,
      '--directory',
      '/gate',
      '--module',
      '/jwtverify.lua',
      '--allow-http',
    ];
    const command = [process.execPath, cli, ...words].map((word) => `'${word}'`).join(' ');
    // A terminal of its own has no size.
    const child = spawn('script', ['-qec', `stty cols 100 rows 30; ${command}`, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm' },
    });
    const answers = [
      ['issuer of your tokens', issuer],
      ['audience of your API', 'https://api.example'],
      ['port of the backend', ''],
    ] as const;
    let [printed, next] = ['', 0];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const [question = '', answer = ''] = answers[next] ?? [];
      if (question === '' || !printed.includes(question)) return;
      next += 1;
      child.stdin.write(`${answer}\r`);
    });
    const code = await new Promise((done) => child.on('close', done));
    expect([code, next]).toEqual([0, 3]);
    expect(read('policy.json')).toContain('"audiences": ["https://api.example"]');
    expect(read('haproxy.cfg')).toContain('server app1 127.0.0.1:3001');
  });
});
