// Times as they are typed: seconds since the epoch, or RFC 3339.
import { failure } from './failure';

/** @param given undefined: now @returns whole seconds since the epoch */
export function readTime(given: string | undefined): number {
  if (given === undefined) return Math.floor(Date.now() / 1000);
  if (/^\d{1,11}$/.test(given)) return Number(given);
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(time))
    throw failure(`\`${given}\` is not a time such as 2026-01-31T12:00:00Z, or seconds since 1970`);
  return Math.floor(time / 1000);
}
