// `jwtverify explain`: what a policy does with a request, check by check.
import { problemBody } from '../../src/answer/problem-details';
import { REMEDIES } from '../../src/answer/remedies';
import { readObject } from '../desk/claims';
import { EXIT, failure } from '../desk/failure';
import { judgeAtDesk, type DeskAnswer, type Presented } from '../desk/judge';
import { findKeys } from '../desk/keys';
import { readRequest, type DeskRequest } from '../desk/request';
import { settingsOf } from '../desk/settings';
import { readTime } from '../desk/time';
import { traceChecks } from '../desk/trace';
import type { Check } from '../desk/check';
import type { Output } from '../print/output';
import { readTokenFile } from './token';

export interface ExplainOptions {
  readonly method: string;
  readonly url: string;
  readonly header: readonly string[];
  readonly tokenFile?: string | undefined;
  readonly claims?: string | undefined;
  readonly allowedGroups?: string | undefined;
  readonly at?: string | undefined;
  readonly root: string;
  readonly offline?: true | undefined;
  readonly json?: true | undefined;
}

interface Asked {
  readonly request: DeskRequest;
  readonly presented: Presented;
}

function readAsked(options: ExplainOptions): Asked {
  const request = readRequest(options.method, options.url, options.header);
  if (options.claims !== undefined && options.tokenFile !== undefined)
    throw failure('give --claims or --token-file, not both');
  if (options.claims !== undefined)
    return { request, presented: { kind: 'claims', claims: readObject(options.claims, 'the claims of --claims are') } };
  if (options.tokenFile === undefined) return { request, presented: { kind: 'request' } };
  const field = ['authorization', `Bearer ${readTokenFile(options.tokenFile)}`] as const;
  return { request: { ...request, fields: [...request.fields, field] }, presented: { kind: 'request' } };
}

/** What a command answers, for people and for programs. */
export interface Explanation {
  readonly decision: 'allow' | 'refuse';
  readonly status: number;
  readonly reason: string;
  readonly rule: string;
  /** In shadow mode the reason that the request would be refused for. */
  readonly would_be: string;
  readonly detail: string;
  readonly checks: readonly Check[];
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly answer: { readonly challenge: string; readonly body: string };
  readonly remedy: string;
}

function explanationOf(answer: DeskAnswer, checks: readonly Check[], tokenHeaders: readonly string[]): Explanation {
  const { decision, headers, rule, wouldBe } = answer.ruling;
  const ofToken = decision.allowed && answer.verified !== undefined ? tokenHeaders : [];
  return {
    decision: decision.allowed ? 'allow' : 'refuse',
    status: decision.status,
    reason: decision.reason,
    rule,
    would_be: wouldBe,
    detail: answer.detail ?? '',
    checks,
    headers: [
      ...headers.map(({ name, value }) => [name, value] as const),
      ...ofToken.map((name) => [name, 'the token'] as const),
    ],
    answer: { challenge: decision.challenge, body: decision.allowed ? answer.metadata : problemBody(decision) },
    remedy: decision.reason === '' ? '' : REMEDIES[decision.reason],
  };
}

const MARKS = { passed: '+', failed: '-', assumed: '~', 'not reached': ' ' } as const;

function printCheck(check: Check, output: Output): void {
  const expected = check.expected === '' ? '' : `expected ${check.expected}`;
  const found = check.found === '' ? '' : `found ${check.found}`;
  const words = [expected, found].filter((part) => part !== '').join('; ');
  const reason = check.reason === undefined ? '' : ` (${check.reason})`;
  const line = `${MARKS[check.outcome]} ${check.check}${reason}${words === '' ? '' : `: ${words}`}`;
  const tail = check.outcome === 'not reached' && words === '' ? ': not reached' : '';
  output.line(
    (check.outcome === 'failed' ? output.red : check.outcome === 'passed' ? output.green : output.dim)(line + tail),
  );
}

function printExplanation(explanation: Explanation, output: Output): void {
  for (const check of explanation.checks) printCheck(check, output);
  output.line('');
  const rule = explanation.rule === '' ? '' : `, rule \`${explanation.rule}\``;
  const head = explanation.decision === 'allow' ? output.green('allowed') : output.red('refused');
  output.line(
    `${head}: ${String(explanation.status)}${explanation.reason === '' ? '' : ` ${explanation.reason}`}${rule}`,
  );
  if (explanation.would_be !== '') output.line(`shadow mode: it would be refused for ${explanation.would_be}`);
  if (explanation.detail !== '') output.line(explanation.detail);
  for (const [name, value] of explanation.headers) output.line(`backend gets ${name}: ${value}`);
  if (explanation.answer.challenge !== '') output.line(`WWW-Authenticate: ${explanation.answer.challenge}`);
  if (explanation.answer.body !== '') output.line(`body: ${explanation.answer.body}`);
  if (explanation.remedy !== '') output.line(`\n${explanation.remedy}`);
}

/** @returns the exit code */
export async function explain(policy: string, options: ExplainOptions, output: Output): Promise<number> {
  const asked = readAsked(options);
  const settings = settingsOf(policy, options.root);
  const now = readTime(options.at);
  const isLive = options.offline !== true && asked.presented.kind === 'request';
  if (isLive) output.progress('asking the issuers for their keys');
  const { keySets, faults } = await findKeys(settings, isLive, now);
  for (const fault of faults) output.warn(fault);
  const question = { settings, keySets, ...asked, allowedGroups: options.allowedGroups ?? '', now };
  const answer = await judgeAtDesk(question);
  const explanation = explanationOf(answer, traceChecks(question, answer), settings.policy?.tokenHeaders ?? []);
  if (options.json === true) output.json(explanation);
  else printExplanation(explanation, output);
  const { allowed, reason } = answer.ruling.decision;
  // Without the keys nobody knows what the proxy would decide.
  if (reason === 'keys_unavailable') {
    output.warn(isLive ? 'the keys could not be fetched' : 'no key was fetched; leave out --offline, or give --claims');
    return EXIT.failure;
  }
  return allowed ? EXIT.fine : EXIT.refused;
}
