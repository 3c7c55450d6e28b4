// Names that count once in the whole process: those of one-time codes. It lasts as long as the process.
import { takeText, type Random } from '../ports/random';
import { openSharedList } from '../ports/shared-list';

const NAME = '/dev/////null';
/** More names of one Lua state are not kept: nobody can claim one then. */
const MOST = 5000;
const TICKET_LENGTH = 12;
/** Milliseconds in which another thread that saw no ticket either has written its own. */
const SETTLING = 20;
const PAUSE = 10000;

interface Kept {
  readonly name: string;
  readonly until: number;
}

/** Claims a name. Suspends. @param until seconds since the epoch, after which nobody could come with it */
export type Claim = (this: void, name: string, until: number) => boolean;

/** Opens the list. To be called while HAProxy starts. */
export function openClaims(random: Random): Claim {
  const shared = openSharedList(NAME);
  const kept: Kept[] = [];

  function removeOver(this: void): void {
    const now = os.time();
    for (let first = kept[0]; first !== undefined && first.until <= now; first = kept[0]) {
      table.remove(kept, 1);
      shared.remove(first.name);
    }
  }

  core.register_task(() => {
    for (;;) {
      core.msleep(PAUSE);
      pcall(removeOver);
    }
  });

  return (name, until) => {
    if (kept.length >= MOST || shared.read(name) !== undefined) return false;
    const ticket = takeText(random, TICKET_LENGTH);
    shared.write(name, ticket);
    table.insert(kept, { name, until: math.ceil(until) });
    // INVARIANT: of those who saw no ticket at the same time, the last to write has the name.
    core.msleep(SETTLING);
    return shared.read(name) === ticket;
  };
}
