// Remembers a verified token: in the shared dictionary `jwtverify`, and where module state lasts in it.
import { claimVariables } from '../src/core/claim-variables';
import { entriesOf, type VerifiedToken } from '../src/core/verified-token';
import type { HttpRequest, NginxObject } from './host';
import type { Loaded } from './loaded';
import { keep, type Memory, type Remembered } from './memory';
import { text } from './ports/text';
import { writeIdentity } from './remembered-identity';
import { put } from './ports/zones';

declare const ngx: NginxObject;

const CLAIM_PREFIX = 'oauth_claim_';

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
 * Remembers a token that was verified and allowed.
 * @param authorization the request's Authorization fields
 * @param now seconds since the epoch
 */
export function remember(
  request: HttpRequest,
  authorization: readonly string[],
  loaded: Loaded,
  memory: Memory | undefined,
  verified: VerifiedToken,
  now: number,
): void {
  const field = authorization[0];
  if (loaded.epoch === '' || loaded.cacheSize === 0 || field === undefined) return;
  // INVARIANT: what is looked up later is this very field, the only one there is.
  if (authorization.length !== 1 || request.headersIn['Authorization'] !== field) return;
  const last = now + loaded.cacheAge;
  const validity = verified.validity;
  const decision = verified.decision;
  const token = [
    loaded.epoch,
    1000 * (validity.until < last ? validity.until : last),
    1000 * (validity.from > validity.issued ? validity.from : validity.issued),
    decision.scopes,
    decision.subject,
    entriesOf(verified, text).join('\t'),
    listVariables(request, verified),
    verified.identity === undefined ? '' : writeIdentity(verified.identity),
  ];
  if (memory !== undefined) keep(memory, field, token.concat(field) as unknown as Remembered, loaded.cacheSize);
  const dictionary = ngx.shared === undefined ? undefined : ngx.shared['jwtverify'];
  // INVARIANT: no member holds a line feed; scopes, subject and entries were checked for control characters, JSON escapes it.
  // A full dictionary that does not evict remembers no more: the token is verified again.
  if (dictionary !== undefined) put(dictionary, field, token.join('\n'));
}
