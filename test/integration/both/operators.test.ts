// What an operator reads of refusals, and no client does: who was refused, what was wanted, what is missing.
import { describe, expect, test } from 'vitest';
import { AUDIENCE, ISSUER, ISSUERS, tokenOf } from '../helpers/haproxy-policy-server';
import { bearer, knownOf, resultOf } from '../helpers/policy-gateway';
import { POLICY_GATEWAYS } from '../helpers/policy-gateways';

const POLICY = {
  issuers: ISSUERS,
  rules: [
    { name: 'read', paths: ['/read'] },
    { name: 'write', paths: ['/write'], require: { scopes: ['write:hamsters'] } },
    { name: 'tried', paths: ['/tried'], mode: 'shadow', require: { scopes: ['write:hamsters'] } },
    { name: 'open', paths: ['/open'], access: 'public' },
  ],
};

describe.each(POLICY_GATEWAYS)('$name', (gateway) => {
  test('the log has the audience and issuer of a refused token and the expected ones, the answer has neither', async () => {
    const other = { issuer: 'https://second.example', audiences: ['second'], keys: { secret_env: 'HAMSTER_SECRET' } };
    for (const [issuers, wanted] of [
      [ISSUERS, `\`${ISSUER}\``],
      [[...ISSUERS, other], `\`${ISSUER}\`, \`https://second.example\``],
    ] as const) {
      const running = await gateway.start({ ...POLICY, issuers });
      const answers = [
        await running.askWith(tokenOf({ aud: ['https://other.example/\u{1F439}`\n', 'x'] }), { path: '/read' }),
        await running.askWith(tokenOf({ aud: undefined }), { path: '/read' }),
        await running.askWith(tokenOf({ iss: `${ISSUER}/slash` }), { path: '/read' }),
      ];
      await running.stop();
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
      expect(JSON.stringify(answers)).not.toMatch(/other\.example|slash|; expected/);
      const log = running.log();
      expect(log).toContain(
        `refused: audience_refused: the \`aud\` of the token is \`https://other.example/?\`, \`x\`; expected \`${AUDIENCE}\``,
      );
      expect(log).toContain(`refused: audience_missing: the \`aud\` of the token is empty or missing; expected`);
      expect(log).toContain(
        `refused: issuer_refused: the \`iss\` of the token is \`${ISSUER}/slash\`; expected ${wanted}`,
      );
      if (gateway.proxy === 'nginx') expect(log).toMatch(/\[info\].*refused: audience_refused/);
    }
  });

  test('the subject and client of a verified token are known whatever the rule says, and of no other', async () => {
    const running = await gateway.start(POLICY);
    const token = tokenOf({ sub: 'user-7', client_id: 'app-3', scope: 'read:hamsters' });
    const expired = tokenOf({ sub: 'user-7', client_id: 'app-3', exp: 1_700_000_000 });
    for (const way of gateway.ways) {
      const known = async (path: string, sent: string | undefined): Promise<readonly unknown[]> => {
        const answer = await running.ask({ way, path, headers: sent === undefined ? [] : [bearer(sent)] });
        return [path, answer.status, ...knownOf(answer), resultOf(answer)?.subject];
      };
      // Verified, then remembered.
      for (const turn of ['new', 'remembered']) {
        expect([turn, await known('/write', token)]).toEqual([turn, ['/write', 403, 'user-7', 'app-3', '']]);
        expect(await known('/tried', token)).toEqual(['/tried', 200, 'user-7', 'app-3', 'user-7']);
        expect(await known('/read', token)).toEqual(['/read', 200, 'user-7', 'app-3', 'user-7']);
      }
      for (const [path, sent, status] of [
        ['/read', expired, 401],
        ['/write', undefined, 401],
        ['/open', token, 200],
        ['/elsewhere', token, 403],
      ] as const) {
        expect(await known(path, sent)).toEqual([path, status, '', '', '']);
      }
    }
    await running.stop();
  });

  test('a gateway that names no method gets a reason of its own, and the log names the variable', async () => {
    const running = await gateway.start(POLICY);
    const headers = [bearer(tokenOf())];
    const none = await running.askAbout({ target: '/read', headers });
    const small = await running.askAbout({ method: 'get', target: '/read', headers });
    await running.stop();
    expect([none.status, none.headers['x-oauth-reason']]).toEqual([400, 'method_missing']);
    expect([small.status, small.headers['x-oauth-reason']]).toEqual([400, 'method_malformed']);
    const variable = gateway.proxy === 'HAProxy' ? 'txn.oauth_method' : '$jwtverify_method';
    expect(running.log()).toContain(`a gateway did not name the request that it asked about: \`${variable}\` is empty`);
  });
});
