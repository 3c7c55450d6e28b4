// What makes the broker sign people in: `broker.providers` and all that goes with it.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { text } from '../../../../nginx/ports/text';
import { describeProblems } from '../../../../src/model/problem';
import type { Settings } from '../../../../src/model/settings';
import { compileSettings } from '../../../../src/settings/environment';
import { answerFor, FILES, problemsOf } from '../../policy/compile';

const PEM = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const ALL = { ...FILES, '/rsa': String(PEM) };
const SECRETS = { SECRET: 'client-secret', COOKIE: 'k'.repeat(32) };
const CLIENT = { client_id: 'gateway', client_secret_env: 'SECRET' };
const CORP = { ...CLIENT, issuer: 'https://sso.corp.example', user_claims: ['email'] };
const GOOD = {
  issuer: 'https://login.example/a',
  keys: [{ kid: 'k', private_key_file: '/rsa' }],
  providers: { corp: CORP },
  audiences: { zoo: { redirect: 'https://zoo.example/in', look_up: false } },
  cookie: { secret_env: 'COOKIE' },
};

function settingsWith(broker: object = {}, more: object = {}): Settings {
  const answer = answerFor({ broker: { ...GOOD, ...broker }, otherwise: 'authenticated', ...more }, SECRETS, ALL);
  if (!answer.ok) throw new Error(describeProblems(answer.problems).join('\n'));
  return answer.settings;
}

const deskWith = (broker: object = {}, more: object = {}) => settingsWith(broker, more).broker?.desk;

describe('the desk of a broker', () => {
  it('is undefined without providers: such a broker publishes only', () => {
    expect(deskWith({ providers: undefined, audiences: undefined, cookie: undefined })).toBeUndefined();
    expect(deskWith()).toMatchObject({ issuer: 'https://login.example/a', prefix: '/a', lifetime: 86_400 });
  });

  const segmentOf = (json: string): string => Buffer.from(json).toString('base64url');

  it('signs with the first key, or with the one that `signs_with` names', () => {
    const keys = [...GOOD.keys, { kid: 'next', private_key_file: '/private.pem' }];
    expect(deskWith({ keys })?.signing).toMatchObject({
      type: 'RSA',
      algorithm: 'RS256',
      header: segmentOf('{"alg":"RS256","kid":"k","typ":"JWT"}'),
    });
    const next = deskWith({ keys, signs_with: 'next' })?.signing.header;
    expect(next).toBe(segmentOf('{"alg":"ES256","kid":"next","typ":"JWT"}'));
  });
});

describe('providers', () => {
  it('have what their names say', () => {
    const settings = settingsWith({
      providers: { microsoft: { ...CLIENT, tenants: ['a', 'b'] }, google: CLIENT, corp: CORP },
    });
    const [own, microsoft, google, corp] = settings.issuers;
    const [first, second, third] = settings.broker?.desk?.providers ?? [];
    expect(own?.issuer).toBe('https://us/');
    expect(microsoft).toMatchObject({
      issuer: 'https://login.microsoftonline.com/{tid}/v2.0',
      tenancy: { before: 'https://login.microsoftonline.com/', claim: 'tid', after: '/v2.0', tenants: ['a', 'b'] },
      audiences: [],
    });
    expect(first).toMatchObject({
      name: 'microsoft',
      label: 'Microsoft',
      client: { issuer: 1, clientId: 'gateway', scopes: 'openid email profile' },
      userClaims: ['upn', 'unique_name', 'preferred_username'],
      tenantClaim: 'tid',
      parameters: [['prompt', 'select_account']],
    });
    expect(google).toMatchObject({ issuer: 'https://accounts.google.com', audiences: [], tenancy: undefined });
    expect(second).toMatchObject({
      name: 'google',
      label: 'Google',
      client: { issuer: 2, scopes: 'openid email', redirectUri: 'https://login.example/a/callback/google' },
      userClaims: ['email'],
      tenantClaim: undefined,
      parameters: [['prompt', 'select_account']],
    });
    expect(corp).toMatchObject({ issuer: 'https://sso.corp.example', audiences: [] });
    expect(third).toMatchObject({
      name: 'corp',
      label: 'corp',
      client: {
        issuer: 3,
        scopes: 'openid profile email',
        redirectUri: 'https://login.example/a/callback/corp',
        claimsFrom: ['id_token'],
        endpoints: undefined,
        credentials: [{ authorization: `Basic ${Buffer.from('gateway:client-secret').toString('base64')}`, form: '' }],
      },
      tenantClaim: undefined,
      parameters: [],
    });
  });

  it('are discovered with their endpoints, at Microsoft by the document that fits the tenants', () => {
    const documentFor = (tenants: string | readonly string[]): string | undefined => {
      const { issuers } = settingsWith({ providers: { microsoft: { ...CLIENT, tenants } } });
      const [remote, ...more] = issuers[1]?.sources.remotes ?? [];
      expect(more).toEqual([]);
      expect(remote).toMatchObject({ kind: 'discovery', givesEndpoints: true });
      return remote?.url;
    };
    const at = (place: string) => `https://login.microsoftonline.com/${place}/v2.0/.well-known/openid-configuration`;
    expect(documentFor(['269a1b55'])).toBe(at('269a1b55'));
    expect(documentFor('269a1b55')).toBe(at('269a1b55'));
    expect(documentFor(['a', 'b'])).toBe(at('organizations'));
    expect(documentFor(['a', '9188040d-6c67-4c5b-b112-36a304b66dad'])).toBe(at('common'));
    expect(documentFor('*')).toBe(at('common'));
  });

  it('have the words of the policy before those of their names', () => {
    const endpoints = { authorization_endpoint: 'https://sso.example/a', token_endpoint: 'https://sso.example/t' };
    const settings = settingsWith({
      providers: {
        microsoft: {
          ...CLIENT,
          issuer: 'https://login.microsoftonline.us/{tid}/v2.0',
          tenants: ['a', 'b'],
          label: 'Work',
          scopes: ['openid'],
          user_claims: ['sub'],
          tenant_claim: 'tenant',
        },
        google: { ...CLIENT, issuer: 'https://sso.example', keys: { discovery_url: 'https://sso.example/d' } },
        corp: { ...CORP, keys: { jwks_url: 'https://sso.example/k' }, endpoints },
        cloud: { ...CORP, issuer: 'https://cloud.example/{org}', tenants: ['x'] },
      },
    });
    expect(settings.issuers.map(({ sources }) => sources.remotes.map(({ url }) => url))).toEqual([
      [],
      ['https://login.microsoftonline.us/organizations/v2.0/.well-known/openid-configuration'],
      ['https://sso.example/d'],
      ['https://sso.example/k'],
      ['https://cloud.example/x/.well-known/openid-configuration'],
    ]);
    const providers = settings.broker?.desk?.providers ?? [];
    expect(providers[0]).toMatchObject({ label: 'Work', userClaims: ['sub'], tenantClaim: 'tenant' });
    expect(providers[0]?.client.scopes).toBe('openid');
    expect(providers[2]?.client.endpoints).toMatchObject({ authorization: 'https://sso.example/a' });
    expect(providers[3]?.tenantClaim).toBe('org');
  });

  it('of an issuer of the policy have its place', () => {
    const issuers = [
      { issuer: 'https://us/', audiences: ['api'], keys: { public_key_file: '/key.pem' } },
      { issuer: 'https://sso.corp.example', audiences: ['api'] },
      { issuer: 'https://login.microsoftonline.com/{tid}/v2.0', tenants: ['a'], audiences: ['api'] },
    ];
    const settings = settingsWith({ providers: { google: CLIENT, microsoft: CLIENT, corp: CORP } }, { issuers });
    expect(settings.issuers).toHaveLength(4);
    const places = settings.broker?.desk?.providers.map(({ client }) => client.issuer);
    expect(places).toEqual([3, 2, 1]);
    expect(settings.issuers[1]).toMatchObject({ audiences: ['api'], sources: { remotes: [{ givesEndpoints: true }] } });
  });

  it('of any tenant are remarked on', () => {
    const providers = { microsoft: { ...CLIENT, tenants: '*' } };
    const answer = answerFor({ broker: { ...GOOD, providers }, otherwise: 'authenticated' }, SECRETS, ALL);
    expect(answer.ok ? describeProblems(answer.notices) : []).toEqual([
      expect.stringContaining('#/broker/providers/microsoft/tenants: is `*`: people of every organisation sign in'),
    ]);
  });

  it('have a client that can sign', () => {
    const signing = {
      issuer: 'https://sso.corp.example',
      user_claims: ['email'],
      client_id: 'gateway',
      token_endpoint_auth_method: 'private_key_jwt',
      client_key_file: '/private.pem',
      client_assertion_audience: 'issuer',
    };
    const [credentials] = deskWith({ providers: { corp: signing } })?.providers[0]?.client.credentials ?? [];
    expect(credentials).toMatchObject({ key: { algorithm: 'ES256' }, audience: 'https://sso.corp.example' });
  });
});

describe('audiences', () => {
  it('have one address or several, and the admin service of the broker or their own', () => {
    const desk = deskWith({
      admin: { url: 'https://admin-{{AUDIENCE}}.svc.example:8080/x/{{AUDIENCE}}' },
      audiences: {
        register: { redirect: 'https://register.example/in', look_up: false },
        zoo: {
          redirect: ['https://zoo.example/in', 'https://zoo.example/other?a=b'],
          deliver: 'form_post',
          admin: 'https://admin.zoo.example',
          claims: ['groups'],
        },
        'a-B2': { redirect: 'https://a.example', deliver: 'code' },
      },
      default_audience: 'register',
    });
    expect(desk?.audiences).toEqual([
      {
        name: 'register',
        redirects: ['https://register.example/in'],
        delivery: 'fragment',
        admin: undefined,
        tenants: undefined,
        claims: [],
      },
      {
        name: 'zoo',
        redirects: ['https://zoo.example/in', 'https://zoo.example/other?a=b'],
        delivery: 'form_post',
        admin: 'https://admin.zoo.example',
        tenants: undefined,
        claims: ['groups'],
      },
      {
        name: 'a-B2',
        redirects: ['https://a.example'],
        delivery: 'code',
        admin: 'https://admin-a-B2.svc.example:8080/x/a-B2',
        tenants: undefined,
        claims: [],
      },
    ]);
    expect(desk?.usual).toBe('register');
    expect(desk?.others).toBeUndefined();
  });

  it('have tenants of a provider', () => {
    const providers = { microsoft: { ...CLIENT, tenants: ['a', 'b'] }, google: CLIENT };
    const zoo = { redirect: 'https://zoo.example/in', look_up: false, tenants: ['b'] };
    expect(deskWith({ providers, audiences: { zoo } })?.audiences[0]?.tenants).toEqual(['b']);
    // Of any tenant, or of claims that no placeholder names: nobody knows them all.
    const any = { microsoft: { ...CLIENT, tenants: '*' } };
    expect(deskWith({ providers: any, audiences: { zoo } })?.audiences[0]?.tenants).toEqual(['b']);
    const claimed = { corp: { ...CORP, tenant_claim: 'org' } };
    expect(deskWith({ providers: claimed, audiences: { zoo } })?.audiences[0]?.tenants).toEqual(['b']);
  });

  it('that no list names are hosts below a domain, by HTTPS but for one with a port', () => {
    const admin = { url: 'https://admin-{{AUDIENCE}}.example' };
    const others = (words: object, more: object = {}) =>
      deskWith({ admin, audiences: undefined, other_audiences: words }, more)?.others;
    expect(others({ redirect_domain: 'shieldoo.example' })).toEqual({
      domain: 'shieldoo.example',
      secure: true,
      delivery: 'fragment',
      admin: 'https://admin-{{AUDIENCE}}.example',
    });
    expect(others({ redirect_domain: 'shieldoo.example' }, { allow_http: true })?.secure).toBe(true);
    expect(others({ redirect_domain: 'localhost:8080', deliver: 'code' }, { allow_http: true })).toMatchObject({
      domain: 'localhost:8080',
      secure: false,
      delivery: 'code',
    });
  });

  it('are a thousand at the most', () => {
    const many = (count: number) =>
      Object.fromEntries([...Array(count).keys()].map((index) => [`zoo${String(index)}`, GOOD.audiences.zoo]));
    expect(deskWith({ audiences: many(1000) })?.audiences).toHaveLength(1000);
    expect(
      problemsOf({ broker: { ...GOOD, audiences: many(1001) }, otherwise: 'authenticated' }, SECRETS, ALL),
    ).toEqual(['/broker/audiences: has more than 1000 audiences']);
  });
});

describe('the cookies of the broker', () => {
  it('are for its host alone, and their keys are apart', () => {
    const desk = deskWith();
    const terms = { domain: undefined, path: '/', sameSite: 'lax', secure: true };
    expect(desk?.cookie).toEqual({ name: '__Host-jwtverify-broker', ...terms });
    expect(desk?.providers[0]?.client.cookie).toEqual(desk?.cookie);
    const keys = [desk?.providers[0]?.client.keys.login[0], desk?.keys.pairing[0], desk?.keys.code[0]];
    expect(new Set(keys.map((key) => key?.key)).size).toBe(3);
    expect(deskWith({ cookie: { secret_env: 'COOKIE', secure: false } })?.cookie).toMatchObject({
      name: 'jwtverify-broker',
      secure: false,
    });
    expect(deskWith({ cookie: { secret_env: 'COOKIE', name: 'x' } })?.cookie.name).toBe('x');
  });

  it('have as many keys as there are secrets, the newest first', () => {
    const secret_file = ['/run/secrets/hs_new', '/run/secrets/hs_old'];
    const both = deskWith({ cookie: { secret_file } });
    const old = deskWith({ cookie: { secret_file: '/run/secrets/hs_old' } });
    expect(both?.keys.code).toHaveLength(2);
    expect(both?.keys.code[1]).toEqual(old?.keys.code[0]);
  });

  it('are never those of login', () => {
    const login = {
      issuer: 'https://c/',
      client_id: 'x',
      client_secret_env: 'SECRET',
      cookie: { secret_env: 'COOKIE', name: 'x' },
    };
    const document = {
      issuers: [{ issuer: 'https://c/', audiences: 'c' }],
      otherwise: 'authenticated',
      login,
      broker: { ...GOOD, cookie: { secret_env: 'COOKIE', name: 'x' } },
    };
    expect(problemsOf(document, SECRETS, ALL)).toEqual([
      '/broker/cookie/name: is the name of the cookie of `login` too; give each its own',
    ]);
  });
});

const MICROSOFT = { ...CLIENT, tenants: ['a', 'b'] };
const ZOO = { redirect: 'https://zoo.example/in', look_up: false };
const provided = (words: object) => ({ providers: { corp: { ...CORP, ...words } } });
const heard = (words: object, more: object = {}) => ({ audiences: { zoo: { ...ZOO, ...words } }, ...more });

describe('a problem of the desk', () => {
  it.each<[object, string]>([
    [{ signs_with: 'none' }, '/broker/signs_with: names no `kid` of `keys`'],
    [{ token_max_age: 59 }, '/broker/token_max_age: is not a whole number from 60 to 604800'],
    [{ token_max_age: 604_801 }, '/broker/token_max_age: is not a whole number from 60 to 604800'],
    [{ providers: {} }, '/broker/providers: is empty; name a provider, or leave it out'],
    [{ providers: [] }, '/broker/providers: is a list; it must be an object'],
    [{ providers: { corp: 'x' } }, '/broker/providers/corp: is a string; it must be an object'],
    [
      {
        providers: Object.fromEntries(
          [...Array(17).keys()].map((index) => [
            `p${String(index)}`,
            { ...CORP, issuer: `https://p${String(index)}/` },
          ]),
        ),
      },
      '/broker/providers: has more than 16 providers',
    ],
    ...['Corp', '1corp', '-corp', 'co.rp', 'c'.repeat(33), 'co/rp', ''].map((name): [object, string] => [
      { providers: { [name]: CORP } },
      `/broker/providers/${name.replace('/', '~1')}: is not the name of a provider`,
    ]),
    [provided({ isuer: 'x' }), '/broker/providers/corp/isuer: is not a known key'],
    [provided({ audiences: ['x'] }), '/broker/providers/corp/audiences: is not a known key'],
    [provided({ redirect_uri: 'https://x' }), '/broker/providers/corp/redirect_uri: is not a known key'],
    [provided({ issuer: undefined }), '/broker/providers/corp: has no `issuer`'],
    [provided({ issuer: 'http://sso.example' }), '/broker/providers/corp/issuer: is a plain http:// URL'],
    [provided({ user_claims: undefined }), '/broker/providers/corp: has no `user_claims`; name the claims'],
    [provided({ user_claims: [] }), '/broker/providers/corp/user_claims: is empty'],
    [provided({ client_id: undefined }), '/broker/providers/corp: has no `client_id`'],
    [provided({ client_secret_env: undefined }), '/broker/providers/corp: has no `client_secret_file` and no'],
    [
      provided({ client_secret: 'x' }),
      '/broker/providers/corp/client_secret: is not a known key; a policy holds no secrets',
    ],
    [provided({ client_key_file: '/private.pem' }), '/broker/providers/corp/client_key_file: has no effect without'],
    [provided({ scopes: ['email'] }), '/broker/providers/corp/scopes: has no `openid`'],
    [provided({ tenants: ['a'] }), '/broker/providers/corp/tenants: has no effect: `issuer` has no placeholder'],
    [provided({ issuer: 'https://a/{tid}' }), '/broker/providers/corp/issuer: has a placeholder; name the `tenants`'],
    [
      provided({ issuer: 'https://a/{tid}', tenants: '*' }),
      '/broker/providers/corp/issuer: cannot be discovered for any tenant',
    ],
    [
      provided({ keys: { jwks_url: 'https://a/k' } }),
      '/broker/providers/corp/issuer: names an issuer whose discovery document is not fetched',
    ],
    [
      provided({ endpoints: { token_endpoint: 'https://a' } }),
      '/broker/providers/corp/endpoints: has no `authorization_endpoint`',
    ],
    [
      provided({
        endpoints: {
          authorization_endpoint: 'https://a',
          token_endpoint: 'https://a',
          end_session_endpoint: 'https://a',
        },
      }),
      '/broker/providers/corp/endpoints/end_session_endpoint: has no effect: the broker signs nobody out',
    ],
    [{ providers: { microsoft: CLIENT } }, '/broker/providers/microsoft: has no `tenants`; name those whose people'],
    [
      { providers: { google: MICROSOFT } },
      '/broker/providers/google/tenants: has no effect: `issuer` has no placeholder',
    ],
    [
      { providers: { microsoft: { ...MICROSOFT, tenants: ['*', 'a'] } } },
      '/broker/providers/microsoft/tenants: has * beside other tenants',
    ],
    [
      {
        providers: {
          microsoft: {
            ...MICROSOFT,
            client_assertion_audience: 'issuer',
            token_endpoint_auth_method: 'private_key_jwt',
            client_key_file: '/private.pem',
            client_secret_env: undefined,
          },
        },
      },
      '/broker/providers/microsoft/client_assertion_audience: is `issuer`, but that is a pattern here',
    ],
    [
      { providers: { corp: CORP, other: CORP } },
      '/broker/providers/other/issuer: has the `issuer` of another provider; join the two',
    ],
    [
      provided({
        issuer: 'https://us/',
        keys: { discovery: true },
        endpoints: { authorization_endpoint: 'https://a', token_endpoint: 'https://a' },
      }),
      '/broker/providers/corp/keys: has no effect: /issuers/0 is the same issuer, and its own count; remove it',
    ],
    [{ audiences: undefined }, '/broker: has no `audiences` and no `other_audiences`'],
    [{ audiences: {} }, '/broker/audiences: is empty; name an audience, or leave it out'],
    [{ audiences: { zoo: 'https://zoo.example' } }, '/broker/audiences/zoo: is a string; it must be an object'],
    ...['zo', '1zoo', '-zoo', 'zoo_1', 'z.oo', 'a/../b', 'zoo%00', 'z'.repeat(65), 'zoö'].map(
      (name): [object, string] => [
        { audiences: { [name]: ZOO } },
        `/broker/audiences/${name.split('/').join('~1')}: is not the name of an audience`,
      ],
    ),
    [heard({ redirects: 'x' }), '/broker/audiences/zoo/redirects: is not a known key; did you mean `redirect`?'],
    [heard({ redirect: undefined }), '/broker/audiences/zoo: has no `redirect`'],
    [heard({ redirect: [] }), '/broker/audiences/zoo/redirect: is empty'],
    [heard({ redirect: 'http://zoo.example' }), '/broker/audiences/zoo/redirect: is a plain http:// URL'],
    [heard({ redirect: ['https://zoo.example', '/in'] }), '/broker/audiences/zoo/redirect/1: is not an https:// URL'],
    [heard({ redirect: 'https://zoo.example/#x' }), '/broker/audiences/zoo/redirect: has a fragment'],
    [heard({ redirect: 'https://a@zoo.example/' }), '/broker/audiences/zoo/redirect: has no host, or credentials'],
    [heard({ redirect: 'https://zoo.example?a@b' }), '/broker/audiences/zoo/redirect: has no host, or credentials'],
    [
      heard({ redirect: 'https://zoo.example:x/' }),
      '/broker/audiences/zoo/redirect: is not a whole URL of visible ASCII',
    ],
    [heard({ redirect: 'https://zoo.example\\@a/' }), '/broker/audiences/zoo/redirect: has no host, or credentials'],
    [
      heard({ redirect: 'https://zoo.example\\a/' }),
      '/broker/audiences/zoo/redirect: is not a whole URL of visible ASCII',
    ],
    [
      heard({ redirect: 'https://zoo.example/ö' }),
      '/broker/audiences/zoo/redirect: is not a whole URL of visible ASCII',
    ],
    [
      heard({ redirect: 'https://zoo.example/"' }),
      '/broker/audiences/zoo/redirect: is not a whole URL of visible ASCII',
    ],
    [heard({ deliver: 'query' }), '/broker/audiences/zoo/deliver: is not one of fragment, form_post, code'],
    [heard({ look_up: true }), '/broker/audiences/zoo: looks its users up, but there is no `admin`'],
    [heard({ admin: 'https://a.example' }), '/broker/audiences/zoo/admin: has no effect with `"look_up": false`'],
    [heard({ look_up: true, admin: 'http://a.example' }), '/broker/audiences/zoo/admin: is a plain http:// URL'],
    [heard({ look_up: true, admin: 'https://a.example/' }), '/broker/audiences/zoo/admin: is not a host, with a path'],
    [heard({ look_up: true, admin: 'https://a.example?b' }), '/broker/audiences/zoo/admin: is not a host, with a path'],
    [
      heard({ look_up: true, admin: 'https://a.example/b?c' }),
      '/broker/audiences/zoo/admin: is not a host, with a path',
    ],
    [
      heard({ look_up: true, admin: 'https://{{audience}}.example' }),
      '/broker/audiences/zoo/admin: has braces that are not `{{AUDIENCE}}`',
    ],
    [
      { audiences: { ['z'.repeat(64)]: { redirect: 'https://a.example', admin: 'https://{{AUDIENCE}}.example' } } },
      `/broker/audiences/${'z'.repeat(64)}: is too long a name for the host of its \`admin\``,
    ],
    [heard({ tenants: ['a'] }), '/broker/audiences/zoo/tenants: has `a`, of which no provider lets anybody in'],
    [
      heard({ tenants: ['a', 'c'] }, { providers: { microsoft: MICROSOFT } }),
      '/broker/audiences/zoo/tenants: has `c`, of which no provider lets anybody in',
    ],
    [heard({ claims: ['groups', 'sub'] }), '/broker/audiences/zoo/claims/1: is a claim that the broker writes itself'],
    [
      heard({}, { default_audience: 'zo' }),
      '/broker/default_audience: names no audience of `audiences`; did you mean `zoo`?',
    ],
    [
      heard({}, { admin: { url: 'https://a.example' } }),
      '/broker/admin: has no effect: no audience looks its users up',
    ],
    [heard({}, { admin: {} }), '/broker/admin: has no `url`'],
    [heard({}, { admin: 'https://a.example' }), '/broker/admin: is a string; it must be an object'],
    [heard({}, { other_audiences: { look_up: false } }), '/broker/other_audiences: has no `redirect_domain`'],
    [
      heard({}, { other_audiences: { redirect_domain: 'a.example' } }),
      '/broker/other_audiences: looks its users up, but',
    ],
    ...[
      'A.example',
      'a.example.',
      'https://a.example',
      'a.example/b',
      'a.example:8080',
      '[::1]',
      'a..b',
      '*.a.example',
      'a.example:0',
    ].map((redirect_domain): [object, string] => [
      heard({}, { other_audiences: { redirect_domain, look_up: false } }),
      '/broker/other_audiences/redirect_domain: is not a domain in small letters',
    ]),
    [{ cookie: undefined }, '/broker/cookie: has no `secret_file` and no `secret_env`'],
    [{ cookie: { secret_env: 'SECRET' } }, 'is shorter than 32 bytes'],
    [{ cookie: { secret_env: 'COOKIE', domain: 'a.example' } }, '/broker/cookie/domain: is not a known key'],
    [{ cookie: { secret_env: 'COOKIE', same_site: 'none' } }, '/broker/cookie/same_site: is not a known key'],
    [{ cookie: { secret_env: 'COOKIE', max_age: 60 } }, '/broker/cookie/max_age: is not a known key'],
    [{ cookie: { secret_env: 'COOKIE', name: 'a b' } }, '/broker/cookie/name: is not up to 64 letters'],
    [
      { cookie: { secret_env: 'COOKIE', secure: false, name: '__Host-x' } },
      '/broker/cookie/name: begins with `__Host-`, which browsers refuse with `secure: false`',
    ],
    [{ pages: '/none' }, '/broker/pages: cannot read `/none/page.html`'],
  ])('%j is said once, and nothing else', (changes, expected) => {
    const document = { broker: { ...GOOD, ...changes }, otherwise: 'authenticated' };
    const problems = problemsOf(document, SECRETS, ALL);
    expect(problems).toEqual([expect.stringContaining(expected)]);
  });

  it('is each member without `providers`', () => {
    const broker = { ...GOOD, providers: undefined, signs_with: 'k', token_max_age: 60, admin: {}, pages: '/pages' };
    expect(problemsOf({ broker, otherwise: 'authenticated' }, SECRETS, ALL)).toEqual(
      ['signs_with', 'token_max_age', 'audiences', 'admin', 'cookie', 'pages'].map(
        (name) => `/broker/${name}: has no effect without \`providers\`; add that, or remove it`,
      ),
    );
  });

  it('is a proxy that cannot sign browsers in', () => {
    const issuers = [{ issuer: 'https://us/', audiences: 'api' }];
    const document = { issuers, broker: GOOD, otherwise: 'authenticated' };
    const source = {
      signs: ['RS256' as const],
      environment: (name: string) => ({ ...SECRETS, OAUTH_POLICY: '/policy.json' })[name],
      readFile: (path: string) => ({
        ok: true as const,
        text: path === '/policy.json' ? JSON.stringify(document) : ALL['/rsa'],
      }),
    };
    const answer = compileSettings(source, text, ['RS256']);
    expect(answer.ok ? [] : describeProblems(answer.problems)).toEqual([
      expect.stringContaining('#/broker/providers: is here, but this proxy cannot sign browsers in; remove it'),
    ]);
  });
});

it('compiles each policy of docs/broker.md', () => {
  const document = readFileSync(new URL('../../../../docs/broker.md', import.meta.url), 'utf8');
  const policies = [...document.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, policy = '']) => policy);
  expect(policies.length).toBeGreaterThan(1);
  const secret = 's'.repeat(32);
  const names = ['microsoft', 'google', 'corp', 'cookie'].map((name) => [`/run/secrets/${name}`, secret] as const);
  const files = { '/run/secrets/broker.pem': ALL['/rsa'], ...Object.fromEntries(names) };
  for (const policy of policies) expect(problemsOf(policy, {}, files)).toEqual([]);
});
