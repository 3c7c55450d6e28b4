// The table of policies and the path corpus themselves: large enough, consistent, and each policy compiles.
import { describe, expect, test } from 'vitest';
import { text } from '../../nginx/ports/text';
import { ALGORITHMS } from '../../src/model/algorithm';
import { listRefusals } from '../../src/answer/reason';
import { compileSettings } from '../../src/settings/environment';
import { POLICY_ENVIRONMENT, readPaths, readPolicyTopics } from './policies';

const REFUSALS = listRefusals();

const topics = readPolicyTopics();
const rows = topics.flatMap((topic) => topic.requests);
const paths = readPaths();

describe('the table of policies', () => {
  test('has 400 requests at the least, of each kind', () => {
    expect(rows.length).toBeGreaterThanOrEqual(400);
    expect(rows.filter(({ expected }) => expected.allowed).length).toBeGreaterThanOrEqual(150);
    expect(rows.filter(({ expected }) => !expected.allowed).length).toBeGreaterThanOrEqual(250);
  });

  test('has no id and no question twice', () => {
    expect(new Set([...rows, ...paths].map(({ id }) => id)).size).toBe(rows.length + paths.length);
    expect(new Set(paths.map(({ target }) => target)).size).toBe(paths.length);
    const asked = rows.map((row) => JSON.stringify({ ...row, id: '', comment: '', expected: '' }));
    expect(asked.filter((question, index) => asked.indexOf(question) !== index)).toEqual([]);
  });

  test('has answers that do not contradict themselves or the table of reasons', () => {
    for (const { id, expected } of rows) {
      const refusal = expected.reason === '' ? undefined : REFUSALS[expected.reason as keyof typeof REFUSALS];
      expect([id, expected.allowed]).toEqual([id, refusal === undefined]);
      expect([id, expected.status]).toEqual([id, refusal?.status ?? 200]);
      expect([id, expected.challenge === '']).toEqual([id, refusal === undefined || refusal.error === 'none']);
    }
  });

  const policies = topics.flatMap((topic) => Object.entries(topic.policies));
  test.each(policies)(
    'the policy %s compiles, without a notice but for several issuers and shadow mode',
    (_, document) => {
      const source = {
        environment: (name: string) => ({ ...POLICY_ENVIRONMENT, OAUTH_POLICY: 'policy.json' })[name],
        readFile: () => ({ ok: true as const, text: JSON.stringify(document) }),
      };
      const engine = ALGORITHMS.map(({ name }) => name);
      const answer = compileSettings(source, text, engine);
      const notices = answer.ok ? answer.notices.map(({ message }) => message) : ['not compiled'];
      const isShared = (message: string): boolean => message.includes('of several issuers');
      const isShadow = (message: string): boolean => message.includes('what would be refused passes');
      expect(notices.filter((message) => !isShared(message) && !isShadow(message))).toEqual([]);
      expect(notices.some(isShadow)).toBe(JSON.stringify(document).includes('"mode":"shadow"'));
      expect(notices.some(isShared)).toBe((document as { issuers: readonly unknown[] }).issuers.length > 1);
    },
  );
});

describe('the path corpus', () => {
  test('has 150 spellings at the least, of each reason', () => {
    expect(paths.length).toBeGreaterThanOrEqual(150);
    const reasons = new Set(paths.map(({ expected }) => ('reason' in expected ? expected.reason : '')));
    expect(Object.keys(REFUSALS).filter((reason) => reason.startsWith('path_') && !reasons.has(reason))).toEqual([]);
  });
});
