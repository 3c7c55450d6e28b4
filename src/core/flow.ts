// The judge as steps: `begin` and `resume` never wait, a host's driver performs what a step asks for.
import { asObject, findMember, type JsonObject } from '../codec/json';
import { parseJson } from '../codec/json-parse';
import type { SignatureOutcome } from '../ports/signatures';
import type { Text } from '../ports/text';
import { accept } from './accept';
import { checkClaims } from './claims';
import { splitCompact, type UnverifiedToken } from './compact';
import { refuse } from './decision';
import { recallHeader, type Header } from './header';
import { isOpaque } from './introspection';
import { findIntrospecting, introspect } from './introspection-flow';
import { fail, succeed, type Outcome } from './outcome';
import type { Reason } from './reason';
import { selectKeys } from './select-key';
import type { IssuerSettings, KeySet, Settings } from './settings';
import { refused, type Attempts, type Judge, type Pending, type Step } from './step';

export { resumeIntrospection } from './introspection-flow';
export type { Judge, Step } from './step';

const NO_KEYS: KeySet = { ready: false, revision: 0, keys: [], algorithms: [], unavailable: [] };

/** The judge at start: configured keys are there, keys that are fetched are not yet. */
export function createJudge(settings: Settings, text: Text): Judge {
  const keySets: KeySet[] = [];
  for (let index = 0; index < settings.issuers.length; index++) {
    const issuer = settings.issuers[index];
    keySets.push(issuer !== undefined && issuer.source.kind === 'static' ? issuer.source.keySet : NO_KEYS);
  }
  return { settings, keySets, text };
}

/** The step that tries a candidate; a refusal when there are no more. */
function tryKey(tried: Attempts, attempt: number): Step {
  const key = tried.candidates[attempt];
  if (key === undefined) return refused('signature_invalid');
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

/** The payload as an object; undefined when it is none. */
function readPayload(token: UnverifiedToken, text: Text): JsonObject | undefined {
  const source = text.decodeBase64Url(token.payload);
  return source === undefined ? undefined : asObject(parseJson(source, text));
}

/**
 * Which issuer's keys to try. With one issuer the payload is not looked at; with several its unverified `iss` chooses
 * whose keys must verify it, and nothing else.
 */
function chooseIssuer(judge: Judge, token: UnverifiedToken): Outcome<number> {
  const issuers = judge.settings.issuers;
  if (issuers.length === 1) return succeed(0);
  const claims = readPayload(token, judge.text);
  if (claims === undefined) return fail('payload_malformed');
  const claimed = findMember(claims, 'iss');
  if (claimed === undefined) return fail('issuer_missing');
  for (let index = 0; index < issuers.length; index++) {
    const issuer = issuers[index];
    if (issuer !== undefined && issuer.issuer === claimed) return succeed(index);
  }
  return fail('issuer_refused');
}

/** Whether newer keys could let a token be judged that is refused for want of a key. */
function mayBringIt(issuer: IssuerSettings, header: Header, reason: Reason): boolean {
  if (reason === 'key_unknown') return true;
  // A rotation may bring another algorithm with it, unless the operator named those that are allowed.
  const isFree = issuer.allowed === undefined && header.algorithm.keyType !== 'oct';
  return reason === 'algorithm_refused' && isFree && header.kid !== undefined;
}

/**
 * Begins to judge a token: reads its header, chooses issuer and keys (RFC 7515 §5.2 steps 1 to 7).
 * @param bearer the token as `extractBearer` found it
 * @returns a refusal, the first signature to check, the wish for newer keys, or the question to its issuer
 */
export function begin(judge: Judge, bearer: string): Step {
  const asked = findIntrospecting(judge.settings);
  if (asked >= 0 && isOpaque(bearer)) return introspect(judge, asked, bearer);
  const token = splitCompact(bearer, judge.text);
  if (!token.ok) return refused(token.reason);
  const header = recallHeader(token.value.header, judge.text, judge.headers);
  if (!header.ok) return refused(header.reason);
  const chosen = chooseIssuer(judge, token.value);
  if (!chosen.ok) return refused(chosen.reason);
  const keySet = judge.keySets[chosen.value];
  const issuer = judge.settings.issuers[chosen.value];
  // RFC 9068 §4: an issuer that types its access tokens can be held to it.
  const types = issuer === undefined || issuer.terms === undefined ? undefined : issuer.terms.types;
  if (types !== undefined && types.indexOf(header.value.type) < 0) return refused('type_refused');
  if (keySet === undefined || issuer === undefined || !keySet.ready) return refused('keys_unavailable');
  const keys = selectKeys(keySet, header.value, token.value.signature);
  if (keys.ok) {
    const attempts: Attempts = {
      token: token.value,
      algorithm: header.value.algorithm,
      kid: header.value.kid,
      issuer: chosen.value,
      candidates: keys.value,
    };
    return tryKey(attempts, 0);
  }
  if (issuer.source.kind !== 'static' && mayBringIt(issuer, header.value, keys.reason)) {
    return { kind: 'refetch', issuer: chosen.value, otherwise: refuse(keys.reason) };
  }
  return refused(keys.reason);
}

/** Judges the claims of a token whose signature has been verified (RFC 7519 §7.2 step 10 and after). */
function judgeClaims(judge: Judge, pending: Pending, now: number): Step {
  const issuer = judge.settings.issuers[pending.issuer];
  const claims = readPayload(pending.token, judge.text);
  if (claims === undefined || issuer === undefined) return refused('payload_malformed');
  const accepted = checkClaims(claims, issuer, judge.settings.clockSkew, judge.text, now);
  if (!accepted.ok) return refused(accepted.reason);
  const key = pending.request.key;
  return accept(judge, pending.issuer, accepted.value, { key, kid: pending.kid ?? key.kid });
}

/**
 * Goes on once the driver has the answer to a `verify` step.
 * @param now seconds since the epoch
 * @returns the verified token, a refusal, or the next signature to check when another key may fit
 */
export function resume(judge: Judge, pending: Pending, outcome: SignatureOutcome, now: number): Step {
  // INVARIANT: claims are believed below this line only, after a signature over them was valid.
  if (outcome === 'valid') return judgeClaims(judge, pending, now);
  if (outcome === 'unavailable') return refused('algorithm_unavailable');
  if (outcome === 'over_budget') return refused('budget_exhausted');
  return tryKey(pending, pending.attempt + 1);
}
