// The table of policies through real nginx, by auth_request, js_access and as an authorizer, on each engine.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorizationOf, POLICY_ENVIRONMENT, readPolicyTopics, type PolicyRow } from '../vectors/policies';
import { reachedBy, valuesOf } from './echo-backend';
import { askingsOf, type Asking } from './nginx-policy';
import { startPolicyNginx, type PolicyNginx } from './nginx-policy-server';
import { ENGINES } from './nginx-server';
import type { HttpAnswer } from './suite';

const NOW = 1750000000;
/** The clock stands still: some rows are a second away from another answer. */
const FAKETIME = `${new Date(NOW * 1000).toISOString().replace('T', ' ').slice(0, 19)} x0`;

const TOPICS = readPolicyTopics();
const ROWS = TOPICS.flatMap((topic) => topic.requests);

/** Bytes as the characters of a header line, and back. */
const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const textOf = (line: string | undefined): string => Buffer.from(line ?? '', 'latin1').toString('utf8');

type Pairs = readonly (readonly [string, string])[];

function credentialsOf(row: PolicyRow): Pairs {
  const preflight: Pairs = [
    ['Origin', 'https://app.example'],
    ['Access-Control-Request-Method', 'POST'],
  ];
  const lines = authorizationOf(row).map((value) => ['Authorization', bytes(value)] as const);
  return row.preflight === true ? [...preflight, ...lines] : lines;
}

/** Blanks around a header's value are not part of it (RFC 9110 §5.5). */
const SENT = ROWS.filter((row) => row.hosts.every((host) => host.trim() === host));
/** What nginx is asked itself: HTTP/1.1 takes a Host line, and a query is the authorizer's. */
const REQUESTS = SENT.filter((row) => row.hosts.length > 0 && row.query === undefined);
/** What the authorizer is asked: it has one host or none. */
const QUESTIONS = SENT.filter((row) => row.hosts.length < 2);

function forwardedOf(policy: object): readonly string[] {
  return Object.keys((policy as { forward?: object }).forward ?? {});
}

/** The headers of the policy that have a value, in its order, as the table has them. */
function forwardedBy(names: readonly string[], values: (name: string) => readonly string[]): Pairs {
  return names.flatMap((name) =>
    values(name)
      .filter((value) => value !== '')
      .map((value) => [name, textOf(value)] as const),
  );
}

/** What `auth_request` makes of a refusal. */
function statusBy(asking: Asking, expected: { readonly status: number; readonly challenge: string }): number {
  if (asking === 'js_access') return expected.status;
  return expected.challenge === '' || expected.status === 403 ? 403 : 401;
}

function told(answer: HttpAnswer): object {
  const { headers } = answer;
  return {
    status: Number(headers['x-told-status']),
    reason: headers['x-told-reason'] ?? '',
    challenge: headers['x-told-challenge'] ?? '',
    rule: headers['x-told-rule'] ?? '',
    wouldBe: headers['x-told-shadow'] ?? '',
    scopes: headers['x-told-scopes'] ?? '',
    subject: textOf(headers['x-told-subject']),
  };
}

describe.each(ENGINES)('nginx of $suite, $name', (engine) => {
  test('is asked nearly everything', () => {
    expect(REQUESTS.length).toBeGreaterThan(ROWS.length - 20);
    expect(QUESTIONS.length).toBeGreaterThan(ROWS.length - 5);
  });

  describe.each(TOPICS.flatMap((topic) => Object.entries(topic.policies)))('%s', (name, policy) => {
    const forwarded = forwardedOf(policy as object);

    let nginx: PolicyNginx;

    beforeAll(async () => {
      nginx = await startPolicyNginx(engine, policy as object, { env: POLICY_ENVIRONMENT, faketime: FAKETIME });
    });
    afterAll(async () => {
      await nginx.stop();
      expect(nginx.leaks()).toEqual([]);
      expect(nginx.errorLog()).not.toMatch(/js exception|js call exception|unhandled|internal error/);
    });

    describe.each(askingsOf(engine))('%s', (asking) => {
      test.each(REQUESTS.filter((row) => row.policy === name))('$id: $comment', async (row) => {
        const { headers: wanted, body, allowed, ...expected } = row.expected;
        const hosts = row.hosts.map((host) => ['Host', host] as const);
        const answer = await nginx.ask({
          port: nginx.portOf(asking),
          method: row.method,
          path: bytes(row.target),
          headers: [...hosts, ...credentialsOf(row)],
        });
        // nginx itself refuses what it takes for no HTTP; it never comes to be judged.
        if (answer.headers['x-told-status'] === undefined) {
          expect(row.method === 'CONNECT' ? [400, 405] : [400]).toContain(answer.status);
          expect(row.target === '*' ? 400 : expected.status).toBe(400);
          return;
        }
        expect(told(answer)).toEqual(expected);
        if (body !== undefined) {
          expect([answer.status, row.method === 'HEAD' ? body : answer.body]).toEqual([200, body]);
          return;
        }
        expect(answer.headers['x-reached'] === 'yes').toBe(allowed);
        if (!allowed) expect(answer.status).toBe(statusBy(asking, expected));
        else if (row.method !== 'HEAD') {
          const reached = reachedBy(answer);
          expect(forwardedBy(forwarded, (header) => valuesOf(reached, header))).toEqual(wanted);
        }
      });
    });

    test.each(QUESTIONS.filter((row) => row.policy === name))('as an authorizer, $id: $comment', async (row) => {
      const { headers: wanted, allowed, body } = row.expected;
      const facts = [
        ['X-Asked-Method', row.method],
        ['X-Asked-Target', bytes(row.target)],
        ...row.hosts.map((host) => ['X-Asked-Host', host] as const),
      ] as const;
      const path = `/_authorizer?${row.query ?? ''}`;
      const answer = await nginx.ask({ path, headers: [...facts, ...credentialsOf(row)] });
      const { headers } = answer;
      expect(row.expected).toMatchObject({
        status: answer.status,
        reason: headers['x-oauth-reason'] ?? '',
        challenge: headers['www-authenticate'] ?? '',
        wouldBe: headers['x-oauth-shadow'] ?? '',
        scopes: headers['x-oauth-scopes'] ?? '',
        subject: textOf(headers['x-oauth-subject']),
        rule: headers['x-oauth-rule'] ?? '',
      });
      if (body !== undefined) expect([answer.body, headers['content-type']]).toEqual([body, 'application/json']);
      else if (allowed) expect(answer.body).toBe('');
      else expect(JSON.parse(answer.body)).toMatchObject({ status: answer.status });
      const values = (header: string): readonly string[] => [headers[header.toLowerCase()] ?? ''];
      expect(forwardedBy(allowed ? forwarded : [], values)).toEqual(wanted);
    });
  });
});
