// The lines of docs/login.md sign a browser in, on each proxy that they are for; and its commands make a secret that opens cookies.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blocksOf, type Block } from '../helpers/docs-blocks';
import { reachedBy } from '../helpers/login-browser';
import { startLogin } from '../helpers/login-gateway';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import { startLoginProvider } from '../helpers/login-provider';
import { makeWorkDirectory, runIn } from '../helpers/suite';

const BLOCKS = blocksOf('docs/login.md');
const CASES = BLOCKS.filter(({ language }) => language !== 'sh').flatMap((block) =>
  LOGIN_GATEWAYS.filter(
    ({ proxy, suite }) => proxy.toLowerCase() === block.language && block.suites.includes(suite),
  ).map((gateway) => ({ name: gateway.name, gateway, block })),
);

const runnable = ({ text }: Block): string =>
  text
    .replaceAll('/etc/nginx/jwtverify-forward.conf', 'DIRECTORY/forward.conf')
    .replaceAll('http://apiservers', 'http://apps');

describe('docs/login.md', () => {
  test('has lines for each proxy', () => {
    expect(CASES.map(({ gateway }) => gateway)).toEqual(expect.arrayContaining([...LOGIN_GATEWAYS]));
  });

  test.each(CASES)(
    '$name: a browser signs in with them, and is refused outside the group',
    async ({ gateway, block }) => {
      const work = makeWorkDirectory(gateway.suite);
      const [commands] = BLOCKS.filter(({ language }) => language === 'sh');
      const script = commands?.text.replaceAll('/run/secrets', work.inside) ?? 'false';
      expect(await runIn(gateway.suite, ['sh', '-euc', script])).toMatchObject({ code: 0 });
      const secret = readFileSync(join(work.outside, 'cookie'), 'utf8').trim();
      const provider = await startLoginProvider();
      const login = await startLogin(gateway, provider, {}, { lines: runnable(block), env: { COOKIE_SECRET: secret } });
      const { browser, page } = await login.signIn('test', '/app1/deep?a=b');
      expect(reachedBy(page)?.target).toBe('/app1/deep?a=b');
      const refused = await browser.open(`${login.origin}/app2/`);
      expect([refused.status, refused.hops.length]).toEqual([403, 1]);
      expect((await login.browser().fetch(`${login.origin}/app1/`)).status).toBe(401);
      await login.stop();
      await provider.stop();
      expect(login.leaks()).toEqual([]);
    },
  );
});
