// Gives long computations their turns, so that requests without one hardly notice them. HAProxy itself interrupts Lua
// (`tune.lua.forced-yield`), but continues it before it serves its connections: only a task that sleeps lets it do that.
// docs/decisions/0019-plain-signatures.md has the measurements.
import type { KeyType } from '../../../src/model/algorithm';
import type { Pause } from '../../../src/crypto/pause';

/** The number of pauses of each computation in about a quarter of a millisecond. */
const PAUSES: Readonly<Record<KeyType, number>> = {
  RSA: 40,
  'P-256': 6,
  'P-384': 3,
  'P-521': 2,
  Ed25519: 8,
  oct: 1,
};

/** @noSelf */
export interface Turns {
  /** Waits for the first turn. From then on pauses are taken. To be called in an action. */
  begin(): void;
  /** A pause for computations with one type of key. */
  pauseFor(type: KeyType): Pause;
}

/**
 * Makes the turns of one Lua state.
 * @param atOnce the number of turns in one round of HAProxy's scheduler
 */
export function createTurns(atOnce: number): Turns {
  let hasBegun = false;
  let round = 0;
  let taken = 0;

  /** INVARIANT: it holds nothing while it waits, since HAProxy may end the action at any time. */
  function take(): void {
    for (;;) {
      const { sec, usec } = core.now();
      const now = sec * 1000000 + usec;
      if (now !== round) taken = 0;
      round = now;
      taken += 1;
      if (taken <= atOnce) return;
      core.msleep(1);
    }
  }

  function begin(): void {
    hasBegun = true;
    take();
  }

  function pauseFor(type: KeyType): Pause {
    const limit = PAUSES[type];
    let count = 0;
    return () => {
      count += 1;
      // While HAProxy starts, nobody waits and nothing may sleep.
      if (count < limit || !hasBegun) return;
      count = 0;
      core.msleep(1);
      take();
    };
  }

  return { begin, pauseFor };
}
