// What is measured of nginx: one worker, always the same request, answered by `empty_gif` once it is let through.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peerRoot } from './peer-root.mjs';
import { freePort, startServer } from './processes.mjs';
import { AUDIENCE, ISSUER } from './tokens.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));

const EMPTY_MODULE = `
function auth(r) { r.return(200); }
function access(r) {}
export default { auth, access };
`;

/** How many tokens its shared dictionary holds. */
const COUNT_MODULE = `
const isToken = (name) => name.slice(0, 7) === 'Bearer ';
function count(r) { r.return(200, String(ngx.shared.jwtverify.keys(10000000).filter(isToken).length)); }
export default { count };
`;

/** TeslaGov's module looks at the signature and \`exp\`; it knows no issuer, audience or scope. */
const PEER = `
      auth_jwt_enabled on;
      auth_jwt_algorithm RS256;
      auth_jwt_use_keyfile on;
      auth_jwt_keyfile_path DIRECTORY/pubkey.pem;
      auth_jwt_location HEADER=Authorization;`;

/** @type {Map<string, string>} by directory */
const artifacts = new Map();

/**
 * The same one for the whole run.
 * @param {string} [dist] a directory as dist/ is
 */
function readArtifact(dist = DIST) {
  const file = join(dist, 'nginx/jwtverify.js');
  const text = artifacts.get(file) ?? readFileSync(file, 'utf8');
  artifacts.set(file, text);
  return text;
}

/**
 * @typedef {'njs' | 'qjs'} Engine
 * @typedef {{ publicKey: string, cacheSize: number, zone: string, keysUrl?: string, cooldown?: number,
 *   policy?: string | undefined, login?: Readonly<Record<string, string>> | undefined, dist?: string | undefined }} Options
 *   `publicKey` is PEM, `zone` the size of the shared dictionary; with `keysUrl` keys are fetched instead, at most one
 *   unknown `kid` in `cooldown` seconds; `policy`, a policy file, replaces all of these; `login`: files of one that signs browsers in; `dist`: another build's directory
 */

/** As docs/login.md has it. */
const LOGIN = `
    location /oauth2/ { client_max_body_size 16k; client_body_buffer_size 16k; js_content jwtverify.login; }
    location @jwtverify_sign_in { js_content jwtverify.login; }`;

/** The lines of the location, by what is measured. */
const LOCATIONS = {
  plain: '',
  peer: PEER,
  'empty auth_request': 'auth_request /_empty;',
  'empty js_access': 'js_access empty.access;',
  'ours auth_request': 'auth_request /_jwtverify;',
  'ours js_access': 'js_access jwtverify.access;',
};

/**
 * @param {keyof typeof LOCATIONS} kind
 * @param {Engine} engine
 * @param {Options} options
 */
function configuration(kind, engine, { cacheSize, zone, keysUrl, cooldown = 30, policy, login }) {
  const ours = kind.startsWith('ours');
  const isAsked = kind.endsWith('auth_request');
  const keys =
    keysUrl === undefined
      ? 'env OAUTH_PUBKEY_PATH=DIRECTORY/pubkey.pem;'
      : `env OAUTH_JWKS_URL=${keysUrl};
env OAUTH_JWKS_COOLDOWN=${cooldown};
env OAUTH_ALLOW_HTTP=1;`;
  const settings = `env OAUTH_ISSUER=${ISSUER};
env OAUTH_AUDIENCE=${AUDIENCE};
${keys}
env OAUTH_CACHE_SIZE=${cacheSize};`;
  return `
${kind === 'peer' ? 'load_module modules/ngx_http_auth_jwt_module.so;' : 'load_module modules/ngx_http_js_module.so;'}
daemon off;
worker_processes 1;
pid DIRECTORY/nginx.pid;
error_log stderr;
${policy === undefined ? settings : 'env OAUTH_POLICY=DIRECTORY/policy.json;'}
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  ${kind === 'peer' ? '' : `js_engine ${engine};`}
  ${kind.startsWith('empty') ? 'js_import empty from DIRECTORY/empty.js;' : ''}
  ${ours ? 'js_import jwtverify from DIRECTORY/jwtverify.js;' : ''}
  ${ours ? 'js_import counted from DIRECTORY/counted.js;' : ''}
  ${ours ? `js_shared_dict_zone zone=jwtverify:${zone} timeout=1h evict;` : ''}
  ${ours ? 'js_shared_dict_zone zone=jwtverify_keys:4m timeout=2d evict; js_fetch_timeout 5s;' : ''}
  ${login === undefined ? '' : 'js_shared_dict_zone zone=jwtverify_ended:1m timeout=9h;'}
  server {
    listen 127.0.0.1:PORT;
    location / {
      ${LOCATIONS[kind]}
      ${login !== undefined && isAsked ? 'error_page 401 403 = @jwtverify_sign_in;' : ''}
      ${policy === undefined ? '' : 'include DIRECTORY/forward.conf;'}
      empty_gif;
    }
    ${kind.startsWith('empty') ? 'location = /_empty { internal; js_content empty.auth; }' : ''}
    ${ours ? 'location = /_jwtverify { internal; js_content jwtverify.auth; }' : ''}
    ${login === undefined ? '' : LOGIN}
    ${policy === undefined ? '' : 'location = /_forward { js_content jwtverify.forward; }'}
    ${ours ? 'location = /_count { js_content counted.count; }' : ''}
  }
}
`;
}

/**
 * Starts nginx of sid.
 * @param {keyof typeof LOCATIONS} kind
 * @param {Engine} engine
 * @param {Options} options
 */
export async function startNginx(kind, engine, options) {
  return startWith(
    kind,
    engine,
    options,
    options.policy === undefined ? '' : await makeForwarding(kind, engine, options),
  );
}

/** The lines that the module gives for a policy: asked for, as an operator does. */
async function makeForwarding(
  /** @type {keyof typeof LOCATIONS} */ kind,
  /** @type {Engine} */ engine,
  /** @type {Options} */ options,
) {
  const nginx = await startWith(kind, engine, options, '');
  try {
    const answer = await fetch(
      `http://127.0.0.1:${nginx.port}/_forward${options.login !== undefined && kind.endsWith('auth_request') ? '?auth_request' : ''}`,
    );
    if (answer.status !== 200) throw new Error(`no lines for the policy: ${answer.status}\n${nginx.output()}`);
    return await answer.text();
  } finally {
    await nginx.stop();
  }
}

/**
 * @param {keyof typeof LOCATIONS} kind
 * @param {Engine} engine
 * @param {Options} options
 * @param {string} forwarding
 */
async function startWith(kind, engine, options, forwarding) {
  const port = await freePort();
  const files = {
    'nginx.conf': configuration(kind, engine, options).replaceAll('PORT', String(port)),
    'empty.js': EMPTY_MODULE,
    'counted.js': COUNT_MODULE,
    'pubkey.pem': options.publicKey,
    'policy.json': options.policy ?? '',
    ...options.login,
    'forward.conf': forwarding,
    'jwtverify.js': readArtifact(options.dist),
  };
  const command = ['nginx', '-e', 'stderr', '-c', 'DIRECTORY/nginx.conf'];
  return startServer(peerRoot(), files, command, { port, worker: true });
}
