// The times of fetching keys and of their validity, from the environment or from a policy.
import type { FetchTimes } from '../model/settings';

/**
 * Joins the three times.
 * @param maxStale a value that was not set grows with a long refresh
 */
export function joinTimes(refresh: number, cooldown: number, maxStale: number): FetchTimes {
  return { refresh, cooldown, maxStale: isTooShort(refresh, maxStale) ? 2 * refresh : maxStale };
}

/** Whether keys would stop counting between two refreshes of a provider that answers, which may be slow or fail once. */
export function isTooShort(refresh: number, maxStale: number): boolean {
  return maxStale < 2 * refresh;
}

/** The problem, in words that follow the setting's name. */
export function describeTooShort(refresh: string): string {
  return 'is less than twice ' + refresh + '; keys would become too old although their provider answers';
}
