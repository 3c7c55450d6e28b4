// A request on its way through the checks at the desk: the same core, in the same order, as in the proxies.
import { text } from '../../nginx/ports/text';
import { PASSED, refuse, type Decision } from '../../src/answer/decision';
import { findMember, type JsonObject } from '../../src/codec/json';
import type { Identity } from '../../src/claims/identity';
import { tenantOf } from '../../src/keys/issuer-pattern';
import type { KeySet, Settings } from '../../src/model/settings';
import type { Policy } from '../../src/model/policy';
import { createPolicyTable } from '../../src/policy/policy-table';
import { judgeReadings, judgeTokenByReadings, type ReadTarget } from '../../src/policy/readings';
import { judgeRefusal } from '../../src/policy/judge';
import { type Ruling } from '../../src/policy/ruling';
import { readAllowedGroups } from '../../src/request/allowed-groups';
import { accept } from '../../src/token/accept';
import { isAccepted } from '../../src/token/accepted-issuers';
import { checkClaims } from '../../src/token/claims';
import { begin, resume, type Step, type Trust } from '../../src/token/flow';
import { ONLY_BEARER } from '../../src/token/places/accepted-place';
import { findToken } from '../../src/token/places/find-token';
import { refused } from '../../src/token/step';
import { judgeVerified, type VerifiedToken } from '../../src/token/verified-token';
import { factsOf, linesOf, type DeskRequest } from './request';
import { signatures } from './settings';

/** What a request presents: a token in its header lines, or claims that count as those of a verified token. */
export type Presented = { readonly kind: 'request' } | { readonly kind: 'claims'; readonly claims: JsonObject };

export interface DeskQuestion {
  readonly settings: Settings;
  readonly keySets: readonly KeySet[];
  readonly request: DeskRequest;
  readonly presented: Presented;
  /** The groups of `?allowed_groups=` of an authorizer's own address; empty without it. */
  readonly allowedGroups: string;
  /** Seconds since the epoch. */
  readonly now: number;
}

export interface DeskAnswer {
  readonly ruling: Ruling;
  /** The rule's target where a token decides; undefined where the request alone was decided. */
  readonly target: ReadTarget | undefined;
  /** The verified token's identity; undefined when none was verified, and without a policy. */
  readonly identity: Identity | undefined;
  readonly verified: VerifiedToken | undefined;
  /** The token as the request has it; undefined when it has none in one place. */
  readonly token: string | undefined;
  /** The log's detail on a refusal. */
  readonly detail: string | undefined;
  /** The document for a client that asks where to get a token (RFC 9728); empty otherwise. */
  readonly metadata: string;
}

/** The policy of settings without one: every verified token passes. */
const NO_RULE = '';

/** The issuer of claims that no signature is for: the one that they name. */
export function issuerOfClaims(settings: Settings, claims: JsonObject): number {
  const claimed = findMember(claims, 'iss');
  const exact = settings.issuers.findIndex(
    (issuer) => issuer.tenancy === undefined && issuer.issuer === claimed && isAccepted(issuer),
  );
  if (exact >= 0 || typeof claimed !== 'string') return Math.max(exact, 0);
  const pattern = settings.issuers.findIndex(
    (issuer) =>
      issuer.tenancy !== undefined && isAccepted(issuer) && tenantOf(issuer.tenancy, claimed, text) !== undefined,
  );
  return Math.max(pattern, 0);
}

/** The last step of claims that count as verified. */
function judgeClaims(trust: Trust, claims: JsonObject, now: number): Step {
  const place = issuerOfClaims(trust.settings, claims);
  const issuer = trust.settings.issuers[place];
  if (issuer === undefined) return refused('internal_error');
  const accepted = checkClaims(claims, issuer, trust.settings.clockSkew, text, now);
  if (!accepted.ok) return refused(accepted.reason);
  return accept(trust, place, accepted.value, { key: undefined, kid: undefined });
}

/** Performs the steps of a token; opaque ones need their issuer, who is not asked at the desk. */
async function verify(trust: Trust, token: string, places: readonly number[], now: number): Promise<Step> {
  let step = begin(trust, token, places);
  while (step.kind === 'verify') {
    step = resume(trust, step.pending, await signatures.verify(step.pending.request), now);
  }
  return step;
}

interface Ended {
  readonly refusal: Decision | undefined;
  readonly verified: VerifiedToken | undefined;
  readonly token: string | undefined;
  readonly detail: string | undefined;
}

function endOf(step: Step, token: string | undefined, now: number): Ended {
  if (step.kind === 'verified') {
    const decision = judgeVerified(step.verified, undefined, text, now);
    return { refusal: decision.allowed ? undefined : decision, verified: step.verified, token, detail: undefined };
  }
  if (step.kind === 'refused') return { refusal: step.decision, verified: undefined, token, detail: step.detail };
  if (step.kind === 'refetch') return { refusal: step.otherwise, verified: undefined, token, detail: undefined };
  const detail = 'the token is opaque; its issuer is not asked at the desk: use --claims';
  return { refusal: refuse('introspection_unavailable'), verified: undefined, token, detail };
}

async function presentedToken(question: DeskQuestion): Promise<Ended> {
  const { settings, presented, request, now } = question;
  const trust: Trust = { settings, keySets: question.keySets, text };
  if (presented.kind === 'claims') return endOf(judgeClaims(trust, presented.claims, now), undefined, now);
  const found = findToken(settings.tokenPlaces ?? ONLY_BEARER, linesOf(request), text);
  if (!found.ok) return { refusal: refuse(found.reason), verified: undefined, token: undefined, detail: undefined };
  return endOf(await verify(trust, found.value.token, found.value.places, now), found.value.token, now);
}

const NOTHING = { target: undefined, identity: undefined, verified: undefined, token: undefined, detail: undefined };

async function judgeByPolicy(question: DeskQuestion, policy: Policy): Promise<DeskAnswer> {
  const facts = factsOf(question.request, policy);
  const asked = judgeReadings(policy, createPolicyTable(policy), facts, text);
  if (asked.kind === 'decided') return { ...NOTHING, ruling: asked.ruling, metadata: '' };
  if (asked.kind === 'metadata') {
    const ruling = { decision: PASSED, rule: 'metadata', wouldBe: '' as const, headers: [] };
    return { ...NOTHING, ruling, metadata: asked.metadata.body };
  }
  const groups = readAllowedGroups(question.allowedGroups, text);
  const ended = await presentedToken(question);
  const known = { target: asked, token: ended.token, detail: ended.detail, verified: ended.verified, metadata: '' };
  const identity = ended.verified?.identity;
  if (ended.refusal !== undefined || identity === undefined) {
    const ruling = judgeRefusal(policy, asked.rule, ended.refusal ?? refuse('internal_error'), groups);
    return { ...known, ruling, identity };
  }
  const claims = ended.verified?.decision.claims;
  const ruling = judgeTokenByReadings(policy, asked, identity, claims, groups, text, question.now);
  return { ...known, ruling, identity };
}

/** Judges a request. */
export async function judgeAtDesk(question: DeskQuestion): Promise<DeskAnswer> {
  const policy = question.settings.policy;
  if (policy !== undefined) return judgeByPolicy(question, policy);
  const ended = await presentedToken(question);
  const decision = ended.refusal ?? ended.verified?.decision ?? refuse('internal_error');
  const ruling: Ruling = { decision, rule: NO_RULE, wouldBe: '', headers: [] };
  return { ...NOTHING, ruling, verified: ended.verified, token: ended.token, detail: ended.detail, metadata: '' };
}
