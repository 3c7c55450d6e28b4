// The contract suites, for one adapter.
import { beforeAll, describe, expect, test } from 'vitest';
import { ALGORITHMS } from '../../src/model/algorithm';
import type { Answer, Case, Question } from './case';
import { DENY_CASES } from './deny-list';
import { SETTINGS_CASES } from './settings-source';
import { SIGNATURE_CASES } from './signatures';
import { TEXT_CASES } from './text';

const ALL = ALGORITHMS.map(({ name }) => name);
const QUESTIONS: readonly Question[] = [
  { ask: 'algorithms' },
  ...TEXT_CASES.map(({ question }) => question),
  ...SIGNATURE_CASES.map(({ question }) => question),
  ...SETTINGS_CASES.map(({ question }) => question),
  ...DENY_CASES.map(({ question }) => question),
];

/**
 * Checks every adapter of one engine.
 * @param ask puts the questions; resolves to one line of JSON for each
 * @param lacking algorithms that the engine may do without
 */
export function expectContract(
  name: string,
  ask: (questions: readonly Question[]) => Promise<readonly string[]>,
  lacking: readonly string[] = [],
): void {
  describe(name, () => {
    let answers: readonly Answer[] = [];
    let available: readonly string[] = [];

    beforeAll(async () => {
      answers = (await ask(QUESTIONS)).map((line) => JSON.parse(line) as Answer);
      available = answers[0] as readonly string[];
    });

    const expectAnswer = ({ answers: accepted }: Case, place: number): void => {
      expect(accepted).toContainEqual(answers[place]);
    };

    test('answers every question', () => {
      expect(answers).toHaveLength(QUESTIONS.length);
    });

    test.each(TEXT_CASES.map((each, index) => ({ ...each, place: 1 + index })))('text: $title', (each) => {
      expectAnswer(each, each.place);
    });

    test('signatures: says which algorithms it has', () => {
      expect(ALL.filter((algorithm) => !available.includes(algorithm) && !lacking.includes(algorithm))).toEqual([]);
    });
    const start = 1 + TEXT_CASES.length;
    test.each(SIGNATURE_CASES.map((each, index) => ({ ...each, place: start + index })))(
      'signatures: $title',
      (each) => {
        const answers = available.includes(each.algorithm) ? each.answers : ['unavailable'];
        expectAnswer({ ...each, answers }, each.place);
      },
    );

    const end = start + SIGNATURE_CASES.length;
    test.each(SETTINGS_CASES.map((each, index) => ({ ...each, place: end + index })))('settings: $title', (each) => {
      expectAnswer(each, each.place);
    });

    const last = end + SETTINGS_CASES.length;
    test.each(DENY_CASES.map((each, index) => ({ ...each, place: last + index })))('deny list: $title', (each) => {
      expectAnswer(each, each.place);
    });
  });
}
