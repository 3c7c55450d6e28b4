// The vectors through real HAProxy, on three generations.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkHaproxy, SHOW_ALL, startHaproxy, type Haproxy } from './haproxy-server';
import { SUITES } from './suite';
import { FAKETIME, headersOf, textOf, WIRE_GROUPS, type WireGroup } from './vectors';

/** Whatever a group needs of an engine, HAProxy has it. */
const starts = (group: WireGroup): boolean => !group.broken;

/** The claim variables that a group's vectors tell of. */
function claimsOf(group: WireGroup): readonly string[] {
  return [...new Set(group.vectors.flatMap(({ expected }) => Object.keys(expected.variables ?? {})))];
}

/** Shows them by number, since variables differ by case and headers do not. */
function rulesFor(group: WireGroup): readonly string[] {
  // An empty variable and none look alike.
  const show = claimsOf(group).flatMap((name, index) => [
    `http-after-response set-header x-var-${index} "%[var(txn.oauth.${name})]"`,
    `http-after-response set-header x-found-${index} 1 if { var(txn.oauth.${name}) -m found }`,
  ]);
  return [...show, ...SHOW_ALL];
}

describe.each(SUITES)('HAProxy of %s', (suite) => {
  describe.each(WIRE_GROUPS.filter(starts))('$name', (group) => {
    let haproxy: Haproxy;

    beforeAll(async () => {
      const { environment: env, files } = group;
      haproxy = await startHaproxy(suite, { env, files, faketime: FAKETIME, rules: rulesFor(group) });
    });
    afterAll(async () => {
      await haproxy.stop();
      expect(haproxy.leaks()).toEqual([]);
    });

    test.each(group.vectors)('$id: $comment', async (vector) => {
      const { allowed, status, reason, challenge, scopes, subject, variables = {} } = vector.expected;
      const { headers } = await haproxy.ask({ headers: headersOf(vector) });
      expect({
        allowed: headers['x-authorized'] === '1',
        status: Number(headers['x-status']),
        reason: headers['x-reason'],
        challenge: headers['x-challenge'],
        scopes: headers['x-scopes'],
      }).toEqual({ allowed, status, reason, challenge, scopes });
      const isClaim = ([name, value]: readonly [string, string]): boolean =>
        name.startsWith('x-found-') || (name.startsWith('x-claim-') && value !== '');
      if (!allowed) expect(Object.entries(headers).filter(isClaim)).toEqual([]);
      if (subject !== undefined) expect(textOf(headers['x-claim-sub'])).toBe(subject);
      for (const [name, value] of Object.entries(variables)) {
        const index = claimsOf(group).indexOf(name);
        expect([name, headers[`x-found-${index}`] === '1']).toEqual([name, value !== null]);
        expect([name, textOf(headers[`x-var-${index}`])]).toEqual([name, String(value ?? '')]);
      }
    });
  });

  test.each(WIRE_GROUPS.filter((group) => !starts(group)))('$name: does not start', async (group) => {
    const { code, output } = await checkHaproxy(suite, { env: group.environment, files: group.files });
    expect([code, output]).toEqual([1, expect.stringContaining('jwtverify cannot start, because of its settings')]);
  });
});
