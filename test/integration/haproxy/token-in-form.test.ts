// A token that a form has as a parameter, which HAProxy alone can read.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reachedBy } from '../helpers/echo-backend';
import { ISSUERS, startWithPolicy, tokenOf, type PolicyProxy } from '../helpers/haproxy-policy-server';
import { SUITES, type HttpAnswer } from '../helpers/suite';

const POLICY = {
  issuers: ISSUERS,
  token: { from: ['bearer', { form: 'access_token' }] },
  rules: [{ paths: ['/**'] }],
};
const FORM = 'application/x-www-form-urlencoded';
const CHECK = 'http-request deny deny_status 503 unless { var(txn.authorized) -m bool }';

const reasonOf = (answer: HttpAnswer): string => answer.headers['x-oauth-reason'] ?? '';

describe.each(SUITES)('HAProxy of %s', (suite) => {
  let proxy: PolicyProxy;
  const token = tokenOf();

  beforeAll(async () => {
    proxy = await startWithPolicy(suite, {
      policy: POLICY,
      // It waits for the whole body, but for one that is never whole no longer than this.
      rules: ['http-request wait-for-body time 5s', 'http-request lua.jwtenforce', CHECK],
      frontend: ['http-after-response set-header x-oauth-reason "%[var(txn.oauth_reason)]"'],
    });
  });
  afterAll(async () => {
    await proxy.stop();
    expect(proxy.leaks()).toEqual([]);
  });

  test('a form has the token as a parameter, if HAProxy has it as a whole', async () => {
    const post = (body: string, headers: readonly (readonly [string, string])[]): Promise<HttpAnswer> =>
      proxy.ask({ method: 'POST', headers: [...headers, ['Content-Length', String(body.length)]], body });
    const body = `a=1&access_token=${token}`;
    const good = await post(body, [['Content-Type', FORM]]);
    expect([good.status, reachedBy(good)?.body]).toEqual([200, body]);
    expect(reasonOf(await post(body, [['Content-Type', 'text/plain']]))).toBe('credentials_missing');
    expect(reasonOf(await post(`${body}&access_token=x`, [['Content-Type', FORM]]))).toBe('token_repeated');
    const long = `${body}&b=${'x'.repeat(20000)}`;
    expect(reasonOf(await post(long, [['Content-Type', FORM]]))).toBe('form_incomplete');
    const chunked = await proxy.ask({
      method: 'POST',
      headers: [
        ['Content-Type', FORM],
        ['Transfer-Encoding', 'chunked'],
      ],
      body: `3\r\na=1\r\n0\r\n\r\n`,
    });
    expect(reasonOf(chunked)).toBe('form_incomplete');
  });
});
