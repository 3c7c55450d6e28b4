// Wycheproof's vectors on each engine and backend; `npm run test:wycheproof` runs this alone and shows the counts.
import { describe, expect, test } from 'vitest';
import { DIFFERENCES } from '../wycheproof/differences';
import { SIGNATURE_VECTORS, TOKEN_VECTORS } from '../wycheproof/load';
import { runWycheproof, SUBJECTS } from '../wycheproof/run';

declare module 'vitest' {
  interface TaskMeta {
    /** A line of counts for `npm run test:wycheproof`. */
    tally?: string;
  }
}

describe.concurrent('Wycheproof', () => {
  for (const subject of SUBJECTS) {
    // Keys of 8192 bits take minutes in plain Lua when the machine has other work.
    test(`${subject.name} answers each vector as Wycheproof does`, { timeout: 900_000 }, async ({ task, expect }) => {
      const { passed, failed, leftOut } = await runWycheproof(subject);
      const why = subject.tokensOnly === true ? 'no tokens, or' : 'no';
      const note = leftOut === 0 ? '' : ` (${leftOut} left out: ${why} ${subject.lacks.join(', ')})`;
      task.meta.tally = `${subject.name}: ${passed} passed, ${failed.length} failed${note}`;
      expect(failed).toEqual([]);
      expect(passed).toBeGreaterThan(subject.tokensOnly === true ? 200 : 5000);
    });
  }

  test('each difference that is meant names a vector, whose answer it changes', () => {
    const vectors = [...SIGNATURE_VECTORS, ...TOKEN_VECTORS];
    for (const [id, { answer }] of Object.entries(DIFFERENCES)) {
      expect(vectors.find((vector) => vector.id === id)?.expected).toSatisfy((expected) => expected !== answer);
    }
  });
});
