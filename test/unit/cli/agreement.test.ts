// `jwtverify explain` decides each row of the table of requests and policies as the proxies do, and its checks say why.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgeAtDesk, type DeskAnswer, type DeskQuestion } from '../../../cli/desk/judge';
import { findKeys } from '../../../cli/desk/keys';
import { readRequest } from '../../../cli/desk/request';
import { settingsOf } from '../../../cli/desk/settings';
import { traceChecks } from '../../../cli/desk/trace';
import { credentialsOf, POLICY_ENVIRONMENT, readPolicyTopics, targetOf, type PolicyRow } from '../../vectors/policies';

const TOPICS = readPolicyTopics();
const folder = mkdtempSync(join(tmpdir(), 'desk-'));

beforeAll(() => {
  Object.assign(process.env, POLICY_ENVIRONMENT);
  for (const { policies } of TOPICS) {
    for (const [name, document] of Object.entries(policies)) {
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(document));
    }
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A row as it would be typed. */
function questionOf(row: PolicyRow, presented: DeskQuestion['presented']): Promise<DeskQuestion> {
  const settings = settingsOf(join(folder, `${row.policy}.json`), '');
  const asking = row.preflight === true ? ['Origin: https://app.example', 'Access-Control-Request-Method: GET'] : [];
  const lines = [...(row.fields ?? []), ...(presented.kind === 'request' ? credentialsOf(row) : [])];
  const headers = [...row.hosts.map((host) => `Host: ${host}`), ...lines.map((line) => line.join(': ')), ...asking];
  const fields = headers.map((line) => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)] as const;
  });
  const request = { method: row.method, target: targetOf(row), fields };
  return findKeys(settings, false, row.now).then(({ keySets }) => ({
    settings,
    keySets,
    request,
    presented,
    allowedGroups: row.query ?? '',
    now: row.now,
  }));
}

function summary({ ruling, metadata }: DeskAnswer): object {
  const { decision, rule, wouldBe, headers } = ruling;
  const { allowed, status, reason, challenge, scopes, subject } = decision;
  const lines = headers.map(({ name, value }) => [name, value]);
  return { allowed, status, reason, challenge, rule, wouldBe, scopes, subject, headers: lines, body: metadata };
}

describe.each(TOPICS)('$topic', ({ requests }) => {
  test.each(requests)('$id: $comment', async (row) => {
    const question = await questionOf(row, { kind: 'request' });
    const answer = await judgeAtDesk(question);
    expect(summary(answer)).toEqual({ body: '', ...row.expected });
    const checks = traceChecks(question, answer);
    const against = row.expected.reason === '' ? row.expected.wouldBe : row.expected.reason;
    const failed = checks.filter(({ outcome }) => outcome === 'failed').map(({ reason }) => reason);
    // Several requirements of a rule can fail; the decision has the first reason.
    if (against === '') expect(failed).toEqual([]);
    else expect(failed).toContain(against);
    const shown = JSON.stringify(checks);
    for (const [, value] of credentialsOf(row)) {
      for (const part of value.split(/[\s,;&=]/).filter((word) => word.length > 40)) expect(shown).not.toContain(part);
    }
  });
});

test('a request is read as it is typed', () => {
  expect(readRequest('GET', 'https://api.example/a%2Fb/../c?d=%20', ['X-Tenant:  zoo '])).toEqual({
    method: 'GET',
    target: '/a%2Fb/../c?d=%20',
    fields: [
      ['host', 'api.example'],
      ['x-tenant', 'zoo'],
    ],
  });
  expect(readRequest('GET', 'https://api.example?a', []).target).toBe('/?a');
  expect(() => readRequest('GET', 'api.example/a', [])).toThrow('is not an http:// or https:// URL');
  expect(() => readRequest('GET', '/a', ['X Tenant: a'])).toThrow('is not a header line');
});
