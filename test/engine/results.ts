// What an engine answered, vector by vector.
import { readGroups, readTopics, type Vector } from '../vectors/load';
import type { Engine } from './engines';

export interface Result {
  readonly id: string;
  readonly allowed: boolean;
  readonly status: number;
  readonly reason: string;
  readonly challenge: string;
  readonly scopes: string;
  readonly subject: string;
  readonly variables: readonly (readonly [name: string, value: string | number])[];
}

export interface Results {
  readonly algorithms: readonly string[];
  readonly byId: ReadonlyMap<string, Result>;
}

export const VECTORS: readonly Vector[] = readTopics().flatMap((topic) => topic.vectors);

/** Runs every vector on an engine, in one process. */
export async function runVectors(engine: Engine): Promise<Results> {
  // An engine gets the question, never the expected answer.
  const vectors = VECTORS.map(({ id, settings, authorization, now }) => ({ id, settings, authorization, now }));
  const lines = await engine.run('vectors', { groups: readGroups(), vectors });
  const [first, ...rest] = lines.map((line) => {
    try {
      return JSON.parse(line) as unknown;
    } catch {
      throw new Error(`${engine.name} printed: ${line.slice(0, 500)}`);
    }
  });
  const { algorithms } = first as { algorithms: readonly string[] };
  return { algorithms, byId: new Map((rest as Result[]).map((result) => [result.id, result])) };
}
