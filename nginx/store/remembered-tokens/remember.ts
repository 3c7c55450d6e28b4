// Remembers a verified token: in the shared dictionary `jwtverify`, and where module state lasts in it.
import { CLAIM_PREFIX } from '../../../src/answer/contract';
import { claimVariables } from '../../../src/claims/claim-variables';
import { timesToRemember } from '../../../src/token/remembered-token';
import { findDenials, type VerifiedToken } from '../../../src/token/verified-token';
import type { HttpRequest, NginxObject } from '../../njs';
import type { Snapshot } from '../snapshot';
import { keep, writeToken, type ContextMemory, type RememberedToken } from './token-store';
import { text } from '../../ports/text';
import { ENDED_END } from './denied-by';
import { writeIdentity } from './identity';
import { findDenyZone, findEndedZone, put } from '../../ports/shared-dictionaries';

declare const ngx: NginxObject;

const SCHEME = 'Bearer ';

/** The claims' variables, when the configuration declares any and this handler sets them. */
function listVariables(request: HttpRequest, verified: VerifiedToken): string {
  const declared = request.jsVarNames === undefined ? [] : request.jsVarNames(CLAIM_PREFIX);
  const claims = verified.decision.claims;
  if (declared.length === 0 || claims === undefined) return '';
  const list: string[] = [];
  const variables = claimVariables(claims, text);
  for (let index = 0; index < variables.length; index++) {
    const variable = variables[index];
    if (variable === undefined || declared.indexOf(CLAIM_PREFIX + variable.name) < 0) continue;
    list.push(variable.name, String(variable.value));
  }
  return JSON.stringify(list);
}

/**
 * Whether a field spells its token as nearly every client does. Only such fields are remembered, so that nobody fills the
 * memory with spellings of one token.
 */
function isUsual(field: string): boolean {
  const scheme = field.slice(0, SCHEME.length);
  if (scheme !== SCHEME && scheme !== SCHEME.toLowerCase()) return false;
  return field.indexOf(' ', SCHEME.length) < 0 && field.indexOf('\t') < 0;
}

/**
 * The entries by which an operator could deny it in the dictionary, if there is one. Before a timed one is the token's `iat`.
 * INVARIANT: no kind of entry begins as that does, with a digit, a sign or `?`.
 */
function listDenials(snapshot: Snapshot, verified: VerifiedToken, isSession: boolean): string {
  if (findDenyZone() === undefined && findEndedZone() === undefined) return '';
  const denials = findDenials(verified, text);
  const issued = denials.issued === undefined ? '?' : denials.issued.toString();
  const timed = denials.timed.map((entry) => issued + ' ' + entry);
  const all = denials.entries.concat(timed).join('\t');
  if (!isSession) return all;
  // Those by which login ends sessions first: they alone are looked up in its own dictionary, for each request.
  const byIssuer = snapshot.trust?.settings.login?.backChannel === true;
  const ends = denials.entries
    .filter((entry) => entry.indexOf('jti:') === 0 || (byIssuer && entry.indexOf(',sid:') > 0))
    .concat(byIssuer ? timed.filter((entry) => entry.indexOf(',sub_issued_before:') > 0) : []);
  return ends.concat(ENDED_END, all).join('\t');
}

/**
 * Remembers a token that was verified and allowed.
 * @param authorization the request's Authorization fields
 * @param found the form in which a token of another place is remembered; undefined: as the one field has it
 * @param now seconds since the epoch
 * @param isSession whether it is a session, which login may end
 */
export function remember(
  request: HttpRequest,
  authorization: readonly string[],
  found: string | undefined,
  snapshot: Snapshot,
  memory: ContextMemory | undefined,
  verified: VerifiedToken,
  now: number,
  isSession: boolean,
): void {
  const field = found ?? authorization[0];
  if (snapshot.epoch === '' || snapshot.cacheSize === 0 || field === undefined) return;
  if (found === undefined) {
    if (!isUsual(field)) return;
    // INVARIANT: later look-ups use exactly this field, the only one of the request.
    if (authorization.length !== 1 || request.headersIn['Authorization'] !== field) return;
  }
  const times = timesToRemember(verified.validity, snapshot.cacheAge, now, 1000);
  const token: RememberedToken = {
    epoch: snapshot.epoch,
    until: times.until,
    from: times.from,
    scopes: verified.decision.scopes,
    subject: verified.decision.subject,
    denyEntries: listDenials(snapshot, verified, isSession),
    variables: listVariables(request, verified),
    identity: verified.identity === undefined ? '' : writeIdentity(verified.identity),
  };
  if (memory !== undefined) keep(memory, field, token, snapshot.cacheSize);
  const dictionary = ngx.shared === undefined ? undefined : ngx.shared['jwtverify'];
  // A full dictionary that does not evict remembers no more: the token is verified again.
  if (dictionary !== undefined) put(dictionary, field, writeToken(token));
}
