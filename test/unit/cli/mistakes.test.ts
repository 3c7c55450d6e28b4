// `jwtverify check` finds each deliberate mistake of test/mistakes, and says nothing of good configurations and of ordinary ones
// that have nothing to do with jwtverify.
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkPolicy } from '../../../cli/commands/check';
import type { Finding } from '../../../cli/desk/finding';
import { checkHaproxyConf } from '../../../cli/desk/haproxy-conf';
import { checkNginxConf } from '../../../cli/desk/nginx-conf';
import { NOT_HERE } from '../../../cli/ports/source';
import { blocksOf, DOCUMENTS, framed } from '../../integration/helpers/docs-blocks';

const MISTAKES = join(import.meta.dirname, '../../mistakes');
const ORDINARY = join(MISTAKES, 'ordinary');
const EXAMPLES = join(import.meta.dirname, '../../../examples/policies');
const GUARDED = join(import.meta.dirname, '../../integration/haproxy/ordinary');

/** One mistake as it is written. */
interface Mistake {
  readonly id: string;
  readonly change: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly finds: string;
  readonly only?: 'warning';
}

interface Topic {
  readonly base: string;
  readonly mistakes: readonly Mistake[];
}

/** What a file has of which the corpus says `PRIVATE KEY`. */
const PRIVATE_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
});

const folder = mkdtempSync(join(tmpdir(), 'mistakes-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A folder of its own, so that no file of another case is beside it. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const own = mkdtempSync(join(folder, 'case-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(own, name, '..'), { recursive: true });
    writeFileSync(join(own, name), text === 'PRIVATE KEY' ? PRIVATE_KEY : text, { mode: 0o600 });
  }
  return own;
}

function checkHaproxy(text: string, files: Readonly<Record<string, string>> = {}): readonly Finding[] {
  const path = join(folderOf({ ...files, 'haproxy.cfg': text }), 'haproxy.cfg');
  return checkHaproxyConf([path], '') ?? [];
}

const format = ({ severity, line, place, message }: Finding): string =>
  `${severity}: ${line === undefined ? '' : `line ${String(line)}: `}${place === '' ? '' : `${place} `}${message}`;

/** The base with each change made, once; what is put in is not changed again. */
function changed(base: string, change: Mistake['change']): string {
  const edits = Object.entries(change)
    .map(([from, to]) => ({ start: base.indexOf(from), from, to }))
    .sort((one, other) => other.start - one.start);
  return edits.reduce((text, { start, from, to }) => {
    expect(start, `\`${from}\` is in the base`).toBeGreaterThanOrEqual(0);
    return text.slice(0, start) + to + text.slice(start + from.length);
  }, base);
}

const readTopic = (name: string): Topic =>
  parse(readFileSync(join(MISTAKES, `${name}.yaml`), 'utf8'), { merge: true }) as Topic;

function checkNginx(text: string, files: Readonly<Record<string, string>> = {}): readonly Finding[] {
  const own = folderOf({ ...files, 'nginx.conf': text });
  writeFileSync(join(own, 'nginx.conf'), text.replaceAll('/etc/nginx/jwtverify-', `${own}/jwtverify-`));
  return checkNginxConf(join(own, 'nginx.conf')) ?? [];
}

/** `FOLDER` in a policy is the folder of its files. */
function checkPolicyText(text: string, files: Readonly<Record<string, string>> = {}): Promise<readonly Finding[]> {
  const own = folderOf(files);
  const path = join(own, 'policy.json');
  writeFileSync(path, text.replaceAll('FOLDER', own));
  return checkPolicy(path, { root: '' });
}

const CHECKS = { haproxy: checkHaproxy, nginx: checkNginx, policies: checkPolicyText };

describe.each(Object.entries(CHECKS))('%s: check', (name, check) => {
  const { base, mistakes } = readTopic(name);

  test('says nothing of the base', async () => {
    expect((await check(base)).map(format)).toEqual([]);
  });

  test.each(mistakes.map((mistake) => [mistake.id, mistake] as const))('finds: %s', async (_, mistake) => {
    const found = await check(changed(base, mistake.change), mistake.files);
    const shown = found.map(format).join('\n');
    expect(shown).toContain(mistake.finds);
    expect(
      found.some(({ severity }) => severity === 'error'),
      shown,
    ).toBe(mistake.only === undefined);
  });
});

test.each([
  ['a format without the query', '%ci %HM %HP %ST %rt %HPO %Ts %HV %[res.hdr(x)]'],
  ['a format without the query below an option that has it', '%ci %HP', 'option httplog'],
])('check says nothing of sign-ins whose log has %s', (_, format, before = '') => {
  const text = readFileSync(join(import.meta.dirname, '../../../haproxy/login.cfg'), 'utf8').replace(
    /log-format ".*"/,
    `${before}\n  log-format "${format}"`,
  );
  expect(checkHaproxy(text).filter(({ message }) => message.includes('sign-in'))).toEqual([]);
});

test('check says nothing of sign-ins where the log leaves requests out', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../haproxy/login.cfg'), 'utf8')
    .replace(/log-format ".*"/, 'option httplog')
    .replace('bind "', 'http-request set-log-level silent if { path_beg /oauth2/ }\n  bind "');
  expect(checkHaproxy(text).filter(({ message }) => message.includes('sign-in'))).toEqual([]);
});

const BLOCKS = DOCUMENTS.flatMap(blocksOf).filter(({ language }) => language === 'haproxy');

const HEAD = `global
  lua-load-per-thread /usr/local/share/haproxy/jwtverify.lua
  setenv OAUTH_ISSUER https://issuer.example
  setenv OAUTH_AUDIENCE https://api.example
  setenv OAUTH_HMAC_SECRET "a secret of thirty-two characters"
defaults
  mode http
`;
const PAGE = { 'error.http': 'HTTP/1.0 403 Forbidden\r\n\r\nno\n' };

test.each(readdirSync(GUARDED))(
  'check finds no error in a guarded configuration, and one without a guard: %s',
  (name) => {
    const lines = readFileSync(join(GUARDED, name), 'utf8').split('\n');
    const errorsOf = (text: readonly string[]): readonly string[] =>
      checkHaproxy(HEAD + text.join('\n'), PAGE)
        .filter(({ severity }) => severity === 'error')
        .map(format);
    expect(errorsOf(lines)).toEqual([]);
    for (const guard of lines.filter((line) => line.endsWith(' # guard'))) {
      expect(errorsOf(lines.filter((line) => line !== guard)), guard).not.toEqual([]);
    }
  },
);

test.each(readdirSync(ORDINARY))('check knows a configuration without jwtverify: %s', (name) => {
  const path = join(ORDINARY, name);
  const found = name.endsWith('.cfg') ? checkHaproxyConf([path], '') : checkNginxConf(path);
  expect(found).toBeUndefined();
});

describe('check says nothing of a good configuration', () => {
  /** The files that documents name are those of a proxy. */
  const isKnown = ({ message }: Finding): boolean => !message.includes(NOT_HERE);

  test.each(BLOCKS.map((block) => [`${block.document}:${String(block.line)}`, block] as const))('%s', (_, block) => {
    const whole = framed(block);
    // Who signs in has a policy that says so.
    const isLogin = block.frame !== undefined && whole.includes('lua.jwtlogin');
    const text = isLogin ? whole.replaceAll(/setenv .*/g, 'setenv OAUTH_POLICY /etc/haproxy/policy.json') : whole;
    expect(checkHaproxy(text).filter(isKnown).map(format).join('\n')).toBe('');
  });

  /** The broker of a mistake, with lines that are right. */
  function withBroker(name: 'haproxy' | 'nginx', id: string, lines: string): readonly string[] {
    const { base, mistakes } = readTopic(name);
    const mistake = mistakes.find((one) => one.id === id);
    const action = name === 'haproxy' ? '  http-request lua.jwtenforce' : '  location / {';
    const change = { ...mistake?.change, [action]: `${lines}\n${action}` };
    return CHECKS[name](changed(base, change), mistake?.files).map(format);
  }
  const HAPROXY_DOCUMENTS = 'path /oauth2/v1/certs /.well-known/openid-configuration';
  const VISITED = ['= /', '= /authorize', '^~ /callback/'];
  const DOCUMENTS_OF_NGINX = ['= /oauth2/v1/certs', '= /.well-known/openid-configuration'];
  const call = (name: string): string => `location ${name} { access_log off; js_content jwtverify.broker; }`;

  test.each([
    [
      'one line',
      `http-request use-service lua.jwtbroker if { path / /authorize } or { path_beg /callback/ } or { ${HAPROXY_DOCUMENTS} }`,
    ],
    [
      'two lines',
      `http-request use-service lua.jwtbroker if { ${HAPROXY_DOCUMENTS} }\n  http-request use-service lua.jwtbroker if { path / /authorize /callback/google }`,
    ],
    [
      'an acl',
      `acl ours ${HAPROXY_DOCUMENTS} / /authorize\n  acl ours path_beg /callback/\n  http-request use-service lua.jwtbroker if { hdr(host) login.example } ours`,
    ],
    ['a regular expression', 'http-request use-service lua.jwtbroker if { path_reg ^/ }'],
  ])('a broker in HAProxy with %s', (_, lines) => {
    expect(withBroker('haproxy', 'no line for the addresses of the broker', `  ${lines}`)).toEqual([]);
  });

  test.each([
    ['a location each', [...VISITED, ...DOCUMENTS_OF_NGINX].map(call).join(' ')],
    ['a regular expression', call('~ ^/(authorize|callback/.*|oauth2/v1/certs|.well-known/openid-configuration)?$')],
    [
      'two servers',
      `${VISITED.map(call).join(' ')} } server { listen 8081; ${DOCUMENTS_OF_NGINX.map(call).join(' ')} } server { listen 8082;`,
    ],
    [
      'locations within one',
      `location ^~ /callback { ${call('/callback/')} } ${['= /', '= /authorize', ...DOCUMENTS_OF_NGINX].map(call).join(' ')}`,
    ],
  ])('a broker in nginx with %s', (_, lines) => {
    expect(withBroker('nginx', 'no locations for the addresses of the broker', lines)).toEqual([]);
  });

  test.each(['haproxy/haproxy.cfg', 'haproxy/login.cfg', 'haproxy/brokered.cfg'])('%s', (name) => {
    const text = readFileSync(join(import.meta.dirname, '../../..', name), 'utf8');
    expect(checkHaproxy(text).filter(isKnown).map(format).join('\n')).toBe('');
  });

  /** What a proxy's machine has; and what the proxies themselves say of a list of tenants. */
  const isMeant = ({ message }: Finding): boolean => !/no such file|is unique within its issuer alone/.test(message);

  test.each(readdirSync(EXAMPLES))('examples/policies/%s', async (name) => {
    const found = await checkPolicy(join(EXAMPLES, name), { root: '' });
    expect(found.filter(isMeant).map(format).join('\n')).toBe('');
  });
});

describe('check says nothing of a policy for trials on this machine', () => {
  const KEY =
    '{"kty": "EC", "crv": "P-256", "kid": "throw-away-abcdefgh", "alg": "ES256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}';
  const FILES = { 'jwks.json': `{"keys": [${KEY}]}`, client: 'hamsters-of-the-client', cookie: 'c0'.repeat(32) };
  const login = { client_id: 'web', client_secret_file: 'FOLDER/client' };
  const policy = {
    issuers: [{ issuer: 'http://127.0.0.1:9000', audiences: ['api'] }],
    rules: [{ name: 'all', paths: ['/**'] }],
    allow_http: true,
  };

  test.each([
    [
      'with throw-away keys',
      { ...policy, issuers: [{ ...policy.issuers[0], keys: { jwks_file: 'FOLDER/jwks.json' } }] },
    ],
    [
      'with cookies over plain HTTP',
      { ...policy, login: { ...login, cookie: { secret_file: 'FOLDER/cookie', secure: false } } },
    ],
    [
      'and of two places for the secret of one client',
      {
        ...policy,
        issuers: [
          {
            ...policy.issuers[0],
            keys: { discovery: true },
            introspection: { url: 'http://127.0.0.1:9000/ask', ...login },
          },
        ],
        login: { ...login, cookie: { secret_file: 'FOLDER/cookie' } },
      },
    ],
  ])('%s', async (_, written) => {
    expect((await checkPolicyText(JSON.stringify(written), FILES)).map(format)).toEqual([]);
  });
});

test('there are at least a hundred mistakes, and twenty ordinary configurations', () => {
  const all = Object.keys(CHECKS).flatMap((name) => readTopic(name).mistakes.map(({ id }) => `${name}: ${id}`));
  expect(all.length).toBeGreaterThan(100);
  expect(new Set(all).size).toBe(all.length);
  expect(readdirSync(ORDINARY).length).toBeGreaterThanOrEqual(20);
});
