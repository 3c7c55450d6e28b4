// Everything that is measured, and the ratios that have a number to reach.
import { startHaproxy } from './haproxy.mjs';
import { startNginx } from './nginx.mjs';

/** Tokens that take turns in `in turn`; small enough for a cache of twice as many. */
const IN_TURN = 20_000;
const DEFAULT_CACHE = 10_000;
/** What ends the id of another build's scenario. */
const BEFORE = ' before';

/**
 * @typedef {'one' | 'in turn' | 'new' | 'mixed'} Load which tokens come: always the same, `IN_TURN` of them, never one again, or
 *   one in 95 of 100 requests and one that never comes again in the others
 * @typedef {{ publicKey: string, cacheSize: number, zone: string, dist?: string | undefined }} Options
 * @typedef {'token' | 'session' | 'forged token' | 'forged session'} Presents
 * @typedef {{ pid: number, port: number, stop: () => Promise<void> }} Server
 * @typedef {{ id: string, group: string, label: string, load: Load, fill: number, verifies: boolean,
 *   ours: boolean, presents?: Presents, status?: number,
 *   path: string, start: (publicKey: string, dist?: string) => Promise<Server> }} Scenario `fill`: tokens that are asked with
 *   once before; `ours`: whether jwtverify runs, of the build in `dist`; `presents` a token, which gets the `status` 200, unless
 *   they say otherwise
 * @typedef {{ scenarios: readonly Scenario[], rows: readonly Row[] }} Part
 * @typedef {{ label: string, group: string, ours: string, base: string, atLeast: number | undefined }} Row
 *   two scenarios' ids; `atLeast` undefined: for information
 */

/**
 * @param {string} group
 * @param {(kind: any, options: Options) => Promise<Server>} start
 * @param {number} all how many tokens there are
 */
function scenarioMaker(group, start, all) {
  /**
   * @param {string} name
   * @param {string} label
   * @param {string} kind
   * @param {Load} [load]
   * @param {boolean} [full] whether all tokens are remembered before
   * @returns {Scenario}
   */
  return (name, label, kind, load = 'one', full = false) => {
    const fill = full ? all : load === 'in turn' ? IN_TURN : 0;
    const cacheSize = fill === 0 ? DEFAULT_CACHE : fill * 2.5;
    const zone = full ? '512m' : '16m';
    const verifies = !kind.startsWith('plain') && !kind.startsWith('empty');
    return {
      ...{
        id: `${group}: ${name}`,
        group,
        label,
        load,
        fill,
        verifies,
        path: '/',
        ours: kind.startsWith('ours') || kind === 'lane',
      },
      start: (publicKey, dist) => start(kind, { publicKey, cacheSize, zone, dist }),
    };
  };
}

/**
 * @param {import('../scripts/suites.mjs').SuiteName} suite
 * @param {number} all
 * @returns {{ scenarios: Scenario[], rows: Row[] }}
 */
export function haproxyScenarios(suite, all) {
  const lane = laneScenarios(suite, all);
  const group = `haproxy ${suite}`;
  const make = scenarioMaker(group, (kind, options) => startHaproxy(suite, kind, options), all);
  const row = rowMaker(group);
  return {
    scenarios: [
      make('plain', '`http-request return` alone', 'plain'),
      make('empty', 'a Lua action that does nothing', 'empty'),
      make('own', "HAProxy's own `jwt_verify` configuration", 'own'),
      make('seen', 'jwtverify, one token, seen before', 'ours'),
      make('full', `the same, ${all.toLocaleString('en')} tokens remembered`, 'ours', 'one', true),
      make('empty in turn', 'a Lua action that does nothing, 20,000 tokens in turn', 'empty', 'in turn'),
      make('warm', 'jwtverify, 20,000 tokens in turn, seen before', 'ours', 'in turn'),
      make('own new', "HAProxy's own `jwt_verify` configuration, every token new", 'own', 'new'),
      make('new', 'jwtverify, every token new (luaossl)', 'ours', 'new'),
      ...lane.scenarios,
    ],
    rows: [
      row("token seen before, against HAProxy's own `jwt_verify` configuration", 'seen', 'own', 3),
      row('the same, against an empty Lua action', 'seen', 'empty', 0.85),
      row('20,000 tokens in turn, seen before, against an empty Lua action', 'warm', 'empty in turn', undefined),
      row("every token new, luaossl, against HAProxy's own `jwt_verify` configuration", 'new', 'own new', 0.9),
      row(`${all.toLocaleString('en')} tokens in the cache, against 1`, 'full', 'seen', 0.9),
      ...lane.rows,
    ],
  };
}

/**
 * The lane, which HAProxy 2.6 has not.
 * @param {import('../scripts/suites.mjs').SuiteName} suite
 * @param {number} all
 * @returns {{ scenarios: Scenario[], rows: Row[] }}
 */
function laneScenarios(suite, all) {
  if (suite === 'bookworm') return { scenarios: [], rows: [] };
  const group = `haproxy ${suite}`;
  const make = scenarioMaker(group, (kind, options) => startHaproxy(suite, kind, options), all);
  const row = rowMaker(group);
  return {
    scenarios: [
      make('lane', 'jwtverify, one token in the lane', 'lane'),
      make('lane in turn', '20,000 tokens in turn in the lane', 'lane', 'in turn'),
      make(
        'lane mixed',
        'the lane, 95 of 100 requests with one token, the others each with a new one',
        'lane',
        'mixed',
      ),
    ],
    rows: [
      row('token in the lane, against an empty Lua action', 'lane', 'empty', 1.05),
      row("the same, against HAProxy's own `jwt_verify` configuration", 'lane', 'own', 3.5),
      row('20,000 tokens in turn in the lane, against one', 'lane in turn', 'lane', 0.8),
      row("95 % in the lane, 5 % new, against HAProxy's own `jwt_verify` configuration", 'lane mixed', 'own', 2.5),
    ],
  };
}

/**
 * @param {'njs' | 'qjs'} engine
 * @param {number} all
 * @returns {{ scenarios: Scenario[], rows: Row[] }}
 */
export function nginxScenarios(engine, all) {
  const name = engine === 'njs' ? 'njs' : 'QuickJS';
  const group = `nginx ${name}`;
  const make = scenarioMaker(group, (kind, options) => startNginx(kind, engine, options), all);
  const row = rowMaker(group);
  const scenarios = [
    make(
      'full',
      `jwtverify, \`auth_request\`, ${all.toLocaleString('en')} tokens remembered`,
      'ours auth_request',
      'one',
      true,
    ),
  ];
  const rows = [
    row(
      `\`auth_request\`, ${all.toLocaleString('en')} tokens in the cache, against 1`,
      'full',
      'seen auth_request',
      0.9,
    ),
  ];
  for (const way of ['auth_request', 'js_access']) {
    scenarios.push(
      make(`empty ${way}`, `a handler that does nothing, \`${way}\``, `empty ${way}`),
      make(`seen ${way}`, `jwtverify, \`${way}\`, one token, seen before`, `ours ${way}`),
      make(`new ${way}`, `jwtverify, \`${way}\`, every token new`, `ours ${way}`, 'new'),
    );
    rows.push(
      row(`\`${way}\`, token seen before, against TeslaGov's C module`, `seen ${way}`, 'nginx C: peer', 5),
      row(`\`${way}\`, the same, against a handler that does nothing`, `seen ${way}`, `empty ${way}`, 0.75),
      row(`\`${way}\`, every token new, against TeslaGov's C module`, `new ${way}`, 'nginx C: peer new', 0.9),
    );
  }
  return { scenarios, rows };
}

/** nginx without JavaScript: what both engines are compared with. */
export function nginxPeerScenarios() {
  const make = scenarioMaker('nginx C', (kind, options) => startNginx(kind, 'njs', options), 0);
  return [
    make('plain', '`empty_gif` alone', 'plain'),
    make('peer', "TeslaGov's C module", 'peer'),
    make('peer new', "TeslaGov's C module, every token new", 'peer', 'new'),
  ];
}

/**
 * The same scenarios with another build, so that two builds are compared in one run.
 * @param {readonly Part[]} parts
 * @param {string} dist the other build's directory
 * @returns {Part}
 */
export function otherBuildPart(parts, dist) {
  const ours = parts.flatMap(({ scenarios }) => scenarios.filter((scenario) => scenario.ours));
  const nameBefore = (/** @type {string} */ id) => `${id}${BEFORE}`;
  return {
    scenarios: ours.map((scenario) => ({
      ...scenario,
      id: nameBefore(scenario.id),
      label: `${scenario.label}, the other build`,
      start: (/** @type {string} */ publicKey) => scenario.start(publicKey, dist),
    })),
    rows: ours.map(({ id, group, label }) => ({
      ...{ label: `${label}, against the other build`, group, ours: id, base: nameBefore(id), atLeast: undefined },
    })),
  };
}

/**
 * Each scenario of the other build comes right after ours, so that both meet the same minute of the machine.
 * @param {readonly Scenario[]} scenarios
 */
export function besideEachOther(scenarios) {
  return scenarios
    .filter(({ id }) => !id.endsWith(BEFORE))
    .flatMap((own) => [own, ...scenarios.filter(({ id }) => id === `${own.id}${BEFORE}`)]);
}

/** @param {string} group */
function rowMaker(group) {
  const full = (/** @type {string} */ id) => (id.includes(': ') ? id : `${group}: ${id}`);
  /**
   * @param {string} label
   * @param {string} ours
   * @param {string} base
   * @param {number | undefined} atLeast
   * @returns {Row}
   */
  return (label, ours, base, atLeast) => ({ label, group, ours: full(ours), base: full(base), atLeast });
}
