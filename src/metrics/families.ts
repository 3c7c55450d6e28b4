// What both proxies count and measure, for Prometheus: the name, type, labels and sentence of each metric. Names follow
// Prometheus' conventions: base units at the end, and `_total` for what only grows.

import { BROKER_ADMIN, BROKER_EXCHANGES, BROKER_PAIRINGS, BROKER_SIGN_INS, BROKER_TOKENS } from './broker-families';
import type { Family } from './family';

export const BUILD_INFO: Family = {
  name: 'jwtverify_build_info',
  type: 'gauge',
  help: 'Always 1; the labels name the proxy, its version and the version of jwtverify.',
  labels: ['proxy', 'proxy_version', 'version'],
  merge: 'least',
  proxies: 'both',
};

export const READY: Family = {
  name: 'jwtverify_ready',
  type: 'gauge',
  help: 'Whether every issuer has keys that count (1) or not (0).',
  labels: [],
  merge: 'least',
  proxies: 'both',
};

export const REQUESTS: Family = {
  name: 'jwtverify_requests_total',
  type: 'counter',
  help: 'Requests judged; decision is allow, deny, or shadow for those that only shadow mode let pass.',
  labels: ['decision', 'reason', 'rule'],
  merge: 'sum',
  proxies: 'both',
};

export const TOKENS: Family = {
  name: 'jwtverify_tokens_total',
  type: 'counter',
  help: 'Good tokens and sessions, whatever the rule decided; source is new for those just verified, remembered for the others.',
  labels: ['source'],
  merge: 'sum',
  proxies: 'both',
};

export const INTROSPECTIONS: Family = {
  name: 'jwtverify_introspections_total',
  type: 'counter',
  help: 'Opaque tokens that needed the issuer; result is accepted, inactive, failed, refused, or remembered for those known not to be active.',
  labels: ['result'],
  merge: 'sum',
  proxies: 'both',
};

export const SIGN_INS: Family = {
  name: 'jwtverify_sign_ins_total',
  type: 'counter',
  help: 'Sign-ins of browsers; result is begun, done, or the page that a failed one ended with.',
  labels: ['result'],
  merge: 'sum',
  proxies: 'both',
};

export const SESSION_REFRESHES: Family = {
  name: 'jwtverify_session_refreshes_total',
  type: 'counter',
  help: 'Refreshes of sessions; result is refreshed, kept for those that go on as they were, or ended.',
  labels: ['result'],
  merge: 'sum',
  proxies: 'both',
};

export const SIGN_OUTS: Family = {
  name: 'jwtverify_sign_outs_total',
  type: 'counter',
  help: 'Sessions that a browser or the issuer ended; result is done, failed where the end could not be kept, or refused for bad logout tokens.',
  labels: ['by', 'result'],
  merge: 'sum',
  proxies: 'both',
};

export const KEY_FETCHES: Family = {
  name: 'jwtverify_key_fetches_total',
  type: 'counter',
  help: 'Ended fetches of keys; result is success or failure.',
  labels: ['issuer', 'result'],
  merge: 'sum',
  proxies: 'both',
};

export const ISSUER_READY: Family = {
  name: 'jwtverify_issuer_ready',
  type: 'gauge',
  help: 'Whether the issuer has keys that count (1) or not (0).',
  labels: ['issuer'],
  merge: 'least',
  proxies: 'both',
};

export const ISSUER_KEYS: Family = {
  name: 'jwtverify_issuer_keys',
  type: 'gauge',
  help: 'Keys of the issuer that count.',
  labels: ['issuer'],
  merge: 'least',
  proxies: 'both',
};

export const KEYS_FETCHED: Family = {
  name: 'jwtverify_issuer_keys_fetched_timestamp_seconds',
  type: 'gauge',
  help: 'When the keys of the issuer were last fetched, the oldest of several sources.',
  labels: ['issuer'],
  merge: 'least',
  proxies: 'both',
};

export const FETCH_FAILURES: Family = {
  name: 'jwtverify_issuer_key_fetch_failures',
  type: 'gauge',
  help: 'Failed fetches since the last good one, the worst of several sources.',
  labels: ['issuer'],
  merge: 'most',
  proxies: 'both',
};

export const REMEMBERED: Family = {
  name: 'jwtverify_remembered_tokens',
  type: 'gauge',
  help: 'Verified tokens and sessions that are remembered.',
  labels: [],
  merge: 'sum',
  proxies: 'HAProxy',
};

export const REMEMBERED_LIMIT: Family = {
  name: 'jwtverify_remembered_tokens_limit',
  type: 'gauge',
  help: 'The most tokens that are remembered.',
  labels: [],
  merge: 'sum',
  proxies: 'HAProxy',
};

export const LUA_MEMORY: Family = {
  name: 'jwtverify_lua_memory_bytes',
  type: 'gauge',
  help: 'Memory of Lua, with all other scripts.',
  labels: [],
  merge: 'sum',
  proxies: 'HAProxy',
};

export const LUA_STATES: Family = {
  name: 'jwtverify_lua_states',
  type: 'gauge',
  help: 'Lua states whose numbers are in the sums (answered), or did not come in time (silent).',
  labels: ['state'],
  merge: 'sum',
  proxies: 'HAProxy',
};

export const PLAIN_COST: Family = {
  name: 'jwtverify_plain_signature_cost_total',
  type: 'counter',
  help: 'Signatures checked by plain TypeScript, where one of RS256 with 2048 bits counts 1 and slower ones more.',
  labels: [],
  merge: 'sum',
  proxies: 'HAProxy',
};

export const PLAIN_LIMIT: Family = {
  name: 'jwtverify_plain_signature_cost_limit',
  type: 'gauge',
  help: 'The most of them a second (OAUTH_PLAIN_BUDGET, for all Lua states).',
  labels: [],
  merge: 'sum',
  proxies: 'HAProxy',
};

export const DICTIONARY_SIZE: Family = {
  name: 'jwtverify_dictionary_size_bytes',
  type: 'gauge',
  help: 'The size of a shared dictionary.',
  labels: ['dictionary'],
  merge: 'sum',
  proxies: 'nginx',
};

export const DICTIONARY_FREE: Family = {
  name: 'jwtverify_dictionary_free_bytes',
  type: 'gauge',
  help: 'The free pages of a shared dictionary.',
  labels: ['dictionary'],
  merge: 'sum',
  proxies: 'nginx',
};

export const DICTIONARY_ENTRIES: Family = {
  name: 'jwtverify_dictionary_entries',
  type: 'gauge',
  help: 'The entries of a shared dictionary; of jwtverify, nearly all are remembered tokens.',
  labels: ['dictionary'],
  merge: 'sum',
  proxies: 'nginx',
};

/** All of them, in the order of the answer. */
export const FAMILIES: readonly Family[] = [
  BUILD_INFO,
  READY,
  REQUESTS,
  TOKENS,
  INTROSPECTIONS,
  SIGN_INS,
  SESSION_REFRESHES,
  SIGN_OUTS,
  BROKER_SIGN_INS,
  BROKER_TOKENS,
  BROKER_PAIRINGS,
  BROKER_EXCHANGES,
  BROKER_ADMIN,
  KEY_FETCHES,
  ISSUER_READY,
  ISSUER_KEYS,
  KEYS_FETCHED,
  FETCH_FAILURES,
  REMEMBERED,
  REMEMBERED_LIMIT,
  LUA_MEMORY,
  LUA_STATES,
  PLAIN_COST,
  PLAIN_LIMIT,
  DICTIONARY_SIZE,
  DICTIONARY_FREE,
  DICTIONARY_ENTRIES,
];
