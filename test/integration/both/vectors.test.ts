// The vectors through real proxies, on each generation of HAProxy and each engine of nginx.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectedOf, type Vector } from '../../vectors/load';
import { checkHaproxy, IS_STOCK, SHOW_ALL, startHaproxy } from '../helpers/haproxy-server';
import { ENGINES, SHARED_DICT, startNginx, type Engine } from '../helpers/nginx-server';
import { SUITES, type SuiteName } from '../helpers/suite';
import { FAKETIME, headersOf, textOf, WIRE_GROUPS, type WireGroup } from '../helpers/vectors';

/** What a proxy makes of a vector. */
interface Answer {
  /** Undefined where the proxy itself refuses the request, so that nobody judges it. */
  readonly result: Readonly<Record<'reason' | 'challenge' | 'scopes', string>> | undefined;
  readonly status: number;
  readonly allowed: boolean;
  readonly subject: string;
  /** The claims that are published. */
  readonly claims: readonly string[];
  /** Each claim variable that the group's vectors ask for; null where there is none. */
  readonly variables: Readonly<Record<string, string | null>>;
}

interface Running {
  /** The algorithms of the group that this engine has. */
  readonly algorithms: readonly string[];
  answer(vector: Vector): Promise<Answer>;
  leaks(): readonly string[];
  stop(): Promise<void>;
}

/** The claim variables that a group's vectors ask for. */
function variablesOf(group: WireGroup): readonly string[] {
  return [...new Set(group.vectors.flatMap(({ expected }) => Object.keys(expected.variables ?? {})))];
}

async function startWithHaproxy(suite: SuiteName, group: WireGroup): Promise<Running> {
  // By number, since variables differ by case and headers do not. An empty variable and none look alike.
  const show = variablesOf(group).flatMap((name, index) => [
    `http-after-response set-header x-var-${index} "%[var(txn.oauth.${name})]"`,
    `http-after-response set-header x-found-${index} 1 if { var(txn.oauth.${name}) -m found }`,
  ]);
  const { environment: env, files } = group;
  const haproxy = await startHaproxy(suite, { env, files, faketime: FAKETIME, rules: [...show, ...SHOW_ALL] });
  return {
    // Whatever a group needs of an engine, HAProxy has it.
    algorithms: group.needs,
    answer: async (vector) => {
      const { headers } = await haproxy.ask({ headers: headersOf(vector) });
      const text = (name: string): string => headers[`x-${name}`] ?? 'none';
      const isClaim = ([name, value]: readonly [string, string]): boolean =>
        name.startsWith('x-found-') || (name.startsWith('x-claim-') && value !== '');
      return {
        result: { reason: text('reason'), challenge: text('challenge'), scopes: text('scopes') },
        status: Number(headers['x-status']),
        allowed: headers['x-authorized'] === '1',
        subject: textOf(headers['x-claim-sub']),
        claims: Object.entries(headers)
          .filter(isClaim)
          .map(([name]) => name),
        variables: Object.fromEntries(
          variablesOf(group).map((name, index) => [
            name,
            headers[`x-found-${index}`] === '1' ? textOf(headers[`x-var-${index}`]) : null,
          ]),
        ),
      };
    },
    leaks: () => haproxy.leaks(),
    stop: () => haproxy.stop(),
  };
}

async function startWithNginx(engine: Engine, group: WireGroup): Promise<Running> {
  const { environment: env, files, needs } = group;
  const http = engine.hasSharedDict ? SHARED_DICT : '';
  const nginx = await startNginx(engine, { env, files, faketime: FAKETIME, http });
  let algorithms: readonly string[] = [];
  // Which algorithms the engine of this build has, it alone can tell: by what it makes of a good token.
  for (const vector of group.vectors.filter(({ expected }) => needs.length > 0 && expected.allowed)) {
    const answer = await nginx.ask({ path: '/authorizer', headers: headersOf(vector) });
    if (answer.status === 200) algorithms = needs;
  }
  return {
    algorithms,
    answer: async (vector) => {
      const { status, headers } = await nginx.ask({ path: '/authorizer', headers: headersOf(vector) });
      const behind = await nginx.ask({ headers: headersOf(vector) });
      // nginx refuses a second Authorization line before any script runs.
      const isJudged = headers['x-oauth-status'] !== undefined;
      if (!isJudged && behind.status !== status)
        throw new Error(`${String(status)}, but ${String(behind.status)} behind`);
      const [reason = '', challenge = '', scopes = ''] = ['x-oauth-reason', 'www-authenticate', 'x-oauth-scopes'].map(
        (name) => headers[name],
      );
      const subject = headers['x-oauth-subject'];
      return {
        result: isJudged ? { reason, challenge, scopes } : undefined,
        status,
        allowed: behind.status === 200,
        subject: textOf(subject),
        claims: subject === undefined ? [] : ['subject'],
        variables: {},
      };
    },
    leaks: () => nginx.leaks(),
    stop: () => nginx.stop(),
  };
}

interface Launcher {
  readonly name: string;
  readonly groups: readonly WireGroup[];
  readonly isNginx: boolean;
  readonly start: (group: WireGroup) => Promise<Running>;
}

const LAUNCHERS: readonly Launcher[] = [
  ...SUITES.map((suite) => ({
    name: `HAProxy of ${suite}`,
    groups: WIRE_GROUPS.filter((group) => !group.broken),
    isNginx: false,
    start: (group: WireGroup) => startWithHaproxy(suite, group),
  })),
  ...(IS_STOCK ? [] : ENGINES).map((engine) => ({
    name: `nginx of ${engine.suite}, ${engine.name}`,
    groups: WIRE_GROUPS,
    isNginx: true,
    start: (group: WireGroup) => startWithNginx(engine, group),
  })),
];

/** A boolean claim is one to HAProxy, and prints as 1 or 0. */
function printed(vector: Vector, name: string, value: string | number | null): string | null {
  const payload = vector.authorization[0]?.split('.')[1] ?? '';
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Readonly<Record<string, unknown>>;
  if (typeof claims[name] === 'boolean') return value === 'true' ? '1' : '0';
  return value === null ? null : String(value);
}

describe.each(LAUNCHERS)('$name', ({ groups, isNginx, start }) => {
  describe.each(groups)('$name', (group) => {
    let running: Running;

    beforeAll(async () => {
      running = await start(group);
    });
    afterAll(async () => {
      await running.stop();
      expect(running.leaks()).toEqual([]);
    });

    test.each(group.vectors)('$id: $comment', async (vector) => {
      const expected = expectedOf(vector, running.algorithms);
      const { allowed, status, reason, challenge, scopes, subject } = expected;
      const answer = await running.answer(vector);
      expect([answer.allowed, answer.status]).toEqual([allowed, status]);
      const isJudged = !isNginx || vector.authorization.length < 2;
      expect(answer.result).toEqual(isJudged ? { reason, challenge, scopes } : undefined);
      if (!allowed) expect(answer.claims).toEqual([]);
      if (subject !== undefined) expect(answer.subject).toBe(subject);
      if (isNginx) return;
      for (const [name, value] of Object.entries(expected.variables ?? {}))
        expect([name, answer.variables[name]]).toEqual([name, printed(vector, name, value)]);
    });
  });
});

describe.each(SUITES)('HAProxy of %s', (suite) => {
  test.each(WIRE_GROUPS.filter((group) => group.broken))('$name: does not start', async (group) => {
    const { code, output } = await checkHaproxy(suite, { env: group.environment, files: group.files });
    expect([code, output]).toEqual([1, expect.stringContaining('jwtverify cannot start, because of its settings')]);
  });
});
