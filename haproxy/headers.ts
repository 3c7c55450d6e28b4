// What of a client's headers never reaches a backend, and what the backend is told of a verified token.
import type { ForwardedHeader } from '../src/core/forward';
import { isRemoved } from '../src/policy/headers';
import { AUTHORIZATION } from './request-facts';
import { text } from './ports/text';
import type { HeaderPlan, Rules } from './service';

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

/** The names of headers that are added, as `req.hdr_names` ends once they are there. */
export function nameHeaders(rules: Rules, headers: readonly ForwardedHeader[]): string {
  const names = [...headers.map(({ name }) => name), ...rules.policy.tokenHeaders];
  return names.map((name) => SEPARATOR + name.toLowerCase()).join('');
}

/**
 * Tells the backend who is calling. The client's own headers by these names are gone already.
 * @param names of all these headers, by `nameHeaders`
 * @param token what the policy's token headers get
 * @returns false when there was no room for one (`tune.bufsize`)
 */
export function addHeaders(
  rules: Rules,
  txn: Txn,
  headers: readonly ForwardedHeader[],
  names: string,
  token: string,
): boolean {
  if (names === '') return true;
  const http = txn.http;
  for (const header of headers) http.req_add_header(header.name, header.value);
  for (const name of rules.policy.tokenHeaders) http.req_add_header(name, token);
  // A header for which there is no room is left out in silence (measured: 2.6, 3.0, 3.2).
  return string.sub(txn.f.req_hdr_names(SEPARATOR) ?? '', -names.length) === names;
}
