// What an engine answered to the policies' requests and to the path corpus.
import { credentialsOf, POLICY_ENVIRONMENT, readPaths, readPolicyTopics, targetOf } from '../vectors/policies';
import type { Engine } from './engines';

/** A request as an engine is given it: never with what it should answer. */
export interface PolicyQuestion {
  readonly id: string;
  readonly policy: string;
  readonly method: string;
  readonly target: string;
  readonly hosts: readonly string[];
  readonly preflight: boolean;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly query: string;
  /** Names in small letters. */
  readonly lines: readonly (readonly [name: string, value: string])[];
  readonly now: number;
}

export interface PolicyQuestions {
  readonly environment: Readonly<Record<string, string>>;
  /** Documents as the files have them. */
  readonly policies: Readonly<Record<string, string>>;
  readonly questions: readonly PolicyQuestion[];
  readonly targets: readonly { readonly id: string; readonly target: string }[];
}

export const TOPICS = readPolicyTopics();
export const PATHS = readPaths();

/** Runs everything on an engine, in one process. @returns the answers by the ids of what was asked */
export async function runPolicies(engine: Engine): Promise<ReadonlyMap<string, unknown>> {
  const policies = Object.fromEntries(
    TOPICS.flatMap((topic) => Object.entries(topic.policies)).map(([name, document]) => [
      name,
      JSON.stringify(document),
    ]),
  );
  const questions = TOPICS.flatMap((topic) => topic.requests).map((row) => ({
    id: row.id,
    policy: row.policy,
    method: row.method,
    target: targetOf(row),
    hosts: row.hosts,
    preflight: row.preflight === true,
    fields: row.fields ?? [],
    query: row.query ?? '',
    lines: credentialsOf(row).map(([name, value]) => [name.toLowerCase(), value] as const),
    now: row.now,
  }));
  const targets = PATHS.map(({ id, target }) => ({ id, target }));
  const data: PolicyQuestions = { environment: POLICY_ENVIRONMENT, policies, questions, targets };
  const lines = await engine.run('policies', data);
  const answers = lines.map((line) => {
    try {
      return JSON.parse(line) as { id: string };
    } catch {
      throw new Error(`${engine.name} printed: ${line.slice(0, 500)}`);
    }
  });
  return new Map(answers.map((answer) => [answer.id, answer]));
}
