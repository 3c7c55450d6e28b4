// One test for each vector on each engine.
import { beforeAll, describe, expect, test } from 'vitest';
import { expectedOf } from '../vectors/load';
import { NODE, type Engine } from './engines';
import { runVectors, VECTORS, type Result, type Results } from './results';

/** Checks every vector on one engine, against what is expected and against Node. */
export function expectVectors(engine: Engine): void {
  describe(engine.name, () => {
    let results: Results;

    beforeAll(async () => {
      results = await runVectors(engine);
    });

    test.each(VECTORS)('$id: $comment', (vector) => {
      const result = results.byId.get(vector.id);
      const { variables = {}, ...expected } = expectedOf(vector, results.algorithms);
      expect(result).toMatchObject(expected);
      const set = Object.fromEntries(result?.variables ?? []);
      for (const [name, value] of Object.entries(variables)) expect([name, set[name] ?? null]).toEqual([name, value]);
      if (!expected.allowed) expect([result?.variables, result?.subject]).toEqual([[], '']);
    });

    test('answers each vector once', () => {
      expect([...results.byId.keys()].sort()).toEqual(VECTORS.map(({ id }) => id).sort());
    });

    test('answers as Node does, with every variable, where it has the algorithm', async () => {
      const reference = await runVectors(NODE);
      const compared = VECTORS.filter(({ needs = [] }) => needs.every((name) => results.algorithms.includes(name)));
      const answers = (of: Results): (Result | undefined)[] => compared.map(({ id }) => of.byId.get(id));
      expect(answers(results)).toEqual(answers(reference));
    });
  });
}
