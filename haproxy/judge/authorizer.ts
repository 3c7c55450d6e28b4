// `use-service lua.jwtauthorizer`: answers a gateway that asks from outside whether a request may pass.
// docs/decisions/0041 says where the request's facts come from, and why every identity header is always answered.
import {
  ASKED_HOST,
  ASKED_METHOD,
  REASON_HEADER,
  RULE_HEADER,
  SCOPES_HEADER,
  SHADOW_HEADER,
  STATUS_HEADER,
  SUBJECT_HEADER,
  ASKED_TARGET,
  TRANSACTION,
} from '../../src/answer/contract';
import { PROBLEM_TYPE, problemBody, retryAfter } from '../../src/answer/problem-details';
import { refuse, type Decision } from '../../src/answer/decision';
import type { Identity } from '../../src/claims/identity';
import type { Policy, ResourceMetadata } from '../../src/model/policy';
import { readAllowedGroups } from '../../src/request/allowed-groups';
import { isCompared } from '../../src/policy/headers';
import { METRICS_TYPE } from '../../src/metrics/text-format';
import { describeAudit } from '../../src/policy/audit-line';
import { judgeRefusal } from '../../src/policy/judge';
import { judgeReadings, judgeTokenByReadings } from '../../src/policy/readings';
import { pass, type Ruling } from '../../src/policy/ruling';
import { findToken } from '../../src/token/places/find-token';
import type { Field, RequestedResource, RequestFacts } from '../../src/request/request-target';
import { logAudit, logCaught, logUnasked } from '../ports/log';
import { giveMemoryBack, isOutOfMemory } from '../ports/memory-limit';
import { reportPass } from './by-policy';
import { leave } from '../ports/transaction';
import { text } from '../ports/text';
import { recall } from '../store/remembered-tokens';
import { AUTHORIZATION } from '../ports/request-facts';
import type { Rules, Snapshot } from '../store/snapshot';
import { countRefusal, counts } from '../ports/counts';
import { describeMetrics } from '../operate/metrics';
import { COOKIE, linesOf, linesOfQuestion } from '../ports/request-lines';
import { judgeAsked } from './judge-session';
import { judgeFields, judgeFound, SCHEME, type TokenResult } from './steps';

/** A ruling, with the other parts of the answer to a gateway. */
interface GatewayRuling {
  readonly ruling: Ruling;
  /** For the headers that get the token itself; empty when there is no verified one. */
  readonly token: string;
  readonly metadata?: ResourceMetadata;
}

const METADATA = 'metadata';
const METHOD = TRANSACTION + ASKED_METHOD;
const TARGET = TRANSACTION + ASKED_TARGET;
const HOST = TRANSACTION + ASKED_HOST;
const BROKEN = refuse('internal_error');
const NOT_READY = refuse('settings_invalid');

function withoutRule(decision: Decision): GatewayRuling {
  return { ruling: { decision, rule: '', wouldBe: '', headers: [] }, token: '' };
}

/** The lines of the headers that rules compare: the gateway hands on the client's. */
function comparedLines(applet: HttpApplet, compared: readonly string[]): readonly Field[] {
  const fields: Field[] = [];
  for (const [name] of pairs(applet.headers)) {
    if (!isCompared(name, compared, text)) continue;
    for (const value of linesOf(applet, name)) fields.push([name, value]);
  }
  return fields;
}

function readVariable(applet: HttpApplet, name: string): string | undefined {
  const value = applet.get_var(name);
  return value === undefined ? undefined : tostring(value);
}

/**
 * The request that the gateway asks about. INVARIANT: the configuration puts method, target and host into variables, from
 * the headers that the operator trusts; a missing one is empty, and refused.
 */
function readFacts(applet: HttpApplet, compared: readonly string[] | undefined): RequestFacts {
  const method = readVariable(applet, METHOD) ?? '';
  const host = readVariable(applet, HOST);
  const isPreflight =
    applet.headers['origin'] !== undefined && applet.headers['access-control-request-method'] !== undefined;
  return {
    method,
    target: readVariable(applet, TARGET) ?? '',
    hosts: host === undefined ? [] : [host],
    preflight: method === 'OPTIONS' && isPreflight,
    fields: compared === undefined ? undefined : comparedLines(applet, compared),
  };
}

/** The token of a request, or its session where it has none. */
function verify(snapshot: Snapshot, applet: HttpApplet): TokenResult {
  const result = verifyToken(snapshot, applet);
  if (result.ok || result.decision.reason !== 'credentials_missing') return result;
  return judgeAsked(snapshot, applet, linesOf(applet, COOKIE)) ?? result;
}

function verifyToken(snapshot: Snapshot, applet: HttpApplet): TokenResult {
  const { places } = snapshot;
  if (places !== undefined) {
    const request = linesOfQuestion(applet, readVariable(applet, TARGET) ?? '');
    return judgeFound(snapshot, applet, findToken(places, request, text));
  }
  const fields = linesOf(applet, AUTHORIZATION);
  const field = fields[0];
  const known = field === undefined || fields.length > 1 ? undefined : recall(snapshot.memory, field, snapshot.keys);
  if (known === undefined || field === undefined) return judgeFields(snapshot, applet, fields);
  return { ok: true, token: string.sub(field, SCHEME.length + 1), known };
}

/** Without a policy every verified token is accepted. */
function judgeWithoutRules(
  snapshot: Snapshot,
  applet: HttpApplet,
  groups: readonly string[] | undefined,
): GatewayRuling {
  // Only a policy defines the claims that hold groups.
  if (groups !== undefined) return withoutRule(NOT_READY);
  const result = verify(snapshot, applet);
  if (!result.ok) return withoutRule(result.decision);
  const { subject, publication } = result.known;
  return withoutRule({ ...pass('', '').decision, scopes: publication.scopes, subject });
}

/** Logs the ruling on a verified token, as the policy wants it. */
function audit(policy: Policy, ruling: Ruling, identity: Identity, resource: RequestedResource): void {
  const line = describeAudit(policy, ruling, identity, resource, text);
  if (line !== '') logAudit(line);
}

function judgeByRules(
  snapshot: Snapshot,
  rules: Rules,
  applet: HttpApplet,
  groups: readonly string[] | undefined,
): GatewayRuling {
  const { policy, table } = rules;
  const facts = readFacts(applet, policy.comparedHeaders);
  if (facts.method === '') logUnasked(METHOD);
  else if (facts.target === '') logUnasked(TARGET);
  // The gateway's router may decode the path before it chooses.
  const target = judgeReadings(policy, table, facts, text);
  if (target.kind === 'metadata') {
    // The document is for everyone: the gateway may let the request pass, or forward this answer.
    return { ruling: pass(METADATA, ''), token: '', metadata: target.metadata };
  }
  if (target.kind === 'decided') return { ruling: target.ruling, token: '' };
  const result = verify(snapshot, applet);
  if (!result.ok) {
    const ruling = judgeRefusal(policy, target.rule, result.decision, groups);
    if (result.identity !== undefined) audit(policy, ruling, result.identity, target.resource);
    return { ruling, token: '' };
  }
  const identity = result.known.identity;
  if (identity === undefined) return withoutRule(BROKEN);
  const ruling = judgeTokenByReadings(policy, target, identity, undefined, groups, text, os.time());
  audit(policy, ruling, identity, target.resource);
  return { ruling, token: ruling.decision.allowed ? result.token : '' };
}

function judge(snapshot: Snapshot | undefined, applet: HttpApplet): GatewayRuling {
  if (snapshot === undefined) return withoutRule(NOT_READY);
  const groups = readAllowedGroups(applet.qs ?? '', text);
  return snapshot.rules === undefined
    ? judgeWithoutRules(snapshot, applet, groups)
    : judgeByRules(snapshot, snapshot.rules, applet, groups);
}

function addUnlessEmpty(applet: HttpApplet, name: string, value: string): void {
  if (value !== '') applet.add_header(name, value);
}

/**
 * Adds every header that the policy forwards. INVARIANT: a header without a value is sent empty, since a gateway that
 * copies headers of the answer would otherwise leave the client's own in its place.
 */
function addForwarded(applet: HttpApplet, rules: Rules, answered: GatewayRuling): void {
  const { headers } = answered.ruling;
  for (const term of rules.policy.forward) {
    applet.add_header(term.name, headers.find(({ name }) => name === term.name)?.value ?? '');
  }
  for (const name of rules.policy.tokenHeaders) applet.add_header(name, answered.token);
}

function send(applet: HttpApplet, type: string, body: string): void {
  if (body !== '') applet.add_header('Content-Type', type);
  // RFC 9111 §5.2.2.5: one client's answer is not for another.
  applet.add_header('Cache-Control', 'no-store');
  applet.add_header('Content-Length', tostring(body.length));
  applet.start_response();
  if (body !== '' && applet.method !== 'HEAD') applet.send(body);
}

function answer(applet: HttpApplet, rules: Rules | undefined, answered: GatewayRuling): void {
  const { decision, rule, wouldBe } = answered.ruling;
  if (decision.allowed && rules === undefined) counts.passed += 1;
  else if (decision.allowed) reportPass(rule, wouldBe);
  else countRefusal(decision.reason, rule);
  applet.set_status(decision.status);
  applet.add_header(STATUS_HEADER, tostring(decision.status));
  addUnlessEmpty(applet, REASON_HEADER, decision.reason);
  addUnlessEmpty(applet, RULE_HEADER, rule);
  addUnlessEmpty(applet, SHADOW_HEADER, wouldBe);
  addUnlessEmpty(applet, SCOPES_HEADER, decision.scopes);
  addUnlessEmpty(applet, SUBJECT_HEADER, decision.subject);
  addUnlessEmpty(applet, 'WWW-Authenticate', decision.challenge);
  const seconds = retryAfter(decision);
  if (seconds !== undefined) applet.add_header('Retry-After', tostring(seconds));
  if (decision.allowed && rules !== undefined) addForwarded(applet, rules, answered);
  if (answered.metadata !== undefined) send(applet, 'application/json', answered.metadata.body);
  else send(applet, PROBLEM_TYPE, problemBody(decision));
}

/**
 * Answers 200, or the refusal with its exact status, challenge and problem details; never a redirect or a cookie.
 * @param snapshot undefined when the settings have not been read: everything is refused
 */
export function answerGateway(snapshot: Snapshot | undefined, applet: HttpApplet): void {
  const [ok, result] = pcall(judge, snapshot, applet);
  if (ok) {
    answer(applet, snapshot?.rules, result);
    return;
  }
  if (isOutOfMemory(result)) giveMemoryBack();
  leave();
  logCaught(result);
  answer(applet, undefined, withoutRule(BROKEN));
}

/** `use-service lua.jwtverify_metrics`: numbers for Prometheus; 503 before there are settings. */
export function answerMetrics(snapshot: Snapshot | undefined, applet: HttpApplet): void {
  const metrics = snapshot === undefined ? '' : describeMetrics(snapshot);
  applet.set_status(snapshot === undefined ? 503 : 200);
  send(applet, METRICS_TYPE, metrics);
}

/** `use-service lua.jwtverify_health`: 200 when every issuer has keys, otherwise 503. */
export function answerHealth(isReady: boolean, applet: HttpApplet): void {
  applet.set_status(isReady ? 200 : 503);
  send(applet, 'application/json', isReady ? '{"ready":true}' : '{"ready":false}');
}
