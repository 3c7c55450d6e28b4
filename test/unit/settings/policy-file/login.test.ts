// The words of login that are new beside those of test/unit/login/policy.test.ts, as a whole policy has them.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FILES, answerFor, problemsOf, settingsOf } from '../../policy/compile';

const SECRETS = { SECRET: 's'.repeat(32), COOKIE: 'k'.repeat(32) };
const LOGIN = { client_id: 'gateway', client_secret_env: 'SECRET', cookie: { secret_env: 'COOKIE' } };
const ISSUERS = [{ issuer: 'https://c/', audiences: 'c' }];

/** A policy with login. */
const policyWith = (login: object = {}, more: object = {}): Record<string, unknown> => ({
  issuers: ISSUERS,
  otherwise: 'authenticated',
  login: { ...LOGIN, ...login },
  ...more,
});

const faults = (login: object, more: object = {}, environment: Record<string, string> = {}): readonly string[] =>
  problemsOf(JSON.stringify(policyWith(login, more)), { ...SECRETS, ...environment });

const settings = (login: object = {}, more: object = {}, environment: Record<string, string> = {}) =>
  settingsOf(policyWith(login, more), { ...SECRETS, ...environment });

describe('`sign_in`', () => {
  it('of a rule counts before that of `login`, which counts before `redirect`', () => {
    const rules = [{ paths: ['/a'], sign_in: 'never' }, { paths: ['/b'] }];
    const wordsOf = (login: object) => settings(login, { rules }).policy?.rules.map(({ signIn }) => signIn);
    expect(wordsOf({})).toEqual(['never', 'redirect', 'redirect']);
    expect(wordsOf({ sign_in: 'page' })).toEqual(['never', 'page', 'page']);
  });

  it('is undefined in each rule where nobody signs in, and a problem there', () => {
    const rules = [{ paths: ['/a'] }];
    expect(settingsOf({ issuers: ISSUERS, rules }).policy?.rules.map(({ signIn }) => signIn)).toEqual([
      undefined,
      undefined,
    ]);
    expect(problemsOf(JSON.stringify({ issuers: ISSUERS, rules: [{ paths: ['/a'], sign_in: 'redirect' }] }))).toEqual([
      '/rules/0/sign_in: has no effect without `login`; add that, or leave it out',
    ]);
  });

  it('contradicts an access that asks nobody to sign in, and any other word is a problem', () => {
    for (const access of ['public', 'optional', 'deny']) {
      expect(faults({}, { rules: [{ paths: ['/a'], access, sign_in: 'page' }] })).toEqual([
        `/rules/0/sign_in: contradicts the access \`${access}\`, which asks nobody to sign in; leave one out`,
      ]);
      expect(faults({}, { rules: [{ paths: ['/a'], access, sign_in: 'never' }] })).toEqual([]);
    }
    expect(faults({ sign_in: 'pages' })).toEqual([
      '/login/sign_in: is not one of redirect, page, never; did you mean `page`?',
    ]);
  });
});

describe('the endpoints of login', () => {
  it('come with the keys where the issuer has a discovery document', () => {
    const { login, issuers } = settings();
    expect(login?.endpoints).toBeUndefined();
    expect(issuers[0]?.sources.remotes[0]).toMatchObject({ kind: 'discovery', givesEndpoints: true });
    expect(
      settingsOf({ issuers: ISSUERS, otherwise: 'authenticated' }).issuers[0]?.sources.remotes[0],
    ).not.toHaveProperty('givesEndpoints');
  });

  it('are those of the policy where it has them', () => {
    const endpoints = { authorization_endpoint: 'https://c/a', token_endpoint: 'https://c/t' };
    const issuers = [{ issuer: 'https://c/', audiences: 'c', keys: { jwks_url: 'https://c/k' } }];
    expect(settings({ endpoints }, { issuers }).login?.endpoints).toEqual({
      authorization: 'https://c/a',
      token: 'https://c/t',
      endSession: undefined,
      namesIssuer: false,
    });
    expect(settings({ endpoints }).issuers[0]?.sources.remotes[0]).not.toHaveProperty('givesEndpoints');
    expect(faults({}, { issuers })).toEqual([
      '/login: names an issuer whose discovery document is not fetched; give its `keys` as {"discovery": true}, or `endpoints` here',
    ]);
  });

  it.each<[object, string]>([
    [{ token_endpoint: 'https://c/t' }, '/login/endpoints: has no `authorization_endpoint`'],
    [{ authorization_endpoint: 'https://c/a' }, '/login/endpoints: has no `token_endpoint`'],
    [
      { authorization_endpoint: 'http://c/a', token_endpoint: 'https://c/t' },
      '/login/endpoints/authorization_endpoint: is a plain http:// URL; set `allow_http` to true if you mean it',
    ],
    [
      { authorization_endpoint: 'https://c/a', token_endpoint: 'javascript:x' },
      '/login/endpoints/token_endpoint: is not an https:// URL',
    ],
  ])('%j is a problem', (endpoints, problem) => {
    expect(faults({ endpoints })).toEqual([problem]);
  });

  it('cannot be those of an issuer without keys', () => {
    const introspection = { url: 'https://c/i', client_id: 'x', client_secret_env: 'SECRET' };
    expect(faults({}, { issuers: [{ issuer: 'https://c/', audiences: 'c', introspection }] })).toEqual([
      '/login: names an issuer without keys, so no ID token can be verified; give it `keys`',
    ]);
  });
});

describe('the environment', () => {
  const given = {
    OAUTH_LOGIN_CLIENT_ID: 'gateway',
    OAUTH_LOGIN_CLIENT_SECRET: 'client-secret',
    OAUTH_COOKIE_SECRET: 'k'.repeat(32),
  };

  it('gives what `login` of the policy leaves out', () => {
    const policy = { issuers: ISSUERS, otherwise: 'authenticated', login: {} };
    const { login } = settingsOf(policy, given);
    expect(login?.clientId).toBe('gateway');
    const basic = Buffer.from('gateway:client-secret').toString('base64');
    expect(login?.credentials).toEqual([{ authorization: `Basic ${basic}`, form: '' }]);
    expect(login?.keys.session).toEqual(settings().login?.keys.session);
  });

  it('gives secrets in files, one or several', () => {
    const environment = {
      OAUTH_LOGIN_CLIENT_ID: 'gateway',
      OAUTH_LOGIN_CLIENT_SECRET_FILE: '/run/secrets/hs_new',
      OAUTH_COOKIE_SECRET_FILE: '/run/secrets/hs_new /run/secrets/hs_old',
    };
    const { login } = settingsOf({ issuers: ISSUERS, otherwise: 'authenticated', login: {} }, environment);
    expect(login?.credentials).toHaveLength(1);
    expect(login?.keys.session).toHaveLength(2);
  });

  it('beside the same word of the policy is a problem', () => {
    expect(faults({}, {}, given)).toEqual([
      'OAUTH_LOGIN_CLIENT_ID: is set beside `client_id` of the policy, which says the same; remove one of the two',
      'OAUTH_LOGIN_CLIENT_SECRET: is set beside `client_secret_env` of the policy, which says the same; remove one of the two',
      'OAUTH_COOKIE_SECRET: is set beside `secret_env` of the policy, which says the same; remove one of the two',
    ]);
  });

  it('with a secret and a file of it is a problem', () => {
    const policy = { issuers: ISSUERS, otherwise: 'authenticated', login: {} };
    expect(problemsOf(JSON.stringify(policy), { ...given, OAUTH_COOKIE_SECRET_FILE: '/secret' })).toEqual([
      '/login/cookie: names secret_file and secret_env; name one of them',
    ]);
  });

  it('has no effect where nobody signs in, with a policy or without one', () => {
    const unused = 'is set, but nobody signs in: it has no effect without `login` in a policy; unset it';
    expect(problemsOf({ otherwise: 'authenticated' }, { OAUTH_COOKIE_SECRET: 'x' })).toEqual([
      `OAUTH_COOKIE_SECRET: ${unused}`,
    ]);
  });
});

describe('`pages`', () => {
  const PAGE = '<style>b{}\r\n</style><h1>{{title}}</h1>{{message}}{{advice}}{{actions}}{{ reason }}';
  const compile = (page: string | undefined, logo?: string) => {
    const files = {
      ...FILES,
      ...(page === undefined ? {} : { '/own/page.html': page }),
      ...(logo === undefined ? {} : { '/own/logo.svg': logo }),
    };
    const answer = answerFor(policyWith({ pages: '/own' }), SECRETS, files);
    return answer.ok
      ? { pages: answer.settings.login?.pages, problems: [] }
      : { pages: undefined, problems: answer.problems.map(({ message }) => message) };
  };

  it('has the page, with a hash of each style as browsers read it', () => {
    const { pages } = compile(PAGE);
    expect(pages?.template).toBe(PAGE.replace('\r\n', '\n'));
    expect(pages?.styles).toEqual([`'sha256-${createHash('sha256').update('b{}\n').digest('base64')}'`]);
    expect(pages?.logo).toBeUndefined();
  });

  it('has the logo where the page shows it', () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><title>é</title></svg>';
    expect(compile(`${PAGE}<img alt="" src="{{logo}}">`, svg).pages?.logo).toBe(
      `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`,
    );
    expect(compile(`${PAGE}{{logo}}`).problems).toEqual(['cannot read `/own/logo.svg`: no such file']);
    expect(compile(`${PAGE}{{logo}}`, 'PNG').problems).toEqual(['`/own/logo.svg` is no SVG']);
  });

  it.each<[string | undefined, readonly string[]]>([
    [undefined, ['cannot read `/own/page.html`: no such file']],
    ['x'.repeat(65_537), ['`/own/page.html` is longer than 65536 characters']],
    ['{{message}}', ['`/own/page.html` has no `{{actions}}`, so people would not see what happened, or what to do']],
    [
      `${PAGE}{{titel}}`,
      [
        '`/own/page.html` has the placeholder `{{titel}}`, but there are only title, message, advice, actions, logo, page, reason',
      ],
    ],
    [`${PAGE}<SCRIPT>`, ['`/own/page.html` has a script, which browsers do not run there; remove it']],
    [
      `${PAGE}<b style="">`,
      ['`/own/page.html` has a `style` attribute, which browsers ignore there; use a `<style>` element'],
    ],
  ])('%j is a problem', (page, problems) => {
    expect(compile(page).problems).toEqual(problems);
  });
});

describe('a header that forwards the token', () => {
  it('makes sessions keep the access token', () => {
    expect(settings().login?.keepsAccessToken).toBe(false);
    expect(settings({}, { forward: { 'X-Access-Token': 'token' } }).login?.keepsAccessToken).toBe(true);
  });
});
