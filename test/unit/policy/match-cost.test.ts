// What it costs to find a rule: look-ups in the index, which on the njs engine are reads of a shared dictionary each.
import { expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { createPolicyTable } from '../../../src/policy/policy-table';
import { judgeTarget } from '../../../src/policy/judge';
import { compileSettings } from '../../../src/settings/environment';

const COUNT = 120;
const MANY = Array.from({ length: COUNT }, (_, index) => index);
/** The most segments that a path may have. */
const SEGMENTS = 100;

/** How many look-ups a request costs that brings no token, and which rule it comes to. */
function costOf(paths: readonly string[], target: string): { readonly lookups: number; readonly rule: string } {
  const rules = paths.map((path, index) => ({ name: `r${String(index)}`, paths: [path] }));
  const document = { issuers: [{ issuer: 'https://i', audiences: ['a'], keys: { secret_env: 'S' } }], rules };
  const environment: Readonly<Record<string, string>> = { OAUTH_POLICY: '/p', S: 's'.repeat(40) };
  const source = {
    environment: (name: string) => environment[name],
    readFile: () => ({ ok: true as const, text: JSON.stringify(document) }),
  };
  const answer = compileSettings(source, text, ['HS256']);
  if (!answer.ok || answer.settings.policy === undefined) throw new Error('the policy is faulty');
  const policy = answer.settings.policy;
  const table = createPolicyTable(policy);
  let lookups = 0;
  const counting = {
    ...table,
    node: (key: string) => {
      lookups += 1;
      return table.node(key);
    },
  };
  const judged = judgeTarget(policy, counting, { method: 'GET', target, hosts: [], preflight: false }, text);
  return { lookups, rule: judged.kind === 'token' ? judged.rule.name : '' };
}

it('rules that end in `**` are looked up no more once a request has come to them', () => {
  const target = `/${MANY.slice(0, 60)
    .map((index) => `x${String(index)}`)
    .join('/')}${'/z'.repeat(SEGMENTS - 60)}`;
  const paths = MANY.map((index) => `/**/x${String(index)}/**`);
  const { lookups, rule } = costOf(paths, target);
  expect(rule).toBe('r0');
  // One for each segment, two for each rule on the way.
  expect(lookups).toBeLessThan(2 * SEGMENTS + 2 * COUNT);
});

it('a rule far down is found, and the first in the file decides', () => {
  expect(costOf(['/**/a/**', '/**/b'], '/b/a').rule).toBe('r0');
  expect(costOf(['/**/b', '/**/a/**'], '/a/b').rule).toBe('r0');
  expect(costOf(['/**/b', '/**/a/**'], '/a/c').rule).toBe('r1');
  expect(costOf(['/a/**/b/**', '/**'], '/a/x/b').rule).toBe('r0');
  expect(costOf(['/a/**/b/**', '/**'], '/a/x/c').rule).toBe('r1');
  expect(costOf(['/**/a', '/**/a/**/b', '/**'], '/a/b').rule).toBe('r1');
  // More places than are searched one by one.
  const nested = MANY.slice(0, 20).map((index) => `${'/**/x'.repeat(index + 1)}/**/y`);
  expect(costOf(nested, `${'/x'.repeat(15)}/y`).rule).toBe('r0');
  expect(costOf([...nested].reverse(), `${'/x'.repeat(15)}/y`).rule).toBe('r5');
  expect(costOf(nested, '/x/z').rule).toBe('');
});

it('names that no rule has after a `**` are not looked up at each of many places', () => {
  const start = MANY.slice(0, 60).map((index) => `x${String(index)}`);
  const target = `/${start.join('/')}${'/z'.repeat(SEGMENTS - 60)}`;
  const paths = MANY.map((index) => `/**/x${String(index)}/**/y${String(index)}`);
  const alone = costOf(paths, `/${start.join('/')}`).lookups;
  expect(costOf(paths, target).lookups - alone).toBeLessThan(2 * (SEGMENTS - 60));
  expect(costOf(paths, `${target.slice(0, -2)}/y7`).rule).toBe('r7');
});

it('no pattern makes the places of a request grow beyond the places of the rules', () => {
  const paths = MANY.map((index) => `${'/**/x'.repeat(index + 1)}/**/y`);
  const { lookups } = costOf(paths, '/x'.repeat(SEGMENTS));
  expect(lookups).toBeLessThan(2 * SEGMENTS * SEGMENTS);
});

it('a star in a name after a `**` costs each place one look-up for each pair of lengths, and no more', () => {
  // Every segment matches every pattern: as much as a client can cause.
  const sides = MANY.slice(1, 11);
  const long = `${'x'.repeat(20)}${'y'.repeat(20)}`;
  const pairs = sides.flatMap((before) => sides.map((after) => `/**/${'x'.repeat(before)}*${'y'.repeat(after)}/q`));
  const wide = costOf(pairs, `/${long}`.repeat(SEGMENTS));
  expect(wide.lookups).toBeLessThan(2 * SEGMENTS * pairs.length + 3 * SEGMENTS);
  const chains = MANY.slice(0, 40).map((index) => `${'/**/x*y'.repeat(index + 1)}/q`);
  const deep = costOf(chains, '/xaay'.repeat(SEGMENTS));
  // A place of `**` and one of a name for each star.
  expect(deep.lookups).toBeLessThan(4 * SEGMENTS * chains.length);
  expect(costOf(chains, `${'/xaay'.repeat(SEGMENTS - 1)}/q`).rule).toBe('r0');
  expect(costOf([...chains].reverse(), '/xaay/xaay/q').rule).toBe('r38');
});
