// `jwtverify check nginx.conf`: each mistake is found, and good configurations have nothing said about them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkNginxConf } from '../../../cli/desk/nginx-conf';
import { isFunction } from '../../../cli/desk/nginx-names';
import { compileDeployment } from '../../../cli/desk/placeholders';
import { writeForwardLines } from '../../../cli/write/nginx-configuration';
import { blocksOf, DOCUMENTS } from '../../integration/helpers/docs-blocks';

const folder = mkdtempSync(join(tmpdir(), 'nginx-conf-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function findingsOf(text: string): readonly string[] {
  writeFileSync(join(folder, 'forward.conf'), 'set $jwtverify_forward 1;\n');
  writeFileSync(join(folder, 'env.conf'), 'env OAUTH_ISSUER;\nenv OAUTH_AUDIENCE;\nenv OAUTH_PUBKEY_PATH;\n');
  writeFileSync(join(folder, 'mime.types'), 'types { text/html html; }\n');
  const replaced = text
    .replaceAll('/etc/nginx/jwtverify-forward.conf', join(folder, 'forward.conf'))
    .replaceAll('/etc/nginx/jwtverify-env.conf', join(folder, 'env.conf'));
  writeFileSync(join(folder, 'nginx.conf'), replaced);
  return (checkNginxConf(join(folder, 'nginx.conf')) ?? []).map(
    ({ severity, place, message }) => `${severity}: ${place}: ${message}`,
  );
}

const WHOLE = DOCUMENTS.flatMap(blocksOf).filter(
  ({ language, text, frame }) => language === 'nginx' && frame === undefined && /^http \{/m.test(text),
);

const HEAD = `env OAUTH_ISSUER=https://a.example/;
env OAUTH_AUDIENCE;
events {}
http {
  js_import jwtverify from /etc/nginx/njs/jwtverify.js;
  js_shared_dict_zone zone=jwtverify:16m timeout=1h evict;
  js_shared_dict_zone zone=jwtverify_keys:4m timeout=2d evict;
`;
const API = 'location /api/ { auth_request /_j; proxy_pass http://127.0.0.1:3001; }';
const JUDGE = 'location = /_j { internal; client_max_body_size 0; error_page 599 /_; js_content jwtverify.auth; }';
const LOGIN = 'large_client_header_buffers 4 32k; location /oauth2/ { js_content jwtverify.login; }';
const serverOf = (...lines: readonly string[]): string => `${HEAD}server { listen 8080; ${lines.join('\n')} } }`;

describe('says nothing of', () => {
  test.each(WHOLE.map((block) => [`${block.document}:${String(block.line)}`, block.text] as const))('%s', (_, text) => {
    expect(findingsOf(text)).toEqual([]);
  });

  test.each(['nginx.conf', 'login.conf', 'broker.conf'])('nginx/%s', (name) => {
    expect(findingsOf(readFileSync(join(import.meta.dirname, '../../../nginx', name), 'utf8'))).toEqual([]);
  });

  test.each([
    ['the smallest good one', serverOf(API, JUDGE)],
    [
      'lines around a judge',
      serverOf('error_page 599 /_; client_max_body_size 0;', API, JUDGE.replace(/client.*?; error.*?; /, '')),
    ],
    ['js_access', serverOf('location /api/ { js_access jwtverify.access; proxy_pass http://127.0.0.1:3001; }')],
    ['a redirect from a judged location', serverOf('location /old/ { auth_request /_j; return 301 /api/; }', JUDGE)],
    ['an open page of another backend', serverOf(API, JUDGE, 'location / { proxy_pass http://127.0.0.1:3002; }')],
    ['one without us', 'events {} http { server { location / { auth_request /other; return 200; satisfy any; } } }'],
    [
      'an include that matches no file',
      serverOf(API, JUDGE, `include ${folder}/more*.conf; include ${folder}/none/*;`),
    ],
    [
      'sign-in whose log has no query',
      serverOf(API, JUDGE, LOGIN).replace('js_import', "log_format p '$uri $status'; access_log a.log p;\njs_import"),
    ],
    ['sign-in without a log', serverOf(API, JUDGE, LOGIN.replace('js_content', 'access_log off; js_content'))],
    [
      'variables that lines set',
      serverOf(
        'set $jwtverify_keys /k; auth_request_set $oauth_subject $sent_http_x_oauth_subject;',
        API.replace('proxy_pass', 'proxy_set_header X-OAuth-Subject $oauth_subject; proxy_pass'),
        JUDGE,
        'location ~ ^/(?<oauth_page>.*)$ { add_header X-A $oauth_page; return 301 /; }',
      ).replace('js_import', 'map $arg_issuer $jwtverify_url { default ""; }\njs_import'),
    ],
    [
      'a judged location that only redirects, with a policy',
      serverOf('location /api/ { js_access jwtverify.access; return 301 /; }').replace(
        /^env.*\nenv.*/,
        'env OAUTH_POLICY;',
      ),
    ],
    ['comments and quotes', serverOf(`# ${JUDGE}`, API, JUDGE, `add_header X "a; b } c # d";`)],
  ])('%s', (_, text) => {
    expect(findingsOf(text)).toEqual([]);
  });
});

describe('finds', () => {
  test.each([
    ['no settings', serverOf(API, JUDGE).replace(/^env.*\n/, ''), 'error: main: has no `env` line'],
    ['no dictionary', serverOf(API, JUDGE).replace(/^.*zone=jwtverify:.*\n/m, ''), 'has no dictionary jwtverify,'],
    ['no dictionary of keys', serverOf(API, JUDGE).replace(/^.*_keys.*\n/m, ''), 'no dictionary jwtverify_keys,'],
    ['a judge that clients reach', serverOf(API, JUDGE.replace('internal; ', '')), 'location = /_j: is not `internal`'],
    [
      'an inherited error page',
      serverOf('error_page 401 =200 /login.html;', API, JUDGE.replace('error_page 599 /_; ', '')),
      'error: location = /_j: has or inherits an `error_page`',
    ],
    [
      'no error page of its own',
      serverOf(API, JUDGE.replace('error_page 599 /_; ', '')),
      'warning: location = /_j: has no `error_page 599',
    ],
    [
      'a limit of bodies',
      serverOf(API, JUDGE.replace('client_max_body_size 0; ', '')),
      'warning: location = /_j: has no `client_max_body_size',
    ],
    ['a judge that is not there', serverOf(API), 'asks `/_j` (auth_request), and no location has this path'],
    [
      'another function as judge',
      serverOf(API, JUDGE.replace('.auth;', '.health;')),
      'calls `health`, which judges nobody',
    ],
    [
      'a return before the judge',
      serverOf('location /api/ { auth_request /_j; return 200 "hamsters"; }', JUDGE),
      'has a `return` that answers before',
    ],
    [
      'a return in a condition',
      serverOf('location /api/ { js_access jwtverify.access; if ($arg_a) { return 204; } }'),
      'has a `return` that answers before',
    ],
    [
      'a cache',
      serverOf(API.replace('proxy_pass', 'proxy_cache c; proxy_pass'), JUDGE),
      'caches pages that a token opens',
    ],
    ['a cache around', serverOf('proxy_cache c;', API, JUDGE), 'error: location /api/: caches pages'],
    [
      'half of the lines of a cache',
      serverOf(API.replace('proxy_pass', 'proxy_cache c; proxy_no_cache $http_authorization; proxy_pass'), JUDGE),
      'caches pages',
    ],
    [
      'addresses that need no token',
      serverOf('satisfy any; allow 10.0.0.0/8; deny all;', API, JUDGE),
      'addresses of `allow` pass without a token',
    ],
    [
      'an open location of the same backend',
      serverOf(API, JUDGE, 'location /public/ { proxy_pass http://127.0.0.1:3001; }'),
      'error: location /public/: is open',
    ],
    [
      'a location without the lines for headers',
      serverOf(
        `location /a/ { include ${folder}/forward.conf; auth_request /_j; proxy_pass http://127.0.0.1:3001; }`,
        JUDGE,
        'location /b/ { auth_request /_j; proxy_pass http://127.0.0.1:3001; }',
      ),
      'error: location /b/: hands requests on without the lines',
    ],
    [
      'other spellings of headers',
      serverOf(
        'underscores_in_headers on;',
        API.replace('proxy_pass', 'proxy_set_header X-OAuth-Subject $s; proxy_pass'),
        JUDGE,
      ),
      'so clients can send X-OAuth-Subject in another spelling',
    ],
    [
      'the module by another name',
      serverOf(API, JUDGE.replace('internal; ', '').replace('jwtverify.', 'guard.')).replace(
        'js_import jwtverify from',
        'js_import guard from',
      ),
      'location = /_j: is not `internal`',
    ],
  ])('%s', (_, text, finding) => {
    expect(findingsOf(text).join('\n')).toContain(finding);
  });

  test('a file that is not there, by its name', () => {
    expect(findingsOf('include nowhere/none.conf;').join('\n')).toMatch(
      /^error: : includes `\S+nowhere\/none.conf`, which cannot be read: no such file$/,
    );
    expect(() => checkNginxConf(join(folder, 'none.conf'))).toThrow('no such file');
  });
});

describe('a policy beside the configuration', () => {
  const POLICY = {
    issuers: [{ issuer: 'https://issuer.example', audiences: ['api'], keys: { secret_env: 'OAUTH_TEST_SECRET' } }],
    rules: [{ name: 'api', paths: ['/**'] }],
    forward: { 'X-User': 'subject' },
  };
  const own = mkdtempSync(join(folder, 'policy-'));
  const path = join(own, 'policy.json');

  /** What is found with a policy in force whose lines are those of another one. */
  function findingsWith(env: string, linesOf: object): readonly string[] {
    const forward = join(own, 'forward.conf');
    for (const policy of [linesOf, POLICY]) {
      writeFileSync(path, JSON.stringify(policy));
      if (policy === linesOf)
        writeFileSync(forward, writeForwardLines(compileDeployment(path, '').settings, 'subrequest'));
    }
    const text = serverOf(API.replace('proxy_pass', `include ${forward}; proxy_pass`), JUDGE).replace(
      /^env.*\nenv.*/,
      `${env} env OAUTH_POLICY=/etc/nginx/policy.json;`,
    );
    writeFileSync(join(own, 'nginx.conf'), text);
    return (checkNginxConf(join(own, 'nginx.conf')) ?? []).map(({ severity, message }) => `${severity}: ${message}`);
  }

  test('says nothing where its variables and lines are there', () => {
    expect(findingsWith('env OAUTH_TEST_SECRET;', POLICY)).toEqual([]);
  });

  test('finds a variable that it names and that workers do not get', () => {
    expect(findingsWith('', POLICY)).toEqual([
      'error: has no `env` line for `OAUTH_TEST_SECRET`, which the policy names; write `env OAUTH_TEST_SECRET;`',
    ]);
  });

  test('finds the lines of another policy', () => {
    const other = { ...POLICY, forward: { 'X-Other': 'subject' } };
    expect(findingsWith('env OAUTH_TEST_SECRET;', other)).toEqual([
      `error: has the lines of another policy, so it refuses every request; write them again: \`jwtverify generate nginx ${path} --part forward\``,
    ]);
  });
});

test('knows every function of the module', () => {
  const main = readFileSync(join(import.meta.dirname, '../../../nginx/main.ts'), 'utf8');
  const names = (/^export default \{([^}]*)\};$/m.exec(main)?.[1] ?? '').split(',').map((name) => name.trim());
  expect(names).toContain('auth');
  expect(names.filter((name) => name !== '' && !isFunction(name))).toEqual([]);
});

test('the documents have whole configurations', () => {
  expect(WHOLE.length).toBeGreaterThan(10);
});
