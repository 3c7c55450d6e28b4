// A token that was verified once, judged again at each use: only by the things that can have changed.
import type { DenyList } from '../ports/deny-list';
import type { Text } from '../codec/text';
import { refuse, type Decision } from '../answer/decision';
import { denialsOf, isDenied, NO_DENIALS, type Denials } from './deny-entries';
import type { Identity } from '../claims/identity';
import type { VerificationKey } from '../model/key';
import type { KeySet } from '../model/settings';
import { checkValidity, type Validity } from './validity';
import type { ClaimPath } from '../model/policy';

/** The result of a full verification. Only such tokens are remembered, under the whole token. */
export interface VerifiedToken {
  /** The decision that allowed it. */
  readonly decision: Decision;
  readonly validity: Validity;
  /** The place of its issuer among the settings' issuers. */
  readonly issuer: number;
  /** Its `iss`; the name of the issuer that was asked about it, if the answer has none. */
  readonly issuedBy: string;
  /** The key that verified it; undefined when its issuer was asked about it. */
  readonly key: VerificationKey | undefined;
  /** The token's `kid`, or that of the key that verified it. */
  readonly kid: string | undefined;
  /** The paths of the client in its issuer's tokens. */
  readonly clientPlaces: readonly ClaimPath[];
  /** The identity for a policy's rules and headers; undefined without a policy. */
  readonly identity?: Identity | undefined;
}

/** The entries by which an operator could deny a token. Used only with a deny list. */
export function findDenials(verified: VerifiedToken, text: Text): Denials {
  const claims = verified.decision.claims;
  if (claims === undefined) return NO_DENIALS;
  return denialsOf(claims, verified.issuedBy, verified.clientPlaces, verified.kid, text);
}

/**
 * Judges a token that has been verified, just now or before.
 * @param denyList undefined when the operator has none
 * @param now seconds since the epoch
 */
export function judgeVerified(
  verified: VerifiedToken,
  denyList: DenyList | undefined,
  text: Text,
  now: number,
): Decision {
  const untimely = checkValidity(verified.validity, now);
  if (untimely !== undefined) return refuse(untimely);
  if (denyList !== undefined && isDenied(findDenials(verified, text), denyList)) return refuse('token_revoked');
  return verified.decision;
}

function isSameKey(one: VerificationKey, other: VerificationKey): boolean {
  if (one.kind === 'secret') return other.kind === 'secret' && one.secret === other.secret;
  if (other.kind === 'secret') return false;
  return one.kid === other.kid && one.spki === other.spki && one.issuer === other.issuer;
}

/**
 * Whether the key that verified a token is still among the issuer's keys, for the same algorithms or more; true for a token
 * that the issuer itself confirmed.
 */
export function isKeyPresent(keySet: KeySet, key: VerificationKey | undefined): boolean {
  if (key === undefined) return true;
  for (let index = 0; index < keySet.keys.length; index++) {
    const candidate = keySet.keys[index];
    if (candidate === undefined || !isSameKey(candidate, key)) continue;
    if (key.algorithms.every((name) => candidate.algorithms.indexOf(name) >= 0)) return true;
  }
  return false;
}
