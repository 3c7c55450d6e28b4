// Work of a few instructions that one request at a time may do. INVARIANT: HAProxy may suspend an action or a task between
// any two instructions (`tune.lua.forced-yield`) and run another one in the same Lua state, but not within a function of Lua's own.

/** Looks of one round, a millisecond apart, and rounds after which a request gives up. */
const LOOKS = 50;
const ROUNDS = 20;

/** @noSelf */
export interface Lock {
  /** Waits until no other request has it. Suspends. @returns whether this one has it now */
  take(): boolean;
  /** To be called soon, without a pause between. */
  release(): void;
}

export function createLock(): Lock {
  const free = [true];
  let releases = 0;
  return {
    take: () => {
      for (let round = 0; round < ROUNDS; round++) {
        const before = releases;
        for (let look = 0; look < LOOKS; look++) {
          if (table.remove(free) !== undefined) return true;
          core.msleep(1);
        }
        // HAProxy has ended the request that had it.
        if (releases === before) free[0] = true;
      }
      return false;
    },
    release: () => {
      releases += 1;
      free[0] = true;
    },
  };
}
