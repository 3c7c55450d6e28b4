// A budget for costly work: so much a second, and no more than one second's worth saved up (a token bucket).

/**
 * What is left to spend.
 * @noSelf
 */
export interface Budget {
  /**
   * Spends, when something is left. What costs more than that is paid off before anything else is spent.
   * @param cost in the budget's unit, 1 or more
   * @param now seconds since the epoch, with as much of a fraction as the clock has
   * @returns whether it may be done
   */
  spend(cost: number, now: number): boolean;
}

/**
 * Makes a full budget.
 * @param rate what is added a second, 1 or more
 */
export function createBudget(rate: number): Budget {
  // INVARIANT: never above `rate`, whatever the clock does.
  let left = rate;
  let at: number | undefined;

  function spend(cost: number, now: number): boolean {
    // A clock that was set back adds nothing, and counts from there.
    if (at !== undefined && now > at) left = Math.min(rate, left + (now - at) * rate);
    at = now;
    if (left < 1) return false;
    left -= cost;
    return true;
  }

  return { spend };
}
