// The table of policies through real proxies, in every way in which they judge a request, and as an authorizer.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  credentialsOf,
  leftOf,
  POLICY_ENVIRONMENT,
  readPolicyTopics,
  targetOf,
  type PolicyRow,
} from '../../vectors/policies';
import { leftBy, reachedBy, valuesOf } from '../helpers/echo-backend';
import { bytes, resultOf, textOf, type Pairs, type RunningGateway, type Way } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS } from '../helpers/policy-gateways';

const NOW = 1750000000;
/** The clock stands still: some rows are a second away from another answer. */
const FAKETIME = `${new Date(NOW * 1000).toISOString().replace('T', ' ').slice(0, 19)} x0`;

const TOPICS = readPolicyTopics();
const ROWS = TOPICS.flatMap((topic) => topic.requests);

function linesOf(row: PolicyRow): Pairs {
  const preflight: Pairs = [
    ['Origin', 'https://app.example'],
    ['Access-Control-Request-Method', 'POST'],
  ];
  const lines = [
    ...credentialsOf(row).map(([name, value]) => [name, bytes(value)] as const),
    ...(row.fields ?? []).map(([name, value]) => [name, bytes(value)] as const),
  ];
  return row.preflight === true ? [...preflight, ...lines] : lines;
}

/** Blanks around a header's value are not part of it (RFC 9110 §5.5). */
const SENT = ROWS.filter((row) => row.hosts.every((host) => host.trim() === host));
/** The rows for a proxy's own requests: HTTP/1.1 requires a Host line, and a query is the authorizer's. */
const REQUESTS = SENT.filter((row) => row.hosts.length > 0 && row.query === undefined);
/** HAProxy makes one of two equal Host lines. */
const ONE_HOST = REQUESTS.filter((row) => row.hosts.length === 1);
/** nginx drops header lines with `_` in their names before anybody sees them. */
const isDropped = (row: PolicyRow): boolean => row.fields?.some(([name]) => name.includes('_')) === true;
/** The rows for an authorizer: a question has one host or none. */
const ONE_HOST_OR_NONE = SENT.filter((row) => row.hosts.length < 2);

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

/** The status of a refusal on its way to the client: `auth_request` has but two. */
function statusBy(way: Way, expected: { readonly status: number; readonly challenge: string }): number {
  if (way !== 'auth_request') return expected.status;
  return expected.challenge === '' || expected.status === 403 ? 403 : 401;
}

describe.each(POLICY_GATEWAYS)('$name', (gateway) => {
  const isHaproxy = gateway.proxy === 'HAProxy';
  const requests = isHaproxy ? ONE_HOST : REQUESTS.filter((row) => !isDropped(row));
  const questions = isHaproxy ? ONE_HOST_OR_NONE : ONE_HOST_OR_NONE.filter((row) => !isDropped(row));

  test('is asked nearly everything', () => {
    expect(requests.length).toBeGreaterThan(ROWS.length - 30);
    expect(questions.length).toBeGreaterThan(ROWS.length - 10);
  });

  const policies = TOPICS.flatMap((topic) => Object.entries(topic.policies));
  describe.each(policies)('%s', (name, policy) => {
    const forwarded = forwardedOf(policy as object);
    let running: RunningGateway;

    beforeAll(async () => {
      running = await gateway.start(policy as object, { env: POLICY_ENVIRONMENT, faketime: FAKETIME });
    });
    afterAll(async () => {
      await running.stop();
      expect(running.leaks()).toEqual([]);
    });

    describe.each(gateway.ways)('%s', (way) => {
      test.each(requests.filter((row) => row.policy === name))('$id: $comment', async (row) => {
        const { headers: wanted, body, ...expected } = row.expected;
        const answer = await running.ask({
          way,
          method: row.method,
          path: bytes(targetOf(row)),
          headers: [...row.hosts.map((host) => ['Host', host] as const), ...linesOf(row)],
        });
        const result = resultOf(answer);
        // The proxy itself refuses what it does not regard as HTTP, so jwtverify does not judge it.
        if (result === undefined) {
          expect(gateway.proxy === 'nginx' && row.method === 'CONNECT' ? [400, 405] : [400]).toContain(answer.status);
          expect(gateway.proxy === 'nginx' && row.target === '*' ? 400 : expected.status).toBe(400);
          return;
        }
        // HAProxy's action answers with a document by itself, and leaves no variables behind.
        if (gateway.proxy === 'nginx' || body === undefined) expect(result).toEqual(expected);
        if (body !== undefined) {
          expect([answer.status, row.method === 'HEAD' ? body : answer.body]).toEqual([200, body]);
          return;
        }
        expect(answer.headers['x-reached'] === 'yes').toBe(expected.allowed);
        if (!expected.allowed) expect(answer.status).toBe(statusBy(way, expected));
        else if (row.method !== 'HEAD') {
          const reached = reachedBy(answer);
          expect(forwardedBy(forwarded, (header) => valuesOf(reached, header))).toEqual(wanted);
          const left = leftOf(row);
          if (left !== undefined) expect(leftBy(reached)).toEqual(left);
        }
      });
    });

    test.each(questions.filter((row) => row.policy === name))('as an authorizer, $id: $comment', async (row) => {
      const { headers: wanted, allowed, body } = row.expected;
      const answer = await running.askAbout({
        method: row.method,
        target: bytes(targetOf(row)),
        ...(row.hosts[0] === undefined ? {} : { host: row.hosts[0] }),
        headers: linesOf(row),
        query: `?${row.query ?? ''}`,
      });
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
