// Sessions that have ended before their time, by sign-out or by the issuer: a list that every Lua state looks at, for each
// request and each remembered session. It lasts as long as the process.
import type { Denial } from '../../src/login/step';
import type { DenyList } from '../../src/ports/deny-list';
import { isDenied, type Denials } from '../../src/token/deny-entries';
import { openSharedList } from '../ports/shared-list';

const NAME = '/dev///null';
/** The entry that is another one after each change. */
const VERSION = 'version';
/** More entries of one Lua state are not kept: HAProxy 2.6 walks through all of them to add one. */
const MOST = 20000;
/** Milliseconds between two looks for entries that are over, and the most that one look removes. */
const PAUSE = 10000;
const REMOVED_AT_ONCE = 500;

const NONE: readonly string[] = [];

/** @noSelf */
export interface EndedSessions {
  readonly list: DenyList;
  /** Another text after each change. INVARIANT: an entry is in the list before the version changes. */
  version(): string;
  /** @returns false where it cannot be kept */
  keep(denial: Denial): boolean;
}

interface Kept {
  readonly entry: string;
  readonly until: number;
}

/** The value of an entry: `-`, or before when a session must have begun, and when no session is left that it could deny. */
function formatValue({ before, until }: Denial, least: number): string {
  return (before === undefined ? '-' : tostring(math.max(before, least))) + ' ' + tostring(math.ceil(until));
}

/** The time of a timed entry; 0 without one. */
function timeIn(value: string | undefined): number {
  const [time] = string.match(value ?? '', '^(%d+) ');
  return tonumber(time ?? '0') ?? 0;
}

/** Opens the list. To be called while HAProxy starts. */
export function openEndedSessions(): EndedSessions {
  const shared = openSharedList(NAME);
  const kept: Kept[] = [];
  let changes = 0;

  const list: DenyList = {
    holds: (entry) => shared.read(entry) !== undefined,
    timesOf: (entry) => {
      const value = shared.read(entry);
      return value === undefined ? NONE : [tostring(timeIn(value))];
    },
  };

  function write(this: void, denial: Denial): boolean {
    const { entry, before } = denial;
    // Another Lua state may end more of the same subject's sessions at this moment: the later time stays.
    do shared.write(entry, formatValue(denial, timeIn(shared.read(entry))));
    while (before !== undefined && timeIn(shared.read(entry)) < before);
    changes += 1;
    shared.write(VERSION, string.format('%d %d %d', core.thread, os.time(), changes));
    return shared.read(entry) !== undefined;
  }

  function removeOver(this: void): void {
    const now = os.time();
    for (let count = 0; count < REMOVED_AT_ONCE; count++) {
      const first = kept[0];
      if (first === undefined || first.until > now) return;
      table.remove(kept, 1);
      const [until] = string.match(shared.read(first.entry) ?? '', ' (%d+)$');
      // It may have been written again, for longer.
      if ((tonumber(until ?? '0') ?? 0) <= now) shared.remove(first.entry);
    }
  }

  core.register_task(() => {
    for (;;) {
      core.msleep(PAUSE);
      pcall(removeOver);
    }
  });

  return {
    list,
    version: () => shared.read(VERSION) ?? '',
    keep: (denial) => {
      if (kept.length >= MOST) return false;
      const [fine, isThere] = pcall(write, denial);
      if (!fine || !isThere) return false;
      table.insert(kept, { entry: denial.entry, until: math.ceil(denial.until) });
      return true;
    },
  };
}

/** Both lists as one: the operator's, and that of ended sessions. */
export function withEnded(denyList: DenyList | undefined, ended: EndedSessions | undefined): DenyList | undefined {
  if (ended === undefined || denyList === undefined) return denyList ?? ended?.list;
  const { list } = ended;
  return {
    holds: (entry) => list.holds(entry) || denyList.holds(entry),
    timesOf: (entry) => [...list.timesOf(entry), ...denyList.timesOf(entry)],
  };
}

/** What is remembered, and by which version of the list it has not ended. */
export interface Versioned {
  readonly denials: Denials;
  version: string;
}

/** Whether something has ended since it was looked up last. Costs one look while nothing ends. */
export function hasEnded(remembered: Versioned, ended: EndedSessions): boolean {
  const version = ended.version();
  if (remembered.version === version) return false;
  if (isDenied(remembered.denials, ended.list)) return true;
  remembered.version = version;
  return false;
}
