// A part of the bench for each proxy as jwtverify is in it.
import { startHaproxy } from './haproxy.mjs';
import { startNginx } from './nginx.mjs';

/** @typedef {(options: import('./nginx.mjs').Options) => Promise<import('./scenarios.mjs').Server>} Start */

/**
 * @param {readonly import('../scripts/suites.mjs').SuiteName[]} suites of HAProxy
 * @param {(name: string, start: Start) => import('./scenarios.mjs').Part} makePart
 * @returns {readonly import('./scenarios.mjs').Part[]}
 */
export function onEveryProxy(suites, makePart) {
  const nginx = /** @type {const} */ (['njs', 'qjs']).flatMap((engine) =>
    /** @type {const} */ (['auth_request', 'js_access']).map((way) =>
      makePart(`nginx ${engine === 'njs' ? 'njs' : 'QuickJS'} ${way}`, (options) =>
        startNginx(`ours ${way}`, engine, options),
      ),
    ),
  );
  const haproxy = suites.map((suite) =>
    makePart(`haproxy ${suite}`, (options) => startHaproxy(suite, 'ours', options)),
  );
  return [...haproxy, ...nginx];
}
