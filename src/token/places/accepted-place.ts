// Whether an issuer accepts its tokens where a request has them: issuers of one policy may have places of their own.
import type { Settings } from '../../model/settings';
import { isSamePlace, type TokenPlace } from '../../model/token-place';

/** Where tokens are without a list. */
export const ONLY_BEARER: readonly TokenPlace[] = [{ kind: 'bearer', name: '' }];

/**
 * Whether a token is at none of its issuer's places.
 * @param issuer its place among the settings' issuers
 * @param found the places that have the token, of `settings.tokenPlaces`; undefined without these
 */
export function isMisplaced(settings: Settings, issuer: number, found: readonly number[] | undefined): boolean {
  const places = settings.tokenPlaces;
  if (places === undefined || found === undefined) return false;
  const accepted = settings.issuers[issuer]?.tokenFrom ?? settings.tokenFrom ?? ONLY_BEARER;
  return !found.some((index) => {
    const place = places[index];
    return place !== undefined && accepted.some((other) => isSamePlace(place, other));
  });
}
