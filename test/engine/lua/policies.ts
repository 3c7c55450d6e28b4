// Runs policies on whatever Lua runs this, with HAProxy's own ports where they work outside of HAProxy.
// Arguments: the file with policies, requests and targets, as a Lua table. Prints one answer a line, as JSON.
import { createSignatures } from '../../../haproxy/ports/signatures/signatures';
import { text } from '../../../haproxy/ports/text';
import { findToken } from '../../../src/token/places/find-token';
import { takeTokens } from '../../../src/token/places/remainder';
import type { RequestLines } from '../../../src/token/places/request-lines';
import { ONLY_BEARER } from '../../../src/token/places/accepted-place';
import { PASSED, refuse, type Decision } from '../../../src/answer/decision';
import { begin, createTrust, resume, type Step } from '../../../src/token/flow';
import type { Policy } from '../../../src/model/policy';
import type { Settings } from '../../../src/model/settings';
import { judgeVerified, type VerifiedToken } from '../../../src/token/verified-token';
import { readAllowedGroups } from '../../../src/request/allowed-groups';
import { isCompared } from '../../../src/policy/headers';
import { judgeRefusal, judgeTarget, judgeToken } from '../../../src/policy/judge';
import type { Ruling } from '../../../src/policy/ruling';
import { createPolicyTable } from '../../../src/policy/policy-table';
import { readResource } from '../../../src/request/request-target';
import { compileSettings } from '../../../src/settings/environment';
import { hmacBackend } from './hmac';
import { writeArray, writeObject, writeString } from './write-json';

interface Question {
  readonly id: string;
  readonly policy: string;
  readonly method: string;
  readonly target: string;
  readonly hosts: readonly string[];
  readonly preflight: boolean;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly query: string;
  readonly lines: readonly (readonly [name: string, value: string])[];
  readonly now: number;
}

interface Input {
  readonly environment: Readonly<Record<string, string>>;
  readonly policies: Readonly<Record<string, string>>;
  readonly questions: readonly Question[];
  readonly targets: readonly { readonly id: string; readonly target: string }[];
}

declare const arg: readonly string[];

const input = dofile(arg[0] ?? '') as Input;
const signatures = createSignatures([hmacBackend]);

function compile(document: string): Settings | undefined {
  const source = {
    environment: (name: string) => (name === 'OAUTH_POLICY' ? 'policy.json' : input.environment[name]),
    readFile: () => ({ ok: true as const, text: document }),
  };
  const answer = compileSettings(source, text, signatures.algorithms);
  return answer.ok ? answer.settings : undefined;
}

function linesOf(question: Question): RequestLines {
  return {
    method: question.method,
    target: question.target,
    lines: (name) => question.lines.filter((line) => line[0] === name).map((line) => line[1]),
    body: () => undefined,
  };
}

/** What the backend gets, as the table has it, in JSON. */
function leftOf(settings: Settings, question: Question): string {
  const request = linesOf(question);
  const rest = takeTokens(settings.tokenPlaces ?? ONLY_BEARER, request, text, settings.policy?.keepsBearer === true);
  const isKept = settings.policy?.keepsAuthorization === true;
  return writeObject([
    ['target', writeString(rest.target ?? question.target)],
    ['authorization', writeString(isKept ? (rest.authorization ?? request.lines('authorization')).join(', ') : '')],
    ['cookie', writeString((rest.cookies ?? request.lines('cookie')).join('; '))],
    ['protocols', writeString(rest.protocols ?? request.lines('sec-websocket-protocol').join(', '))],
  ]);
}

function verify(settings: Settings, question: Question): VerifiedToken | Decision {
  const found = findToken(settings.tokenPlaces ?? ONLY_BEARER, linesOf(question), text);
  if (!found.ok) return refuse(found.reason);
  const bearer = found.value;
  const trust = createTrust(settings, text);
  let step: Step = begin(trust, bearer.token, bearer.places);
  while (step.kind === 'verify') {
    step = resume(trust, step.pending, signatures.verify(step.pending.request), question.now);
  }
  if (step.kind === 'introspect') error('no vector has an opaque token', 0);
  if (step.kind === 'verified') return step.verified;
  return step.kind === 'refused' ? step.decision : step.otherwise;
}

function show(id: string, left: string, ruling: Ruling, body: string): string {
  const { decision, rule, wouldBe, headers } = ruling;
  return writeObject([
    ['id', writeString(id)],
    ['left', left],
    ['allowed', tostring(decision.allowed)],
    ['status', string.format('%d', decision.status)],
    ['reason', writeString(decision.reason)],
    ['challenge', writeString(decision.challenge)],
    ['rule', writeString(rule)],
    ['wouldBe', writeString(wouldBe)],
    ['scopes', writeString(decision.scopes)],
    ['subject', writeString(decision.subject)],
    ['headers', writeArray(headers.map(({ name, value }) => writeArray([writeString(name), writeString(value)])))],
    ['body', writeString(body)],
  ]);
}

function answer(settings: Settings, policy: Policy, question: Question): string {
  const { id, method, target, hosts, preflight } = question;
  const left = leftOf(settings, question);
  const compared = policy.comparedHeaders;
  const fields =
    compared === undefined ? undefined : question.fields.filter(([name]) => isCompared(name, compared, text));
  const asked = judgeTarget(policy, createPolicyTable(policy), { method, target, hosts, preflight, fields }, text);
  if (asked.kind === 'decided') return show(id, left, asked.ruling, '');
  if (asked.kind === 'metadata') {
    return show(id, left, { decision: PASSED, rule: 'metadata', wouldBe: '', headers: [] }, asked.metadata.body);
  }
  const token = verify(settings, question);
  if (!('validity' in token)) return show(id, left, judgeRefusal(policy, asked.rule, token), '');
  const decision = judgeVerified(token, undefined, text, question.now);
  const groups = readAllowedGroups(question.query, text);
  if (token.identity === undefined || !decision.allowed) error('no identity', 0);
  return show(id, left, judgeToken(policy, asked, token.identity, undefined, groups, text, question.now), '');
}

const compiled = new LuaTable<string, Settings>();
for (const [name, document] of pairs(input.policies)) {
  const settings = compile(document);
  if (settings !== undefined) compiled.set(name, settings);
}
for (const question of input.questions) {
  const settings = compiled.get(question.policy) as Settings | undefined;
  const policy = settings?.policy;
  print(
    settings === undefined || policy === undefined
      ? writeObject([['id', writeString(question.id)]])
      : answer(settings, policy, question),
  );
}
for (const { id, target } of input.targets) {
  const terms = { allow: [], ignoreCase: false };
  const resource = readResource(
    { method: 'GET', target, hosts: ['api.example'], preflight: false },
    terms,
    false,
    text,
  );
  const path = resource.ok ? '/' + (resource.value.segments ?? []).join('/') : '';
  print(
    writeObject([
      ['id', writeString(id)],
      ['path', writeString(string.sub(path, 1, 1000))],
      ['reason', writeString(resource.ok ? '' : resource.reason)],
    ]),
  );
}
