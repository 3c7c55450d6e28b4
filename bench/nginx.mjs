// What is measured of nginx: one worker, always the same request, answered by `empty_gif` once it is let through.
import { readFileSync } from 'node:fs';
import { peerRoot } from './peer-root.mjs';
import { freePort, startServer } from './processes.mjs';
import { AUDIENCE, ISSUER } from './tokens.mjs';

const ARTIFACT = new URL('../dist/nginx/jwtverify.js', import.meta.url);

const EMPTY_MODULE = `
function auth(r) { r.return(200); }
function access(r) {}
export default { auth, access };
`;

/** How many entries its shared dictionary holds. */
const COUNT_MODULE = `
function count(r) { r.return(200, String(ngx.shared.jwtverify.size())); }
export default { count };
`;

/** TeslaGov's module looks at the signature and \`exp\`; it knows no issuer, audience or scope. */
const PEER = `
      auth_jwt_enabled on;
      auth_jwt_algorithm RS256;
      auth_jwt_use_keyfile on;
      auth_jwt_keyfile_path DIRECTORY/pubkey.pem;
      auth_jwt_location HEADER=Authorization;`;

/** @type {string | undefined} */
let artifact;

/** The same one for the whole run. */
function readArtifact() {
  artifact ??= readFileSync(ARTIFACT, 'utf8');
  return artifact;
}

/** @typedef {'njs' | 'qjs'} Engine */

/** What stands in the location, by what is measured. */
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
 * @param {number} cacheSize
 * @param {string} zone the size of the shared dictionary
 */
function configuration(kind, engine, cacheSize, zone) {
  const ours = kind.startsWith('ours');
  return `
${kind === 'peer' ? 'load_module modules/ngx_http_auth_jwt_module.so;' : 'load_module modules/ngx_http_js_module.so;'}
daemon off;
worker_processes 1;
pid DIRECTORY/nginx.pid;
error_log stderr;
env OAUTH_ISSUER=${ISSUER};
env OAUTH_AUDIENCE=${AUDIENCE};
env OAUTH_PUBKEY_PATH=DIRECTORY/pubkey.pem;
env OAUTH_CACHE_SIZE=${cacheSize};
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  ${kind === 'peer' ? '' : `js_engine ${engine};`}
  ${kind.startsWith('empty') ? 'js_import empty from DIRECTORY/empty.js;' : ''}
  ${ours ? 'js_import jwtverify from DIRECTORY/jwtverify.js;' : ''}
  ${ours ? 'js_import counted from DIRECTORY/counted.js;' : ''}
  ${ours ? `js_shared_dict_zone zone=jwtverify:${zone} timeout=1h evict;` : ''}
  server {
    listen 127.0.0.1:PORT;
    location / {
      ${LOCATIONS[kind]}
      empty_gif;
    }
    ${kind.startsWith('empty') ? 'location = /_empty { internal; js_content empty.auth; }' : ''}
    ${ours ? 'location = /_jwtverify { internal; js_content jwtverify.auth; }' : ''}
    ${ours ? 'location = /_count { js_content counted.count; }' : ''}
  }
}
`;
}

/**
 * Starts nginx of sid.
 * @param {keyof typeof LOCATIONS} kind
 * @param {Engine} engine
 * @param {{ publicKey: string, cacheSize: number, zone: string }} options
 */
export async function startNginx(kind, engine, { publicKey, cacheSize, zone }) {
  const port = await freePort();
  const files = {
    'nginx.conf': configuration(kind, engine, cacheSize, zone).replaceAll('PORT', String(port)),
    'empty.js': EMPTY_MODULE,
    'counted.js': COUNT_MODULE,
    'pubkey.pem': publicKey,
    'jwtverify.js': readArtifact(),
  };
  const command = ['nginx', '-e', 'stderr', '-c', 'DIRECTORY/nginx.conf'];
  return startServer(peerRoot(), files, command, { port, worker: true });
}
