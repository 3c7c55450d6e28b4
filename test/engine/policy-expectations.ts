// One test for each question about a policy, and for each path, on each engine.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from './engines';
import { leftOf } from '../vectors/policies';
import { PATHS, runPolicies, TOPICS } from './policy-results';

const ROWS = TOPICS.flatMap((topic) => topic.requests);

/** Checks every answer of one engine. */
export function expectPolicies(engine: Engine): void {
  describe(engine.name, () => {
    let answers: ReadonlyMap<string, unknown>;

    beforeAll(async () => {
      answers = await runPolicies(engine);
    });

    test.each(ROWS)('$id: $comment', (row) => {
      const { id, expected } = row;
      const left = leftOf(row);
      expect(answers.get(id)).toMatchObject({ id, body: '', ...expected, ...(left === undefined ? {} : { left }) });
    });

    test.each(PATHS)('$id is judged as one path or refused', ({ id, expected }) => {
      const { path, reason } = { path: '', reason: '', ...expected };
      expect(answers.get(id)).toEqual({ id, path: path.slice(0, 1000), reason });
    });

    test('answers each once', () => {
      expect(answers.size).toBe(ROWS.length + PATHS.length);
    });
  });
}
