// `jwtverify migrate haproxy-lua-oauth`: what becomes of each line, and that no line which refuses is lost.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { migrate } from '../../../cli/commands/migrate';
import { createRecorder } from './recorder';

const folders: string[] = [];
afterAll(() => {
  for (const one of folders) rmSync(one, { recursive: true });
});

interface Result {
  readonly code: number;
  readonly printed: string;
  readonly text: string;
}

function migrated(
  source: string,
  more: { readonly issuer?: string; readonly audience?: readonly string[] } = {},
): Result {
  const folder = mkdtempSync(join(tmpdir(), 'migrate-'));
  folders.push(folder);
  const path = join(folder, 'source.cfg');
  writeFileSync(path, source);
  const recorder = createRecorder();
  const options = { to: undefined, directory: folder, listen: '8080', njs: '1.0', module: '/m/jwtverify.lua' };
  const asked = { ...options, issuer: more.issuer, audience: more.audience ?? [] };
  const code = migrate('haproxy-lua-oauth', [path], asked, recorder.output);
  return { code, printed: recorder.stdout(), text: readFileSync(join(folder, 'haproxy.cfg'), 'utf8') };
}

const FIXTURES = 'test/fixtures/migrate';
const fixture = (name: string): string => readFileSync(join(FIXTURES, `${name}.cfg`), 'utf8');

const DEFAULTS = 'defaults\n  mode http\n';
const LIBRARY = `global
  lua-load /usr/share/jwtverify.lua
  setenv OAUTH_PUBKEY_PATH /k.pem
  setenv OAUTH_ISSUER https://a.example/
  setenv OAUTH_AUDIENCE api
${DEFAULTS}frontend f
  http-request lua.jwtverify
  http-request deny unless { var(txn.authorized) -m bool }
`;

/** A frontend with HAProxy's own converters: a valid signature and issuer, with other rules between. */
const own = (...rules: readonly string[]): string => `global\n${DEFAULTS}frontend f\n  ${rules.join('\n  ')}\n`;
const ALG = "http-request set-var(txn.alg) http_auth_bearer,jwt_header_query('$.alg')";
const SIGNED = 'http-request deny unless { http_auth_bearer,jwt_verify(txn.alg,"/k.pem") -m int 1 }';
const FROM = "http-request deny unless { http_auth_bearer,jwt_payload_query('$.iss') -m str https://a.example/ }";
const CHECK = 'http-request deny unless { var(txn.authorized) -m bool }';

describe("haproxytech's library", () => {
  test('loads jwtverify in its place, and changes no other line', () => {
    const { code, text } = migrated(LIBRARY);
    expect(code).toBe(0);
    const before = LIBRARY.split('\n').filter((line) => !line.includes('lua-load'));
    expect(text.split('\n').filter((line) => before.includes(line))).toEqual(before);
    expect(text).toContain('lua-load-per-thread /m/jwtverify.lua');
    expect(text).toContain('setenv OAUTH_CLOCK_SKEW 1');
    expect(text).toContain('tune.lua.bool-sample-conversion normal');
  });

  test('leaves how booleans are converted where the operator has other Lua or a line for it', () => {
    const other = LIBRARY.replace('global\n', 'global\n  lua-load /usr/share/own.lua\n');
    expect(migrated(other).text).not.toContain('bool-sample-conversion');
    const set = LIBRARY.replace('global\n', 'global\n  tune.lua.bool-sample-conversion pre-3.1-bug\n');
    expect(migrated(set).text.match(/bool-sample-conversion/g)).toHaveLength(1);
  });

  test.each(['OAUTH_ISSUER', 'OAUTH_AUDIENCE', 'OAUTH_PUBKEY_PATH'])('does not go on without %s', (name) => {
    const { code, printed, text } = migrated(LIBRARY.replace(new RegExp(`.*${name}.*\n`), ''));
    expect([code, text.includes(name)]).toEqual([1, false]);
    expect(printed).toMatch(new RegExp(`without an equal:\n[^]*${name}: no line sets it`));
  });

  test('writes the issuer and the audiences that an option names', () => {
    const source = LIBRARY.replace(/.*OAUTH_(?:ISSUER|AUDIENCE).*\n/g, '');
    const { code, text } = migrated(source, { issuer: 'https://b.example/', audience: ['x', 'y'] });
    expect(code).toBe(0);
    expect(text).toContain('setenv OAUTH_ISSUER https://b.example/');
    expect(text).toContain("setenv OAUTH_AUDIENCE 'x y'");
  });

  test('says what HAProxy would not start with', () => {
    const { code, printed } = migrated(
      LIBRARY.replace('  http-request deny unless { var(txn.authorized) -m bool }\n', ''),
    );
    expect([code, printed.includes('HAProxy does not start')]).toEqual([1, true]);
  });
});

describe("HAProxy's own converters", () => {
  test.each(['converters', 'converters-acls', 'converters-backend'])('%s become one action and one check', (name) => {
    const { code, text } = migrated(fixture(name));
    expect(code).toBe(0);
    expect(text.match(/http-request lua\.jwtverify/g)).toHaveLength(1);
    expect(text).not.toMatch(/jwt_verify\(/);
    expect(text).toContain('setenv OAUTH_ISSUER https://issuer.example/');
  });

  test('keep the rules that read other claims, and what those need', () => {
    const { text } = migrated(fixture('converters-acls'));
    expect(text).toContain("set-var(txn.jwt_role) var(txn.bearer),jwt_payload_query('$.role')");
    expect(text).toContain('http-request set-var(txn.bearer) http_auth_bearer');
    expect(text).toContain('deny_status 403 if writes !{ var(txn.jwt_role) -m str keeper }');
  });

  test('keep the answer to whoever has no token', () => {
    expect(migrated(fixture('converters-backend')).text).toContain(
      'http-request return status 401 content-type text/plain string "token, please" unless { var(txn.authorized) -m bool }',
    );
  });

  test('keep a list of algorithms as a rule, and have one alone as a setting', () => {
    const { text } = migrated(fixture('converters-acls'));
    expect(text).toContain('deny_status 401 unless { var(txn.jwt_alg) -m str RS256 ES256 }');
    expect(text).toContain("set-var(txn.jwt_alg) var(txn.bearer),jwt_header_query('$.alg')");
    expect(text).not.toContain('OAUTH_ALGORITHMS');
    expect(migrated(fixture('converters')).text).toContain('setenv OAUTH_ALGORITHMS RS256');
  });

  test('keep a check above a rule that lets requests pass', () => {
    const allow = 'http-request allow if { path /open }';
    const { text } = migrated(own(ALG, FROM, allow, SIGNED));
    expect(text).toContain(`${FROM}\n  ${allow}\n  http-request lua.jwtverify\n  ${CHECK}`);
  });

  test('keep a rule that refuses for something else too', () => {
    const both = SIGNED.replace('unless {', 'unless { req.hdr(x-key) -m found } {');
    const { text, code } = migrated(own(ALG, both, FROM));
    expect([code, text.includes(both)]).toEqual([0, true]);
    expect(text).toContain('http-request lua.jwtverify\n  http-request deny unless { var(txn.authorized) -m bool }');
  });

  test('have `*` as the audience only where no rule compares it', () => {
    expect(migrated(own(ALG, SIGNED, FROM)).text).toContain("setenv OAUTH_AUDIENCE '*'");
    expect(migrated(own(ALG, SIGNED, FROM), { audience: ['x'] }).text).toContain('setenv OAUTH_AUDIENCE x');
  });

  test('do not have their secret copied', () => {
    const secret = 'a-secret-of-more-than-32-characters-in-all';
    const { text, printed } = migrated(own(ALG, SIGNED.replace('/k.pem', secret), FROM));
    expect(text + printed).not.toContain(secret);
    expect(printed).toContain('OAUTH_HMAC_SECRET');
  });

  const cases: readonly (readonly [string, readonly string[], string])[] = [
    ['without an issuer', [ALG, SIGNED], 'no rule compares the issuer'],
    ['with a condition beside it', [ALG, FROM, SIGNED.replace('unless', 'if { path_beg /api } !')], 'every request'],
    ['with two keys', [ALG, FROM, SIGNED, SIGNED.replace('/k.pem', '/l.pem')], 'several keys'],
    ['with two issuers', [ALG, SIGNED, FROM.replace(' }', ' https://b.example/ }')], 'several issuers'],
    ['with a key in a variable', [ALG, FROM, SIGNED.replace('"/k.pem"', 'txn.key')], 'is a variable'],
    [
      'of a token in a cookie',
      [FROM, SIGNED].map((rule) => rule.replace('http_auth_bearer', 'req.cook(jwt)')),
      'every',
    ],
    ['without regard to case', [ALG, SIGNED, FROM.replace('-m str', '-m str -i')], 'no rule compares the issuer'],
    [
      'in another frontend with another key',
      [ALG, FROM, SIGNED, `frontend g\n  ${FROM}\n  ${SIGNED.replace('/k', '/l')}`],
      'sections',
    ],
    [
      'of an algorithm by a variable that changes',
      [ALG, `${ALG} if { path /x }`, FROM.replace('iss', 'alg'), SIGNED],
      'issuer',
    ],
  ];
  test.each(cases)('%s: every line stays, and goes on guarding', (_, rules, words) => {
    const source = own(...rules);
    const { code, text, printed } = migrated(source);
    expect([code, text]).toEqual([1, source]);
    expect(printed).toContain(words);
  });
});

test('refuses a configuration that verifies nothing', () => {
  expect(() => migrated(own('http-request deny if { path /x }'))).toThrow('nothing of it is for jwtverify');
});

test('knows where each system goes', () => {
  const options = {
    to: 'nginx',
    directory: '.',
    listen: '1',
    njs: '1.0',
    module: undefined,
    issuer: undefined,
  } as const;
  const asked = (): number =>
    migrate('haproxy-lua-oauth', ['x'], { ...options, audience: [] }, createRecorder().output);
  expect(asked).toThrow('goes to haproxy, not to nginx');
});
