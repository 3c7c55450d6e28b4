// The judge as steps: `begin` and `resume` never wait, a host's driver performs what a step asks for.
import { asObject, findMember, type JsonObject } from '../codec/json';
import { isWithin, type JsonBounds } from '../codec/json-cost';
import { parseJson } from '../codec/json-parse';
import type { SignatureOutcome } from '../ports/signatures';
import type { Text } from '../codec/text';
import { accept } from './accept';
import { acceptedIssuers, isAccepted, isOnlyOne } from './accepted-issuers';
import { checkClaims } from './claims';
import { splitCompact, type UnverifiedToken } from './compact';
import { refuse } from '../answer/decision';
import { describeForeign } from './foreign-token';
import { recallHeader } from './header';
import { isOpaque } from './introspection';
import { findIntrospecting, introspect } from './introspection-flow';
import { fail, succeed, type Outcome } from '../answer/outcome';
import type { Reason } from '../answer/reason';
import { isPatternOf, tenantOf } from '../keys/issuer-pattern';
import { startingKeys } from '../keys/present-keys';
import { isMisplaced } from './places/accepted-place';
import { isNamed, selectKeys } from './select-key';
import type { TokenType } from '../model/policy';
import type { IssuerSettings, KeySet, Settings } from '../model/settings';
import { refused, type Attempts, type Trust, type Pending, type Step } from './step';

export { introspectionResult, resumeIntrospection } from './introspection-flow';
export type { Trust, Step } from './step';

/** The algorithm and key that a token claims. */
type Claimed = Pick<Attempts, 'algorithm' | 'kid'>;

/** The judge at start: configured keys are there, keys that are fetched are not yet. */
export function createTrust(settings: Settings, text: Text): Trust {
  const keySets: KeySet[] = [];
  for (let index = 0; index < settings.issuers.length; index++) {
    const issuer = settings.issuers[index];
    if (issuer !== undefined) keySets.push(startingKeys(issuer));
  }
  return { settings, keySets, text };
}

/** Whether keys that are not here now could verify a token that no present key verifies. */
function mayBringIt(issuer: IssuerSettings, keySet: KeySet, token: Claimed, reason: Reason): boolean {
  const algorithm = token.algorithm;
  // No source that is fetched gives a shared secret; and a rotation brings no algorithm that the operator forbids.
  if (issuer.sources.remotes.length === 0 || algorithm.keyType === 'oct') return false;
  if (issuer.allowed !== undefined && issuer.allowed.indexOf(algorithm.name) < 0) return false;
  if (token.kid === undefined) return keySet.isPartial === true;
  return reason === 'key_unknown' || reason === 'algorithm_refused' || !isNamed(keySet, token.kid);
}

/** The last step of a token that no present key verifies: the wish for newer keys, where these could. */
function endWithout(trust: Trust, place: number, token: Claimed, reason: Reason): Step {
  const issuer = trust.settings.issuers[place];
  const keySet = trust.keySets[place];
  if (issuer === undefined || keySet === undefined) return refused(reason);
  if (!mayBringIt(issuer, keySet, token, reason)) return refused(reason);
  const lack = keySet.isStale === true ? 'keys_stale' : 'keys_unavailable';
  return { kind: 'refetch', issuer: place, otherwise: refuse(keySet.isPartial === true ? lack : reason) };
}

/** The step that tries a candidate; the last one when there are no more. */
function tryKey(trust: Trust, tried: Attempts, attempt: number): Step {
  const key = tried.candidates[attempt];
  if (key === undefined) return endWithout(trust, tried.issuer, tried, 'signature_invalid');
  const request = {
    algorithm: tried.algorithm.name,
    key,
    signingInput: tried.token.signingInput,
    signature: tried.token.signature,
  };
  return {
    kind: 'verify',
    pending: {
      request,
      token: tried.token,
      algorithm: tried.algorithm,
      kid: tried.kid,
      issuer: tried.issuer,
      candidates: tried.candidates,
      attempt,
    },
  };
}

/** The payload as an object; undefined for anything else. */
function readPayload(token: UnverifiedToken, text: Text): JsonObject | undefined {
  const source = text.decodeBase64Url(token.payload);
  return source === undefined ? undefined : asObject(parseJson(source, text));
}

/** Shorter payload segments cost little, whatever they hold; characters of base64url, which are the same on every engine. */
const SHORT = 4096;
/** Of a payload that no key has verified. A thousand groups keep them. */
const BOUNDS: JsonBounds = { commas: 1024, opens: 512, escapes: 2048, blanks: 4096 };

/** The payload before its signature is checked: undefined besides for one that costs more to parse than any real one. */
function readUnverified(token: UnverifiedToken, text: Text): JsonObject | undefined {
  const source = text.decodeBase64Url(token.payload);
  if (source === undefined || (token.payload.length > SHORT && !isWithin(source, BOUNDS))) return undefined;
  return asObject(parseJson(source, text));
}

/**
 * Chooses the issuer whose keys to try. With one issuer this ignores the payload; with several the unverified `iss` chooses
 * the keys that must verify the token, and nothing else. A provider of the broker is never chosen.
 */
function chooseIssuer(issuers: readonly IssuerSettings[], claims: JsonObject | undefined, text: Text): Outcome<number> {
  if (isOnlyOne(issuers)) return succeed(0);
  if (claims === undefined) return fail('payload_malformed');
  const claimed = findMember(claims, 'iss');
  if (claimed === undefined) return fail('issuer_missing');
  for (let index = 0; index < issuers.length; index++) {
    const issuer = issuers[index];
    if (issuer?.tenancy === undefined && issuer?.issuer === claimed && isAccepted(issuer)) return succeed(index);
  }
  // An issuer by its own name comes before a pattern; no two patterns fit one `iss`.
  for (let index = 0; typeof claimed === 'string' && index < issuers.length; index++) {
    const issuer = issuers[index];
    const tenancy = issuer?.tenancy;
    const isNamed = tenancy !== undefined && tenantOf(tenancy, claimed, text) !== undefined;
    if (isNamed && issuer !== undefined && isAccepted(issuer)) return succeed(index);
  }
  return fail('issuer_refused');
}

/** RFC 8725 §3.11: only a trust that names logout tokens accepts one. It has one issuer (src/login/back-channel.ts). */
function isForeignType(type: TokenType, issuers: readonly IssuerSettings[]): boolean {
  if (type !== 'logout+jwt') return false;
  const types = issuers[0]?.terms?.types;
  return issuers.length !== 1 || types === undefined || types.indexOf(type) < 0;
}

/**
 * Begins to judge a token: reads its header, chooses issuer and keys (RFC 7515 §5.2 steps 1 to 7).
 * @param bearer the token as `extractBearer` or `findToken` found it
 * @param places the places that it was found at, of `settings.tokenPlaces`; undefined without these
 * @returns a refusal, the first signature to check, the wish for newer keys, or the question to its issuer
 */
export function begin(trust: Trust, bearer: string, places?: readonly number[]): Step {
  const asked = findIntrospecting(trust.settings);
  if (asked !== undefined && isOpaque(bearer)) {
    if (isMisplaced(trust.settings, asked, places)) return refused('place_refused');
    return introspect(trust, asked, bearer);
  }
  const token = splitCompact(bearer, trust.text);
  if (!token.ok) return refused(token.reason);
  const header = recallHeader(token.value.header, trust.text, trust.headers);
  if (!header.ok) return refused(header.reason);
  const issuers = trust.settings.issuers;
  if (isForeignType(header.value.type, issuers)) return refused('type_refused');
  const claims = isOnlyOne(issuers) ? undefined : readUnverified(token.value, trust.text);
  const chosen = chooseIssuer(issuers, claims, trust.text);
  if (!chosen.ok) {
    const isForeign = chosen.reason === 'issuer_refused' && claims !== undefined;
    return refused(
      chosen.reason,
      isForeign ? describeForeign(chosen.reason, claims, acceptedIssuers(trust.settings)) : undefined,
    );
  }
  if (isMisplaced(trust.settings, chosen.value, places)) return refused('place_refused');
  const keySet = trust.keySets[chosen.value];
  const issuer = issuers[chosen.value];
  // RFC 9068 §4: an issuer that types its access tokens can be held to it.
  const types = issuer?.terms?.types;
  if (types !== undefined && types.indexOf(header.value.type) < 0) return refused('type_refused');
  if (keySet === undefined || issuer === undefined) return refused('keys_unavailable');
  if (!keySet.ready) return refused(keySet.isStale === true ? 'keys_stale' : 'keys_unavailable');
  const keys = selectKeys(keySet, header.value, token.value.signature);
  if (keys.ok) {
    const attempts: Attempts = {
      token: token.value,
      algorithm: header.value.algorithm,
      kid: header.value.kid,
      issuer: chosen.value,
      candidates: keys.value,
    };
    return tryKey(trust, attempts, 0);
  }
  return endWithout(trust, chosen.value, header.value, keys.reason);
}

/** Judges the claims of a token whose signature has been verified (RFC 7519 §7.2 step 10 and after). */
function judgeClaims(trust: Trust, pending: Pending, now: number): Step {
  const issuer = trust.settings.issuers[pending.issuer];
  const claims = readPayload(pending.token, trust.text);
  if (claims === undefined || issuer === undefined) return refused('payload_malformed');
  const accepted = checkClaims(claims, issuer, trust.settings.clockSkew, trust.text, now);
  if (!accepted.ok) return refused(accepted.reason, describeForeign(accepted.reason, claims, [issuer]));
  const key = pending.request.key;
  const tenancy = issuer.tenancy;
  const binding = tenancy !== undefined && key.kind === 'public' ? key.issuer : undefined;
  const isFree = binding === undefined || (tenancy !== undefined && isPatternOf(tenancy, binding, trust.text));
  if (!isFree && binding !== findMember(claims, 'iss')) {
    // The same key may be there once more, for this tenant.
    if (pending.candidates[pending.attempt + 1] !== undefined) return tryKey(trust, pending, pending.attempt + 1);
    return refused('issuer_refused', 'the key that signed the token is bound to another tenant');
  }
  return accept(trust, pending.issuer, accepted.value, { key, kid: pending.kid ?? key.kid });
}

/**
 * Continues once the driver has the answer to a `verify` step.
 * @param now seconds since the epoch
 * @returns the verified token, a refusal, or the next signature to check when another key may fit
 */
export function resume(trust: Trust, pending: Pending, outcome: SignatureOutcome, now: number): Step {
  // INVARIANT: claims are trusted below this line only, after a signature over them was valid.
  if (outcome === 'valid') return judgeClaims(trust, pending, now);
  if (outcome === 'unavailable') return refused('algorithm_unavailable');
  if (outcome === 'over_budget') return refused('budget_exhausted');
  return tryKey(trust, pending, pending.attempt + 1);
}
