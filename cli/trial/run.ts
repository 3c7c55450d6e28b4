// The cases of a policy in one proxy.
import type { WrittenCase } from '../desk/cases';
import { compare, type Found } from '../desk/compare';
import type { Presented } from '../desk/judge';
import type { DeskRequest } from '../desk/request';
import { startTrial, type Program, type TrialAnswer } from './trial';

/** A case that the desk has judged. */
export interface AskedCase {
  readonly file: string;
  readonly name: string;
  readonly written: WrittenCase;
  readonly request: DeskRequest;
  readonly presented: Presented;
  readonly now: number;
}

export interface TrialResult {
  readonly file: string;
  readonly name: string;
  readonly faults: readonly string[];
}

/** What a proxy refuses by itself says nothing of rules, and nobody got headers. */
function foundOf({ allowed, status, reason, rule, wouldBe, headers }: TrialAnswer): Found {
  const isJudged = reason !== undefined;
  return {
    allowed,
    status,
    reason,
    rule: isJudged ? rule : undefined,
    wouldBe: isJudged ? wouldBe : undefined,
    header: allowed && headers === undefined ? undefined : (name) => headers?.get(name) ?? null,
  };
}

/** Whether a proxy can be asked: the groups of a question are an authorizer's. */
export const isForProxies = ({ written }: AskedCase): boolean => written.allowed_groups === undefined;

/** Runs cases. @throws a failure where the proxy does not start */
export async function runTrial(
  program: Program,
  policy: string,
  root: string,
  cases: readonly AskedCase[],
): Promise<readonly TrialResult[]> {
  const trial = await startTrial(program, policy, root);
  const results: TrialResult[] = [];
  try {
    for (const { file, name, written, request, presented, now } of cases) {
      const answer = await trial.run(request, presented, now);
      results.push({ file, name: `${name} (${program.name})`, faults: compare(written.expect, foundOf(answer)) });
    }
  } finally {
    await trial.stop();
  }
  return results;
}
