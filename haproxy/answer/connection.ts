// A client may close or keep the next hop's connection, and change it to WebSocket. It may not change it to another
// protocol: nobody judges the requests in such a tunnel.

export const CONNECTION = 'connection';
export const UPGRADE = 'upgrade';
const WEBSOCKET = 'websocket';
/** RFC 7540 §3.2.1; RFC 9113 §3.1 has withdrawn it. */
export const HTTP2_SETTINGS = 'http2-settings';

/**
 * Options of `Connection` that concern the connection alone (RFC 9110 §7.6.1). Any other names a header that the next
 * hop removes: the backend may rely on that header.
 */
const OPTIONS: readonly string[] = ['close', 'keep-alive', 'te'];

/** The options of one `Connection` line that may stay. */
function keepOptions(line: string, mayUpgrade: boolean, kept: string[]): boolean {
  let keepsAll = true;
  for (const [option] of string.gmatch(line, '[^,%s]+')) {
    if (option === undefined) continue;
    const name = option.toLowerCase();
    if (OPTIONS.includes(name) || (mayUpgrade && name === UPGRADE)) kept.push(option);
    else keepsAll = false;
  }
  return keepsAll;
}

/** Keeps those options of `Connection` that concern the connection alone. To be called after `cleanUpgrade`. */
export function cleanConnection(txn: Txn): void {
  const count = txn.f.req_fhdr_cnt(CONNECTION);
  if (count < 1) return;
  const mayUpgrade = txn.f.req_fhdr_cnt(UPGRADE) > 0;
  const kept: string[] = [];
  let keepsAll = true;
  for (const place of $range(1, count))
    keepsAll = keepOptions(txn.f.req_fhdr(CONNECTION, place) ?? '', mayUpgrade, kept) && keepsAll;
  if (keepsAll) return;
  txn.http.req_del_header(CONNECTION);
  if (kept.length > 0) txn.http.req_add_header(CONNECTION, kept.join(', '));
}

/** Whether one of the protocols that the client would change to is WebSocket (RFC 9110 §7.8, RFC 6455 §4.1). */
function wantsWebSocket(txn: Txn, count: number): boolean {
  for (const place of $range(1, count)) {
    for (const [protocol] of string.gmatch(txn.f.req_fhdr(UPGRADE, place) ?? '', '[^,%s]+')) {
      if (protocol?.toLowerCase() === WEBSOCKET) return true;
    }
  }
  return false;
}

/**
 * Removes every change of protocol except the one to WebSocket. An extended CONNECT (RFC 8441) has its protocol in
 * `Upgrade` as well. Call `cleanConnection` after it.
 */
export function cleanUpgrade(txn: Txn): void {
  const count = txn.f.req_fhdr_cnt(UPGRADE);
  if (count < 1) return;
  if (count === 1 && txn.f.req_fhdr(UPGRADE, 1)?.toLowerCase() === WEBSOCKET) return;
  const isWanted = wantsWebSocket(txn, count);
  txn.http.req_del_header(UPGRADE);
  if (isWanted) txn.http.req_add_header(UPGRADE, WEBSOCKET);
}

/** All of it, where the names of a request's headers are not known. To be called for every request, before it is judged. */
export function cleanHop(txn: Txn): void {
  txn.http.req_del_header(HTTP2_SETTINGS);
  cleanUpgrade(txn);
  cleanConnection(txn);
}
