// `audit` of a policy: a line for each decision on a verified token, in the same words on both proxies, and nothing in it that
// a client could make two lines or another member of.
import { describe, expect, test } from 'vitest';
import { ISSUERS, tokenOf } from '../helpers/haproxy-policy-server';
import { eventually } from '../helpers/keep-alive';
import { bearer, knownOf, resultOf, type RunningGateway, type Wanted } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS, useGateway } from '../helpers/policy-gateways';

const RULES = [
  { name: 'open', paths: ['/open'], access: 'public' },
  { name: 'write', paths: ['/write'], require: { scopes: ['write'] } },
  { name: 'tried', paths: ['/tried'], require: { scopes: ['write'] }, mode: 'shadow' },
  { name: 'maybe', paths: ['/maybe'], access: 'optional' },
  { name: 'any', paths: ['/**'] },
];
const METADATA = { resource: 'https://api.example' };
const POLICY = { issuers: ISSUERS, rules: RULES, metadata: METADATA, paths: { allow: ['encoded_slash', 'parameter'] } };
const ANN = tokenOf({ sub: 'ann', client_id: 'cage' });
/** Nobody is known by it. */
const OTHER = tokenOf({ sub: 'other' });
const DENIED = 'decision=deny reason=insufficient_scope rule=write';
const SHADOWED = 'decision=shadow reason=insufficient_scope rule=tried';
const allowed = (rule: string): string => `decision=allow reason= rule=${rule}`;

/** The lines so far; HAProxy 2.6 in the foreground prints each a second time, with its level. */
function linesOf(log: string): readonly string[] {
  return log
    .split('\n')
    .flatMap((line) => /^(?:\S+ \S+ \[warn\] .* js: )?jwtverify: audit: (.*)$/.exec(line)?.[1] ?? []);
}

/** What `act` has logged: a request of its own ends it. */
async function linesBy(
  gateway: RunningGateway,
  act: () => Promise<void>,
  wanted: Wanted = {},
): Promise<readonly string[]> {
  const token = tokenOf({ sub: `end-${String(linesOf(gateway.log()).length)}` });
  const before = linesOf(gateway.log()).length;
  await act();
  // A refusal: every policy here that logs anything logs it.
  await gateway.askWith(token, { ...wanted, path: '/write' });
  const isEnd = (line: string): boolean => line.includes(' subject=end-');
  await eventually('the last line is there', () => linesOf(gateway.log()).slice(before).some(isEnd));
  return linesOf(gateway.log())
    .slice(before)
    .filter((line) => !isEnd(line));
}

describe.each(POLICY_GATEWAYS)('audit of all in $name', (gateway) => {
  const running = useGateway(gateway, { ...POLICY, audit: 'all' });

  test.each(gateway.ways)('every decision on a verified token has its line, new or remembered, by %s', async (way) => {
    const token = tokenOf({ sub: `ann-${way.replace(' ', '-')}`, client_id: 'cage' });
    const who = `subject=ann-${way.replace(' ', '-')} client=cage`;
    const lines = await linesBy(running(), async () => {
      for (const path of ['/a/b', '/a/./b/?secret=s3cr3t', '/write', '/tried', '/maybe', '/open']) {
        for (const method of ['GET', 'POST']) await running().askWith(token, { way, method, path });
      }
    });
    const wanted = [
      [allowed('any'), '/a/b'],
      [allowed('any'), '/a/b'],
      [DENIED, '/write'],
      [SHADOWED, '/tried'],
      [allowed('maybe'), '/maybe'],
    ].flatMap(([what, path]) =>
      ['GET', 'POST'].map((method) => `${what ?? ''} ${who} method=${method} path=${path ?? ''}`),
    );
    expect(lines).toEqual(wanted);
    expect(running().log()).not.toContain('s3cr3t');
  });

  test('the authorizer logs the request that it is asked about, by the rule of the reading that decides', async () => {
    const ask = async (method: string, target: string): Promise<void> => {
      await running().askAbout({ method, target, headers: [bearer(ANN)] });
    };
    const lines = await linesBy(running(), async () => {
      await ask('PUT', '/a?x=1');
      await ask('PUT', '/a');
      await ask('GET', '/write');
      await ask('GET', '/%2Fwrite');
      await ask('GET', '/open');
      await ask('GET', '/write');
    });
    expect(lines).toEqual([
      `${allowed('any')} subject=ann client=cage method=PUT path=/a`,
      `${allowed('any')} subject=ann client=cage method=PUT path=/a`,
      `${DENIED} subject=ann client=cage method=GET path=/write`,
      `${DENIED} subject=ann client=cage method=GET path=/%2Fwrite`,
      `${DENIED} subject=ann client=cage method=GET path=/write`,
    ]);
  });

  test('who has no verified token has no line', async () => {
    const lines = await linesBy(running(), async () => {
      for (const way of gateway.ways) {
        for (const path of ['/a', '/maybe', '/open', '/.well-known/oauth-protected-resource']) {
          await running().ask({ way, path });
        }
        for (const bad of [`${ANN}x`, tokenOf({ exp: 1 }), tokenOf({ aud: 'other' })]) {
          await running().askWith(bad, { way, path: '/a' });
        }
        await running().askWith(ANN, { way, path: '/..%2f..' });
      }
      await running().askAbout({ method: 'GET', target: '/a' });
    });
    expect(lines).toEqual([]);
  });

  test.each([
    ['x" client="root decision=allow', 'x%22%20client%3D%22root%20decision%3Dallow'],
    ['%0A\\n\u2028\u202e\u0085', '%250A%5Cn%E2%80%A8%E2%80%AE%C2%85'],
    ['Zoë \u{1f439}', 'Zo%C3%AB%20%F0%9F%90%B9'],
    ['s'.repeat(3000), `${'s'.repeat(128)}...`],
    ['\u{1f439}'.repeat(500), `${'%F0%9F%90%B9'.repeat(10)}...`],
  ])('a caller %j is one bounded word', async (name, word) => {
    const lines = await linesBy(running(), async () => {
      for (const way of gateway.ways) {
        await running().askWith(tokenOf({ sub: name, client_id: 'c' }), { way, path: '/write' });
        await running().askWith(tokenOf({ sub: 's', client_id: name }), { way, path: '/write' });
      }
    });
    const wanted = gateway.ways.flatMap(() => [
      `${DENIED} subject=${word} client=c method=GET path=/write`,
      `${DENIED} subject=s client=${word} method=GET path=/write`,
    ]);
    expect(lines).toEqual(wanted);
  });

  test.each<[string, string]>([
    ['/a%20b%22%3D', '/a%20b%22%3D'],
    ['/a%25b', '/a%25b'],
    ['/Zo%C3%AB', '/Zo%C3%AB'],
    [`/${'p'.repeat(3000)}`, `/${'p'.repeat(255)}...`],
    [`/d/${OTHER}`, '/d/(token)'],
    [`/d;access_token=${OTHER}/e`, '/(token)/e'],
    ['/a%2Fb', '/a%2Fb'],
    ['/x?access_token=s3cr3t&x=%0Aaudit:', '/x'],
  ])('the path of %s is one bounded word', async (path, word) => {
    const lines = await linesBy(running(), async () => {
      for (const way of gateway.ways) await running().askWith(ANN, { way, path });
    });
    const wanted = gateway.ways.map(() => `${allowed('any')} subject=ann client=cage method=GET path=${word}`);
    expect(lines).toEqual(wanted);
  });
});

describe.each(POLICY_GATEWAYS)('audit in $name', (gateway) => {
  async function ask(audit: object, more: object = {}, wanted: Wanted = {}): Promise<readonly string[]> {
    const running = await gateway.start({ ...POLICY, ...audit, ...more });
    const act = async (): Promise<void> => {
      for (const way of gateway.ways) {
        for (const path of ['/a', '/write', '/tried', '/a', '/write']) {
          await running.askWith(ANN, { ...wanted, way, path });
        }
      }
    };
    if ('audit' in audit) {
      const lines = await linesBy(running, act, wanted);
      await running.stop();
      return lines;
    }
    await act();
    await running.stop();
    return linesOf(running.log());
  }

  test('of refusals alone leaves out what passes', async () => {
    const who = 'subject=ann client=cage method=GET';
    const wanted = gateway.ways.flatMap(() => [
      `${DENIED} ${who} path=/write`,
      `${SHADOWED} ${who} path=/tried`,
      `${DENIED} ${who} path=/write`,
    ]);
    expect(await ask({ audit: 'refused' })).toEqual(wanted);
  });

  test('logs nothing where the policy does not ask for it', async () => {
    expect(await ask({})).toEqual([]);
  });

  test('names whose token is on the deny list, and so do the variables for logs', async () => {
    const policy = { ...POLICY, audit: 'refused', deny_path: 'DIRECTORY/denied' };
    const running = await gateway.start(policy, { files: { denied: 'sub:mallory\n' } });
    const token = tokenOf({ sub: 'mallory', client_id: 'cage' });
    const lines = await linesBy(running, async () => {
      for (const way of [...gateway.ways, ...gateway.ways]) {
        const answer = await running.askWith(token, { way, path: '/a' });
        expect([answer.status, resultOf(answer)?.reason, ...knownOf(answer)]).toEqual([
          401,
          'token_revoked',
          'mallory',
          'cage',
        ]);
        await running.askWith(token, { way, path: '/tried' });
      }
      await running.askAbout({ method: 'GET', target: '/a', headers: [bearer(token)] });
    });
    await running.stop();
    const who = 'subject=mallory client=cage method=GET';
    const refused = `decision=deny reason=token_revoked rule=any ${who} path=/a`;
    const passed = `decision=shadow reason=token_revoked rule=tried ${who} path=/tried`;
    expect(lines).toEqual([...[...gateway.ways, ...gateway.ways].flatMap(() => [refused, passed]), refused]);
  });

  test('names the host where rules do, and the caller as `claims` maps it', async () => {
    const issuers = ISSUERS.map((issuer) => ({ ...issuer, claims: { client: 'sub' } }));
    const rules = RULES.map((rule) => ({ ...rule, hosts: ['*.example'] }));
    const headers = [['Host', 'API.example:80']] as const;
    const lines = await ask({ audit: 'refused' }, { issuers, rules }, { headers });
    expect(new Set(lines)).toEqual(
      new Set([
        `${DENIED} subject=ann client=ann method=GET host=api.example path=/write`,
        `${SHADOWED} subject=ann client=ann method=GET host=api.example path=/tried`,
      ]),
    );
  });
});
