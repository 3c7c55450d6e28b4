// A budget for costly work: a rate per second, and at most one second's worth saved up (a token bucket).

/**
 * The budget that is left.
 * @noSelf
 */
export interface Budget {
  /**
   * Spends, when something is left. The budget pays off a cost above that before it spends anything else.
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
    // A clock that was set back adds nothing; the budget counts from the new time.
    if (at !== undefined && now > at) left = Math.min(rate, left + (now - at) * rate);
    at = now;
    if (left < 1) return false;
    left -= cost;
    return true;
  }

  return { spend };
}
