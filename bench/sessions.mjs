// What a session costs beside a token, by the same policy: remembered, opened, and one that does not open beside a token
// whose signature is wrong.
import { randomBytes } from 'node:crypto';
import { onEveryProxy } from './every-proxy.mjs';
import { CLIENT } from './session-cookies.mjs';
import { AUDIENCE, ISSUER, SCOPE } from './tokens.mjs';

/** What is asked for. */
const PATH = '/hamsters/7/adoptions';
/** A remembered session takes at most 15 % longer than a remembered token. */
const REMEMBERED = 0.87;

export const COOKIE_SECRET = randomBytes(32).toString('base64');

const POLICY = JSON.stringify({
  issuers: [{ issuer: ISSUER, audiences: [AUDIENCE], keys: { public_key_file: 'DIRECTORY/pubkey.pem' } }],
  login: {
    client_id: CLIENT,
    client_secret_file: 'DIRECTORY/client-secret',
    cookie: { secret_file: 'DIRECTORY/cookie-secret' },
    endpoints: { authorization_endpoint: `${ISSUER}auth`, token_endpoint: `${ISSUER}token` },
  },
  rules: [{ name: 'adoptions', methods: ['GET'], paths: ['/hamsters/*/adoptions'], require: { scopes: [SCOPE] } }],
  forward: { 'X-User': 'user' },
});
const FILES = { 'client-secret': 'secret-of-the-bench', 'cookie-secret': COOKIE_SECRET };

/** @type {Readonly<Record<string, { label: string, presents: import('./scenarios.mjs').Presents, load: import('./scenarios.mjs').Load }>>} */
const KINDS = {
  token: { label: 'token seen before', presents: 'token', load: 'one' },
  session: { label: 'session seen before', presents: 'session', load: 'one' },
  'new token': { label: 'every token new', presents: 'token', load: 'new' },
  'opened session': { label: 'every session new, so opened', presents: 'session', load: 'new' },
  'forged token': { label: 'every token forged, refused', presents: 'forged token', load: 'new' },
  'forged session': { label: 'every session forged, refused', presents: 'forged session', load: 'new' },
};

/**
 * @param {string} name
 * @param {(options: import('./nginx.mjs').Options) => Promise<import('./scenarios.mjs').Server>} start
 * @returns {import('./scenarios.mjs').Part}
 */
function makePart(name, start) {
  const group = `login ${name}`;
  const id = (/** @type {string} */ kind) => `${group}: ${kind}`;
  const scenarios = Object.entries(KINDS).map(([kind, { label, presents, load }]) => ({
    ...{ id: id(kind), group, label, presents, load, fill: 0, verifies: true, path: PATH, ours: true },
    status: kind.startsWith('forged') ? 401 : 200,
    start: (/** @type {string} */ publicKey, /** @type {string | undefined} */ dist) =>
      start({ publicKey, cacheSize: 10_000, zone: '16m', policy: POLICY, login: FILES, dist }),
  }));
  /**
   * @param {string} ours
   * @param {string} base
   * @param {number} [atLeast]
   */
  const row = (ours, base, atLeast) => {
    const label = `${KINDS[ours]?.label}, against ${KINDS[base]?.label}`;
    return { label, group, ours: id(ours), base: id(base), atLeast };
  };
  const rows = [
    row('session', 'token', REMEMBERED),
    row('opened session', 'new token'),
    row('forged session', 'forged token', 1),
  ];
  return { scenarios, rows };
}

/**
 * @param {readonly import('../scripts/suites.mjs').SuiteName[]} suites of HAProxy
 * @returns {readonly import('./scenarios.mjs').Part[]}
 */
export const loginParts = (suites) => onEveryProxy(suites, makePart);
