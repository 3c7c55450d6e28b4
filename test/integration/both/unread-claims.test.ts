// Claims of every wrong type: what nobody needs refuses nobody, and what a rule or header needs counts as not there.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reachedBy, valuesOf } from '../helpers/echo-backend';
import { AUDIENCE, ISSUER, ISSUERS, SECRET, startWithPolicy, tokenOf } from '../helpers/haproxy-policy-server';
import { startHaproxy } from '../helpers/haproxy-server';
import { ENGINES, startNginx } from '../helpers/nginx-server';
import { startPolicyNginx } from '../helpers/nginx-policy-server';
import { SUITES, type HttpAnswer } from '../helpers/suite';

type Claims = Readonly<Record<string, unknown>>;

/** What no mapped claim can be: neither a text, nor a list of texts, nor a time. */
const WRONG: readonly unknown[] = [
  null,
  true,
  false,
  -1,
  {},
  { admins: true },
  [null],
  [['admins']],
  ['admins', 1],
  ['admins', 'a\r\nX-Admin: 1'],
  'admins\r\nX-Admin: 1',
  'admins\u0000',
];

/** Claims that nobody looks at where no rule, requirement or header asks for them. */
const UNASKED = ['acr', 'amr', 'auth_time', 'nonce', 'sid', 'jti', 'act', 'cnf', 'address', 'updated_at', 'tid', 'upn']
  .concat(['groups', 'roles', 'client_id', 'azp', 'appid', 'email', 'email_verified', 'preferred_username', 'name'])
  .concat(['_claim_names', 'hasgroups', 'realm_access', 'resource_access', 'entitlements', 'tier']);

/** Each rule, a claim that it needs, one that it accepts, and what it says without it. */
const RULES: readonly (readonly [string, object, string, unknown, string])[] = [
  ['groups', { groups: ['admins'] }, 'groups', ['admins'], 'groups_refused'],
  ['roles', { roles: ['admins'] }, 'roles', 'admins', 'roles_refused'],
  ['client', { client: ['admins', 'true', '-1'] }, 'client_id', 'admins', 'client_refused'],
  ['acr', { acr_values: ['admins', 'true', '-1'] }, 'acr', 'admins', 'insufficient_authentication'],
  ['age', { max_age: 31536000 }, 'auth_time', Math.floor(Date.now() / 1000) - 9, 'insufficient_authentication'],
  ['email', { email_domains: ['*'] }, 'email', 'a@b.example', 'email_refused'],
  ['tier', { claims: { tier: 'gold' } }, 'tier', 'gold', 'claims_refused'],
  ['not', { claims: { tier: { none: ['lead'] } } }, 'tier', 'gold', 'claims_refused'],
];

const HEADERS = {
  'X-User': 'user',
  'X-Name': 'preferred_username',
  'X-Client': 'client',
  'X-Groups': 'groups',
  'X-Roles': 'roles',
};

const POLICY = {
  issuers: [{ ...ISSUERS[0], claims: { user: ['nick', 'sub'] } }],
  rules: [
    { name: 'any', paths: ['/any/**'] },
    ...RULES.map(([name, require]) => ({ name, paths: [`/${name}/**`], require })),
  ],
  otherwise: 'deny',
  forward: HEADERS,
};
const EMAIL_POLICY = { ...POLICY, forward: { 'X-Email': 'email' } };
const PLAIN = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_HMAC_SECRET: SECRET };

type Ask = (claims: Claims, path: string) => Promise<HttpAnswer>;

/** One proxy: with the policy, with the one that forwards the email, without any. */
interface Proxies {
  readonly ask: Ask;
  readonly askForEmail: Ask;
  readonly askPlain: Ask;
  readonly reasonOf: (answer: HttpAnswer) => string;
  stop(): Promise<void>;
}

interface Proxy {
  askWith(token: string, wanted: { readonly path: string }): Promise<HttpAnswer>;
  stop(): Promise<void>;
}

function join(proxies: readonly Proxy[], reasonHeader: string): Proxies {
  const [first, second, third] = proxies.map(
    (proxy): Ask =>
      (claims, path) =>
        proxy.askWith(tokenOf(claims), { path }),
  );
  if (first === undefined || second === undefined || third === undefined) throw new Error('three proxies are needed');
  return {
    ask: first,
    askForEmail: second,
    askPlain: third,
    reasonOf: ({ headers }) => headers[reasonHeader] ?? '',
    stop: async () => {
      for (const proxy of proxies) await proxy.stop();
    },
  };
}

const PLAIN_RULES = ['http-request lua.jwtverify', 'http-request deny unless { var(txn.authorized) -m bool }'];

const PROXIES: readonly (readonly [string, () => Promise<Proxies>])[] = [
  ...SUITES.map((suite) => {
    const start = async (): Promise<Proxies> =>
      join(
        [
          await startWithPolicy(suite, { policy: POLICY }),
          await startWithPolicy(suite, { policy: EMAIL_POLICY }),
          await startHaproxy(suite, { settings: PLAIN, rules: PLAIN_RULES }),
        ],
        'x-oauth-reason',
      );
    return [`HAProxy of ${suite}`, start] as const;
  }),
  ...ENGINES.map((engine) => {
    const env = { HAMSTER_SECRET: SECRET };
    const start = async (): Promise<Proxies> =>
      join(
        [
          await startPolicyNginx(engine, POLICY, { env }),
          await startPolicyNginx(engine, EMAIL_POLICY, { env }),
          await startNginx(engine, { env: PLAIN }),
        ],
        'x-told-reason',
      );
    return [`nginx, ${engine.name}`, start] as const;
  }),
];

/** Claims that give a rule what it needs, but for one. */
function claimsFor(needed: string, value: unknown): Claims {
  return { email_verified: true, [needed]: value };
}

describe.each(PROXIES)('%s', (_, start) => {
  let proxies: Proxies;

  beforeAll(async () => {
    proxies = await start();
  });
  afterAll(async () => {
    await proxies.stop();
  });

  test.each(UNASKED)('a `%s` that nobody needs refuses nobody, with a policy and without', async (name) => {
    for (const value of WRONG) {
      const claims = { [name]: value, nick: 'ann' };
      const judged = await proxies.ask(claims, '/any/x');
      expect([value, judged.status]).toEqual([value, 200]);
      expect([value, (await proxies.askPlain(claims, '/api/x')).status]).toEqual([value, 200]);
      expect(valuesOf(reachedBy(judged), 'X-User')).toEqual(['ann']);
      for (const header of Object.keys(HEADERS).filter((one) => one !== 'X-User')) {
        expect([value, valuesOf(reachedBy(judged), header)]).toEqual([value, []]);
      }
    }
  });

  test.each(RULES)(
    'the rule for `%s` refuses by its own reason what it cannot read',
    async (name, _need, claim, good, reason) => {
      for (const round of [1, 2]) {
        expect([round, (await proxies.ask(claimsFor(claim, good), `/${name}/x`)).status]).toEqual([round, 200]);
      }
      const wrong = claim === 'tier' ? WRONG.filter((value) => name === 'tier' || isUnreadable(value)) : WRONG;
      for (const value of wrong) {
        const answer = await proxies.ask(claimsFor(claim, value), `/${name}/x`);
        expect([value, proxies.reasonOf(answer)]).toEqual([value, reason]);
      }
    },
  );

  test('a place that cannot be read gives way to the next one', async () => {
    for (const value of WRONG) {
      const answer = await proxies.ask({ nick: value, sub: 'ann', client_id: value, azp: 'app' }, '/any/x');
      expect(['X-User', 'X-Client'].map((name) => valuesOf(reachedBy(answer), name))).toEqual([['ann'], ['app']]);
    }
  });

  test('a token that leaves out its groups is refused for that, with any value in their place', async () => {
    for (const groups of WRONG) {
      const answer = await proxies.ask({ groups, _claim_names: { groups: 'src1' } }, '/groups/x');
      expect([groups, proxies.reasonOf(answer)]).toEqual([groups, 'groups_overage']);
    }
  });

  test('an email that is not verified counts against the rules that need one, and no others', async () => {
    const email = 'ann@b.example';
    for (const verified of [false, 'false', 'no', '', 0, 1, [], {}, [true]]) {
      const claims = { email, email_verified: verified, groups: ['admins'] };
      expect([verified, proxies.reasonOf(await proxies.ask(claims, '/email/x'))]).toEqual([
        verified,
        'email_unverified',
      ]);
      expect([verified, (await proxies.ask(claims, '/groups/x')).status]).toEqual([verified, 200]);
      expect([verified, (await proxies.ask(claims, '/any/x')).status]).toEqual([verified, 200]);
    }
    for (const verified of [true, 'true', 'True', null, undefined]) {
      expect((await proxies.ask({ email, email_verified: verified }, '/email/x')).status).toBe(200);
    }
  });

  test('an email that is not verified reaches no backend in a header', async () => {
    const unverified = await proxies.askForEmail({ email: 'a@b.example', email_verified: false }, '/any/x');
    expect(proxies.reasonOf(unverified)).toBe('email_unverified');
    const verified = await proxies.askForEmail({ email: 'a@b.example', email_verified: 'true' }, '/any/x');
    expect(valuesOf(reachedBy(verified), 'X-Email')).toEqual(['a@b.example']);
  });
});

/** Whether a claim of this value has no values that a condition could be about. */
function isUnreadable(value: unknown): boolean {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.some((item) => typeof item === 'object');
}
