// The generation of the lane's entries: another one whenever the public keys of any Lua state change, so that no entry of
// before counts. With `lua-load-per-thread` each state fetches keys itself, and one may have a key that another has lost.
import { hexOf, octetsOf } from '../../src/crypto/octets';
import { GENERATION } from '../ports/lane-map';
import { openSharedList } from '../ports/shared-list';
import { hash } from '../ports/hash';
import type { KeyStore, KeyWatcher } from './key-store';

/** The map's name: a path that can be read and is empty, which nobody else spells so. */
export const STATES = '/dev/././null';
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

/**
 * Keeps the generation from now on. To be called while HAProxy starts.
 * INVARIANT: HAProxy may suspend a task between any two instructions. So a change of keys first ends the generation, with a
 * number that was never there; keys that are written down count only with the number of the last change; and nobody writes
 * them down while another change has begun.
 * @param name of the number's entry
 * @param threads the numbers of the Lua states
 * @returns the present generation; undefined while the states have not the same keys
 */
export function keepGeneration(name: string, store: KeyStore, threads: readonly number[]): () => string | undefined {
  const generations = openSharedList(GENERATION);
  const states = openSharedList(STATES);
  const sequenceName = 'sequence-';
  const keysName = 'keys-';
  const own = tostring(core.thread);
  const open = new LuaTable<object, boolean>();
  let sequence = 0;

  function begin(this: void): object {
    const change = {};
    open.set(change, true);
    sequence += 1;
    const number = sequence;
    states.write(sequenceName + own, tostring(number));
    generations.write(
      name,
      string.format('%d', number > LAST_SEQUENCE ? 0 : (number * MOST_STATES + core.thread) * SPAN),
    );
    return change;
  }

  function end(this: void, change: object): void {
    open.delete(change);
    let number: number;
    do {
      number = sequence;
      if (next(open)[0] !== undefined) return;
      states.write(keysName + own, tostring(number) + ' ' + describeKeys(store));
    } while (number !== sequence);
  }

  const watcher: KeyWatcher = { begin, end };
  store.watcher = watcher;
  end(begin());
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
