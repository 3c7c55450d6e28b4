// The provider that signs people in, seen by a browser over HTTP and by a real one: what every test of sign-in relies on.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCookieJar } from '../helpers/cookie-jar';
import { prepareChromium, startChromium, type Chromium } from '../helpers/chromium';
import { enter, makeBrowser } from '../helpers/login-browser';
import { API, CLIENT_ID, CLIENT_SECRET, SCOPES } from '../helpers/login-configuration';
import { startLoginProvider, type LoginProvider } from '../helpers/login-provider';

const APP = 'http://app.example:8080';
/** RFC 7636 appendix B. */
const [VERIFIER, CHALLENGE] = [
  'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
];

let provider: LoginProvider;

beforeAll(async () => {
  provider = await startLoginProvider();
  provider.serve([APP]);
});
afterAll(() => provider.stop());

function begin(): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: `${APP}/oauth2/callback`,
    scope: SCOPES,
    state: 'a state',
    nonce: 'a nonce',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
  });
  return `${provider.issuer}/auth?${query.toString()}`;
}

async function ask(form: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const encode = encodeURIComponent;
  const credentials = Buffer.from(`${encode(CLIENT_ID)}:${encode(CLIENT_SECRET)}`).toString('base64');
  const answer = await fetch(`${provider.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams(form),
  });
  return (await answer.json()) as Record<string, string>;
}

const claimsOf = (token: string | undefined): Record<string, unknown> =>
  JSON.parse(Buffer.from((token ?? '').split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

/** Signs in; the application does not listen, so the way ends before it. */
async function signIn(user: string): Promise<URL> {
  const browser = makeBrowser();
  const page = await browser.open(begin());
  expect(page.body).toContain('Sign in to the zoo');
  expect((await enter(browser, page, user, 'wrong')).body).toContain('Wrong user or password');
  await expect(enter(browser, page, user)).rejects.toThrow('ECONNREFUSED');
  // Signed in already, it answers at once.
  const answer = await browser.send(begin());
  return new URL(answer.fields.find(([name]) => name === 'location')?.[1] ?? '');
}

describe('the provider', () => {
  test('answers with code, state and issuer; its tokens have groups and roles, and refresh tokens rotate', async () => {
    const { origin, searchParams } = await signIn('keeper');
    expect([origin, searchParams.get('state'), searchParams.get('iss')]).toEqual([APP, 'a state', provider.issuer]);
    const code = { grant_type: 'authorization_code', code: searchParams.get('code') ?? '' };
    const redirect = { redirect_uri: `${APP}/oauth2/callback`, code_verifier: VERIFIER };
    const tokens = await ask({ ...code, ...redirect });
    const groups = { groups: ['group1', 'group2'], realm_access: { roles: ['group1', 'group2'] } };
    const id = claimsOf(tokens['id_token']);
    expect(id).toMatchObject({ ...groups, sub: 'keeper', nonce: 'a nonce', email: 'keeper@zoo.example' });
    expect(claimsOf(tokens['access_token'])).toMatchObject({ ...groups, aud: API, client_id: CLIENT_ID });
    const next = await ask({ grant_type: 'refresh_token', refresh_token: tokens['refresh_token'] ?? '' });
    expect(next['refresh_token']).not.toBe(tokens['refresh_token']);
    const again = await ask({ grant_type: 'refresh_token', refresh_token: tokens['refresh_token'] ?? '' });
    expect(again['error']).toBe('invalid_grant');
    expect(provider.count('/token')).toBe(3);
    expect(provider.secrets.has(next['access_token'] ?? '')).toBe(true);
  });
});

describe('the browser over HTTP', () => {
  const url = new URL('https://app.zoo.example/a/b');

  test.each([
    ['a=1; Domain=zoo.example', 'a=1'],
    ['a=1; Domain=other.example', ''],
    ['a=1; Domain=app.zoo.example.evil.example', ''],
    ['a=1; Path=/a', 'a=1'],
    ['a=1; Path=/b', ''],
    ['a=1; Max-Age=0', ''],
    ['__Host-a=1; Secure; Path=/', '__Host-a=1'],
    ['__Host-a=1; Secure; Path=/; Domain=zoo.example', ''],
    ['__Host-a=1; Path=/', ''],
    ['__Secure-a=1', ''],
    [`a=${'1'.repeat(4096)}`, ''],
  ])('has of `%.60s` the cookies `%s`', (field, kept) => {
    const jar = makeCookieJar();
    jar.store(url, [field]);
    expect(jar.field(url)).toBe(kept);
  });

  test('sends longer paths first, then older cookies, and to another site none but those of SameSite=None', () => {
    const jar = makeCookieJar();
    jar.store(url, ['b=1; Path=/', 'c=2; Path=/a', 'd=3; Path=/; SameSite=None; Secure', 'b=4; Path=/']);
    expect(jar.field(url)).toBe('c=2; b=4; d=3');
    expect(jar.field(url, true)).toBe('d=3');
    expect(jar.field(new URL('http://app.zoo.example/'))).toBe('b=4');
  });
});

describe('Chromium', () => {
  let chromium: Chromium;

  beforeAll(async () => {
    await prepareChromium();
    chromium = await startChromium();
  }, 600_000);
  afterAll(() => chromium.stop());

  test('opens the page of the provider and types into it', async () => {
    const page = await chromium.browser.newPage();
    await page.goto(begin());
    expect(await page.textContent('h1')).toBe('Sign in to the zoo');
    await page.getByLabel('User').fill('test');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.textContent('p')).toBe('Wrong user or password');
  });
});
