// The command as it is built: the commands of docs/command.md, exit codes, and what each prints where.
import { execFile } from 'node:child_process';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli } from '../../../scripts/build-cli.mjs';

const ROOT = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'command-'));
const KEYCLOAK = 'examples/policies/keycloak.json';
const SECRET = 'a secret of thirty-two characters';
const NOW = 1_800_000_000;

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function start(file: string, words: readonly string[], input = '', cwd = ROOT): Promise<Ran> {
  return new Promise((done) => {
    // A runner of CI asks for colours; what is piped stays plain.
    const env = { ...process.env, DESK_SECRET: SECRET, CI: 'true', FORCE_COLOR: '1' };
    const child = execFile(file, words, { cwd, env }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

const run = (...words: readonly string[]): Promise<Ran> =>
  start(process.execPath, ['dist/cli/jwtverify.mjs', ...words]);

function write(name: string, content: object | string): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function tokenOf(claims: object): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
}

const ISSUER = { issuer: 'https://a.example/', audiences: ['api'], keys: { secret_env: 'DESK_SECRET' } };
const POLICY = {
  issuers: [ISSUER],
  rules: [{ name: 'writers', paths: ['/files/**'], require: { scopes: ['write'], groups: ['staff'] } }],
  forward: { 'X-User': 'subject' },
};
const CLAIMS = { iss: 'https://a.example/', aud: 'api', sub: 'ada', exp: NOW + 60, scope: 'write', groups: ['staff'] };

beforeAll(async () => {
  await buildCli();
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('docs/command.md', () => {
  const text = readFileSync(join(ROOT, 'docs/command.md'), 'utf8');
  const blocks = [...text.matchAll(/^```sh asked-by="test\/unit\/cli\/command\.test\.ts"\n([\s\S]*?)^```$/gm)].map(
    ([, block = '']) => block,
  );

  // What a block writes stays out of the repository.
  const desk = join(folder, 'desk');
  mkdirSync(desk);
  for (const name of ['dist', 'examples', 'test', 'schema']) symlinkSync(join(ROOT, name), join(desk, name));

  test.each(blocks)('its command runs: %s', async (block) => {
    expect(await start('sh', ['-euc', block], '', desk)).toMatchObject({ code: 0 });
  });

  test('names each command, and no other', async () => {
    const { stdout } = await run('help');
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) .* {2}/gm)].map(([, name]) => name);
    const named = [...text.matchAll(/^\| `([a-z]+)/gm)].map(([, name]) => name);
    expect(commands.filter((name) => name !== 'help').sort()).toEqual([...new Set(named)].sort());
  });
});

describe('check', () => {
  test('passes a good policy, and says so on standard output', async () => {
    expect(await run('check', KEYCLOAK)).toEqual({ code: 0, stdout: '0 errors, 0 warnings\n', stderr: '' });
  });

  test('passes a policy that signs browsers in', async () => {
    const client = write('client', 'client-secret');
    const login = { client_id: 'gateway', client_secret_file: client, cookie: { secret_env: 'DESK_SECRET' } };
    const issuers = [{ issuer: 'https://a.example/', audiences: ['api'] }];
    const { code, stderr } = await run('check', write('login.json', { ...POLICY, issuers, login }));
    expect([code, stderr]).toEqual([0, '']);
  });

  test('lists every problem with its file and place', async () => {
    const path = write('faulty.json', { ...POLICY, rules: [{ paths: ['api'], requires: {} }, { paths: 3 }] });
    const { code, stderr, stdout } = await run('check', path);
    expect(code).toBe(1);
    expect(stderr).toContain(`error: ${path}: /rules/0/paths/0 `);
    expect(stderr).toContain('/rules/1/paths ');
    expect(stderr).toContain('require');
    expect(stdout).toMatch(/^\d errors, 0 warnings\n$/);
  });

  test('prints the same as JSON', async () => {
    const path = write('json.json', { ...POLICY, rules: [{ paths: ['api'] }] });
    const { code, stdout, stderr } = await run('check', '--json', path);
    expect([code, stderr]).toEqual([1, '']);
    expect(JSON.parse(stdout)).toEqual([
      { file: path, severity: 'error', place: '/rules/0/paths/0', message: expect.any(String) as string },
    ]);
  });

  test('says where a policy is no JSON, and that a file is not there', async () => {
    expect((await run('check', write('broken.json', '{"issuers": [}'))).stderr).toContain('line 1');
    expect(await run('check', join(folder, 'none.json'))).toMatchObject({ code: 1 });
  });

  test.each([
    ['an audience `*`', { issuers: [{ ...ISSUER, audiences: ['*'] }] }, '/issuers/0/audiences is `*`'],
    ['clocks that may differ much', { clock_skew: 900 }, '/clock_skew is 900 seconds'],
    ['shadow mode', { mode: 'shadow' }, '/mode is `shadow`'],
  ])('warns of %s', async (_, change, warning) => {
    const { code, stderr } = await run('check', write('unwise.json', { ...POLICY, ...change }));
    expect(code).toBe(0);
    expect(stderr).toContain(warning);
  });

  test('reads the files of a policy below --root', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    write('key.pem', publicKey.export({ type: 'spki', format: 'pem' }));
    const path = write('rooted.json', { ...POLICY, issuers: [{ ...ISSUER, keys: { public_key_file: '/key.pem' } }] });
    expect(await run('check', path)).toMatchObject({ code: 1 });
    expect(await run('check', '--root', folder, path)).toMatchObject({ code: 0 });
  });

  test('reads several files of HAProxy as one configuration, and names file and line', async () => {
    const lines = readFileSync(join(ROOT, 'haproxy/haproxy.cfg'), 'utf8').split('\n');
    const start = lines.indexOf('frontend api');
    const keys = 'setenv OAUTH_JWKS_PATH /etc/haproxy/jwks.json';
    const first = write('one.cfg', lines.slice(0, start).join('\n').replace(keys, ''));
    const rest = lines.slice(start).map((line) => line.replace('-m bool }', '-m found }'));
    const second = write('two.cfg', rest.join('\n'));
    const both = await run('check', first, second);
    expect(both.code).toBe(1);
    expect(both.stdout).toContain('1 error');
    const action = rest.findIndex((line) => line.includes('lua.jwtenforce unless')) + 1;
    expect(both.stderr).toContain(
      `error: ${second}:${String(action)}: \`http-request lua.jwtenforce\` has no check below it`,
    );
    const alone = await run('check', '--json', second);
    expect(JSON.parse(alone.stdout)).toContainEqual(expect.objectContaining({ file: second, severity: 'error' }));
  });

  test('reads what a folder has, and says that another has nothing', async () => {
    const found = join(folder, 'etc');
    mkdirSync(join(found, 'none'), { recursive: true });
    copyFileSync(join(ROOT, KEYCLOAK), join(found, 'policy.json'));
    writeFileSync(join(found, 'package.json'), '{"name": "no policy"}');
    writeFileSync(join(found, 'haproxy.cfg'), 'frontend a\n  http-request lua.jwtenforce\n');
    const { code, stderr } = await run('check', found);
    expect(code).toBe(1);
    expect(stderr).toContain('haproxy.cfg:2: calls `lua.jwtenforce`, and no line loads jwtverify.lua');
    expect(stderr).not.toContain('package.json');
    const none = await run('check', join(found, 'none'));
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('no policy, no .cfg and no .conf file is in it');
  });

  test('the settings that a policy replaces are not read from this terminal', async () => {
    const words = ['-c', `OAUTH_ISSUER=https://b.example node dist/cli/jwtverify.mjs check ${KEYCLOAK}`];
    expect(await start('sh', words)).toMatchObject({ code: 0 });
  });
});

describe('explain', () => {
  const policy = write('policy.json', POLICY);
  const at = ['--at', String(NOW)];

  test('ends with 0 for a request that passes, and shows the headers of the backend', async () => {
    const token = write('token', tokenOf(CLAIMS));
    const { code, stdout } = await run('explain', policy, '--url', '/files/a', '--token-file', token, ...at);
    expect(code).toBe(0);
    expect(stdout).toContain('+ signature');
    expect(stdout).toContain('allowed: 200, rule `writers`');
    expect(stdout).toContain('backend gets X-User: ada');
    expect(stdout).not.toContain(tokenOf(CLAIMS).split('.')[2]);
  });

  test('ends with 2 for one that is refused, and judges every requirement', async () => {
    const claims = JSON.stringify({ ...CLAIMS, scope: 'read', groups: [] });
    const { code, stdout } = await run('explain', policy, '--url', '/files/a', '--claims', claims, ...at);
    expect(code).toBe(2);
    expect(stdout).toContain('- scopes (insufficient_scope): expected all of write; found read');
    expect(stdout).toContain('- groups (groups_refused): expected all of staff; found none');
    expect(stdout).toContain('refused: 403 insufficient_scope, rule `writers`');
  });

  test('reads a token from standard input', async () => {
    const words = ['dist/cli/jwtverify.mjs', 'explain', policy, '--url', '/files/a', '--token-file', '-', ...at];
    expect(await start(process.execPath, words, `${tokenOf(CLAIMS)}\n`)).toMatchObject({ code: 0 });
    const forged = `${tokenOf(CLAIMS).slice(0, -3)}AAA`;
    const refused = await start(process.execPath, words, forged);
    expect(refused.code).toBe(2);
    expect(refused.stdout).toContain('- signature (signature_invalid)');
  });

  test('--at is the time of the request', async () => {
    const claims = JSON.stringify(CLAIMS);
    const late = ['explain', policy, '--url', '/files/a', '--claims', claims, '--at', '2030-01-01T00:00:00Z', '--json'];
    const { code, stdout } = await run(...late);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ decision: 'refuse', status: 401, reason: 'expired', rule: 'writers' });
  });

  test.each([
    ['a URL without scheme', ['--url', 'api.example']],
    ['no URL', []],
    ['claims that are no object', ['--url', '/', '--claims', '[1]']],
    ['claims and a token', ['--url', '/', '--claims', '{}', '--token-file', '-']],
    ['a time that is none', ['--url', '/', '--at', 'noon']],
    ['a header that is none', ['--url', '/', '--header', 'a b']],
  ])('ends with 1 for %s, and says why in one line', async (_, words) => {
    const { code, stdout, stderr } = await run('explain', policy, ...words);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error: .+/);
    expect(stderr).not.toContain('    at ');
  });

  test('ends with 1 where the keys that decide are not there', async () => {
    const issuers = [{ ...ISSUER, keys: { jwks_url: 'https://a.example/keys' } }];
    const path = write('fetched.json', { ...POLICY, issuers });
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const input = `${encode({ alg: 'ES256', kid: 'a' })}.${encode(CLAIMS)}`;
    const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    expect(publicKey.type).toBe('public');
    const token = write('es256.txt', `${input}.${signature.toString('base64url')}`);
    const words = ['--url', 'https://a.example/files/a', '--at', String(NOW), '--token-file', token];
    const offline = await run('explain', path, ...words, '--offline');
    expect([offline.code, offline.stdout]).toEqual([1, expect.stringContaining('keys_unavailable')]);
    expect(offline.stderr).toContain('no key was fetched; leave out --offline, or give --claims');
  });

  test('ends with 1 for a policy with problems', async () => {
    const path = write('bad.json', { rules: [] });
    const { code, stderr } = await run('explain', path, '--url', '/');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*issuers/);
  });
});

describe('test', () => {
  const policy = write('tested.json', POLICY);
  const callers = { writer: CLAIMS, reader: { ...CLAIMS, scope: 'read' }, guest: { ...CLAIMS, groups: [] } };
  const GOOD = [
    {
      request: 'GET /files/a',
      as: 'writer',
      expect: { decision: 'allow', rule: 'writers', headers: { 'X-User': 'ada' } },
    },
    { request: 'GET /files/a', as: 'reader', expect: { reason: 'insufficient_scope', status: 403 } },
    { request: 'GET /files/a', as: 'guest', expect: { reason: 'groups_refused', headers: { 'X-User': null } } },
    { request: 'GET /', as: 'writer', expect: { reason: 'rule_missing' } },
  ];
  const casesOf = (name: string, cases: readonly object[], more: object = {}): string =>
    write(name, { policy: 'tested.json', at: NOW, callers, cases, ...more });

  test('passes cases that come out as expected, and says how much of the policy they reach', async () => {
    const { code, stdout } = await run('test', casesOf('good.test.json', GOOD), '--coverage', '100');
    expect(stdout).toContain(`4 passed, 0 failed\n${policy}: cases reach 100 % of it`);
    expect(code).toBe(0);
  });

  test('names what differs of each case that does not', async () => {
    const wrong = [
      { request: 'GET /files/a', as: 'writer', expect: { decision: 'refuse', headers: { 'X-User': 'bob' } } },
      { name: 'a reader', request: 'GET /files/a', as: 'reader', expect: { decision: 'allow' } },
    ];
    const { code, stdout } = await run('test', casesOf('wrong.test.json', [...GOOD, ...wrong]));
    expect(code).toBe(1);
    expect(stdout).toContain('decision: expected refuse, found allow');
    expect(stdout).toContain('header X-User: expected bob, found ada');
    expect(stdout).toContain('a reader');
    expect(stdout).toContain('4 passed, 2 failed');
  });

  test.each([0, 1, 2, 3])('names what no case reaches without case %i', async (left) => {
    const cases = GOOD.filter((_, index) => index !== left);
    const { code, stdout, stderr } = await run('test', casesOf('less.test.json', cases), '--coverage', '100');
    const gap = [
      'rule `writers`: scopes is met by no request',
      'rule `writers`: scopes is not met by no request',
      'rule `writers`: groups is not met by no request',
      'rule `otherwise`: decides about no request',
    ];
    if (left > 0) expect(stdout).toContain(gap[left]);
    expect(code).toBe(left === 0 ? 0 : 1);
    if (left > 0) expect(stderr).toContain('less than 100 %');
  });

  test('reads YAML, and every file of a folder', async () => {
    const yaml =
      'policy: tested.json\ncases:\n  - request: GET /files/a\n    expect: { reason: credentials_missing }\n';
    const path = write('one.test.yaml', yaml);
    expect(await run('test', path)).toMatchObject({ code: 0 });
    const inner = mkdtempSync(join(folder, 'cases-'));
    writeFileSync(join(inner, 'two.test.yml'), yaml.replace('tested', '../tested'));
    expect((await run('test', inner)).stdout).toContain('1 passed, 0 failed');
    expect(await run('test', mkdtempSync(join(folder, 'empty-')))).toMatchObject({ code: 1 });
  });

  test('--on refuses a proxy that it does not know, and a module that is not there', async () => {
    const other = await run('test', 'examples/cases', '--on', 'apache');
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('--on names `apache`; it can be haproxy, nginx or haproxy,nginx');
    const lost = await run('test', 'examples/cases', '--on', 'nginx', '--nginx-module', '/nonexistent.js');
    expect(lost.code).toBe(1);
    expect(lost.stderr).toContain('/nonexistent.js: no such file');
  });

  test('prints TAP and JUnit with whatever a name has in it', async () => {
    const cases = [{ name: 'a <b> & "c"\u001b[31m # d', request: 'GET /', expect: { decision: 'allow' } }];
    const path = casesOf('named.test.json', cases);
    const tap = await run('test', path, '--reporter', 'tap');
    expect(tap.stdout).toMatch(/^TAP version 14\n1\.\.1\nnot ok 1 - .*\\# d\n# decision: /);
    const junit = await run('test', path, '--reporter', 'junit');
    expect(junit.stdout).toContain('name="a &lt;b&gt; &amp; &quot;c&quot;?[31m # d"');
    expect(junit.stdout).toContain('<failure message="decision: expected allow, found refuse"/>');
    expect([tap.code, junit.code]).toEqual([1, 1]);
  });

  test.each([
    [
      'an unknown key',
      { cases: [{ request: 'GET /', expects: {} }] },
      '/cases/0 has the unknown key `expects`; did you mean `expect`?',
    ],
    [
      'a key that is like none',
      { cases: [{ request: 'GET /', expect: { xyzzy: 1 } }] },
      'known are decision, status, reason, rule, would_be, headers',
    ],
    ['nothing to expect', { cases: [{ request: 'GET /' }] }, '/cases/0 has no `expect`'],
    ['nothing expected', { cases: [{ request: 'GET /', expect: {} }] }, '/cases/0/expect names nothing to expect'],
    ['a status in words', { cases: [{ request: 'GET /', expect: { status: '200' } }] }, 'must be a whole number'],
    [
      'a wrong decision',
      { cases: [{ request: 'GET /', expect: { decision: 'maybe' } }] },
      'must be `allow` or `refuse`',
    ],
    [
      'a request without a method',
      { cases: [{ request: '/', expect: { status: 200 } }] },
      '/cases/0/request must be a method, one blank and a URL or path',
    ],
    ['an unknown caller', { cases: [{ request: 'GET /', as: 'bob', expect: { status: 200 } }] }, '`bob`'],
    [
      'claims and a caller',
      { cases: [{ request: 'GET /', as: 'writer', claims: {}, expect: { status: 200 } }] },
      'more than one',
    ],
    ['no case', { cases: [] }, '/cases has no case'],
    ['no policy', { policy: undefined, cases: GOOD }, 'names no `policy`'],
  ])('ends with 1 for %s, and names the place', async (_, change, words) => {
    const { code, stderr } = await run('test', casesOf('faulty.case.json', [], change));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(words);
  });
});

describe('keys', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const set = {
    keys: [
      { ...publicKey.export({ format: 'jwk' }), kid: 'good', use: 'sig' },
      { kty: 'OKP', crv: 'X25519', x: 'AA', kid: 'other' },
    ],
  };

  test('lists usable keys, and why others are not', async () => {
    const { code, stdout } = await run('keys', write('set.json', set));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^good +P-256 +256 +sig +ES256 +[\w-]{43}$/m);
    expect(stdout).toMatch(/^other +OKP +unusable: /m);
  });

  test('finds the set of an issuer by discovery, and follows no redirect', async () => {
    const server = createServer((asked, answer) => {
      const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
      if (asked.url === '/.well-known/openid-configuration') {
        answer.end(JSON.stringify({ issuer: origin, jwks_uri: `${origin}/jwks` }));
      } else if (asked.url === '/jwks') answer.end(JSON.stringify(set));
      else answer.writeHead(302, { location: '/jwks' }).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    try {
      expect((await run('keys', origin)).stderr).toContain('--allow-http');
      expect(await run('keys', '--allow-http', origin)).toMatchObject({ code: 0 });
      const redirected = await run('keys', '--allow-http', `${origin}/elsewhere`);
      expect(redirected.code).toBe(1);
      expect(redirected.stderr).toContain('redirect');
    } finally {
      await new Promise((done) => server.close(done));
    }
  });

  test('shows nothing of a private key, and fails where no key can be used', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = privateKey.export({ format: 'jwk' });
    const { code, stdout } = await run('keys', write('private.json', { keys: [jwk] }));
    expect(code).toBe(1);
    expect(stdout).toContain('private');
    expect(stdout).not.toContain(jwk.d);
  });
});

describe('help', () => {
  test('of a command below another one is that of the one', async () => {
    const { code, stdout } = await run('help', 'token', 'make');
    expect([code, stdout]).toEqual([0, (await run('token', 'make', '--help')).stdout]);
    expect(stdout).toContain('--expires-in <seconds>');
  });

  test('names the commands, and refuses one that it does not know', async () => {
    expect((await run('help')).stdout).toContain('token');
    const { code, stderr } = await run('help', 'token', 'mint');
    expect([code, stderr]).toEqual([1, expect.stringContaining("unknown command 'token mint'")]);
  });
});

describe('token decode', () => {
  test('never repeats a token that stands where a file or a header line belongs', async () => {
    const token = tokenOf(CLAIMS);
    const decoded = await run('token', 'decode', token);
    expect(decoded).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: this is a token, not a file that holds one; `-` reads standard input\n',
    });
    const [, payload = '', signature = ''] = token.split('.');
    for (const words of [
      ['explain', KEYCLOAK, '--url', 'https://a.example/', '--token-file', token],
      ['explain', KEYCLOAK, '--url', 'https://a.example/', '--claims', '{}', '--header', `Authorization ${token}`],
      ['check', token],
    ]) {
      const { code, stderr } = await run(...words);
      expect(code).toBe(1);
      expect(stderr).not.toContain(signature);
      expect(stderr).not.toContain(payload);
    }
  });

  test('says what the system refused in one line, and ends in silence where nobody reads on', async () => {
    const { code, stderr } = await run('token', 'make', '--keys', '/dev/null');
    expect([code, stderr.split('\n').length]).toEqual([1, 2]);
    expect(stderr).toMatch(/^error: E/);
    const piped = await start('sh', ['-c', `${process.execPath} dist/cli/jwtverify.mjs schema | true`]);
    expect(piped).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('prints header and claims without the signature, and says that nothing is verified', async () => {
    const token = tokenOf({ ...CLAIMS, name: 'Ada\u001b[31m' });
    const { code, stdout, stderr } = await run('token', 'decode', write('decode', `Bearer ${token}`), '--at', '0');
    expect(code).toBe(0);
    expect(stderr).toContain('not verified');
    expect(stdout).toContain('"sub": "ada"');
    expect(stdout).not.toContain(token.split('.')[2]);
    expect(stdout).not.toContain('\u001b');
  });

  test.each([
    ['opaque', 'hamster', 'opaque'],
    ['encrypted', 'a.b.c.d.e', 'encrypted'],
    ['too long', `${'a'.repeat(20_000)}.b.c`, 'longer'],
    ['empty', '', 'no token'],
  ])('refuses a token that is %s', async (name, token, word) => {
    const { code, stdout, stderr } = await run('token', 'decode', write(name, token));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(word);
  });
});
