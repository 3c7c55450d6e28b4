// A real browser, Chromium, signs in at the broker and pairs a device, on both proxies, as a person does.
import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TENANT } from '../helpers/broker-providers';
import { startBroker, type RunningBroker } from '../helpers/broker-gateway';
import { startBrokerWorld, type BrokerWorld } from '../helpers/broker-world';
import { prepareChromium, startChromium, type Chromium } from '../helpers/chromium';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';

/** One proxy of each kind: the others have the same answers by the tests over HTTP. */
const GATEWAYS = LOGIN_GATEWAYS.filter(({ name }) => ['HAProxy of trixie', 'nginx of sid, QuickJS'].includes(name));
const CODE = 'feedc0de-1234:5678_90ab-cdefABCDEF0123456789';
const ANN = 'ann@contoso.example';

let chromium: Chromium;
let world: BrokerWorld;

beforeAll(async () => {
  await prepareChromium();
  [chromium, world] = await Promise.all([startChromium(), startBrokerWorld(GATEWAYS.map(({ name }) => name))]);
  for (const key of [`${ANN}/microsoft:${TENANT}`, 'gus@gmail.example/google']) {
    const upn = key.split('/')[0] ?? '';
    world.admin.users.set(key, { upn, origin: 'admin', name: `Member ${upn}`, roles: ['USER'] });
  }
}, 600_000);
afterAll(async () => {
  await chromium.stop();
  await world.stop();
});

describe.each(GATEWAYS)('Chromium before $name', (gateway) => {
  let broker: RunningBroker;
  let context: BrowserContext;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    broker = await startBroker(world, gateway);
    context = await chromium.browser.newContext({ viewport: { width: 640, height: 480 } });
    world.admin.codes.set(CODE, undefined);
  });
  afterAll(async () => {
    await context.close();
    await broker.stop();
    expect(broker.leaks()).toEqual([]);
  });

  /** A page that notes what the broker's pages load besides, and what the browser says against them. */
  const open = async (query: string): Promise<void> => {
    page = await context.newPage();
    problems = [];
    page.on('console', (message) => problems.push(message.text()));
    page.on('request', (request) => {
      if (request.url().startsWith(broker.origin) && request.resourceType() !== 'document')
        problems.push(request.url());
    });
    await page.goto(`${broker.origin}/${query}`);
    expect(await page.textContent('h1')).toBe('Sign in');
  };
  const enter = async (provider: string, user: string): Promise<void> => {
    await page.getByRole('button', { name: provider }).click();
    expect(await page.textContent('h1')).toBe('Sign in to the zoo');
    await page.getByLabel('User').fill(user);
    await page.getByLabel('Password').fill(user);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  const close = async (): Promise<void> => {
    await page.close();
    // The application's own page, and no icon, load too.
    expect(problems.filter((problem) => !problem.includes('favicon'))).toEqual([]);
    expect((await context.cookies(broker.origin)).filter(({ name }) => name.startsWith('jwtverify-broker'))).toEqual(
      [],
    );
  };
  const claimsOf = async (token: string | null, audience: string): Promise<Record<string, unknown>> => {
    const keys = createRemoteJWKSet(new URL(`${broker.origin}/oauth2/v1/certs`));
    return (await jwtVerify(token ?? '', keys, { issuer: broker.origin, audience })).payload;
  };

  test('E2: signs in with Microsoft, and the application finds the token in its fragment', async () => {
    await open('');
    await enter('Microsoft', 'ann');
    await page.waitForURL((url) => url.href.startsWith(`${world.application.url}/in`));
    const token = await page.textContent('#fragment');
    broker.hide(token ?? '');
    expect(await claimsOf(token, 'register')).toMatchObject({ upn: ANN, tenant: TENANT, provider: 'microsoft' });
    await close();
  });

  test('E5: signs in with Google, and a button posts the token to the application', async () => {
    await open('?audience=zoo');
    await enter('Google', 'gus');
    expect(await page.textContent('h1')).toBe('You are signed in');
    // The button is the first stop of the keyboard.
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Continue');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${world.application.url}/zoo`);
    const token = new URLSearchParams(world.application.arrivals.at(-1)?.body).get('token');
    broker.hide(token ?? '');
    expect(await claimsOf(token, 'zoo')).toMatchObject({ upn: 'gus@gmail.example', roles: ['USER'] });
    await close();
  });

  test('E3: pairs a device after it has shown what for', async () => {
    await open(`?audience=zoo&code=${encodeURIComponent(CODE)}`);
    expect(await page.locator('dd').allTextContents()).toEqual(['zoo', 'feedc0de']);
    await enter('Microsoft', 'ann');
    expect(await page.textContent('h1')).toBe('Is this your device?');
    expect(await page.locator('dd').allTextContents()).toEqual(['zoo', 'feedc0de', ANN]);
    expect(world.admin.codes.get(CODE)).toBe(undefined);
    await page.getByRole('button', { name: 'Connect this device' }).click();
    expect(await page.textContent('h1')).toBe('Your device is connected');
    expect(await page.textContent('body')).toContain('You can close your browser');
    expect(world.admin.codes.get(CODE)).toBe(`${ANN}/microsoft:${TENANT}`);
    await close();
  });

  test('E4: a person whom the application does not know reads so, and may sign in with another account', async () => {
    await open('?audience=zoo');
    await enter('Microsoft', 'bob');
    expect(await page.textContent('h1')).toBe('You cannot use this application');
    await page.getByRole('link', { name: 'Sign in' }).click();
    expect(await page.textContent('h1')).toBe('Sign in');
    await enter('Microsoft', 'ann');
    expect(await page.textContent('h1')).toBe('You are signed in');
    problems = problems.filter((problem) => !problem.includes('403'));
    await close();
  });

  test("another site's form shows the page instead of beginning a sign-in", async () => {
    const { port } = new URL(world.application.url);
    const other = await context.newPage();
    await other.goto(`http://evil.example:${port}/`);
    await other.setContent(
      `<form method="post" action="${broker.origin}/authorize"><input name="audience" value="zoo">
<button name="provider" value="microsoft">Win</button></form>`,
    );
    await other.getByRole('button', { name: 'Win' }).click();
    await other.waitForURL(`${broker.origin}/authorize`);
    expect(await other.textContent('h1')).toBe('Sign in');
    expect(await other.locator('dd').allTextContents()).toEqual(['zoo']);
    await other.close();
  });
});
