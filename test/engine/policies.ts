// Runs policies on whatever JavaScript engine runs this: Node, njs or QuickJS, with nginx's own ports.
// Arguments: the file with policies, requests and targets. Prints one answer a line, as JSON.
import fs from 'fs';
import { createSignatures } from '../../nginx/ports/signatures';
import { text } from '../../nginx/ports/text';
import { findToken } from '../../src/token/places/find-token';
import { takeTokens } from '../../src/token/places/remainder';
import type { RequestLines } from '../../src/token/places/request-lines';
import { ONLY_BEARER } from '../../src/token/places/accepted-place';
import { PASSED, refuse, type Decision } from '../../src/answer/decision';
import { begin, createTrust, resume, type Step } from '../../src/token/flow';
import type { Policy } from '../../src/model/policy';
import type { Settings } from '../../src/model/settings';
import { judgeVerified, type VerifiedToken } from '../../src/token/verified-token';
import { readAllowedGroups } from '../../src/request/allowed-groups';
import { isCompared } from '../../src/policy/headers';
import { judgeRefusal, judgeTarget, judgeToken } from '../../src/policy/judge';
import type { Ruling } from '../../src/policy/ruling';
import { createPolicyTable } from '../../src/policy/policy-table';
import { readResource } from '../../src/request/request-target';
import { compileSettings } from '../../src/settings/environment';
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

function linesOf(question: PolicyQuestion): RequestLines {
  return {
    method: question.method,
    target: question.target,
    lines: (name) => question.lines.filter((line) => line[0] === name).map((line) => line[1]),
    body: () => undefined,
  };
}

/** What the backend gets, as the table has it; undefined where the policy names no places. */
function leftOf(settings: Settings, question: PolicyQuestion): object | undefined {
  const places = settings.tokenPlaces;
  if (places === undefined) return undefined;
  const request = linesOf(question);
  const rest = takeTokens(places, request, text, settings.policy?.keepsBearer === true);
  const isKept = settings.policy?.keepsAuthorization === true;
  return {
    target: rest.target ?? question.target,
    authorization: isKept ? (rest.authorization ?? request.lines('authorization')).join(', ') : '',
    cookie: (rest.cookies ?? request.lines('cookie')).join('; '),
    protocols: rest.protocols ?? request.lines('sec-websocket-protocol').join(', '),
  };
}

function verify(settings: Settings, question: PolicyQuestion): Promise<VerifiedToken | Decision> {
  const found = findToken(settings.tokenPlaces ?? ONLY_BEARER, linesOf(question), text);
  if (!found.ok) return Promise.resolve(refuse(found.reason));
  const bearer = found.value;
  const trust = createTrust(settings, text);
  function perform(step: Step): Promise<VerifiedToken | Decision> {
    if (step.kind === 'verified') return Promise.resolve(step.verified);
    if (step.kind === 'refused') return Promise.resolve(step.decision);
    if (step.kind === 'refetch') return Promise.resolve(step.otherwise);
    if (step.kind === 'introspect') throw new Error('no question has an opaque token');
    const pending = step.pending;
    return signatures.verify(pending.request).then((outcome) => perform(resume(trust, pending, outcome, question.now)));
  }
  return perform(begin(trust, bearer.token, bearer.places));
}

function print(question: PolicyQuestion, left: object | undefined, ruling: Ruling, body: string): void {
  const decision = ruling.decision;
  console.log(
    JSON.stringify({
      id: question.id,
      left,
      allowed: decision.allowed,
      status: decision.status,
      reason: decision.reason,
      challenge: decision.challenge,
      rule: ruling.rule,
      wouldBe: ruling.wouldBe,
      scopes: decision.scopes,
      subject: decision.subject,
      headers: ruling.headers.map((header) => [header.name, header.value]),
      body,
    }),
  );
}

async function answer(settings: Settings, policy: Policy, question: PolicyQuestion): Promise<void> {
  const compared = policy.comparedHeaders;
  const facts = {
    method: question.method,
    target: question.target,
    hosts: question.hosts,
    preflight: question.preflight,
    fields: compared === undefined ? undefined : question.fields.filter((line) => isCompared(line[0], compared, text)),
  };
  const left = leftOf(settings, question);
  const asked = judgeTarget(policy, createPolicyTable(policy), facts, text);
  if (asked.kind === 'decided') {
    print(question, left, asked.ruling, '');
    return;
  }
  if (asked.kind === 'metadata') {
    print(question, left, { decision: PASSED, rule: 'metadata', wouldBe: '', headers: [] }, asked.metadata.body);
    return;
  }
  const token = await verify(settings, question);
  if (!('validity' in token)) {
    print(question, left, judgeRefusal(policy, asked.rule, token), '');
    return;
  }
  const decision = judgeVerified(token, undefined, text, question.now);
  const groups = readAllowedGroups(question.query, text);
  if (token.identity === undefined || !decision.allowed) throw new Error('no identity');
  const ruling = judgeToken(policy, asked, token.identity, undefined, groups, text, question.now);
  print(question, left, ruling, '');
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
