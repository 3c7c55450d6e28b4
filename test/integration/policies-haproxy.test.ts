// The table of policies through real HAProxy, as an action and as an authorizer, on three generations.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorizationOf, POLICY_ENVIRONMENT, readPolicyTopics, type PolicyRow } from '../vectors/policies';
import { reachedBy, valuesOf } from './echo-backend';
import { SHOW_POLICY, startWithPolicy, type PolicyProxy } from './haproxy-policy-server';
import { SUITES, type HttpAnswer } from './suite';

const NOW = 1750000000;
/** The clock stands still: some rows are a second away from another answer. */
const FAKETIME = `${new Date(NOW * 1000).toISOString().replace('T', ' ').slice(0, 19)} x0`;

const TOPICS = readPolicyTopics();
const ROWS = TOPICS.flatMap((topic) => topic.requests);

/** The one that asks HAProxy for an authorizer's answer brings the request's facts in headers. */
const RULES = [
  ...SHOW_POLICY.map((line) => `${line} unless { var(txn.oauth_method) -m found }`),
  'acl asked req.fhdr(X-Asked-Method) -m found',
  'http-request set-var(txn.oauth_method) req.fhdr(X-Asked-Method)',
  'http-request set-var(txn.oauth_target) req.fhdr(X-Asked-Target)',
  'http-request set-var(txn.oauth_host) req.fhdr(X-Asked-Host)',
  'http-request use-service lua.jwtauthorizer if asked',
  'http-request lua.jwtenforce',
];

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
/** What the action is asked: HAProxy makes one of two equal Host lines, and a query is the authorizer's. */
const REQUESTS = SENT.filter((row) => row.hosts.length === 1 && row.query === undefined);
/** What the authorizer is asked: it has one host or none. */
const QUESTIONS = SENT.filter((row) => row.hosts.length < 2);

function forwardedOf(policy: object): readonly string[] {
  return Object.keys((policy as { forward?: object }).forward ?? {});
}

describe.each(SUITES)('HAProxy of %s', (suite) => {
  test('is asked nearly everything', () => {
    expect(REQUESTS.length).toBeGreaterThan(ROWS.length - 20);
    expect(QUESTIONS.length).toBeGreaterThan(ROWS.length - 5);
  });

  describe.each(TOPICS.flatMap((topic) => Object.entries(topic.policies)))('%s', (name, policy) => {
    const forwarded = forwardedOf(policy as object);
    let proxy: PolicyProxy;

    beforeAll(async () => {
      const env = POLICY_ENVIRONMENT;
      proxy = await startWithPolicy(suite, { policy: policy as object, env, faketime: FAKETIME, rules: RULES });
    });
    afterAll(async () => {
      await proxy.stop();
      expect(proxy.leaks()).toEqual([]);
    });

    function told(answer: HttpAnswer): object {
      const { headers } = answer;
      return {
        allowed: headers['x-authorized'] === '1',
        status: Number(headers['x-oauth-status']),
        reason: headers['x-oauth-reason'],
        challenge: headers['x-oauth-challenge'],
        rule: headers['x-oauth-rule'],
        wouldBe: headers['x-oauth-shadow'],
        scopes: headers['x-oauth-scopes'],
        subject: textOf(headers['x-oauth-sub']),
      };
    }

    test.each(REQUESTS.filter((row) => row.policy === name))('$id: $comment', async (row) => {
      const { headers: wanted, body, ...expected } = row.expected;
      const hosts = row.hosts.map((host) => ['Host', host] as const);
      const answer = await proxy.ask({
        method: row.method,
        path: bytes(row.target),
        headers: [...hosts, ...credentialsOf(row)],
      });
      if (body !== undefined) {
        expect([answer.status, row.method === 'HEAD' ? body : answer.body]).toEqual([200, body]);
        return;
      }
      // HAProxy itself refuses what is no HTTP; it never comes to be judged.
      if (answer.headers['x-authorized'] === undefined) {
        expect([answer.status, expected.status]).toEqual([400, 400]);
        return;
      }
      expect(told(answer)).toEqual(expected);
      const reached = reachedBy(row.method === 'HEAD' ? { ...answer, headers: {} } : answer);
      if (row.method === 'HEAD') return;
      expect(reached !== undefined).toBe(expected.allowed);
      if (!expected.allowed) expect(answer.status).toBe(expected.status);
      else expect(forwardedBy(forwarded, (header) => valuesOf(reached, header))).toEqual(wanted);
    });

    test.each(QUESTIONS.filter((row) => row.policy === name))('as an authorizer, $id: $comment', async (row) => {
      const { headers: wanted, body, allowed, ...expected } = row.expected;
      const facts = [
        ['X-Asked-Method', row.method],
        ['X-Asked-Target', bytes(row.target)],
        ...row.hosts.map((host) => ['X-Asked-Host', host] as const),
      ] as const;
      const path = `/auth?${row.query ?? ''}`;
      const answer = await proxy.ask({ path, headers: [...facts, ...credentialsOf(row)] });
      const { headers } = answer;
      expect({
        status: answer.status,
        reason: headers['x-oauth-reason'] ?? '',
        challenge: headers['www-authenticate'] ?? '',
      }).toEqual({ status: expected.status, reason: expected.reason, challenge: expected.challenge });
      const values = (header: string): readonly string[] => [headers[header.toLowerCase()] ?? ''];
      expect(forwardedBy(allowed ? forwarded : [], values)).toEqual(wanted);
      if (body !== undefined) expect(answer.body).toBe(body);
    });
  });
});

/** The headers of the policy that have a value, in its order, as the table has them. */
function forwardedBy(names: readonly string[], values: (name: string) => readonly string[]): Pairs {
  return names.flatMap((name) =>
    values(name)
      .filter((value) => value !== '')
      .map((value) => [name, textOf(value)] as const),
  );
}
