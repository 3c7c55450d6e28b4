// Removes a client's headers that must not reach a backend, and adds those of a verified token.
import type { ForwardedHeader } from '../../src/claims/forwarded-headers';
import type { TwoGenerations } from '../../src/memory/two-generations';
import type { Policy } from '../../src/model/policy';
import { isRemoved } from '../../src/policy/headers';
import { cleanConnection, cleanUpgrade, CONNECTION, HTTP2_SETTINGS, UPGRADE } from './connection';
import { AUTHORIZATION } from '../ports/request-facts';
import { text } from '../ports/text';

/** The plan for the headers of a request, which depends on their names alone. */
export interface HeaderPlan {
  /** Names of headers that are removed, as the client spelled them. */
  readonly removed: readonly string[];
  readonly hasConnection: boolean;
  readonly hasUpgrade: boolean;
}

/** A policy, and its plans by the names of all headers of a request. */
export interface HeaderRules {
  readonly policy: Policy;
  /** Whether the backend, and a cache before it, may get a request without the token that it passed with. */
  readonly hidesToken: boolean;
  readonly plans: TwoGenerations<HeaderPlan>;
}

const NO_PLAN: HeaderPlan = { removed: [], hasConnection: false, hasUpgrade: false };

/** The separator of names: no name can have it. */
const SEPARATOR = '\n';
/** Longer lists of names are planned again each time, so that the memory of plans stays small. */
const MAX_NAMES_LENGTH = 1024;

function makePlan(rules: HeaderRules, names: string): HeaderPlan {
  const removed: string[] = [];
  let hasConnection = false;
  let hasUpgrade = false;
  for (const [name] of string.gmatch(names, '[^\n]+')) {
    if (name === undefined) continue;
    if (name === CONNECTION) hasConnection = true;
    else if (name === UPGRADE) hasUpgrade = true;
    else if (!removed.includes(name) && (name === HTTP2_SETTINGS || isRemoved(name, rules.policy.removals, text)))
      removed.push(name);
  }
  return { removed, hasConnection, hasUpgrade };
}

/** The plan for these names; clients of one kind send the same ones again and again. */
function planFor(rules: HeaderRules, names: string | undefined): HeaderPlan {
  if (names === undefined) return NO_PLAN;
  const known = rules.plans.recall(names);
  if (known !== undefined) return known;
  const plan = makePlan(rules, names);
  if (names.length <= MAX_NAMES_LENGTH) rules.plans.remember(names, plan);
  return plan;
}

/**
 * Removes every header by which a client could pass for somebody else, in any spelling, and each option that would make
 * the next hop remove the headers that are set here. To be called for every request, also for a refused one; after its own
 * Authorization has been read.
 */
export function cleanHeaders(rules: HeaderRules, txn: Txn): void {
  const plan = planFor(rules, txn.f.req_hdr_names(SEPARATOR));
  for (const name of plan.removed) txn.http.req_del_header(name);
  if (plan.hasUpgrade) cleanUpgrade(txn);
  if (plan.hasConnection) cleanConnection(txn);
  if (!rules.policy.keepsAuthorization) txn.http.req_del_header(AUTHORIZATION);
}

/**
 * RFC 9111 §5.2.1.5 and §3.5: without `Authorization` a cache, HAProxy's own too, would serve one user's page to everybody.
 */
const CACHE_CONTROL = 'Cache-Control';

/** No cache may keep the answer to a request that passes without its token. */
export function forbidCaching(txn: Txn): void {
  txn.http.req_add_header(CACHE_CONTROL, 'no-store');
}

/** The names of added headers, in the form in which `req.hdr_names` then ends. */
export function nameHeaders(rules: HeaderRules, headers: readonly ForwardedHeader[]): string {
  const names = [...headers.map(({ name }) => name), ...rules.policy.tokenHeaders];
  if (rules.hidesToken) names.unshift(CACHE_CONTROL);
  return names.map((name) => SEPARATOR + name.toLowerCase()).join('');
}

/**
 * Sends the backend the caller's headers. The client's own headers of these names are gone already.
 * @param names of all these headers, by `nameHeaders`
 * @param token the value of the policy's token headers
 * @returns false when there was no room for one (`tune.bufsize`)
 */
export function addHeaders(
  rules: HeaderRules,
  txn: Txn,
  headers: readonly ForwardedHeader[],
  names: string,
  token: string,
): boolean {
  if (names === '') return true;
  const http = txn.http;
  if (rules.hidesToken) forbidCaching(txn);
  for (const header of headers) http.req_add_header(header.name, header.value);
  for (const name of rules.policy.tokenHeaders) http.req_add_header(name, token);
  // HAProxy silently leaves out a header for which there is no room (measured: 2.6, 3.0, 3.2).
  return string.sub(txn.f.req_hdr_names(SEPARATOR) ?? '', -names.length) === names;
}
