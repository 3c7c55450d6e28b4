// Runs policies on whatever JavaScript engine runs this: Node, njs or QuickJS, with nginx's own ports.
// Arguments: the file with policies, requests and targets. Prints one answer a line, as JSON.
import fs from 'fs';
import { createSignatures } from '../../nginx/ports/signatures';
import { text } from '../../nginx/ports/text';
import { extractBearer } from '../../src/core/bearer';
import { PASSED, refuse, type Decision } from '../../src/core/decision';
import { begin, createJudge, resume, type Step } from '../../src/core/flow';
import type { Policy } from '../../src/core/policy';
import type { Settings } from '../../src/core/settings';
import { judgeVerified, type VerifiedToken } from '../../src/core/verified-token';
import { readAllowedGroups } from '../../src/policy/allowed-groups';
import { judgeRefusal, judgeTarget, judgeToken } from '../../src/policy/judge';
import type { Judgement } from '../../src/policy/judgement';
import { createPolicyTable } from '../../src/policy/policy-table';
import { readResource } from '../../src/policy/request-target';
import { compileSettings } from '../../src/settings/compile-settings';
import type { PolicyQuestions, PolicyQuestion } from './policy-results';

const input = JSON.parse(String(fs.readFileSync(process.argv[2] ?? '', 'utf8'))) as PolicyQuestions;
const signatures = createSignatures(false);

/** Settings as they come back from JSON, in which a host may keep them. */
function compile(document: string): Settings | undefined {
  const source = {
    environment: (name: string) => (name === 'OAUTH_POLICY' ? 'policy.json' : input.environment[name]),
    readFile: () => ({ ok: true as const, text: document }),
  };
  const answer = compileSettings(source, text, signatures.algorithms);
  return answer.ok ? (JSON.parse(JSON.stringify(answer.settings)) as Settings) : undefined;
}

function verify(settings: Settings, question: PolicyQuestion): Promise<VerifiedToken | Decision> {
  const bearer = extractBearer(question.authorization);
  if (!bearer.ok) return Promise.resolve(refuse(bearer.reason));
  const judge = createJudge(settings, text);
  function perform(step: Step): Promise<VerifiedToken | Decision> {
    if (step.kind === 'verified') return Promise.resolve(step.verified);
    if (step.kind === 'refused') return Promise.resolve(step.decision);
    if (step.kind === 'refetch') return Promise.resolve(step.otherwise);
    if (step.kind === 'introspect') throw new Error('no question has an opaque token');
    const pending = step.pending;
    return signatures.verify(pending.request).then((outcome) => perform(resume(judge, pending, outcome, question.now)));
  }
  return perform(begin(judge, bearer.value));
}

function print(id: string, judgement: Judgement, body: string): void {
  const decision = judgement.decision;
  console.log(
    JSON.stringify({
      id,
      allowed: decision.allowed,
      status: decision.status,
      reason: decision.reason,
      challenge: decision.challenge,
      rule: judgement.rule,
      wouldBe: judgement.wouldBe,
      scopes: decision.scopes,
      subject: decision.subject,
      headers: judgement.headers.map((header) => [header.name, header.value]),
      body,
    }),
  );
}

async function answer(settings: Settings, policy: Policy, question: PolicyQuestion): Promise<void> {
  const facts = {
    method: question.method,
    target: question.target,
    hosts: question.hosts,
    preflight: question.preflight,
  };
  const asked = judgeTarget(policy, createPolicyTable(policy), facts, text);
  if (asked.kind === 'decided') {
    print(question.id, asked.judgement, '');
    return;
  }
  if (asked.kind === 'metadata') {
    print(question.id, { decision: PASSED, rule: 'metadata', wouldBe: '', headers: [] }, asked.metadata.body);
    return;
  }
  const token = await verify(settings, question);
  if (!('validity' in token)) {
    print(question.id, judgeRefusal(policy, asked.rule, token), '');
    return;
  }
  const decision = judgeVerified(token, undefined, text, question.now);
  const groups = readAllowedGroups(question.query, text);
  if (token.identity === undefined || !decision.allowed) throw new Error('no identity');
  const judgement = judgeToken(policy, asked.rule, token.identity, undefined, groups, text, question.now);
  print(question.id, judgement, '');
}

async function run(): Promise<void> {
  const compiled: Record<string, Settings | undefined> = {};
  for (const name in input.policies) compiled[name] = compile(input.policies[name] ?? '');
  for (let index = 0; index < input.questions.length; index++) {
    const question = input.questions[index];
    const settings = question === undefined ? undefined : compiled[question.policy];
    if (question === undefined) continue;
    if (settings === undefined || settings.policy === undefined) console.log(JSON.stringify({ id: question.id }));
    else await answer(settings, settings.policy, question);
  }
  const terms = { allow: [], ignoreCase: false };
  for (let index = 0; index < input.targets.length; index++) {
    const target = input.targets[index];
    if (target === undefined) continue;
    const facts = { method: 'GET', target: target.target, hosts: ['api.example'], preflight: false };
    const resource = readResource(facts, terms, false, text);
    const path = resource.ok ? '/' + (resource.value.segments ?? []).join('/') : '';
    console.log(
      JSON.stringify({ id: target.id, path: path.slice(0, 1000), reason: resource.ok ? '' : resource.reason }),
    );
  }
}

run().catch((error: unknown) => {
  console.log(JSON.stringify({ failed: String(error) }));
});
