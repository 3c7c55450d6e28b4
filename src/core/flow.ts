// The judge as steps: `begin` and `resume` never wait, a host's driver performs what a step asks for.
import { asObject } from '../codec/json';
import { parseJson } from '../codec/json-parse';
import type { SignatureOutcome, VerifyRequest } from '../ports/signatures';
import type { Text } from '../ports/text';
import type { Algorithm } from './algorithm';
import { extractBearer } from './bearer';
import { checkClaims } from './claims';
import { splitCompact, type UnverifiedToken } from './compact';
import { allow, refuse, type Decision } from './decision';
import { readHeader } from './header';
import type { VerificationKey } from './key';
import type { Reason } from './reason';
import { selectKeys } from './select-key';
import type { Settings } from './settings';

/** What stays the same from request to request. */
export interface Judge {
  readonly settings: Settings;
  readonly text: Text;
}

/** What the core is told of one request. */
export interface RequestFacts {
  /** Every `Authorization` field value as received, in order, one element for each header line. */
  readonly authorization: readonly string[];
}

/** A token whose signature is being checked; nothing in it is trusted yet. */
export interface Pending {
  /** The check that the driver is asked to perform. */
  readonly request: VerifyRequest;
  readonly token: UnverifiedToken;
  readonly algorithm: Algorithm;
  /** The keys that fit, and which of them `request` tries. */
  readonly candidates: readonly VerificationKey[];
  readonly attempt: number;
}

export type Step =
  { readonly kind: 'decided'; readonly decision: Decision } | { readonly kind: 'verify'; readonly pending: Pending };

function decided(decision: Decision): Step {
  return { kind: 'decided', decision };
}

function refused(reason: Reason): Step {
  return decided(refuse(reason));
}

/** The step that tries one candidate; undefined when there are no more. */
function tryKey(
  token: UnverifiedToken,
  algorithm: Algorithm,
  candidates: readonly VerificationKey[],
  attempt: number,
): Step | undefined {
  const key = candidates[attempt];
  if (key === undefined) return undefined;
  const request = {
    algorithm: algorithm.name,
    key,
    signingInput: token.signingInput,
    signature: token.signature,
  };
  return { kind: 'verify', pending: { request, token, algorithm, candidates, attempt } };
}

/**
 * Begins to judge a request: finds its token, reads its header, chooses the keys (RFC 7515 §5.2 steps 1 to 7).
 * @returns a refusal, or the first signature to check
 */
export function begin(judge: Judge, facts: RequestFacts): Step {
  const bearer = extractBearer(facts.authorization);
  if (!bearer.ok) return refused(bearer.reason);
  const token = splitCompact(bearer.value, judge.text);
  if (!token.ok) return refused(token.reason);
  const header = readHeader(token.value.header, judge.text);
  if (!header.ok) return refused(header.reason);
  const keys = selectKeys(judge.settings, header.value, token.value.signature);
  if (!keys.ok) return refused(keys.reason);
  return tryKey(token.value, header.value.algorithm, keys.value, 0) ?? refused('key_mismatch');
}

/** Judges a token whose signature has been verified (RFC 7519 §7.2 step 10 and after). */
function judgeVerified(judge: Judge, token: UnverifiedToken, now: number): Step {
  const source = judge.text.decodeBase64Url(token.payload);
  const claims = source === undefined ? undefined : asObject(parseJson(source, judge.text));
  if (claims === undefined) return refused('payload_malformed');
  const grant = checkClaims(claims, judge.settings, judge.text, now);
  return grant.ok ? decided(allow(grant.value)) : refused(grant.reason);
}

/**
 * Goes on once the driver has the answer to a `verify` step.
 * @param now seconds since the epoch
 * @returns the decision, or the next signature to check when another key may fit
 */
export function resume(judge: Judge, pending: Pending, outcome: SignatureOutcome, now: number): Step {
  // INVARIANT: the payload is decoded below this line only, after a signature over it was valid.
  if (outcome === 'valid') return judgeVerified(judge, pending.token, now);
  if (outcome === 'unavailable') return refused('algorithm_unavailable');
  const next = tryKey(pending.token, pending.algorithm, pending.candidates, pending.attempt + 1);
  return next ?? refused('signature_invalid');
}
