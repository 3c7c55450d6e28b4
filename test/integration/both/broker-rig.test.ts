// The two providers and the admin service beside which the broker is tested: what every test of the broker relies on.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAdminService, type AdminService } from '../helpers/admin-service';
import {
  SECOND_TENANT,
  startGoogle,
  startMicrosoft,
  STRANGE_TENANT,
  TENANT,
  type MicrosoftProvider,
} from '../helpers/broker-providers';
import { makeKey, publicPart } from '../helpers/issuer-server';
import { formsOf, headerOf, makeBrowser, type Answer } from '../helpers/login-browser';
import { CLIENT_ID, CLIENT_SECRET } from '../helpers/login-configuration';
import type { LoginProvider } from '../helpers/login-provider';
import { sign } from '../helpers/login-tokens';

const APP = 'http://127.0.0.1:9';
/** RFC 7636 appendix B. */
const [VERIFIER, CHALLENGE] = [
  'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
];

let microsoft: MicrosoftProvider;
let google: LoginProvider;

beforeAll(async () => {
  [microsoft, google] = await Promise.all([startMicrosoft(), startGoogle()]);
  for (const provider of [microsoft, google]) provider.serve([APP]);
});
afterAll(() => Promise.all([microsoft, google].map((provider) => provider.stop())));

interface Document {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
}

const documentOf = async (issuer: string): Promise<Document> =>
  (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as Document;

/** The provider's answer to a user, before anybody gets it. */
async function answerTo(user: string, endpoint: string, provider: string, more: object = {}): Promise<Answer> {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: `${APP}/callback/${provider}`,
    scope: 'openid email profile',
    state: 'a state',
    nonce: 'a nonce',
    prompt: 'select_account',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...more,
  });
  const browser = makeBrowser();
  const form = await browser.open(`${endpoint}?${query.toString()}`);
  const body = new URLSearchParams({ user, password: user, do: 'sign-in' }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  let answer = await browser.send(form.url.href, { method: 'POST', headers, body });
  for (;;) {
    const location = headerOf(answer, 'location');
    if (location === '' || location.startsWith(APP)) return answer;
    answer = await browser.send(new URL(location, answer.url).href);
  }
}

async function claimsOf(code: string | null, endpoint: string, provider: string): Promise<Record<string, unknown>> {
  const encode = encodeURIComponent;
  const credentials = Buffer.from(`${encode(CLIENT_ID)}:${encode(CLIENT_SECRET)}`).toString('base64');
  const form = { grant_type: 'authorization_code', code: code ?? '', code_verifier: VERIFIER };
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ ...form, redirect_uri: `${APP}/callback/${provider}` }),
  });
  const { id_token: token } = (await answer.json()) as { readonly id_token: string };
  return decodeJwt(token);
}

describe('the provider of many tenants', () => {
  test.each([
    ['ann', TENANT, { preferred_username: 'ann@contoso.example', name: 'ann of Contoso', oid: 'oid-of-ann' }],
    ['bob', TENANT, { upn: 'bob@corp.contoso.example' }],
    ['sue', SECOND_TENANT, {}],
    ['guest', STRANGE_TENANT, {}],
  ])('the ID token of %s has the issuer of the tenant %s', async (user, tenant, claims) => {
    const document = await documentOf(`${microsoft.origin}/organizations/v2.0`);
    expect(document.issuer).toBe(`${microsoft.origin}/{tenantid}/v2.0`);
    const answer = await answerTo(user, document.authorization_endpoint, 'microsoft');
    const { searchParams } = new URL(headerOf(answer, 'location'));
    expect([searchParams.get('state'), searchParams.get('iss')]).toEqual(['a state', null]);
    expect(await claimsOf(searchParams.get('code'), document.token_endpoint, 'microsoft')).toMatchObject({
      iss: `${microsoft.origin}/${tenant}/v2.0`,
      tid: tenant,
      sub: user,
      nonce: 'a nonce',
      ...claims,
    });
  });

  test('has a document and addresses for each tenant, and notes which was asked', async () => {
    const document = await documentOf(`${microsoft.origin}/${SECOND_TENANT}/v2.0`);
    expect(document.issuer).toBe(`${microsoft.origin}/${SECOND_TENANT}/v2.0`);
    expect(document.authorization_endpoint).toContain(`/${SECOND_TENANT}/`);
    await answerTo('sue', document.authorization_endpoint, 'microsoft');
    expect(microsoft.asked.at(-1)).toBe(SECOND_TENANT);
  });

  test('answers by a form where the client wants that', async () => {
    const { authorization_endpoint: endpoint } = await documentOf(`${microsoft.origin}/common/v2.0`);
    const answer = await answerTo('ann', endpoint, 'microsoft', { response_mode: 'form_post' });
    const [form] = formsOf(answer);
    expect([form?.action, form?.fields.map(([name]) => name)]).toEqual([
      `${APP}/callback/microsoft`,
      ['code', 'state'],
    ]);
  });
});

test.each([
  ['gus', true],
  ['una', false],
])('the ID token of the other provider says whether the email of %s is verified', async (user, isVerified) => {
  const document = await documentOf(google.issuer);
  const answer = await answerTo(user, document.authorization_endpoint, 'google');
  const { searchParams } = new URL(headerOf(answer, 'location'));
  expect(searchParams.get('iss')).toBe(google.issuer);
  const claims = await claimsOf(searchParams.get('code'), document.token_endpoint, 'google');
  const name = `${user[0]?.toUpperCase() ?? ''}${user.slice(1)} of Google`;
  const email = { email: `${user}@gmail.example`, email_verified: isVerified };
  expect(claims).toMatchObject({ iss: google.issuer, sub: user, name, ...email });
});

describe('the admin service', () => {
  let admin: AdminService;
  let token: (changes?: object) => Promise<string>;
  let stop: () => Promise<unknown>;

  beforeAll(async () => {
    const key = await makeKey('RS256');
    const server = createServer((_, response) => response.end(JSON.stringify({ keys: [publicPart(key)] })));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const now = Math.floor(Date.now() / 1000);
    token = (changes) =>
      sign(key, { iss: issuer, aud: 'zoo', roles: ['SYSTEM'], iat: now, exp: now + 120, ...changes });
    admin = await startAdminService([issuer]);
    admin.users.set('a/b/microsoft:x', { upn: 'a/b', origin: 'microsoft', name: 'A', roles: ['USER'] });
    admin.codes.set('c0de', undefined);
    stop = () => Promise.all([admin.stop(), new Promise((done) => server.close(done))]);
  });
  afterAll(() => stop());

  const ask = async (method: string, path: string, bearer: string): Promise<number> =>
    (await fetch(admin.url + path, { method, headers: { authorization: `Bearer ${bearer}` } })).status;

  test('finds users by name and provider, and pairs each code once', async () => {
    const good = await token();
    expect(await ask('GET', '/zoo/sysapi/user/a%2Fb/microsoft%3Ax', good)).toBe(200);
    expect(await ask('GET', '/zoo/sysapi/user/a%2Fb/microsoft', good)).toBe(404);
    expect(await ask('GET', '/zoo/sysapi/user/a/b/microsoft%3Ax', good)).toBe(405);
    const device = '/zoo/sysapi/user/a%2Fb/device';
    expect(await ask('POST', `${device}/c0de?provider=microsoft`, good)).toBe(200);
    expect(await ask('POST', `${device}/c0de?provider=microsoft`, good)).toBe(409);
    expect(await ask('POST', `${device}/another?provider=microsoft`, good)).toBe(404);
    expect(admin.codes.get('c0de')).toBe('a/b/microsoft');
  });

  test.each([
    ['another audience', { aud: 'other' }],
    ['another role', { roles: ['USER'] }],
    ['another life', { exp: Math.floor(Date.now() / 1000) + 600 }],
    ['a strange issuer', { iss: 'https://other.example' }],
  ])('refuses a token of %s', async (_, changes) => {
    expect(await ask('GET', '/zoo/sysapi/user/a%2Fb/microsoft%3Ax', await token(changes))).toBe(401);
    expect(admin.requests.at(-1)?.token.ok).toBe(false);
  });
});
