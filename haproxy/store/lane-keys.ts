// The generation of the lane's entries: another one whenever the public keys of any Lua state change, so that no entry of
// before counts. With `lua-load-per-thread` each state fetches keys itself, and one may have a key that another has lost.
import { hexOf, octetsOf } from '../../src/crypto/octets';
import { GENERATION, STATES } from '../ports/lane-map';
import { openSharedList } from '../ports/shared-list';
import { hash } from '../ports/hash';
import type { KeyStore } from './key-store';

/** Above the seconds since the epoch, in a number of 64 bits. */
const SPAN = 4294967296;
/** The numbers of threads are less. */
const MOST_STATES = 1024;
/** With these both, a generation and a time are less than 2^63. */
const LAST_SEQUENCE = 2000000;

/** The public keys that count in this Lua state, whatever their order. A secret never changes while HAProxy runs. */
function describeKeys({ keySets }: KeyStore): string {
  const lines: string[] = [];
  keySets.forEach(({ keys }, issuer) => {
    for (const key of keys) {
      if (key.kind === 'secret') continue;
      lines.push([tostring(issuer), key.kid ?? '', key.spki, key.issuer ?? '', ...key.algorithms].join(' '));
    }
  });
  return hexOf(octetsOf(hash.digest('SHA-256', lines.sort().join('\n'))));
}

/** Milliseconds between two looks whether a change has left the lane closed. */
const PAUSE = 1000;

const append = table.insert as unknown as (this: void, list: readonly true[], one: true) => void;

/**
 * Keeps the generation from now on. To be called while HAProxy starts.
 * INVARIANT: HAProxy may suspend a task between any two instructions. So a change of keys first ends the generation, with a
 * number that was never there; keys that are written down count only with the number of the last change; and nobody writes
 * them down while another change has begun. Only a change that has not ended writes a number: an old one that is written late
 * has no keys.
 * @param name of the number's entry
 * @param threads the numbers of the Lua states
 * @returns the present generation; undefined while the states have not the same keys
 */
export function keepGeneration(
  name: string,
  store: KeyStore,
  threads: readonly number[],
): (this: void) => string | undefined {
  const generations = openSharedList(GENERATION);
  const states = openSharedList(STATES);
  const sequenceName = 'sequence-';
  const keysName = 'keys-';
  const { thread } = core;
  const own = tostring(thread);
  /** The changes that have not ended. A task that HAProxy has ended in one holds it no longer. */
  const open = setmetatable(new LuaTable<object, boolean>(), { __mode: 'k' });
  /** One for each change. INVARIANT: one call of C adds to it, so no two changes make one number. */
  const changes: true[] = [];

  function announce(this: void): void {
    append(changes, true);
    const number = changes.length;
    states.write(sequenceName + own, tostring(number));
    const generation = number > LAST_SEQUENCE ? 0 : (number * MOST_STATES + thread) * SPAN;
    generations.write(name, string.format('%d', generation));
  }

  function writeKeys(this: void): void {
    let number: number;
    do {
      number = changes.length;
      if (next(open)[0] !== undefined) return;
      states.write(keysName + own, tostring(number) + ' ' + describeKeys(store));
    } while (number !== changes.length);
  }

  function end(this: void, change: object): void {
    open.delete(change);
    pcall(writeKeys);
  }

  /** @throws where the generation may count still: then no key may change */
  function begin(this: void): object {
    const change = {};
    open.set(change, true);
    const [fine, problem] = pcall(announce);
    if (!fine) {
      end(change);
      error(problem, 0);
    }
    return change;
  }

  /** Makes a change of no key where an error came into one, or where of two at once the first wrote its number last. */
  function mend(this: void): void {
    if (next(open)[0] !== undefined) return;
    const number = tostring(changes.length);
    const [keys] = string.match(states.read(keysName + own) ?? '', '^(%d+) ');
    const isWhole = keys === number && states.read(sequenceName + own) === number;
    // The runtime CLI may have emptied the maps.
    if (!isWhole || generations.read(name) === undefined) end(begin());
  }

  store.watcher = (change) => {
    const begun = begin();
    const [fine, problem] = pcall(change);
    end(begun);
    if (!fine) error(problem, 0);
  };
  end(begin());
  core.register_task(() => {
    for (;;) {
      core.msleep(PAUSE);
      pcall(mend);
    }
  });
  return () => {
    // It is read before everything else: a change from here on makes another one.
    const generation = generations.read(name);
    let same: string | undefined;
    for (const thread of threads) {
      const [number, keys] = string.match(states.read(keysName + tostring(thread)) ?? '', '^(%d+) (%x+)$');
      if (number === undefined || number !== states.read(sequenceName + tostring(thread))) return undefined;
      same ??= keys;
      if (keys !== same) return undefined;
    }
    return generation === '0' ? undefined : generation;
  };
}
