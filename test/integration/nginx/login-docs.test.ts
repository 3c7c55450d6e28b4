// The configurations of docs/nginx.md for login, as they are pasted: a browser signs in by each.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf, type Block } from '../helpers/docs-blocks';
import { enter, makeBrowser } from '../helpers/login-browser';
import { CLIENT_SECRET } from '../helpers/login-configuration';
import { startLoginProvider, type LoginProvider } from '../helpers/login-provider';
import { policyFor } from '../helpers/nginx-login';
import { wire } from '../helpers/nginx-policy';
import { ENGINES, startNginx, type Engine, type Nginx } from '../helpers/nginx-server';
import { freePort } from '../helpers/suite';

const BLOCKS = blocksOf('docs/nginx.md').filter(({ askedBy }) => askedBy?.includes('login-docs') === true);
const CASES = BLOCKS.flatMap((block) =>
  ENGINES.filter(({ suite }) => block.suites.includes(suite)).map((engine) => ({ block, engine })),
);

/** Runs a block beside the server that the helper has. */
async function start(block: Block, engine: Engine, provider: LoginProvider): Promise<{ nginx: Nginx; origin: string }> {
  const port = await freePort();
  const http = block.text
    // The helper's configuration has these two.
    .replace('js_engine qjs;\n', '')
    .replace('large_client_header_buffers 4 32k;\n', '')
    .replaceAll('/etc/nginx/jwtverify-forward.conf', 'DIRECTORY/forward.conf')
    .replace('listen 8080', `listen 127.0.0.1:${String(port)}`);
  const nginx = await startNginx(engine, {
    env: {
      OAUTH_POLICY: 'DIRECTORY/policy.json',
      LOGIN_SECRET: CLIENT_SECRET,
      COOKIE_SECRET: 'a secret of 32 bytes, or of more.',
    },
    http: http.replaceAll('location = /_forward { allow 127.0.0.1; deny all;', 'location = /_forward {'),
    server: '',
    files: { 'policy.json': JSON.stringify(policyFor(engine, provider, {})), 'forward.conf': '' },
  });
  const ask = (wanted = {}) => nginx.ask({ ...wanted, port });
  await wire({ ...nginx, ask }, block.text.includes('auth_request') ? '?auth_request' : '');
  const origin = `http://127.0.0.1:${String(port)}`;
  provider.serve([origin]);
  return { nginx, origin };
}

describe('the configurations for login', () => {
  let provider: LoginProvider;
  beforeAll(async () => {
    provider = await startLoginProvider();
  });
  afterAll(() => provider.stop());

  test('there are two', () => {
    expect(BLOCKS).toHaveLength(2);
  });

  test.each(CASES)(
    'a browser signs in by that of line $block.line with $engine.name of $engine.suite',
    async ({ block, engine }) => {
      const { nginx, origin } = await start(block, engine, provider);
      const browser = makeBrowser();
      const page = await enter(browser, await browser.open(`${origin}/app1/x?y=1`));
      expect([page.status, page.url.href]).toEqual([200, `${origin}/app1/x?y=1`]);
      expect(page.body).toContain('reached: GET /app1/x?y=1');
      expect((await browser.open(`${origin}/app2/`)).status).toBe(403);
      expect((await makeBrowser().fetch(`${origin}/app1/`)).status).toBe(401);
      expect((await browser.open(`${origin}/oauth2/sign_out`)).status).toBe(200);
      expect((await browser.fetch(`${origin}/app1/`)).status).toBe(401);
      await nginx.stop();
    },
  );
});
