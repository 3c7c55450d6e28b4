// A path's other readings, and what they make of a request.
import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import type { JudgedIdentity } from '../../../src/claims/identity';
import { createPolicyTable } from '../../../src/policy/policy-table';
import { judgeReadings, judgeTokenByReadings } from '../../../src/policy/readings';
import { judgeRefusal } from '../../../src/policy/judge';
import { refuse } from '../../../src/answer/decision';
import { readOtherPaths } from '../../../src/request/other-paths';
import { policyOf } from './compile';

const ALLOW = ['encoded_slash', 'encoded_delimiter', 'encoded_twice'] as const;

describe('the other readings of a path', () => {
  it.each([
    ['/a/b', []],
    ['/a%20b', []],
    ['/a%2Fb', ['/a/b']],
    ['/a%2fb%2F', ['/a/b']],
    ['/x%2F/../y', ['path_slash_repeated']],
    ['/a%3Fb/c', ['/a']],
    ['/a%23b', ['/a']],
    ['/a%2Fb%3fc', ['/a/b?c', '/a/b']],
    ['/a/%252e%252e/b', ['/b']],
    ['/a%252Fb', ['/a/b']],
    ['/a%25252Fb', ['/a%2Fb']],
    ['/a%25zz', []],
    ['/a%2Fb%252fc', ['/a/b%2fc', '/a/b/c']],
    ['/%252e%252e/b', ['path_climbs_out']],
  ])('%s', (path, expected) => {
    const found = readOtherPaths(path, { allow: ALLOW, ignoreCase: false }, text);
    expect(found.map((other) => (other.ok ? `/${other.value.join('/')}` : other.reason))).toEqual(expected);
  });

  it('are none where the policy allows no spelling that a router decodes', () => {
    expect(readOtherPaths('/a%2Fb', { allow: [], ignoreCase: false }, text)).toEqual([]);
    expect(readOtherPaths('/a%2Fb', { allow: ['parameter'], ignoreCase: false }, text)).toEqual([]);
  });
});

describe('a request by every reading', () => {
  const admin = { name: 'admin', paths: ['/admin/**'], require: { scopes: ['admin'] } };
  const open = { name: 'open', paths: ['/*'], access: 'public' };
  const paths = { allow: ALLOW };

  /** The status without a token, and with one that has these scopes; the reason that shadow mode reports of the latter. */
  function judge(document: Readonly<Record<string, unknown>>, path: string, scopes: string): readonly unknown[] {
    const policy = policyOf({ paths, ...document });
    const facts = { method: 'GET', target: path, hosts: [], preflight: false };
    const target = judgeReadings(policy, createPolicyTable(policy), facts, text);
    if (target.kind === 'metadata') throw new Error('no document');
    if (target.kind === 'decided') return [target.ruling.decision.status, target.ruling.wouldBe];
    const without = judgeRefusal(policy, target.rule, refuse('credentials_missing'));
    const judged = { scopes, groups: [], roles: [], headers: [] } as unknown as JudgedIdentity;
    const ruling = judgeTokenByReadings(policy, target, judged, undefined, undefined, text, 0);
    return [without.decision.status, ruling.decision.status, ruling.rule, ruling.wouldBe];
  }

  it('requires what the rule for another reading requires', () => {
    expect(judge({ rules: [admin, open] }, '/admin%2Fx', 'read')).toEqual([401, 403, 'admin', '']);
    expect(judge({ rules: [admin, open] }, '/admin%2Fx', 'admin')).toEqual([401, 200, 'admin', '']);
  });

  it('requires both of two rules', () => {
    const both = { rules: [admin, { name: 'one', paths: ['/*'], require: { scopes: ['read'] } }] };
    expect(judge(both, '/admin%2Fx', 'read')).toEqual([401, 403, 'admin', '']);
    expect(judge(both, '/admin%2Fx', 'admin')).toEqual([401, 403, 'one', '']);
    expect(judge(both, '/admin%2Fx', 'read admin')).toEqual([401, 200, 'one', '']);
  });

  it('goes by the rule of the path as it was sent where no rule matches another reading', () => {
    expect(judge({ rules: [open] }, '/admin%2Fx', '')).toEqual([200, '']);
    expect(judge({ rules: [open, { paths: ['/**'], access: 'deny' }] }, '/admin%2Fx', '')).toEqual([403, '']);
    expect(judge({ rules: [open], otherwise: 'authenticated' }, '/admin%2Fx', '')).toEqual([401, 200, 'otherwise', '']);
  });

  it('passes without a token only where no reading requires one', () => {
    const shop = { name: 'shop', paths: ['/*'], access: 'optional' };
    expect(judge({ rules: [admin, shop] }, '/admin%2Fx', 'admin')).toEqual([401, 200, 'admin', '']);
    expect(judge({ rules: [admin, shop] }, '/other%2Fx', '')).toEqual([200, 200, 'shop', '']);
    const deep = { name: 'deep', paths: ['/admin/**'], access: 'optional' };
    expect(judge({ rules: [deep, shop] }, '/admin%2Fx', '')).toEqual([200, 200, 'shop', '']);
    expect(judge({ rules: [deep, { ...admin, paths: ['/*'] }] }, '/admin%2Fx', 'read')).toEqual([
      401,
      403,
      'admin',
      '',
    ]);
    expect(judge({ rules: [{ ...admin, mode: 'shadow' }, shop] }, '/admin%2Fx', '')).toEqual([
      200,
      200,
      'shop',
      'insufficient_scope',
    ]);
  });

  it('reports in shadow mode, and lets no rule in shadow mode excuse a missing token', () => {
    const shadowed = { ...admin, mode: 'shadow' };
    expect(judge({ rules: [shadowed, open] }, '/admin%2Fx', '')).toEqual([200, 200, 'admin', 'insufficient_scope']);
    const denied = { name: 'no', paths: ['/admin/**'], access: 'deny', mode: 'shadow' };
    expect(judge({ rules: [denied, open] }, '/admin%2Fx', '')).toEqual([200, 'rule_refuses']);
    const lax = { name: 'lax', paths: ['/*'], require: { scopes: ['read'] }, mode: 'shadow' };
    expect(judge({ rules: [admin, lax] }, '/admin%2Fx', 'admin')).toEqual([401, 200, 'admin', 'insufficient_scope']);
    expect(judge({ rules: [denied, { ...lax, mode: 'enforce' }] }, '/admin%2Fx', 'read')).toEqual([
      401,
      200,
      'lax',
      'rule_refuses',
    ]);
  });
});
