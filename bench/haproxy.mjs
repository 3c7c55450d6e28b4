// What is measured of HAProxy: one thread, always the same request, answered by HAProxy itself.
import { readFileSync } from 'node:fs';
import { suitePath } from '../scripts/suites.mjs';
import { freePort, startServer } from './processes.mjs';
import { AUDIENCE, ISSUER, SCOPE } from './tokens.mjs';

const ARTIFACT = new URL('../dist/haproxy/jwtverify.lua', import.meta.url);

const EMPTY_ACTION = "core.register_action('empty', { 'http-req' }, function() end, 0)\n";

/** HAProxy's own way, as its documentation has it, with every check that jwtverify makes of such a token. */
const OWN = `
  http-request deny unless { req.hdr(authorization) -m found }
  http-request set-var(txn.bearer) http_auth_bearer
  http-request set-var(txn.alg) var(txn.bearer),jwt_header_query('$.alg')
  http-request deny unless { var(txn.alg) -m str RS256 }
  http-request deny unless { var(txn.bearer),jwt_verify(txn.alg,"DIRECTORY/pubkey.pem") 1 }
  http-request set-var(txn.iss) var(txn.bearer),jwt_payload_query('$.iss')
  http-request deny unless { var(txn.iss) -m str ${ISSUER} }
  http-request set-var(txn.aud) var(txn.bearer),jwt_payload_query('$.aud')
  http-request deny unless { var(txn.aud) -m str ${AUDIENCE} }
  http-request set-var(txn.exp) var(txn.bearer),jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request deny if { var(txn.exp),sub(txn.now) -m int lt 0 }
  http-request set-var(txn.scope) var(txn.bearer),jwt_payload_query('$.scope')
  http-request deny unless { var(txn.scope) -m sub ${SCOPE} }`;

const OURS = `
  http-request lua.jwtverify
  http-request deny unless { var(txn.authorized) -m bool }
  http-request deny unless { var(txn.oauth_scopes) -m sub ${SCOPE} }`;

/** The same number of rules as ours, so that what differs is the action. */
const EMPTY = `
  http-request lua.empty
  http-request deny if { var(txn.authorized) -m bool }
  http-request deny if { var(txn.oauth_scopes) -m sub ${SCOPE} }`;

const RULES = { plain: '', empty: EMPTY, own: OWN, ours: OURS };

/**
 * @typedef {{ publicKey: string, cacheSize: number, keysUrl?: string, cooldown?: number, policy?: string | undefined }} Options
 *   `publicKey` is PEM; with `keysUrl` keys are fetched instead, at most one unknown `kid` in `cooldown` seconds;
 *   `policy`, a policy file, replaces all of these
 */

/** @type {string | undefined} */
let artifact;

/** The same one for the whole run. */
function readArtifact() {
  artifact ??= readFileSync(ARTIFACT, 'utf8');
  return artifact;
}

/**
 * @param {import('../scripts/suites.mjs').SuiteName} suite
 * @param {keyof typeof RULES} kind
 * @param {Options} options
 */
function configuration(suite, kind, { cacheSize, keysUrl, cooldown = 30, policy }) {
  const setting = suite === 'bookworm' || suite === 'trixie' ? '' : 'tune.lua.bool-sample-conversion normal';
  const keys =
    keysUrl === undefined
      ? 'setenv OAUTH_PUBKEY_PATH DIRECTORY/pubkey.pem'
      : `setenv OAUTH_JWKS_URL ${keysUrl}
  setenv OAUTH_JWKS_COOLDOWN ${cooldown}
  setenv OAUTH_ALLOW_HTTP 1`;
  const settings = `setenv OAUTH_ISSUER ${ISSUER}
  setenv OAUTH_AUDIENCE ${AUDIENCE}
  ${keys}
  setenv OAUTH_CACHE_SIZE ${cacheSize}`;
  const load = {
    plain: '',
    empty: 'lua-load-per-thread DIRECTORY/empty.lua',
    own: '',
    ours: `lua-load-per-thread DIRECTORY/jwtverify.lua
  ${policy === undefined ? settings : 'setenv OAUTH_POLICY DIRECTORY/policy.json'}`,
  }[kind];
  return `
global
  nbthread 1
  stats socket ipv4@127.0.0.1:ADMIN level admin
  ${setting}
  ${load}
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend bench
  bind 127.0.0.1:PORT
${RULES[kind]}
  http-request return status 200
`;
}

/**
 * Starts HAProxy of one suite.
 * @param {import('../scripts/suites.mjs').SuiteName} suite
 * @param {keyof typeof RULES} kind
 * @param {Options} options
 */
export async function startHaproxy(suite, kind, options) {
  const [port, admin] = [await freePort(), await freePort()];
  const files = {
    'haproxy.cfg': configuration(suite, kind, options)
      .replaceAll('PORT', String(port))
      .replaceAll('ADMIN', String(admin)),
    'empty.lua': EMPTY_ACTION,
    'pubkey.pem': options.publicKey,
    'policy.json': options.policy ?? '',
    'jwtverify.lua': readArtifact(),
  };
  const command = ['haproxy', '-db', '-f', 'DIRECTORY/haproxy.cfg'];
  return { ...(await startServer(suitePath(suite), files, command, { port, worker: false })), admin };
}
