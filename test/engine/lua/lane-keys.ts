// The generation of the lane under every kind of interruption: two Lua states whose keys change by several tasks at once, which
// stop before each read and write of HAProxy's maps and sometimes fail there. Prints what went wrong, and `done` at the end.
import { GENERATION } from '../../../haproxy/ports/lane-map';
import type { KeySet } from '../../../src/model/settings';
import type { KeyStore } from '../../../haproxy/store/key-store';
import { keepGeneration } from '../../../haproxy/store/lane-keys';

interface Task {
  readonly thread: LuaThread;
}

/** What a state lets in: it counts while the generation is the present one. */
interface Entry {
  readonly generation: string;
  readonly kid: string;
}

interface State {
  readonly kids: string[];
  readonly store: KeyStore;
  readonly find: (this: void) => string | undefined;
}

let seed = 1;
/** A whole number from 1 to `most`, the same on each run. */
function pick(most: number): number {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return (math.floor(seed / 65536) % most) + 1;
}

const maps = new LuaTable<string, string>();
const mends: ((this: void) => void)[] = [];
let mayFail = false;

function stop(this: void): void {
  if (coroutine.isyieldable()) {
    coroutine.yield();
    if (mayFail && pick(25) === 1) error('not enough memory', 0);
  }
}

/** What `haproxy/store/lane-keys.ts` uses of HAProxy. */
const host = _G as unknown as Record<string, unknown>;
host['Map'] = {
  _str: 0,
  new: (name: string) => ({
    lookup(this: unknown, entry: string): string | undefined {
      stop();
      return maps.get(name + ' ' + entry);
    },
  }),
};
const fake = {
  thread: 1,
  set_map: (name: string, entry: string, value: string): void => {
    stop();
    maps.set(name + ' ' + entry, value);
  },
  register_task: (task: (this: void) => void): void => {
    mends.push(task);
  },
  msleep: (): void => {
    coroutine.yield('asleep');
  },
};
host['core'] = fake;

const keyOf = (kid: string): object => ({ kind: 'public', kid, spki: kid, algorithms: [] });

/** Replaces the one key set, as a fetch does. */
function replaceKeys(store: KeyStore, kids: readonly string[]): void {
  store.keySets[0] = { keys: kids.map((kid) => keyOf(kid)) } as unknown as KeySet;
}

function openState(number: number): State {
  fake.thread = number;
  const kids = ['a', 'b'];
  const store = { keySets: [] as KeySet[], watcher: undefined } as unknown as KeyStore;
  replaceKeys(store, kids);
  return { kids, store, find: keepGeneration('g', store, [1, 2]) };
}

function change(this: void, { kids, store }: State): void {
  store.watcher?.(() => {
    for (let pause = pick(12); pause > 0; pause--) stop();
    const kid = pick(2) === 1 ? 'a' : 'b';
    const place = kids.indexOf(kid);
    if (place < 0) kids.push(kid);
    else kids.splice(place, 1);
    replaceKeys(store, kids);
  });
}

function letIn(this: void, { kids, find }: State, entries: Entry[]): void {
  const generation = find();
  if (generation === undefined) return;
  const kid = pick(2) === 1 ? 'a' : 'b';
  // The action has recalled it.
  if (!kids.includes(kid)) return;
  stop();
  entries.push({ generation, kid });
}

let opened = 0;
let wrong = 0;

/** Runs some tasks, a step of one after a step of another; HAProxy may end one where it is. */
function interleave(states: readonly State[], tasks: Task[], entries: readonly Entry[]): void {
  while (tasks.length > 0) {
    const place = pick(tasks.length) - 1;
    const task = tasks[place];
    if (task === undefined) return;
    coroutine.resume(task.thread);
    if (coroutine.status(task.thread) === 'dead' || (mayFail && pick(200) === 1)) tasks.splice(place, 1);
    const present = maps.get(GENERATION + ' g');
    for (const { generation, kid } of entries)
      if (generation === present && states.some(({ kids }) => !kids.includes(kid))) wrong += 1;
  }
}

function run(this: void, fails: boolean): void {
  for (const [entry] of pairs(maps)) maps.delete(entry);
  mends.splice(0, mends.length);
  mayFail = false;
  const states = [openState(1), openState(2)];
  const [first, second] = states;
  if (first === undefined || second === undefined) return;
  const keepers = mends.map((mend) => coroutine.create(mend));
  for (const keeper of keepers) coroutine.resume(keeper);
  const entries: Entry[] = [];
  for (let round = 0; round < 3; round++) {
    mayFail = fails;
    const tasks: Task[] = [];
    for (const state of states) {
      for (let number = pick(3); number > 0; number--)
        tasks.push({ thread: coroutine.create(() => pcall(change, state)) });
      for (let number = 0; number < 3; number++)
        tasks.push({ thread: coroutine.create(() => pcall(letIn, state, entries)) });
    }
    interleave(states, tasks, entries);
    mayFail = false;
    if (fails) collectgarbage();
    for (const keeper of keepers)
      while (coroutine.resume(keeper)[1] !== 'asleep') if (coroutine.status(keeper) === 'dead') print('a task ended');
    const same = [...first.kids].sort().join(' ') === [...second.kids].sort().join(' ');
    const isOpen = first.find() !== undefined && second.find() !== undefined;
    if (isOpen) opened += 1;
    if (isOpen !== same) print(`open: ${tostring(isOpen)}, the same keys: ${tostring(same)}`);
  }
}

for (let time = 0; time < 500; time++) run(time % 2 === 1);
print(`entries that count without a key: ${tostring(wrong)}`);
print(opened > 200 ? 'done' : 'it is hardly ever open');
