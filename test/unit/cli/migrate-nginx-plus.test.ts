// `jwtverify migrate nginx-plus`: the policy that it writes, and what has no equal.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { migrate } from '../../../cli/commands/migrate';
import { createRecorder } from './recorder';

const folders: string[] = [];
afterAll(() => {
  for (const one of folders) rmSync(one, { recursive: true });
});

interface Policy {
  readonly issuers: readonly Readonly<Record<string, unknown>>[];
  readonly rules: readonly Readonly<Record<string, unknown>>[];
  readonly [name: string]: unknown;
}

interface Result {
  readonly code: number;
  readonly printed: string;
  readonly text: string;
  readonly policy: Policy;
}

function migrated(source: string, issuer?: string, njs = '0.8.9'): Result {
  const folder = mkdtempSync(join(tmpdir(), 'migrate-'));
  folders.push(folder);
  const path = join(folder, 'source.conf');
  writeFileSync(path, source);
  const recorder = createRecorder();
  const options = { to: undefined, directory: join(folder, 'new'), listen: '8080', module: '/m/jwtverify.js' };
  let code = 1;
  try {
    code = migrate('nginx-plus', [path], { ...options, njs, issuer, audience: [] }, recorder.output);
  } catch (error) {
    expect(existsSync(join(folder, 'new'))).toBe(false);
    throw error;
  }
  const read = (name: string): string => readFileSync(join(folder, 'new', name), 'utf8');
  return {
    code,
    printed: recorder.stdout(),
    text: read('nginx.conf'),
    policy: JSON.parse(read('policy.json')) as Policy,
  };
}

const ISS = 'map $jwt_claim_iss $iss { https://a.example/ 1; }';
/** A server below `http`, whose tokens have this issuer. */
const http = (server: string, more = ''): string =>
  `events {}\nhttp {\n  ${ISS}\n  auth_jwt_key_file /k.json;\n  ${more}\n  server {\n    listen 8080;\n    ${server}\n  }\n}\n`;
const PASS = 'proxy_pass http://127.0.0.1:1;';
const ASK = 'auth_jwt "a"; auth_jwt_require $iss;';
const all = (more: string): string => http(`location / { ${ASK} ${more} ${PASS} }`);

describe('the policy', () => {
  test('has issuer, keys, times and realm', () => {
    const { policy, code } = migrated(
      http(`auth_jwt "api"; auth_jwt_require $iss; auth_jwt_leeway 2m; auth_jwt_key_cache 1h; location / { ${PASS} }`),
    );
    expect(code).toBe(0);
    expect(policy.issuers).toEqual([{ issuer: 'https://a.example/', audiences: '*', keys: { jwks_file: '/k.json' } }]);
    expect(policy).toMatchObject({
      clock_skew: 120,
      jwks_refresh: 3600,
      challenge: { realm: 'api' },
      otherwise: 'deny',
    });
    expect(policy.rules).toEqual([{ paths: ['/**'] }]);
  });

  test('has the address of a request for keys', () => {
    const source = http(
      `location / { ${ASK} ${PASS} }\n location = /_keys { internal; proxy_pass https://a.example/keys; }`,
    ).replace('auth_jwt_key_file /k.json', 'auth_jwt_key_request /_keys');
    expect(migrated(source).policy.issuers[0]).toMatchObject({ keys: { jwks_url: 'https://a.example/keys' } });
    expect(() => migrated(source.replace('https://a.example/keys', '$keys'))).toThrow('no address that is written out');
    const upstream = source.replace('  server {', '  upstream a.example { server 127.0.0.1:9; }\n  server {');
    expect(() => migrated(upstream)).toThrow('no address that is written out');
  });

  const maps: readonly (readonly [string, string, object | undefined])[] = [
    ['a text', 'red 1;', { any: ['red'] }],
    ['texts', 'default 0; red 1; blue yes; green "";', { any: ['red', 'blue'] }],
    ['a boolean', 'true 1;', { any: ['true', true] }],
    ['a number', '7 1;', { any: ['7', 7] }],
    ['a beginning', '~^team- 1;', { prefix: ['team-'] }],
    ['a whole expression', '"~^(red|blue)$" 1;', { any: ['red', 'blue'] }],
    ['a member of a list', '"~(^|,)red(,|$)" 1;', { any: ['red'] }],
    ['dots of an expression', '"~^https://a\\\\.example/$" 1;', { any: ['https://a.example/'] }],
    ['any but one', 'default 1; red 0;', undefined],
    ['a part of a text', '~red 1;', undefined],
    ['the end of a text', '~red$ 1;', undefined],
    ['two alternatives without a group', '"~^red|blue$" 1;', undefined],
    ['an exception beside an expression', '~^team- 1; team-x 0;', undefined],
    ['a value out of a variable', 'red $other;', undefined],
    ['names of hosts', 'hostnames; red 1;', undefined],
  ];
  test.each(maps)('demands %s of a map, or refuses everybody', (_, entries, condition) => {
    const map = `map $jwt_claim_team $team { ${entries} }`;
    const { policy, code, text } = migrated(http(`location / { ${ASK} auth_jwt_require $team; ${PASS} }`, map));
    const require = policy.rules[0]?.['require'];
    expect([code, require]).toEqual(condition === undefined ? [1, undefined] : [0, { claims: { team: condition } }]);
    expect(text.includes('return 403;')).toBe(condition === undefined || text.includes('jwtverify_refused'));
    expect(/location \/ \{\s+return 403;/.test(text)).toBe(condition === undefined);
  });

  test('goes by exact paths first, then by the longest', () => {
    const admin = 'map $jwt_claim_role $admin { admin 1; }';
    const one = (path: string, more = ''): string => `location ${path} { ${ASK} ${more} ${PASS} }`;
    const { policy } = migrated(
      http([one('/'), one('/a', 'auth_jwt_require $admin;'), one('= /a/b'), one('/a/b/c/')].join(' '), admin),
    );
    expect(policy.rules.map(({ paths }) => paths)).toEqual([['/a/b'], ['/a/b/c/**'], ['/a*/**'], ['/**']]);
  });

  test('demands of an exact path what its other spelling demands', () => {
    const admin = 'map $jwt_claim_role $admin { admin 1; }';
    const locations = [
      `location / { ${ASK} auth_jwt_require $admin; ${PASS} }`,
      `location = /a { ${ASK} ${PASS} }`,
      `location /b { ${ASK} ${PASS} }`,
    ];
    const { policy } = migrated(http(locations.join(' '), admin));
    const require = { claims: { role: { any: ['admin'] } } };
    expect(policy.rules).toEqual([{ paths: ['/a'], require }, { paths: ['/b*/**'] }, { paths: ['/**'], require }]);
  });

  test('has a public rule for an open location with a backend, and none where it could let others in', () => {
    const open = `location /open/ { ${PASS} }`;
    const judged = `location / { ${ASK} ${PASS} }`;
    expect(migrated(http(`${judged} ${open}`)).policy.rules).toEqual([
      { paths: ['/open/**'], access: 'public' },
      { paths: ['/**'] },
    ]);
    // A rule for `/health` is one for `/health/` too, which needs a token; and the path of an expression may be any.
    const exact = migrated(http(`${judged} location = /health { ${PASS} }`));
    const chosen = migrated(http(`location / { ${PASS} } location ~ php$ { ${ASK} ${PASS} }`));
    for (const { policy, code } of [exact, chosen]) {
      expect(policy.rules).toEqual([{ paths: ['/**'] }]);
      expect(code).toBe(1);
    }
  });

  test('reads pages for errors that nobody judges', () => {
    const page = 'error_page 500 502 /50x.html; location = /50x.html { root /srv; }';
    const { code } = migrated(
      http(`${page} location / { ${ASK} ${PASS} } location /b { ${ASK} auth_jwt_require $jwt_claim_role; ${PASS} }`),
    );
    expect(code).toBe(0);
  });
});

describe('the configuration', () => {
  test('keeps the headers of outer levels for a location that gets lines of its own', () => {
    const { text } = migrated(http(`proxy_set_header Host $host; location / { ${ASK} ${PASS} }`));
    expect(text).toMatch(/location \/ \{\s+proxy_set_header Host \$host;\s+include .*jwtverify-forward\.conf;/);
  });

  test('has nothing left of NGINX Plus', () => {
    const more = 'auth_jwt_claim_set $team teams name; map $team $red { red 1; }';
    const { text } = migrated(http(`location / { ${ASK} auth_jwt_require $red; auth_jwt_type signed; ${PASS} }`, more));
    expect(text).not.toMatch(/auth_jwt|\$team|\$iss\b|\$red/);
  });

  test('asks as the version of njs can', () => {
    const source = all('');
    expect(migrated(source, undefined, '0.7.9').text).not.toContain('js_shared_dict_zone');
    expect(migrated(source, undefined, '1.0').text).toContain('js_shared_dict_zone');
  });
});

describe('what has no equal ends the command, and nothing is written', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['encrypted tokens', all('auth_jwt_type encrypted;'), 'signed tokens alone'],
    ['no issuer', http(`location / { auth_jwt "a"; ${PASS} }`), 'not every location compares the issuer'],
    ['a token in the query', all('').replace('"a"', '"a" token=$arg_t'), 'neither a cookie nor a header'],
    [
      'another token elsewhere',
      http(
        `location / { ${ASK} ${PASS} } location /b { auth_jwt "a" token=$cookie_b; auth_jwt_require $iss; ${PASS} }`,
      ),
      'differs',
    ],
    [
      'other keys elsewhere',
      http(`location / { ${ASK} ${PASS} } location /b { ${ASK} auth_jwt_key_file /l.json; ${PASS} }`),
      'differs',
    ],
    ['a decision by a claim', all('if ($jwt_claim_role = guest) { return 403; }'), 'goes by `$jwt_claim_role`'],
    [
      'a limit by a claim',
      http(`location / { ${ASK} ${PASS} }`, 'limit_req_zone $jwt_claim_sub zone=a:1m rate=1r/s;'),
      'goes by',
    ],
    ['keys in a variable', all('').replace('/k.json', '$keys'), 'is no path'],
    ['another check', all('auth_request /x;'), 'has `auth_request` already'],
    [
      'a rewrite beside two rules',
      http(
        `location / { ${ASK} rewrite ^/x /b last; ${PASS} } location /b { ${ASK} auth_jwt_require $jwt_claim_role; ${PASS} }`,
      ),
      'would judge the first',
    ],
    [
      'slashes that are not merged',
      http(
        `merge_slashes off; location / { ${ASK} ${PASS} } location /b { ${ASK} auth_jwt_require $jwt_claim_role; ${PASS} }`,
      ),
      'would judge the first',
    ],
    ['no token at all', 'events {}\nhttp { server { listen 1; } }', 'nothing of it is for jwtverify'],
    ['braces that do not match', 'http { server { auth_jwt "a"; }', 'braces'],
  ];
  test.each(cases)('%s', (_, source, message) => {
    expect(() => migrated(source)).toThrow(message);
  });

  test('an issuer can be named instead', () => {
    const { policy } = migrated(http(`location / { auth_jwt "a"; ${PASS} }`), 'https://b.example/');
    expect(policy.issuers[0]).toMatchObject({ issuer: 'https://b.example/' });
  });
});
