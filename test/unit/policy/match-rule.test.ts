// The rule index against a plain reading of every rule in its turn, and what a look-up costs.
import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import type { RuleNode } from '../../../src/model/policy';
import { matchRule } from '../../../src/policy/match-rule';
import { createPolicyTable } from '../../../src/policy/policy-table';
import { readResource } from '../../../src/request/request-target';
import { decide } from '../../vectors/generate/policies/oracle.mjs';
import { policyOf } from './compile';

/** Numbers that look random and are the same every time. */
function createNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
}

const PARTS = ['a', 'b', 'ab', 'aab', '*', '**', 'a*', '*b', 'a*b', '*', 'a'];
const NAMES = ['a', 'b', 'ab', 'aab', 'axb', 'c', 'aa', 'bb'];
const HOSTS = ['h.example', 'x.h.example', 'y.x.h.example', 'k.example', 'example'];
const METHODS = ['GET', 'POST', 'PUT'];

function createRules(next: (below: number) => number, count: number) {
  return Array.from({ length: count }, (_, index) => {
    const parts = Array.from({ length: next(5) }, () => PARTS[next(PARTS.length)] ?? '');
    const pattern = `/${parts.filter((part, place) => part !== '**' || parts[place - 1] !== '**').join('/')}`;
    const hosts = [['h.example'], ['*.example'], ['*.h.example', 'k.example']][next(6)];
    const methods = [['GET'], ['GET', 'POST'], ['PUT']][next(6)];
    return {
      name: `r${index}`,
      ...(next(12) === 0 ? {} : { paths: [pattern] }),
      ...(hosts === undefined ? {} : { hosts }),
      ...(methods === undefined ? {} : { methods }),
    };
  });
}

describe('the rule that decides', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is the first that matches, whatever the rules (%i)', (seed) => {
    const next = createNumbers(seed);
    const document = { rules: createRules(next, 5 + next(60)) };
    const policy = policyOf(document);
    const table = createPolicyTable(policy);
    const met = new Set<string>();
    for (let turn = 0; turn < 1500; turn++) {
      const path = `/${Array.from({ length: next(6) }, () => NAMES[next(NAMES.length)] ?? '').join('/')}`;
      const method = METHODS[next(METHODS.length)] ?? '';
      const host = HOSTS[next(HOSTS.length)] ?? '';
      const resource = readResource(
        { method, target: path, hosts: [host], preflight: false },
        policy.paths,
        true,
        text,
      );
      if (!resource.ok) throw new Error(resource.reason);
      const rule = policy.rules[matchRule(table, resource.value)];
      const { name } = decide(document, method, path, host) as { name: string };
      expect([method, path, host, rule?.name]).toEqual([method, path, host, name]);
      met.add(name);
    }
    expect(met.size).toBeGreaterThan(3);
  });

  /** How many nodes are asked for. */
  function countLookups(rules: readonly object[], target: string): number {
    const policy = policyOf({ rules });
    let count = 0;
    const table = createPolicyTable(policy);
    const counting = {
      ...table,
      node: (key: string): RuleNode | undefined => {
        count += 1;
        return table.node(key);
      },
    };
    const resource = readResource(
      { method: 'GET', target, hosts: ['a.example'], preflight: false },
      policy.paths,
      false,
      text,
    );
    if (!resource.ok) throw new Error(resource.reason);
    matchRule(counting, resource.value);
    return count;
  }

  it('needs as many look-ups among 1,000 rules as among one', () => {
    const rules = Array.from({ length: 1000 }, (_, index) => ({ paths: [`/api/v${index % 10}/things-${index}/**`] }));
    const target = '/api/v9/things-999/a/b';
    expect(countLookups(rules, target)).toBe(countLookups([rules[999] ?? {}], target));
  });

  it('needs no more than a few when 1,000 rules differ within a segment', () => {
    const rules = Array.from({ length: 1000 }, (_, index) => ({ paths: [`/api/${String(index).padStart(4, '0')}-*`] }));
    expect(countLookups(rules, '/api/0999-x')).toBeLessThanOrEqual(countLookups([rules[999] ?? {}], '/api/0999-x') + 1);
  });

  it('grows with the path alone where patterns have `**` inside', () => {
    const rules = Array.from({ length: 100 }, (_, index) => ({ paths: [`/**/a/**/b${index}`] }));
    const deep = `/${'a/'.repeat(49)}b5`;
    expect(countLookups(rules, deep)).toBeLessThan(600);
  });
});
