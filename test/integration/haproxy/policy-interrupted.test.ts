// HAProxy may interrupt a script between any two instructions and go on with another request in the same Lua state: no
// request is ever judged by another one's path, token or rule. A new token is judged without interruptions.
import { describe, expect, test } from 'vitest';
import { cliLine, runCli } from '../helpers/haproxy-cli';
import { ISSUERS, startWithPolicy, tokenOf } from '../helpers/haproxy-policy-server';
import { freePort, SUITES } from '../helpers/suite';

const POLICY = {
  issuers: ISSUERS,
  rules: [
    { name: 'open', paths: ['/open/**'], access: 'public' },
    { name: 'any', paths: ['/app1/**'] },
    { name: 'second', paths: ['/app2/**'], require: { groups: { any: ['group2'] } } },
  ],
  otherwise: 'deny',
  forward: { 'X-User': 'user' },
};

/** Requests on their way at once, and how often each kind of them comes. */
const AT_ONCE = 24;
const TURNS = 60;

describe.each(SUITES)('HAProxy of %s that interrupts every few instructions', (suite) => {
  test('judges each request by its own path, token and rule', async () => {
    const proxy = await startWithPolicy(suite, { policy: POLICY, global: ['tune.lua.forced-yield 50'] });
    const groups: Readonly<Record<'jan' | 'eva' | 'tom', readonly string[]>> = {
      jan: ['group1'],
      eva: ['group1', 'group2'],
      tom: [],
    };
    let fresh = 0;
    const sign = (sub: keyof typeof groups): string => tokenOf({ sub, groups: groups[sub], jti: String(fresh++) });
    const kept = { jan: sign('jan'), eva: sign('eva'), tom: sign('tom') };
    const kinds = Object.keys(groups).flatMap((name) => {
      const sub = name as keyof typeof groups;
      return ['/app1/x', '/app2/x', '/open/x', '/else/x'].flatMap((path) =>
        [true, false].map((isNew) => ({ sub, path, isNew })),
      );
    });
    const expected = (sub: keyof typeof groups, path: string): number => {
      if (path === '/open/x' || path === '/app1/x') return 200;
      return path === '/app2/x' && groups[sub].includes('group2') ? 200 : 403;
    };
    const wrong: string[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      for (let turn = next++; turn < TURNS * kinds.length; turn = next++) {
        const kind = kinds[(turn * 7) % kinds.length];
        if (kind === undefined) continue;
        const { sub, path, isNew } = kind;
        const answer = await proxy.askWith(isNew ? sign(sub) : kept[sub], { path });
        const told = answer.status === 200 && path !== '/open/x' ? answer.headers['x-oauth-sub'] : sub;
        if (answer.status !== expected(sub, path) || told !== sub) {
          wrong.push(
            `${sub} ${path} ${String(isNew)}: ${String(answer.status)} ${String(told)} ${answer.headers['x-oauth-rule'] ?? ''}`,
          );
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await proxy.stop();
    expect(wrong).toEqual([]);
  });

  test('interrupts a new token no oftener than a remembered one', async () => {
    const cli = await freePort();
    const global = [cliLine(cli), 'nbthread 1', 'tune.lua.forced-yield 50'];
    const proxy = await startWithPolicy(suite, { policy: { issuers: ISSUERS, otherwise: 'authenticated' }, global });
    /** How often HAProxy turned to a task while these were answered. */
    const countTurns = async (tokens: readonly string[]): Promise<number> => {
      const count = async (): Promise<number> =>
        Number(/^tasksw: (\d+)/m.exec(await runCli(cli, 'show activity'))?.[1] ?? Number.NaN);
      const before = await count();
      for (const token of tokens) expect((await proxy.askWith(token, { path: '/x' })).status).toBe(200);
      return (await count()) - before;
    };
    const tokens = Array.from({ length: 100 }, (_, place) => tokenOf({ sub: 'jan', jti: String(place) }));
    const fresh = await countTurns(tokens);
    const kept = await countTurns(tokens);
    await proxy.stop();
    // It has some three thousand instructions more: sixty interruptions.
    expect(fresh - kept).toBeLessThan(20 * tokens.length);
  });
});
