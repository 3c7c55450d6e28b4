// What a policy costs: a remembered token judged by one rule, 100 or 1,000, of one issuer or of 100, and without a policy.
import { onEveryProxy } from './every-proxy.mjs';
import { AUDIENCE, ISSUER, SCOPE } from './tokens.mjs';

/** What is asked for; the last rule decides. */
const PATH = '/hamsters/7/adoptions';
const MANY_RULES = 1000;
const MANY_ISSUERS = 100;
/** The aim: less than 10 % slower. */
const AT_LEAST = 0.9;
/** A policy of 100 rules costs less than 1.5 times no policy. */
const BESIDE_NONE = 0.67;

const METHODS = [['GET', 'HEAD'], ['POST'], ['PUT', 'PATCH'], ['DELETE']];

/**
 * Rules as many services behind one gateway have them, and last the one that decides.
 * @param {number} count
 */
function makeRules(count) {
  const others = Array.from({ length: count - 1 }, (_, place) => {
    const service = Math.floor(place / METHODS.length);
    return {
      name: `service-${service}-${place % METHODS.length}`,
      methods: METHODS[place % METHODS.length],
      paths: [`/service-${service}/*/parts`, `/service-${service}/admin/**`],
      require: { scopes: [`part-${place}:service-${service}`] },
    };
  });
  const deciding = {
    name: 'adoptions',
    methods: ['GET'],
    paths: ['/hamsters/*/adoptions'],
    require: { scopes: [SCOPE] },
  };
  return [...others, deciding];
}

/** @param {number} count the last one's tokens come */
function makeIssuers(count) {
  const issuer = (/** @type {string} */ name) => ({
    issuer: name,
    audiences: [AUDIENCE],
    keys: { public_key_file: 'DIRECTORY/pubkey.pem' },
  });
  const others = Array.from({ length: count - 1 }, (_, place) => issuer(`https://issuer-${place}.example/`));
  return [...others, issuer(ISSUER)];
}

/**
 * @param {number} rules
 * @param {number} issuers
 * @param {Readonly<Record<string, string>>} [forward] headers for the backend
 */
function makePolicy(rules, issuers, forward) {
  return JSON.stringify({ issuers: makeIssuers(issuers), rules: makeRules(rules), ...(forward && { forward }) });
}

const POLICIES = {
  none: undefined,
  'one rule': makePolicy(1, 1),
  'hundred rules': makePolicy(100, 1),
  'many rules': makePolicy(MANY_RULES, 1),
  'many issuers': makePolicy(1, MANY_ISSUERS),
  headers: makePolicy(1, 1, { 'X-Auth-Request-User': 'user', 'X-Auth-Request-Scopes': 'scopes' }),
};

const LABELS = {
  none: 'no policy',
  'one rule': 'a policy with one rule',
  'hundred rules': 'a policy with 100 rules',
  'many rules': `a policy with ${MANY_RULES.toLocaleString('en')} rules`,
  'many issuers': `a policy with ${MANY_ISSUERS} issuers`,
  headers: 'a policy with one rule, two headers for the backend',
};

/**
 * @param {string} name
 * @param {(options: import('./nginx.mjs').Options) => Promise<import('./scenarios.mjs').Server>} start
 * @returns {import('./scenarios.mjs').Part}
 */
function makePart(name, start) {
  const group = `policy ${name}`;
  const id = (/** @type {keyof typeof POLICIES} */ kind) => `${group}: ${kind}`;
  const scenarios = /** @type {(keyof typeof POLICIES)[]} */ (Object.keys(POLICIES)).map((kind) => ({
    ...{ id: id(kind), group, label: `token seen before, ${LABELS[kind]}`, fill: 0, verifies: true, path: PATH },
    ours: true,
    load: /** @type {const} */ ('one'),
    start: (/** @type {string} */ publicKey, /** @type {string | undefined} */ dist) =>
      start({ publicKey, cacheSize: 10_000, zone: '16m', policy: POLICIES[kind], dist }),
  }));
  /**
   * @param {keyof typeof POLICIES} ours
   * @param {keyof typeof POLICIES} base
   * @param {number} [atLeast]
   */
  const row = (ours, base, atLeast) => {
    const label = `${LABELS[ours]}, against ${LABELS[base]}`;
    return { label, group, ours: id(ours), base: id(base), atLeast };
  };
  const rows = [
    row('many rules', 'one rule', AT_LEAST),
    row('many issuers', 'one rule', AT_LEAST),
    row('one rule', 'none'),
    row('hundred rules', 'none', BESIDE_NONE),
    row('headers', 'none'),
  ];
  return { scenarios, rows };
}

/**
 * @param {readonly import('../scripts/suites.mjs').SuiteName[]} suites of HAProxy
 * @returns {readonly import('./scenarios.mjs').Part[]}
 */
export const policyParts = (suites) => onEveryProxy(suites, makePart);
