// When long computations may go on, so that requests which need none hardly notice them. HAProxy interrupts Lua by itself
// (`tune.lua.forced-yield`), but goes on with it before it looks at its connections: only who sleeps lets it do that.
// docs/decisions/0019-plain-signatures.md has what was measured.
import type { KeyType } from '../../src/core/algorithm';
import type { Pause } from '../../src/crypto/pause';

/** How often each computation comes to a pause in about a quarter of a millisecond. */
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
 * @param atOnce how many may be taken while HAProxy's scheduler comes round once
 */
export function createTurns(atOnce: number): Turns {
  let hasBegun = false;
  let round = 0;
  let taken = 0;

  /** INVARIANT: nothing is held while it waits, for HAProxy may end the action at any time. */
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
