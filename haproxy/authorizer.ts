// `use-service lua.jwtauthorizer`: answers a gateway that asks from outside whether a request may pass.
// docs/decisions/0041 says where the request's facts come from, and why every identity header is always answered.
import { PROBLEM_TYPE, problemBody, retryAfter } from '../src/core/answer';
import { refuse, type Decision } from '../src/core/decision';
import type { ResourceMetadata } from '../src/core/policy';
import { readAllowedGroups } from '../src/policy/allowed-groups';
import { judgeRefusal, judgeTarget, judgeToken } from '../src/policy/judge';
import { pass, type Judgement } from '../src/policy/judgement';
import type { RequestFacts } from '../src/policy/request-target';
import { logCaught } from './log';
import { reportShadow } from './policy';
import { leave } from './ports/converters';
import { text } from './ports/text';
import { recall } from './remembered';
import { AUTHORIZATION } from './request-facts';
import type { Rules, Service } from './service';
import { countRefusal } from './status';
import { judgeFields, SCHEME, type Verdict } from './verify';

/** What is answered, and what with. */
interface Ruling {
  readonly judgement: Judgement;
  /** For the headers that get the token itself; empty when there is no verified one. */
  readonly token: string;
  readonly metadata?: ResourceMetadata;
}

const METADATA = 'metadata';
const BROKEN = refuse('internal_error');
const NOT_READY = refuse('settings_invalid');

function withoutRule(decision: Decision): Ruling {
  return { judgement: { decision, rule: '', wouldBe: '', headers: [] }, token: '' };
}

/** The values of a header's lines. */
function linesOf(applet: HttpApplet, name: string): readonly string[] {
  const lines: string[] = [];
  const values = applet.headers[name];
  for (let index = 0; values?.has(index) === true; index++) lines.push(values.get(index));
  return lines;
}

function readVariable(applet: HttpApplet, name: string): string | undefined {
  const value = applet.get_var(name);
  return value === undefined ? undefined : tostring(value);
}

/**
 * The request that the gateway asks about. INVARIANT: method, target and host are what the configuration has put into
 * variables, from where the operator trusts them; what is not there is empty, and refused.
 */
function readFacts(applet: HttpApplet): RequestFacts {
  const method = readVariable(applet, 'txn.oauth_method') ?? '';
  const host = readVariable(applet, 'txn.oauth_host');
  const isPreflight =
    applet.headers['origin'] !== undefined && applet.headers['access-control-request-method'] !== undefined;
  return {
    method,
    target: readVariable(applet, 'txn.oauth_target') ?? '',
    hosts: host === undefined ? [] : [host],
    preflight: method === 'OPTIONS' && isPreflight,
  };
}

function verify(service: Service, applet: HttpApplet): Verdict {
  const fields = linesOf(applet, AUTHORIZATION);
  const field = fields[0];
  const known = field === undefined || fields.length > 1 ? undefined : recall(service.memory, field, service.keys);
  if (known === undefined || field === undefined) return judgeFields(service, applet, fields);
  return { ok: true, token: string.sub(field, SCHEME.length + 1), known };
}

/** Without a policy every verified token will do. */
function judgeWithoutRules(service: Service, applet: HttpApplet, groups: readonly string[] | undefined): Ruling {
  // Which claims are groups only a policy says.
  if (groups !== undefined) return withoutRule(NOT_READY);
  const verdict = verify(service, applet);
  if (!verdict.ok) return withoutRule(verdict.decision);
  const { subject, publication } = verdict.known;
  return withoutRule({ ...pass('', '').decision, scopes: publication.scopes, subject });
}

function judgeByRules(
  service: Service,
  rules: Rules,
  applet: HttpApplet,
  groups: readonly string[] | undefined,
): Ruling {
  const { policy, table } = rules;
  const target = judgeTarget(policy, table, readFacts(applet), text);
  if (target.kind === 'metadata') {
    // The document is for everyone: the gateway may let this through, or hand on what is answered here.
    return { judgement: pass(METADATA, ''), token: '', metadata: target.metadata };
  }
  if (target.kind === 'decided') return { judgement: target.judgement, token: '' };
  const verdict = verify(service, applet);
  if (!verdict.ok) return { judgement: judgeRefusal(policy, target.rule, verdict.decision), token: '' };
  const identity = verdict.known.identity;
  if (identity === undefined) return withoutRule(BROKEN);
  const judgement = judgeToken(policy, target.rule, identity, undefined, groups, text, os.time());
  return { judgement, token: judgement.decision.allowed ? verdict.token : '' };
}

function judge(service: Service | undefined, applet: HttpApplet): Ruling {
  if (service === undefined) return withoutRule(NOT_READY);
  const groups = readAllowedGroups(applet.qs ?? '', text);
  return service.rules === undefined
    ? judgeWithoutRules(service, applet, groups)
    : judgeByRules(service, service.rules, applet, groups);
}

function addUnlessEmpty(applet: HttpApplet, name: string, value: string): void {
  if (value !== '') applet.add_header(name, value);
}

/**
 * Adds every header that the policy forwards. INVARIANT: one without a value is answered empty, since a gateway that
 * copies what is answered would otherwise leave the client's own in its place.
 */
function addForwarded(applet: HttpApplet, rules: Rules, ruling: Ruling): void {
  const { headers } = ruling.judgement;
  for (const term of rules.policy.forward) {
    applet.add_header(term.name, headers.find(({ name }) => name === term.name)?.value ?? '');
  }
  for (const name of rules.policy.tokenHeaders) applet.add_header(name, ruling.token);
}

function send(applet: HttpApplet, type: string, body: string): void {
  if (body !== '') applet.add_header('Content-Type', type);
  // RFC 9111 §5.2.2.5: what one client was answered is not for another.
  applet.add_header('Cache-Control', 'no-store');
  applet.add_header('Content-Length', tostring(body.length));
  applet.start_response();
  if (body !== '' && applet.method !== 'HEAD') applet.send(body);
}

function answer(applet: HttpApplet, rules: Rules | undefined, ruling: Ruling): void {
  const { decision, rule, wouldBe } = ruling.judgement;
  if (decision.allowed) reportShadow(rule, wouldBe);
  else countRefusal(decision.reason);
  applet.set_status(decision.status);
  applet.add_header('X-OAuth-Status', tostring(decision.status));
  addUnlessEmpty(applet, 'X-OAuth-Reason', decision.reason);
  addUnlessEmpty(applet, 'X-OAuth-Rule', rule);
  addUnlessEmpty(applet, 'X-OAuth-Shadow', wouldBe);
  addUnlessEmpty(applet, 'X-OAuth-Scopes', decision.scopes);
  addUnlessEmpty(applet, 'X-OAuth-Subject', decision.subject);
  addUnlessEmpty(applet, 'WWW-Authenticate', decision.challenge);
  const seconds = retryAfter(decision);
  if (seconds !== undefined) applet.add_header('Retry-After', tostring(seconds));
  if (decision.allowed && rules !== undefined) addForwarded(applet, rules, ruling);
  if (ruling.metadata !== undefined) send(applet, 'application/json', ruling.metadata.body);
  else send(applet, PROBLEM_TYPE, problemBody(decision));
}

/**
 * Answers 200, or the refusal with its exact status, challenge and problem details; never a redirect or a cookie.
 * @param service undefined when the settings have not been read: everything is refused
 */
export function answerGateway(service: Service | undefined, applet: HttpApplet): void {
  const [ok, ruling] = pcall(judge, service, applet);
  if (ok) {
    answer(applet, service?.rules, ruling);
    return;
  }
  leave();
  logCaught(ruling);
  answer(applet, undefined, withoutRule(BROKEN));
}

/** `use-service lua.jwtverify_health`: 200 when every issuer's keys are there, otherwise 503. */
export function answerHealth(isReady: boolean, applet: HttpApplet): void {
  applet.set_status(isReady ? 200 : 503);
  send(applet, 'application/json', isReady ? '{"ready":true}' : '{"ready":false}');
}
