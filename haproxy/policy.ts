// Judges a request by the policy's rules: its target, its token, then both together. Remembered tokens too.
import type { Decision } from '../src/core/decision';
import type { Identity } from '../src/core/identity';
import type { ResourceMetadata, Rule } from '../src/core/policy';
import type { Reason } from '../src/core/reason';
import { assessToken } from '../src/policy/assess';
import { judgeRefusal, judgeTarget, judgeToken } from '../src/policy/judge';
import type { Judgement } from '../src/policy/judgement';
import { allowWith, refuseBroken, refuseForRoom, refuseVariables, refuseWith } from './conclude';
import { addHeaders, cleanHeaders, nameHeaders } from './headers';
import { logShadow } from './log';
import { text } from './ports/text';
import { recall, type Remembered } from './remembered';
import { AUTHORIZATION, readFacts, readFields } from './request-facts';
import type { Rules, Service } from './service';
import { countShadow } from './status';
import { NO_PUBLICATION, publishRule, withhold } from './variables';
import { judgeFields, SCHEME } from './verify';

/** What is to be answered: as the decision says, or with the document that the client asked for (RFC 9728 §3.1). */
export type Answer = Decision | ResourceMetadata;

/** Whether the client asked for the document. */
export function isDocument(answer: Answer): answer is ResourceMetadata {
  return (answer as Partial<ResourceMetadata>).body !== undefined;
}

/** Counts and logs what shadow mode let pass. */
export function reportShadow(rule: string, reason: Reason | ''): void {
  if (reason === '') return;
  countShadow(reason);
  logShadow(rule, reason);
}

/** Acts on a judgement that knows of no token. */
function conclude(txn: Txn, judgement: Judgement): Decision {
  publishRule(txn, judgement.rule, judgement.wouldBe);
  if (!judgement.decision.allowed) {
    withhold(txn);
    return refuseWith(txn, judgement.decision);
  }
  reportShadow(judgement.rule, judgement.wouldBe);
  return allowWith(txn, NO_PUBLICATION);
}

/** Lets a request with a verified token pass, with the headers that its backend is given. */
function passKnown(
  txn: Txn,
  rules: Rules,
  identity: Identity,
  known: Remembered,
  token: string,
  rule: Rule,
  wouldBe: Reason | '',
): Decision {
  const { headers } = identity;
  const names = known.headerNames ?? nameHeaders(rules, headers);
  known.headerNames = names;
  // INVARIANT: the backend is told who is calling, or the request does not reach it.
  if (!addHeaders(rules, txn, headers, names, token)) return refuseForRoom(txn, 'the headers', 'tune.bufsize');
  if (!publishRule(txn, rule.name, wouldBe)) return refuseVariables(txn);
  reportShadow(rule.name, wouldBe);
  return allowWith(txn, known.publication);
}

/** Judges a verified token by the rule. */
function judgeKnown(txn: Txn, rules: Rules, known: Remembered, token: string, rule: Rule): Decision {
  const { policy } = rules;
  const identity = known.identity;
  // A policy gives every verified token an identity.
  if (identity === undefined) return refuseBroken(txn);
  const now = os.time();
  // Most requests end here, and nothing is made for them.
  if (assessToken(policy.clockSkew, rule, identity, undefined, text, now) === undefined) {
    return passKnown(txn, rules, identity, known, token, rule, '');
  }
  const judgement = judgeToken(policy, rule, identity, undefined, undefined, text, now);
  if (!judgement.decision.allowed) return conclude(txn, judgement);
  return passKnown(txn, rules, identity, known, token, rule, judgement.wouldBe);
}

/**
 * Judges a request, sets the variables of the contract, and makes its headers such as the backend may believe.
 * @returns the metadata document when the client asked for it; nothing is told of such a request
 */
export function judgeByRules(service: Service, rules: Rules, txn: Txn): Answer {
  const { policy, table } = rules;
  const fetches = txn.f;
  const fields = readFields(fetches, fetches.req_fhdr_cnt(AUTHORIZATION));
  // INVARIANT: before anything is judged, so that no judgement lets a client's own headers pass.
  cleanHeaders(rules, txn);
  const target = judgeTarget(policy, table, readFacts(fetches, policy.usesHosts), text);
  if (target.kind === 'metadata') {
    withhold(txn);
    return target.metadata;
  }
  if (target.kind === 'decided') return conclude(txn, target.judgement);
  const field = fields[0];
  const remembered = field === undefined || fields.length > 1 ? undefined : recall(service.memory, field, service.keys);
  if (remembered !== undefined && field !== undefined) {
    return judgeKnown(txn, rules, remembered, string.sub(field, SCHEME.length + 1), target.rule);
  }
  withhold(txn);
  const verdict = judgeFields(service, txn, fields);
  if (!verdict.ok) return conclude(txn, judgeRefusal(policy, target.rule, verdict.decision));
  return judgeKnown(txn, rules, verdict.known, verdict.token, target.rule);
}
