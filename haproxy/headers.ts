// What of a client's headers never reaches a backend, and what the backend is told of a verified token.
import type { ForwardedHeader } from '../src/core/forward';
import { isRemoved } from '../src/policy/headers';
import { AUTHORIZATION } from './request-facts';
import { text } from './ports/text';
import type { Rules } from './service';

/** What is to be done about the headers of a request, known from their names alone. */
export interface HeaderPlan {
  /** Names of headers that are removed, as the client spelled them. */
  readonly removed: readonly string[];
  readonly hasConnection: boolean;
}

const CONNECTION = 'connection';
const NO_PLAN: HeaderPlan = { removed: [], hasConnection: false };

/** Stands between names: no name can have it. */
const SEPARATOR = '\n';
/** Longer lists of names are looked at anew each time, so that what is remembered stays small. */
const MAX_NAMES_LENGTH = 1024;

/**
 * Options of `Connection` that concern the connection alone (RFC 9110 §7.6.1, RFC 7540 §3.2.1). Any other names a header
 * that the next hop takes away: it could be one that the backend relies on.
 */
const OPTIONS: readonly string[] = ['close', 'keep-alive', 'upgrade', 'te', 'http2-settings'];

function makePlan(rules: Rules, names: string): HeaderPlan {
  const removed: string[] = [];
  let hasConnection = false;
  for (const [name] of string.gmatch(names, '[^\n]+')) {
    if (name === undefined) continue;
    if (name === CONNECTION) hasConnection = true;
    else if (isRemoved(name, rules.policy.removals, text) && !removed.includes(name)) removed.push(name);
  }
  return { removed, hasConnection };
}

/** What to do about these names; clients of one kind send the same ones again and again. */
function planFor(rules: Rules, names: string | undefined): HeaderPlan {
  if (names === undefined) return NO_PLAN;
  const known = rules.plans.recall(names);
  if (known !== undefined) return known;
  const plan = makePlan(rules, names);
  if (names.length <= MAX_NAMES_LENGTH) rules.plans.remember(names, plan);
  return plan;
}

/** The options of one `Connection` line that may stay. */
function keepOptions(line: string, kept: string[]): boolean {
  let keepsAll = true;
  for (const [option] of string.gmatch(line, '[^,%s]+')) {
    if (option === undefined) continue;
    if (OPTIONS.includes(option.toLowerCase())) kept.push(option);
    else keepsAll = false;
  }
  return keepsAll;
}

function cleanConnection(txn: Txn): void {
  const count = txn.f.req_fhdr_cnt(CONNECTION);
  const kept: string[] = [];
  let keepsAll = true;
  for (const place of $range(1, count))
    keepsAll = keepOptions(txn.f.req_fhdr(CONNECTION, place) ?? '', kept) && keepsAll;
  if (keepsAll) return;
  txn.http.req_del_header(CONNECTION);
  if (kept.length > 0) txn.http.req_add_header(CONNECTION, kept.join(', '));
}

/**
 * Takes away every header by which a client could pass for somebody else, however it is spelled, and what would make the
 * next hop take away those that are set here. To be called for every request, whatever becomes of it; after its own
 * Authorization has been read.
 */
export function cleanHeaders(rules: Rules, txn: Txn): void {
  const plan = planFor(rules, txn.f.req_hdr_names(SEPARATOR));
  for (const name of plan.removed) txn.http.req_del_header(name);
  if (plan.hasConnection) cleanConnection(txn);
  if (!rules.policy.keepsAuthorization) txn.http.req_del_header(AUTHORIZATION);
}

/**
 * Tells the backend who is calling. The client's own headers by these names are gone already.
 * @param token undefined when no header gets it
 * @returns false when there was no room for one (`tune.bufsize`)
 */
export function addHeaders(
  rules: Rules,
  txn: Txn,
  headers: readonly ForwardedHeader[],
  token: string | undefined,
): boolean {
  const http = txn.http;
  let fits = true;
  for (const header of headers) fits = http.req_add_header(header.name, header.value) !== false && fits;
  if (token === undefined) return fits;
  for (const name of rules.policy.tokenHeaders) fits = http.req_add_header(name, token) !== false && fits;
  return fits;
}
