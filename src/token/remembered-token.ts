// The one rule for a remembered token's times: the two that are kept, and when the token counts. Hosts keep the rest.
import type { Validity } from './validity';

/** In whichever unit a host keeps times. */
export interface RememberedTimes {
  /** From here on the token is verified anew: it has expired, or was remembered for as long as the operator allows. */
  readonly until: number;
  /** Before this the token is verified anew, which then refuses it: it is not valid yet, or not issued. */
  readonly from: number;
}

/**
 * When a token that was verified just now may be recalled.
 * @param age the most seconds for which it may be remembered
 * @param now seconds since the epoch
 * @param unit how many of the host's units a second has
 */
export function timesToRemember(validity: Validity, age: number, now: number, unit: number): RememberedTimes {
  const last = now + age;
  const from = validity.from > validity.issued ? validity.from : validity.issued;
  return { until: unit * (validity.until < last ? validity.until : last), from: unit * from };
}

/**
 * Whether a remembered token counts now, as far as time goes.
 * INVARIANT: a comparison with NaN is false, so a malformed entry does not count.
 */
export function countsNow(times: RememberedTimes, now: number): boolean {
  return now < times.until && now >= times.from;
}
