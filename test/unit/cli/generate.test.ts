// `jwtverify generate`: configurations and parts of them, the same for the same policy, without secrets and keys.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { generate, type GenerateOptions } from '../../../cli/commands/generate';
import { checkHaproxyConf } from '../../../cli/desk/haproxy-conf';
import { checkNginxConf } from '../../../cli/desk/nginx-conf';
import { NOT_HERE } from '../../../cli/ports/source';
import type { Proxy } from '../../../cli/write/choices';
import { createRecorder } from './recorder';

const folder = mkdtempSync(join(tmpdir(), 'generate-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const OPTIONS: GenerateOptions = {
  part: 'configuration',
  root: '',
  forward: '/etc/nginx/jwtverify-forward.conf',
  listen: '8080',
  backend: '127.0.0.1:3001',
  resolver: '127.0.0.53',
  caFile: '/etc/ssl/certs/ca-certificates.crt',
  njs: '1.0',
};

function write(name: string, content: object | string): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const ISSUER = { issuer: 'https://a.example/', audiences: ['api'] };
const KEYLESS = { ...ISSUER, keys: { jwks_url: 'https://a.example/keys' } };
const POLICY = {
  issuers: [ISSUER],
  otherwise: 'authenticated',
  forward: { 'X-User': 'subject' },
  authorization: 'remove',
};

function generated(proxy: Proxy, policy: object, changes: Partial<GenerateOptions> = {}): string {
  const recorder = createRecorder();
  generate(proxy, write('policy.json', policy), { ...OPTIONS, ...changes }, recorder.output);
  return recorder.stdout();
}

describe('generate', () => {
  test.each(['haproxy', 'nginx'] as const)('writes the same bytes for the same policy, for %s', (proxy) => {
    expect(generated(proxy, POLICY)).toBe(generated(proxy, { ...POLICY }));
    expect(generated(proxy, POLICY)).not.toContain(new Date().toISOString().slice(0, 10));
  });

  test.each(['1.0', '0.9.9', '0.8.9', '0.8.8', '0.7.9'])('writes what `check` accepts, for njs %s', (njs) => {
    const issuers = [KEYLESS];
    const forward = write('forward.conf', generated('nginx', { ...POLICY, issuers }, { part: 'forward', njs }));
    const conf = write('nginx.conf', generated('nginx', { ...POLICY, issuers }, { njs, forward }));
    expect(checkNginxConf(conf)).toEqual([]);
  });

  test.each(['1.0', '0.9.9', '0.8.9'])('writes a broker that `check` accepts, for njs %s', (njs) => {
    const provider = { client_id: 'web', client_secret_file: '/nowhere/client' };
    const audiences = { zoo: { redirect: 'https://zoo.example/in', deliver: 'code' } };
    const keys = [{ kid: '1', private_key_file: '/nowhere/broker.pem' }];
    const admin = { url: 'https://admin.example' };
    const cookie = { secret_file: '/nowhere/cookie' };
    const broker = { issuer: 'https://a.example', keys, providers: { google: provider }, audiences, admin, cookie };
    const policy = { ...POLICY, issuers: [KEYLESS], broker };
    const forward = write('forward.conf', generated('nginx', policy, { part: 'forward', njs }));
    const conf = generated('nginx', policy, { njs, forward });
    const path = write('nginx.conf', conf.replace('OAUTH_POLICY=/etc', `OAUTH_POLICY=${folder}`));
    expect(checkNginxConf(path)).toEqual([]);
    expect(conf).toContain('js_fetch_timeout 10s;');
    const haproxy = write('haproxy.cfg', generated('haproxy', policy).replace('/etc/haproxy', folder));
    const found = checkHaproxyConf([haproxy], '')?.filter(({ message }) => !message.includes(NOT_HERE));
    expect(found).toEqual([]);
  });

  test.each([
    ['port 0', { listen: '0' }, '--listen: `0` is not a port'],
    ['a port that is none', { listen: '127.0.0.1:70000' }, '--listen: `127.0.0.1:70000` is not a port'],
    ['an address without port', { listen: '127.0.0.1' }, '--listen: `127.0.0.1` is not a port'],
    ['a backend without port', { backend: 'api' }, '--backend: a backend is host and port'],
  ])('refuses %s, as `init` does', (_, changes, message) => {
    expect(() => generated('nginx', POLICY, changes)).toThrow(message);
  });

  test.each(['8080', '127.0.0.1:8080', '[::1]:8080', 'localhost:8080', ':8080'])('accepts --listen %s', (listen) => {
    expect(generated('haproxy', POLICY, { listen })).toContain(`bind ${listen.includes(':') ? listen : `:${listen}`}`);
  });

  test('says of njs before 0.8.8 nothing that is false for one with dictionaries', () => {
    expect(() => generated('nginx', POLICY, { njs: '0.8.4' })).toThrow(
      'before njs 0.8.8 nginx itself fetches the keys here, and cannot discover where they are: name `jwks_url` in the policy',
    );
  });

  test('asks by js_access where njs has it, and by auth_request otherwise or where that is wanted', () => {
    const asks = (changes: Partial<GenerateOptions>): boolean =>
      generated('nginx', { ...POLICY, issuers: [KEYLESS] }, changes).includes('js_access');
    expect([asks({ njs: '0.9.9' }), asks({ njs: '0.9.8' }), asks({ njs: '0.7.9' })]).toEqual([true, false, false]);
    expect(asks({ authRequest: true })).toBe(false);
  });

  test('names each variable of the policy, and needs neither its value nor the files', () => {
    const issuers = [
      { ...ISSUER, keys: { secret_env: 'HAMSTER_SECRET' } },
      { issuer: 'https://b.example/', audiences: ['api'], keys: { jwks_file: '/nowhere/jwks.json' } },
      { issuer: 'https://c.example/', audiences: ['api'], keys: { public_key_file: '/nowhere/key.pem' } },
      { issuer: 'https://d.example/', audiences: ['api'], keys: { secret_file: '/nowhere/secret' } },
    ];
    const policy = { ...POLICY, issuers, deny_path: '/nowhere/deny' };
    const lines = generated('nginx', policy, { part: 'env' }).split('\n');
    expect(lines).toEqual(['env OAUTH_POLICY=/etc/nginx/policy.json;', 'env HAMSTER_SECRET;', '']);
    const old = generated('nginx', { ...POLICY, issuers: [KEYLESS] }, { part: 'env', njs: '0.7.9' });
    expect(old).toBe('env OAUTH_POLICY;\n');
  });

  test('names the variables of login that the policy leaves out', () => {
    const login = { cookie: { secret_env: 'COOKIE' }, pages: '/nowhere/pages' };
    const env = generated('nginx', { ...POLICY, login }, { part: 'env' });
    expect(env).toContain('env OAUTH_LOGIN_CLIENT_ID;\nenv OAUTH_LOGIN_CLIENT_SECRET;\n');
    expect(env).toContain('env COOKIE;\n');
    expect(env).not.toContain('OAUTH_COOKIE_SECRET');
    const haproxy = generated('haproxy', { ...POLICY, login });
    const nginx = generated('nginx', { ...POLICY, login });
    for (const line of ['js_fetch_timeout 10s;', 'js_fetch_timeout 3s;\n      js_periodic'])
      expect(nginx).toContain(line);
    expect(generated('nginx', POLICY)).not.toContain('js_fetch_timeout 10s;');
    for (const line of [
      'tune.maxrewrite 8192',
      'httpclient.retries 0',
      'use-service lua.jwtlogin if { path_beg /oauth2/ }',
      'lua.jwtsession',
    ])
      expect(haproxy).toContain(line);
  });

  test('writes a line with a variable of its own for each native key', () => {
    const policy = { ...POLICY, native_keys: ['/nowhere/a.pem', '/nowhere/b.pem'] };
    expect(generated('haproxy', policy, { part: 'native-keys' })).toBe(
      'set-var proc.oauth_native str(),jwt_verify(RS256,/nowhere/a.pem)\n' +
        'set-var proc.oauth_native2 str(),jwt_verify(RS256,/nowhere/b.pem)\n',
    );
    expect(generated('haproxy', POLICY, { part: 'native-keys' })).toBe('');
  });

  test('has lines for tokens in the query, in a form and in a cookie', () => {
    const from = [{ query: 'access_token' }, { form: 'access_token' }, { cookie: 'session' }];
    const haproxy = generated('haproxy', { ...POLICY, token: { from } });
    expect(haproxy).toContain('wait-for-body time 1s');
    expect(haproxy).toContain('Referrer-Policy no-referrer');
    const nginx = generated('nginx', { ...POLICY, token: { from: [from[0]] } });
    expect(nginx).toContain('proxy_pass http://applications$jwtverify_uri;');
  });

  test('compares a file with what it would print, and says from which line on they differ', () => {
    const recorder = createRecorder();
    const right = write('right.conf', generated('nginx', POLICY, { part: 'forward' }));
    const wrong = write('wrong.conf', generated('nginx', { ...POLICY, forward: {} }, { part: 'forward' }));
    const path = write('policy.json', POLICY);
    const compare = (file: string): number =>
      generate('nginx', path, { ...OPTIONS, part: 'forward', compare: file }, recorder.output);
    expect([compare(right), compare(wrong)]).toEqual([0, 1]);
    expect(recorder.stderr()).toContain('from line 3 on');
    expect(recorder.stdout()).toBe('');
  });

  test.each([
    ['a policy with a problem', { ...POLICY, issuers: [] }, {}, '/issuers'],
    ['a part of the other proxy', POLICY, { part: 'native-keys' as const }, 'not for nginx'],
    ['a word that needs quotes', POLICY, { backend: 'a:1; }' }, '--backend'],
    ['a version that is none', POLICY, { njs: 'latest' }, 'not a version'],
    ['discovery where nginx fetches the keys', POLICY, { njs: '0.7.9' }, 'jwks_url'],
  ])('refuses %s', (_, policy, changes, message) => {
    expect(() => generated('nginx', policy, changes)).toThrow(message);
  });
});
