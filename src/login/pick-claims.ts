// The claims that a session keeps: those that the policy reads, and no others, so that the cookie stays small.
import { asObject, findMember, type Json, type JsonObject } from '../codec/json';
import { findClaim } from '../claims/claim-path';
import type { ClaimPath, IssuerTerms, Policy } from '../model/policy';

/** Read whatever the policy says: by deny lists, identities, and the code of login. */
const ALWAYS: readonly string[] = [
  'sub',
  'sid',
  'azp',
  'client_id',
  'appid',
  'cid',
  'acr',
  'auth_time',
  'email',
  'email_verified',
  'preferred_username',
  'name',
  'hasgroups',
  '_claim_names',
];

interface Members {
  readonly kind: 'object';
  readonly names: string[];
  readonly values: Json[];
}

function createMembers(): Members {
  return { kind: 'object', names: [], values: [] };
}

/** Puts a claim at its place, where nothing is yet. */
function put(members: Members, steps: readonly string[], claim: Json): void {
  let into = members;
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index] ?? '';
    const isLast = index === steps.length - 1;
    const present = into.values[into.names.indexOf(step)];
    if (present === undefined) {
      const value = isLast ? claim : createMembers();
      into.names.push(step);
      into.values.push(value);
      if (isLast) return;
      into = value as Members;
      continue;
    }
    // INVARIANT: objects in here were made above, or are claims of their own, which have whatever is below them.
    const inner = asObject(present);
    if (isLast || inner === undefined) return;
    into = inner as Members;
  }
}

function pick(from: JsonObject, path: ClaimPath, into: Members): void {
  const claim = findClaim(from, path);
  if (claim === undefined) return;
  const name = path.name;
  put(into, name !== undefined && findMember(from, name) !== undefined ? [name] : path.steps, claim);
}

/** The paths that a policy reads from an issuer's tokens. */
export function pathsOf(terms: IssuerTerms, policy: Policy | undefined): readonly ClaimPath[] {
  const mapping = terms.claims;
  return mapping.user.concat(
    mapping.email,
    mapping.preferredUsername,
    mapping.client,
    mapping.groups.paths,
    mapping.roles.paths,
    mapping.scopes.paths,
    terms.require.map((required) => required.path),
    policy?.claimPaths ?? [],
  );
}

/** The claims at these paths, and those that are always read. */
export function pickClaims(claims: JsonObject, paths: readonly ClaimPath[]): JsonObject {
  const picked = createMembers();
  for (let index = 0; index < ALWAYS.length; index++) {
    const name = ALWAYS[index] ?? '';
    pick(claims, { name, steps: [name] }, picked);
  }
  for (let index = 0; index < paths.length; index++) {
    const path = paths[index];
    if (path !== undefined) pick(claims, path, picked);
  }
  return picked;
}

/** An object with members of its own; those of `more` come after them, unless there is one of that name. */
export function withClaims(object: JsonObject, more: JsonObject): JsonObject {
  const names = object.names.slice();
  const values = object.values.slice();
  for (let index = 0; index < more.names.length; index++) {
    const name = more.names[index] ?? '';
    const value = more.values[index];
    if (value === undefined || names.indexOf(name) >= 0) continue;
    names.push(name);
    values.push(value);
  }
  return { kind: 'object', names, values };
}
