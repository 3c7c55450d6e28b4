// HAProxy may interrupt a script between any two instructions and go on with another request in the same Lua state: no
// request is ever judged by another one's path, token or rule.
import { describe, expect, test } from 'vitest';
import { ISSUERS, startWithPolicy, tokenOf } from '../helpers/haproxy-policy-server';
import { SUITES } from '../helpers/suite';

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
});
