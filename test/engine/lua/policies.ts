// Runs policies on whatever Lua runs this, with HAProxy's own ports where they work outside of HAProxy.
// Arguments: the file with policies, requests and targets, as a Lua table. Prints one answer a line, as JSON.
import { createSignatures } from '../../../haproxy/ports/signatures';
import { text } from '../../../haproxy/ports/text';
import { extractBearer } from '../../../src/core/bearer';
import { PASSED, refuse, type Decision } from '../../../src/core/decision';
import { begin, createJudge, resume, type Step } from '../../../src/core/flow';
import type { Policy } from '../../../src/core/policy';
import type { Settings } from '../../../src/core/settings';
import { judgeVerified, type VerifiedToken } from '../../../src/core/verified-token';
import { readAllowedGroups } from '../../../src/policy/allowed-groups';
import { judgeRefusal, judgeTarget, judgeToken } from '../../../src/policy/judge';
import type { Judgement } from '../../../src/policy/judgement';
import { createPolicyTable } from '../../../src/policy/policy-table';
import { readResource } from '../../../src/policy/request-target';
import { compileSettings } from '../../../src/settings/compile-settings';
import { hmacBackend } from './hmac';
import { writeArray, writeObject, writeString } from './write-json';

interface Question {
  readonly id: string;
  readonly policy: string;
  readonly method: string;
  readonly target: string;
  readonly hosts: readonly string[];
  readonly preflight: boolean;
  readonly query: string;
  readonly authorization: readonly string[];
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

function verify(settings: Settings, question: Question): VerifiedToken | Decision {
  const bearer = extractBearer(question.authorization);
  if (!bearer.ok) return refuse(bearer.reason);
  const judge = createJudge(settings, text);
  let step: Step = begin(judge, bearer.value);
  while (step.kind === 'verify') {
    step = resume(judge, step.pending, signatures.verify(step.pending.request), question.now);
  }
  if (step.kind === 'introspect') error('no vector has an opaque token', 0);
  if (step.kind === 'verified') return step.verified;
  return step.kind === 'refused' ? step.decision : step.otherwise;
}

function show(id: string, judgement: Judgement, body: string): string {
  const { decision, rule, wouldBe, headers } = judgement;
  return writeObject([
    ['id', writeString(id)],
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
  const asked = judgeTarget(policy, createPolicyTable(policy), { method, target, hosts, preflight }, text);
  if (asked.kind === 'decided') return show(id, asked.judgement, '');
  if (asked.kind === 'metadata') {
    return show(id, { decision: PASSED, rule: 'metadata', wouldBe: '', headers: [] }, asked.metadata.body);
  }
  const token = verify(settings, question);
  if (!('validity' in token)) return show(id, judgeRefusal(policy, asked.rule, token), '');
  const decision = judgeVerified(token, undefined, text, question.now);
  const groups = readAllowedGroups(question.query, text);
  if (token.identity === undefined || !decision.allowed) error('no identity', 0);
  return show(id, judgeToken(policy, asked.rule, token.identity, undefined, groups, text, question.now), '');
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
