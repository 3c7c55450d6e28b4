// `jwtverify test`: a policy's cases, each judged at the desk, and what of the policy no case reaches.
import { dirname, join } from 'node:path';
import type { Settings } from '../../src/model/settings';
import { listCaseFiles, readCases, type CaseFile, type WrittenCase } from '../desk/cases';
import { compare, type Found } from '../desk/compare';
import { coverageOf, noteReached, type Coverage, type Reached } from '../desk/coverage';
import { readObject } from '../desk/claims';
import { EXIT, failure } from '../desk/failure';
import { judgeAtDesk, type DeskAnswer, type Presented } from '../desk/judge';
import { findKeys } from '../desk/keys';
import { readRequest, type DeskRequest } from '../desk/request';
import { settingsOf } from '../desk/settings';
import { readTime } from '../desk/time';
import { traceChecks } from '../desk/trace';
import type { Output } from '../print/output';
import { formatJunit, formatTap, type CaseResult } from '../print/results';
import { isForProxies, runTrial, type AskedCase } from '../trial/run';
import { findModule, type Program } from '../trial/trial';
import { readTokenFile } from './token';

export interface TestOptions {
  readonly policy?: string | undefined;
  readonly root: string;
  readonly reporter: 'plain' | 'tap' | 'junit';
  /** The least percentage of the policy that cases must reach. */
  readonly coverage?: string | undefined;
  /** `haproxy`, `nginx`, or both with a comma between. */
  readonly on?: string | undefined;
  readonly haproxy?: string | undefined;
  readonly nginx?: string | undefined;
  readonly haproxyModule?: string | undefined;
  readonly nginxModule?: string | undefined;
  readonly json?: true | undefined;
}

interface Asked {
  readonly request: DeskRequest;
  readonly presented: Presented;
}

function presentedBy(file: CaseFile, written: WrittenCase): object | undefined {
  return written.claims ?? (written.as === undefined ? undefined : file.callers[written.as]);
}

function askedBy(file: CaseFile, written: WrittenCase): Asked {
  const [method = '', url = ''] = written.request.split(' ');
  const request = readRequest(method, url, written.headers ?? []);
  const given = presentedBy(file, written);
  if (given !== undefined) {
    const claims = readObject(JSON.stringify(given), `${file.path}: claims of \`${written.request}\` are`);
    return { request, presented: { kind: 'claims', claims } };
  }
  if (written.token_file === undefined) return { request, presented: { kind: 'request' } };
  const token = readTokenFile(join(dirname(file.path), written.token_file));
  const fields = [...request.fields, ['authorization', `Bearer ${token}`] as const];
  return { request: { ...request, fields }, presented: { kind: 'request' } };
}

/** An answer of the core. */
function foundOf({ ruling: { decision, rule, wouldBe, headers } }: DeskAnswer): Found {
  const values = new Map(headers.map(({ name, value }) => [name.toLowerCase(), value]));
  const { allowed, status, reason } = decision;
  return { allowed, status, reason, rule, wouldBe, header: (name) => values.get(name) ?? null };
}

interface Run {
  readonly results: CaseResult[];
  /** By the policy's path. */
  readonly reached: Map<
    string,
    { readonly settings: Settings; readonly reached: Reached; readonly cases: AskedCase[] }
  >;
}

async function runFile(file: CaseFile, options: TestOptions, run: Run): Promise<void> {
  const path = options.policy ?? file.policy;
  if (path === undefined) throw failure(`${file.path}: names no \`policy\`; give it there, or with --policy`);
  const known = run.reached.get(path) ?? {
    settings: settingsOf(path, options.root),
    reached: { parts: new Set<string>() },
    cases: [],
  };
  run.reached.set(path, known);
  const { settings } = known;
  for (const written of file.cases) {
    const at = written.at === undefined ? file.at : String(written.at);
    const now = readTime(at);
    const { keySets } = await findKeys(settings, false, now);
    const asked = askedBy(file, written);
    const question = { settings, keySets, ...asked, allowedGroups: written.allowed_groups ?? '', now };
    const answer = await judgeAtDesk(question);
    noteReached(known.reached, answer, traceChecks(question, answer));
    const name = written.name ?? `${written.request}${written.as === undefined ? '' : ` as ${written.as}`}`;
    run.results.push({ file: file.path, name, faults: compare(written.expect, foundOf(answer)) });
    known.cases.push({ file: file.path, name, written, ...asked, now });
  }
}

/** The proxies of `--on`. */
function programsOf(options: TestOptions): readonly Program[] {
  const names = (options.on ?? '').split(',').filter((name) => name !== '');
  return [...new Set(names)].map((name) => {
    if (name === 'haproxy')
      return { name, program: options.haproxy ?? name, module: findModule(name, options.haproxyModule) };
    if (name === 'nginx')
      return { name, program: options.nginx ?? name, module: findModule(name, options.nginxModule) };
    throw failure(`--on names \`${name}\`; it can be haproxy, nginx or haproxy,nginx`);
  });
}

async function runOnProxies(
  programs: readonly Program[],
  options: TestOptions,
  run: Run,
  output: Output,
): Promise<void> {
  const all = [...run.reached].flatMap(([, { cases }]) => cases);
  const left = all.filter((one) => !isForProxies(one)).length;
  if (programs.length > 0 && left > 0)
    output.warn(
      `${left} ${left === 1 ? 'case has' : 'cases have'} \`allowed_groups\`, which authorizers are asked; the proxies did not run them`,
    );
  for (const program of programs) {
    for (const [path, { cases }] of run.reached) {
      run.results.push(...(await runTrial(program, path, options.root, cases.filter(isForProxies))));
    }
  }
}

function printPlain(results: readonly CaseResult[], output: Output): void {
  for (const { file, name, faults } of results) {
    if (faults.length === 0) continue;
    output.line(output.red(`- ${file}: ${name}`));
    for (const fault of faults) output.line(`    ${fault}`);
  }
  const failed = results.filter(({ faults }) => faults.length > 0).length;
  const sum = `${String(results.length - failed)} passed, ${String(failed)} failed`;
  output.line(failed === 0 ? output.green(sum) : output.red(sum));
}

const percent = ({ reached, all }: Coverage): number => (all === 0 ? 100 : Math.floor((reached * 100) / all));

function readLeast(given: string | undefined): number {
  if (given === undefined) return 0;
  if (!/^\d{1,3}$/.test(given) || Number(given) > 100) throw failure('--coverage is not a whole number from 0 to 100');
  return Number(given);
}

/** @returns the exit code */
export async function runTests(paths: readonly string[], options: TestOptions, output: Output): Promise<number> {
  const least = readLeast(options.coverage);
  const programs = programsOf(options);
  const run: Run = { results: [], reached: new Map() };
  for (const path of paths.flatMap(listCaseFiles)) await runFile(readCases(path), options, run);
  await runOnProxies(programs, options, run, output);
  const covered = [...run.reached].flatMap(([path, { settings, reached }]) =>
    settings.policy === undefined ? [] : [{ path, ...coverageOf(settings.policy, reached) }],
  );
  if (options.json === true) output.json({ results: run.results, coverage: covered });
  else if (options.reporter === 'tap') output.line(formatTap(run.results));
  else if (options.reporter === 'junit') output.line(formatJunit(run.results));
  else {
    printPlain(run.results, output);
    for (const one of covered) {
      output.line(`${one.path}: cases reach ${String(percent(one))} % of it`);
      for (const { rule, what } of one.gaps) output.line(output.dim(`  rule \`${rule}\`: ${what}`));
    }
  }
  const isShort = covered.some((one) => percent(one) < least);
  if (isShort) output.error(`cases reach less than ${String(least)} % of a policy`);
  const hasFailed = run.results.some(({ faults }) => faults.length > 0);
  return hasFailed || isShort ? EXIT.failure : EXIT.fine;
}
