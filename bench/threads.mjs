// What `lua-load`, one Lua state for all threads, costs beside `lua-load-per-thread`, with one thread and with two. Both threads
// share the core of the proxy, so processor time is what counts: who waits for the other's lock takes none.
import { startHaproxy } from './haproxy.mjs';

/** @typedef {{ label: string, kind: 'ours' | 'lane', load: import('./scenarios.mjs').Load, way: 'lua-load' | 'lua-load-per-thread', threads: number }} Kind */

const WAYS = /** @type {const} */ (['lua-load-per-thread', 'lua-load']);
/** What all others are compared with. */
const BASE = { one: 'lua-load-per-thread 1', new: 'lua-load-per-thread 1 new' };

/** @param {import('../scripts/suites.mjs').SuiteName} suite @returns {Readonly<Record<string, Kind>>} */
function kindsOf(suite) {
  /** @type {Record<string, Kind>} */
  const kinds = {};
  for (const threads of [1, 2]) {
    const count = threads === 1 ? 'one thread' : 'two threads';
    for (const way of WAYS) {
      const name = `${way} ${threads}`;
      const label = `\`${way}\`, ${count}`;
      kinds[name] = { label: `${label}, token seen before`, kind: 'ours', load: 'one', way, threads };
      kinds[`${name} new`] = { label: `${label}, every token new`, kind: 'ours', load: 'new', way, threads };
      // HAProxy 2.6 has no lane.
      if (suite !== 'bookworm')
        kinds[`${name} lane`] = { label: `${label}, token in the lane`, kind: 'lane', load: 'one', way, threads };
    }
  }
  return kinds;
}

/** @param {import('../scripts/suites.mjs').SuiteName} suite @returns {import('./scenarios.mjs').Part} */
function makePart(suite) {
  const group = `threads of haproxy ${suite}`;
  const id = (/** @type {string} */ name) => `${group}: ${name}`;
  const kinds = Object.entries(kindsOf(suite));
  const scenarios = kinds.map(([name, { label, kind, load, way, threads }]) => ({
    ...{ id: id(name), group, label, load, fill: 0, verifies: true, path: '/', ours: true },
    start: (/** @type {string} */ publicKey, /** @type {string | undefined} */ dist) =>
      startHaproxy(suite, kind, { publicKey, cacheSize: 10_000, dist, load: way, threads }),
  }));
  const rows = kinds.flatMap(([name, { label, load }]) => {
    const base = load === 'new' ? BASE.new : BASE.one;
    const against = '`lua-load-per-thread`, one thread, without the lane';
    return name === base
      ? []
      : [{ label: `${label}, against ${against}`, group, ours: id(name), base: id(base), atLeast: undefined }];
  });
  return { scenarios, rows };
}

/**
 * @param {readonly import('../scripts/suites.mjs').SuiteName[]} suites of HAProxy
 * @returns {readonly import('./scenarios.mjs').Part[]}
 */
export const threadParts = (suites) => suites.map((suite) => makePart(suite));
