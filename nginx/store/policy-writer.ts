// Writes a compiled policy into a shared dictionary, piece by piece.
import hashes from 'crypto';
import type { Policy } from '../../src/model/policy';
import type { TokenPlace } from '../../src/model/token-place';
import { createPolicyTable } from '../../src/policy/policy-table';
import { BUILD } from '../ports/build-id';
import { wirePolicy } from '../answer/forward-lines';
import type { SharedDictionary } from '../njs';
import {
  arePiecesWhole,
  firstName,
  lastName,
  nodeName,
  ruleName,
  type PolicyGist,
  type PolicyHead,
  type PolicyRules,
} from './policy-store';
import { put } from '../ports/shared-dictionaries';

/** A writer that has not ended after this many milliseconds counts as lost. */
const LOST_AFTER = 10000;
const MANY = 1000000;
const STAMP_LENGTH = 16;

/** Changes whenever the pieces could mean something else. */
function stampOf(policy: Policy): string {
  const whole = JSON.stringify([BUILD, policy]);
  return hashes.createHash('sha256').update(whole).digest('base64url').slice(0, STAMP_LENGTH);
}

function withoutRules(policy: Policy): Policy {
  return {
    mode: policy.mode,
    audit: policy.audit,
    rules: [],
    nodes: {},
    usesHosts: policy.usesHosts,
    comparedHeaders: policy.comparedHeaders,
    preflight: policy.preflight,
    paths: policy.paths,
    claimPaths: policy.claimPaths,
    forwardsEmail: policy.forwardsEmail,
    forward: policy.forward,
    tokenHeaders: policy.tokenHeaders,
    removals: policy.removals,
    keepsAuthorization: policy.keepsAuthorization,
    keepsBearer: policy.keepsBearer,
    challenge: policy.challenge,
    metadata: policy.metadata,
    clockSkew: policy.clockSkew,
  };
}

/**
 * The part that every request needs, of a policy in memory.
 * @param places where requests may have their token
 * @param loginCookie the name of the cookie of sessions; undefined where nobody signs in
 */
export function describePolicy(
  policy: Policy,
  places: readonly TokenPlace[] | undefined,
  loginCookie: string | undefined,
): PolicyHead {
  const head = {
    policy: withoutRules(policy),
    stamp: stampOf(policy),
    otherwise: policy.rules.length - 1,
    forwardLines: wirePolicy(policy, { places, signsIn: loginCookie !== undefined }),
  };
  const named = loginCookie === undefined ? head : Object.assign(head, { loginCookie });
  const isAudited = policy.audit === 'all';
  // The part that refuses knows no sessions.
  if (places !== undefined || (isAudited && loginCookie !== undefined)) {
    return Object.assign(named, { leaves: 'unknown' as const });
  }
  return isAudited ? Object.assign(named, { leaves: 'refused' as const }) : named;
}

/** The dictionary's entry for requests that pass. */
export function gistOf(head: PolicyHead): PolicyGist {
  const policy = head.policy;
  const gist = {
    policy: {
      mode: policy.mode,
      usesHosts: policy.usesHosts,
      comparedHeaders: policy.comparedHeaders,
      preflight: policy.preflight,
      paths: policy.paths,
      clockSkew: policy.clockSkew,
      tokenHeaders: policy.tokenHeaders,
      metadata: policy.metadata === undefined ? undefined : { path: policy.metadata.path },
    },
    stamp: head.stamp,
    otherwise: head.otherwise,
    forwardLines: head.forwardLines,
  };
  const named = head.loginCookie === undefined ? gist : Object.assign(gist, { loginCookie: head.loginCookie });
  return head.leaves === undefined ? named : Object.assign(named, { leaves: head.leaves });
}

/** The rules of a policy in memory. */
export function useWhole(head: PolicyHead, policy: Policy): PolicyRules {
  return { head, table: createPolicyTable(policy), writing: () => undefined, isWhole: () => true };
}

/** Takes the right to write; false when another worker has it. */
function takeTurn(zone: SharedDictionary, stamp: string, turn: string): boolean {
  const name = firstName(stamp);
  const other = zone.get(name);
  if (typeof other === 'string' && Date.now() - Number(other.split(' ')[0]) >= LOST_AFTER) zone.delete(name);
  try {
    return zone.add(name, turn);
  } catch (error) {
    return false;
  }
}

function writeAll(zone: SharedDictionary, stamp: string, policy: Policy, turn: string): boolean {
  const keys = Object.keys(policy.nodes);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] ?? '';
    if (!put(zone, nodeName(stamp, key), JSON.stringify(policy.nodes[key]))) return false;
  }
  for (let place = 0; place < policy.rules.length; place++) {
    if (!put(zone, ruleName(stamp, place), JSON.stringify(policy.rules[place]))) return false;
  }
  return put(zone, lastName(stamp), turn);
}

/** Makes room in a dictionary that drops nothing itself. */
function dropOthers(zone: SharedDictionary, stamp: string): void {
  const names = zone.keys(MANY);
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    const colon = name.indexOf(':');
    const isPiece = ['first', 'node', 'rule', 'last'].indexOf(name.slice(0, colon)) >= 0;
    if (isPiece && name.slice(colon + 1, colon + 1 + stamp.length) !== stamp) zone.delete(name);
  }
}

/** The result of writing. `busy`: another worker is writing the same. */
export type Written = 'whole' | 'busy' | 'full';

/** Writes a policy's pieces unless they are written already. */
export function writePieces(zone: SharedDictionary, stamp: string, policy: Policy): Written {
  if (arePiecesWhole(zone, stamp)) return 'whole';
  const turn = Date.now().toString() + ' ' + Math.random().toString();
  if (!takeTurn(zone, stamp, turn)) return zone.has(firstName(stamp)) ? 'busy' : 'full';
  if (!writeAll(zone, stamp, policy, turn)) {
    dropOthers(zone, stamp);
    if (!writeAll(zone, stamp, policy, turn)) {
      zone.delete(firstName(stamp));
      return 'full';
    }
  }
  return arePiecesWhole(zone, stamp) ? 'whole' : 'full';
}
