// A real browser, Chromium, signs in on both proxies over https, and lives through a session as a person has it.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificates, startNameServer, type Certificates } from '../helpers/certificates';
import { prepareChromium, startChromium, type Chromium } from '../helpers/chromium';
import { startLogin, type RunningLogin } from '../helpers/login-gateway';
import { LOGIN_GATEWAYS } from '../helpers/login-gateways';
import { startLoginProvider, type LoginProvider } from '../helpers/login-provider';
import { freePort, waitForPort } from '../helpers/suite';

/** One proxy of each kind: the others have the same answers by the tests over HTTP. */
const GATEWAYS = LOGIN_GATEWAYS.filter(({ name }) => ['HAProxy of trixie', 'nginx of sid, QuickJS'].includes(name));
/** A folder for pictures of the pages, for the documents. */
const PICTURES = process.env['JWTVERIFY_PICTURES'];
const APPS = join(import.meta.dirname, '../../../examples/hamsters/apps.mjs');

let chromium: Chromium;
let certificates: Certificates;
let names: Awaited<ReturnType<typeof startNameServer>>;
let apps: ChildProcess;
let backend: number;

beforeAll(async () => {
  await prepareChromium();
  [chromium, certificates, names] = await Promise.all([
    startChromium(),
    makeCertificates('issuer.example'),
    startNameServer(),
  ]);
  backend = await freePort();
  apps = spawn(process.execPath, [APPS], { env: { PORT: String(backend) }, stdio: 'ignore' });
  await waitForPort(backend);
}, 600_000);
afterAll(async () => {
  apps.kill();
  names.socket.close();
  await chromium.stop();
});

async function takePicture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

async function enter(page: Page, user: string): Promise<void> {
  await page.getByLabel('User').fill(user);
  await page.getByLabel('Password').fill(user);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

describe.each(GATEWAYS)('Chromium before $name', (gateway) => {
  let provider: LoginProvider;
  let login: RunningLogin;
  let context: BrowserContext;

  beforeAll(async () => {
    provider = await startLoginProvider({ tls: certificates, host: 'issuer.example' });
    login = await startLogin(
      gateway,
      provider,
      { cookie: { secure: true } },
      {
        certificate: certificates.key + certificates.cert,
        authority: certificates.authority,
        nameServer: names.port,
        backend,
      },
    );
    context = await chromium.browser.newContext({ viewport: { width: 640, height: 420 } });
  });
  afterAll(async () => {
    await context.close();
    await login.stop();
    await provider.stop();
  });

  const says = (page: Page, id: string): Promise<string | null> => page.locator(`#${id}`).textContent();

  test('signs in, comes back to the deep link with its query; fetch and WebSocket pass', async () => {
    const page = await context.newPage();
    await page.goto(`${login.origin}/app1/deep?a=1&b=%26#end`);
    expect(await page.textContent('h1')).toBe('Sign in to the zoo');
    await enter(page, 'test');
    await page.waitForURL(`${login.origin}/app1/deep?a=1&b=%26#end`);
    expect([await says(page, 'user'), await says(page, 'query')]).toEqual(['test', 'a=1&b=%26']);
    await expect.poll(() => says(page, 'fetched')).toBe('test');
    await expect.poll(() => says(page, 'heard')).toBe('hello test');
    const cookies = await context.cookies(login.origin);
    expect(cookies.map(({ name }) => name)).toEqual(['__Host-jwtverify']);
    expect(cookies[0]).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/' });
    // No script of the page can read it.
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.close();
  });

  test('is refused on /app2 with a page that says why, and no loop', async () => {
    const page = await context.newPage();
    const answer = await page.goto(`${login.origin}/app2/`);
    expect([answer?.status(), page.url()]).toEqual([403, `${login.origin}/app2/`]);
    expect(await page.textContent('h1')).toBe('You cannot see this page');
    expect(await page.getByRole('link', { name: 'Sign out' }).count()).toBe(1);
    await takePicture(page, 'access-denied');
    // The page is for keyboards: the way out is the first stop.
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Sign out');
    await page.close();
  });

  test('does not notice that its access token has expired', async () => {
    provider.lifetimes.access = 1;
    const posted = provider.posted.length;
    const other = await chromium.browser.newContext();
    const page = await other.newPage();
    await page.goto(`${login.origin}/app1/`);
    await enter(page, 'test');
    await page.waitForURL(`${login.origin}/app1/`);
    const refreshes = (): number =>
      provider.posted.slice(posted).filter((form) => form.get('grant_type') === 'refresh_token').length;
    // A proxy may remember the session for some seconds. Each page is the application's, before and after.
    const reload = async (): Promise<number> => {
      await page.reload();
      expect(await says(page, 'user')).toBe('test');
      await expect.poll(() => says(page, 'fetched')).toBe('test');
      await expect.poll(() => says(page, 'heard')).toBe('hello test');
      return refreshes();
    };
    await expect.poll(reload, { timeout: 30_000 }).toBeGreaterThan(0);
    provider.lifetimes.access = 600;
    await reload();
    await other.close();
  });

  test('sees pages in dark too, and no page of login runs a script or loads anything', async () => {
    const dark = await chromium.browser.newContext({ colorScheme: 'dark', viewport: { width: 640, height: 420 } });
    const page = await dark.newPage();
    const problems: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    page.on('request', (request) => {
      if (request.resourceType() !== 'document') problems.push(request.url());
    });
    await page.goto(`${login.origin}/asks/x`);
    expect(await page.textContent('h1')).toBe('Sign in');
    await takePicture(page, 'sign-in-dark');
    expect(problems.filter((problem) => !problem.includes('favicon') && !problem.includes('401'))).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    await takePicture(page, 'sign-in');
    await page.getByRole('link', { name: 'Sign in' }).click();
    expect(await page.textContent('h1')).toBe('Sign in to the zoo');
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await page.textContent('h1')).toBe('You are not signed in');
    await takePicture(page, 'login-denied');
    await dark.close();
  });

  test('signs out here and at the issuer, and the back button shows nothing protected', async () => {
    const page = await context.newPage();
    await page.goto(`${login.origin}/app1/first`);
    await page.goto(`${login.origin}/app1/last`);
    expect(await says(page, 'user')).toBe('test');
    await page.getByRole('link', { name: 'Sign out' }).click();
    expect(await page.textContent('h1')).toBe('You are signed out');
    await takePicture(page, 'signed-out');
    expect(await context.cookies(login.origin)).toEqual([]);
    await page.getByRole('button', { name: 'Sign out of the sign-in service too' }).click();
    expect(await page.textContent('h1')).toBe('Sign out of the zoo?');
    await page.getByRole('button', { name: 'Sign out' }).click();
    // It comes back to the start page, which sends it to the issuer, which asks for the password again.
    await page.waitForURL(/\/interaction\//);
    expect(await page.textContent('h1')).toBe('Sign in to the zoo');
    for (let back = 0; back < 5; back += 1) {
      // A page that a form was sent to is not loaded again: the browser asks its user first.
      await page.goBack().catch(() => null);
      await page.waitForLoadState();
      await expect.poll(() => page.content().catch(() => 'on its way')).not.toBe('on its way');
      expect(await page.content()).not.toContain('app1 of the hamster zoo');
    }
    await page.close();
  });
});
