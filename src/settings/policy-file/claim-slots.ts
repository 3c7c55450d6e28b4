import type { ClaimPath } from '../../model/policy';

// The claims that rules and headers read: each has a slot, and the identity keeps no other claim.

/** Slots while a policy is compiled. */
export interface ClaimSlots {
  readonly paths: ClaimPath[];
}

function isSame(one: ClaimPath, other: ClaimPath): boolean {
  if (one.name !== other.name || one.steps.length !== other.steps.length) return false;
  for (let index = 0; index < one.steps.length; index++) {
    if (one.steps[index] !== other.steps[index]) return false;
  }
  return true;
}

/** The slot of a claim; a new claim gets the next one. */
export function slotOf(slots: ClaimSlots, path: ClaimPath): number {
  for (let index = 0; index < slots.paths.length; index++) {
    const known = slots.paths[index];
    if (known !== undefined && isSame(known, path)) return index;
  }
  slots.paths.push(path);
  return slots.paths.length - 1;
}
