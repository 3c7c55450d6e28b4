// What is measured of HAProxy: one thread, always the same request, answered by HAProxy itself.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suitePath } from '../scripts/suites.mjs';
import { freePort, startServer } from './processes.mjs';
import { AUDIENCE, ISSUER, SCOPE } from './tokens.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));

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

/** As docs/login.md has it. */
const LOGIN = `
  http-request use-service lua.jwtlogin if { path_beg /oauth2/ }
  http-request lua.jwtenforce
  http-request deny deny_status 503 unless { var(txn.authorized) -m bool }
  http-response lua.jwtsession`;

/** The same number of rules as ours, so that what differs is the action. */
const EMPTY = `
  http-request lua.empty
  http-request deny if { var(txn.authorized) -m bool }
  http-request deny if { var(txn.oauth_scopes) -m sub ${SCOPE} }`;

/** The lane's own lines come from HAProxy itself. */
const LANE = `
LINES
  http-request deny unless { var(txn.authorized) -m bool }
  http-request deny unless { var(txn.oauth_scopes) -m sub ${SCOPE} }`;
/** A claim that becomes a variable, beside the scopes. */
const LANE_SETTINGS = `setenv OAUTH_CLAIM_VARIABLES sub
  setenv OAUTH_LANE_SOCKETS ipv4@127.0.0.1:ADMIN
  setenv OAUTH_LANE_SIZE`;

const RULES = { plain: '', empty: EMPTY, own: OWN, ours: OURS, lane: LANE };

/**
 * @typedef {{ publicKey: string, cacheSize: number, keysUrl?: string, cooldown?: number, policy?: string | undefined,
 *   login?: Readonly<Record<string, string>> | undefined, dist?: string | undefined,
 *   load?: 'lua-load' | 'lua-load-per-thread', threads?: number }} Options
 *   `publicKey` is PEM; with `keysUrl` keys are fetched instead, at most one unknown `kid` in `cooldown` seconds;
 *   `policy`, a policy file, replaces all of these; `login`: files of one that signs browsers in; `dist`: another build's directory
 */

/** @type {Map<string, string>} by directory */
const artifacts = new Map();

/**
 * The same one for the whole run.
 * @param {string} [dist] a directory as dist/ is
 */
function readArtifact(dist = DIST) {
  const file = join(dist, 'haproxy/jwtverify.lua');
  const text = artifacts.get(file) ?? readFileSync(file, 'utf8');
  artifacts.set(file, text);
  return text;
}

/**
 * @param {import('../scripts/suites.mjs').SuiteName} suite
 * @param {keyof typeof RULES} kind
 * @param {Options} options
 */
function configuration(suite, kind, options) {
  const { cacheSize, keysUrl, cooldown = 30, policy, login, load: way = 'lua-load-per-thread', threads = 1 } = options;
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
  const loadOurs = `${way} DIRECTORY/jwtverify.lua`;
  const load = {
    plain: '',
    empty: 'lua-load-per-thread DIRECTORY/empty.lua',
    own: '',
    lane: `${loadOurs}
  ${settings}
  ${LANE_SETTINGS} ${cacheSize}`,
    ours: `${loadOurs}
  ${policy === undefined ? settings : 'setenv OAUTH_POLICY DIRECTORY/policy.json'}`,
  }[kind];
  return `
global
  nbthread ${threads}
  stats socket ipv4@127.0.0.1:ADMIN level admin
  ${setting}
  ${login === undefined ? '' : 'tune.bufsize 32768\n  tune.maxrewrite 8192'}
  ${load}
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend bench
  bind 127.0.0.1:PORT
${login === undefined ? RULES[kind] : LOGIN}
  http-request return status 200
`;
}

/** @type {Map<string, string>} the lane's lines, by their build and suite */
const lanes = new Map();

/**
 * The lines of the lane, as HAProxy prints them where it has none.
 * @param {import('../scripts/suites.mjs').SuiteName} suite
 * @param {Options} options
 */
async function printLane(suite, options) {
  const name = `${suite} ${options.dist ?? ''}`;
  const known = lanes.get(name);
  if (known !== undefined) return known;
  const port = await freePort();
  const files = makeFiles(suite, 'lane', options, '  http-request lua.jwtverify', port, port);
  const command = ['haproxy', '-db', '-f', 'DIRECTORY/haproxy.cfg'];
  const said = await startServer(suitePath(suite), files, command, { port, worker: false }).then(
    () => '',
    (/** @type {Error} */ error) => error.message,
  );
  const lines = said.split('\n').filter((line) => line.startsWith('  http-request '));
  if (lines.length === 0) throw new Error(`HAProxy printed no lines of the lane:\n${said}`);
  lanes.set(name, lines.join('\n'));
  return lines.join('\n');
}

/**
 * @param {import('../scripts/suites.mjs').SuiteName} suite
 * @param {keyof typeof RULES} kind
 * @param {Options} options
 * @param {string} lane its lines
 * @param {number} port
 * @param {number} admin
 */
function makeFiles(suite, kind, options, lane, port, admin) {
  return {
    'haproxy.cfg': configuration(suite, kind, options)
      .replace('LINES', () => lane)
      .replaceAll('PORT', String(port))
      .replaceAll('ADMIN', String(admin)),
    'empty.lua': EMPTY_ACTION,
    'pubkey.pem': options.publicKey,
    'policy.json': options.policy ?? '',
    ...options.login,
    'jwtverify.lua': readArtifact(options.dist),
  };
}

/**
 * Starts HAProxy of one suite.
 * @param {import('../scripts/suites.mjs').SuiteName} suite
 * @param {keyof typeof RULES} kind
 * @param {Options} options
 */
export async function startHaproxy(suite, kind, options) {
  const [port, admin] = [await freePort(), await freePort()];
  const lane = kind === 'lane' ? await printLane(suite, options) : '';
  const files = makeFiles(suite, kind, options, lane, port, admin);
  const command = ['haproxy', '-db', '-f', 'DIRECTORY/haproxy.cfg'];
  return { ...(await startServer(suitePath(suite), files, command, { port, worker: false })), admin };
}
