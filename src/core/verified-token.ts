// A token that was verified once, judged again when it comes again: only what can have changed is looked at.
import type { DenyList } from '../ports/deny-list';
import type { Text } from '../ports/text';
import { refuse, type Decision } from './decision';
import { denialEntries, isDenied } from './denial';
import type { Identity } from './identity';
import type { VerificationKey } from './key';
import type { KeySet } from './settings';
import { checkValidity, type Validity } from './validity';

/** What a full verification found. Only such tokens are remembered, under the whole token. */
export interface VerifiedToken {
  /** The decision that allowed it. */
  readonly decision: Decision;
  readonly validity: Validity;
  /** Which of the settings' issuers it is of. */
  readonly issuer: number;
  /** The key that verified it. */
  readonly key: VerificationKey;
  /** The token's `kid`, or that of the key that verified it. */
  readonly kid: string | undefined;
  /** What a policy's rules and headers need to know of it; undefined without a policy. */
  readonly identity?: Identity | undefined;
}

/** What an operator could deny a token by. Asked for only where there is a deny list. */
export function entriesOf(verified: VerifiedToken, text: Text): readonly string[] {
  const claims = verified.decision.claims;
  return claims === undefined ? [] : denialEntries(claims, verified.kid, text);
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
  if (denyList !== undefined && isDenied(entriesOf(verified, text), denyList)) return refuse('token_revoked');
  return verified.decision;
}

function isSameKey(one: VerificationKey, other: VerificationKey): boolean {
  if (one.kind === 'secret' || other.kind === 'secret') return one.kind === other.kind;
  return one.kid === other.kid && one.spki === other.spki;
}

/** Whether the key that verified a token is still among the issuer's keys, for the same algorithms or more. */
export function isKeyPresent(keySet: KeySet, key: VerificationKey): boolean {
  for (let index = 0; index < keySet.keys.length; index++) {
    const candidate = keySet.keys[index];
    if (candidate === undefined || !isSameKey(candidate, key)) continue;
    if (key.algorithms.every((name) => candidate.algorithms.indexOf(name) >= 0)) return true;
  }
  return false;
}
