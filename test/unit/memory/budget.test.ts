import { describe, expect, test } from 'vitest';
import { createBudget } from '../../../src/memory/budget';

describe('a budget', () => {
  test('has a second of it saved up at the start, and no more', () => {
    const budget = createBudget(3);
    const spent = [1, 2, 3, 4].map(() => budget.spend(1, 1000));
    expect(spent).toEqual([true, true, true, false]);
  });

  test('comes back at its rate, in fractions of a second', () => {
    const budget = createBudget(4);
    for (let time = 0; time < 4; time += 1) budget.spend(1, 1000);
    expect(budget.spend(1, 1000.2)).toBe(false);
    expect(budget.spend(1, 1000.25)).toBe(true);
    expect(budget.spend(1, 1000.49)).toBe(false);
    expect(budget.spend(1, 1000.5)).toBe(true);
  });

  test('never lets more than its rate and what was saved through, however often it is asked', () => {
    const budget = createBudget(10);
    let spent = 0;
    for (let step = 0; step <= 10_000; step += 1) if (budget.spend(1, 5 + step / 1000)) spent += 1;
    expect(spent).toBeGreaterThanOrEqual(109);
    expect(spent).toBeLessThanOrEqual(110);
  });

  test('a minute of rest saves one second', () => {
    const budget = createBudget(2);
    budget.spend(1, 1000);
    const spent = [1, 2, 3].map(() => budget.spend(1, 1060));
    expect(spent).toEqual([true, true, false]);
  });

  test('what costs more than is left is done, and paid off before anything else', () => {
    const budget = createBudget(1);
    expect(budget.spend(12, 1000)).toBe(true);
    expect(budget.spend(1, 1011.9)).toBe(false);
    expect(budget.spend(1, 1012)).toBe(true);
    expect(budget.spend(1, 1012)).toBe(false);
  });

  test('a clock that is set back adds nothing and is gone on from; one that jumps ahead adds one second', () => {
    const budget = createBudget(2);
    budget.spend(2, 1000);
    expect(budget.spend(1, 10)).toBe(false);
    expect(budget.spend(1, 10.5)).toBe(true);
    const spent = [1, 2, 3].map(() => budget.spend(1, 1e9));
    expect(spent).toEqual([true, true, false]);
  });
});
