// Policies and the path corpus on every engine: one right answer, which all of them give.
import { beforeAll, describe, expect, test } from 'vitest';
import { LUA_ENGINES, NJS_ENGINES, NODE } from './engines';
import { PATHS, runPolicies, TOPICS } from './policy-results';

const ROWS = TOPICS.flatMap((topic) => topic.requests);

describe.each([NODE, ...NJS_ENGINES, ...LUA_ENGINES])('$name', (engine) => {
  let answers: ReadonlyMap<string, unknown>;

  beforeAll(async () => {
    answers = await runPolicies(engine);
  });

  test.each(ROWS)('$id: $comment', ({ id, expected }) => {
    expect(answers.get(id)).toEqual({ id, body: '', ...expected });
  });

  test.each(PATHS)('$id is judged as one path or refused', ({ id, expected }) => {
    const { path, reason } = { path: '', reason: '', ...expected };
    expect(answers.get(id)).toEqual({ id, path: path.slice(0, 1000), reason });
  });

  test('answers each once', () => {
    expect(answers.size).toBe(ROWS.length + PATHS.length);
  });
});
