import { describe, expect, it } from 'vitest';
import { answerFor, ISSUER, policyOf, problemsOf, settingsOf } from './compile';

const OPEN = { otherwise: 'authenticated' };

describe('a policy file', () => {
  it('gives the settings that the environment would', () => {
    expect(settingsOf({ rules: [{ paths: ['/'] }] })).toMatchObject({
      clockSkew: 60,
      times: { refresh: 600, cooldown: 30 },
      cache: { size: 10000, age: 3600 },
      denyPath: undefined,
      claimVariables: undefined,
      issuers: [{ issuer: 'https://us/', audiences: ['api'], source: { kind: 'static' } }],
    });
    const said = {
      clock_skew: 0,
      jwks_refresh: 10,
      jwks_cooldown: 1,
      cache_size: 0,
      cache_age: 1,
      deny_path: '/denied',
    };
    expect(settingsOf({ ...OPEN, ...said, claim_variables: ['https://a.example/x'] })).toMatchObject({
      clockSkew: 0,
      times: { refresh: 10, cooldown: 1 },
      cache: { size: 0, age: 1 },
      denyPath: '/denied',
      claimVariables: ['https___a_example_x'],
    });
    expect(settingsOf({ ...OPEN, claim_variables: [] }).claimVariables).toEqual([]);
  });

  it('B2: has several issuers, each with its own audiences, keys, algorithms and claims', () => {
    const tenant = 'https://login.microsoftonline.com/TENANT/v2.0';
    const issuers = [
      {
        issuer: tenant,
        audiences: ['id'],
        keys: { discovery: true },
        algorithms: ['RS256'],
        require: { tid: 'TENANT' },
      },
      { issuer: 'https://sts.windows.net/TENANT/', audiences: 'api://id', keys: { jwks_url: 'https://us/keys' } },
      { issuer: 'own', audiences: '*', keys: { secret_env: 'SECRET' }, types: ['at+jwt'], max_token_age: 60 },
      { issuer: 'https://implied/', audiences: ['a', 'b'] },
    ];
    const settings = settingsOf({ ...OPEN, issuers }, { SECRET: 's'.repeat(32) });
    expect(settings.issuers).toMatchObject([
      { issuer: tenant, audiences: ['id'], allowed: ['RS256'], source: { kind: 'discovery' } },
      { audiences: ['api://id'], allowed: undefined, source: { kind: 'jwks', url: 'https://us/keys' } },
      { audiences: undefined, source: { kind: 'static' }, terms: { types: ['at+jwt'], maxTokenAge: 60 } },
      { source: { kind: 'discovery', url: 'https://implied/.well-known/openid-configuration' } },
    ]);
  });

  it('lists every problem at once, each with its place', () => {
    const problems = problemsOf({
      clock_skew: 4000,
      ruels: [],
      rules: [
        { paths: ['api'], methods: ['get'], access: 'publik' },
        { name: 'a b', hosts: ['https://a'], require: { scopes: ['x y'], group: 'a' } },
      ],
      otherwise: 'allow',
    });
    expect(problems.map((line) => line.split(': ')[0])).toEqual([
      '/ruels',
      '/clock_skew',
      '/otherwise',
      '/rules/0/access',
      '/rules/0/methods',
      '/rules/0/paths/0',
      '/rules/1/require/group',
      '/rules/1/require/scopes',
      '/rules/1/name',
      '/rules/1/hosts',
    ]);
    expect(problems[0]).toBe('/ruels: is not a known key; did you mean `rules`?');
    expect(problems[6]).toBe('/rules/1/require/group: is not a known key; did you mean `groups`?');
  });

  it.each([
    ['not JSON', '{', 'OAUTH_POLICY: `/policy.json` is not strict JSON at line 1:'],
    ['a comment', '{}\n\n// no', 'OAUTH_POLICY: `/policy.json` is not strict JSON at line 3:'],
    ['a name twice', '{"mode":"enforce",\n"mode":"shadow"}', 'not strict JSON at line 2:'],
    ['a comma before a closing bracket', '{"rules": [\n1,\n2,\n]\n}', 'not strict JSON at line 4:'],
    ['a line break within a string', '{"a": "\n"}', 'not strict JSON at line 1:'],
    ['no object', '[]', ': is a list; it must be an object'],
    ['no issuers', '{"otherwise":"authenticated"}', ': has no `issuers`'],
    ['nothing that would pass', {}, ': has no `rules`, so nothing would pass'],
    ['no audiences', { ...OPEN, issuers: [{ issuer: 'https://a' }] }, '/issuers/0: has no `audiences`'],
    [
      'an empty list of audiences',
      { ...OPEN, issuers: [{ ...ISSUER, audiences: [] }] },
      '/issuers/0/audiences: is empty',
    ],
    ['* beside others', { ...OPEN, issuers: [{ ...ISSUER, audiences: ['a', '*'] }] }, '* stands alone'],
    ['C9: an empty issuer', { ...OPEN, issuers: [{ ...ISSUER, issuer: '' }] }, '/issuers/0/issuer: is empty'],
    ['an issuer twice', { ...OPEN, issuers: [ISSUER, ISSUER] }, '/issuers/1: has the `issuer` of an earlier one'],
    [
      'two sources of keys',
      { ...OPEN, issuers: [{ ...ISSUER, keys: { discovery: true, jwks_url: 'https://a' } }] },
      'names discovery and jwks_url',
    ],
    ['no source of keys', { ...OPEN, issuers: [{ ...ISSUER, keys: {} }] }, 'names no source of keys'],
    [
      'an unknown source of keys',
      { ...OPEN, issuers: [{ ...ISSUER, keys: { jwks_uri: 'https://a' } }] },
      'did you mean `jwks_url`?',
    ],
    [
      'D8: plain http',
      { ...OPEN, issuers: [{ ...ISSUER, keys: { jwks_url: 'http://a/k' } }] },
      'set `allow_http` to true',
    ],
    [
      'a secret that is not set',
      { ...OPEN, issuers: [{ ...ISSUER, keys: { secret_env: 'NO' } }] },
      'the variable `NO`, which is not set',
    ],
    [
      'a missing key file',
      { ...OPEN, issuers: [{ ...ISSUER, keys: { jwks_file: '/no' } }] },
      '/issuers/0/keys/jwks_file: cannot read `/no`',
    ],
    [
      'an algorithm that no key serves',
      { ...OPEN, issuers: [{ ...ISSUER, algorithms: ['RS256'] }] },
      '/issuers/0/algorithms: `RS256` fits none',
    ],
    ['the algorithm none', { ...OPEN, issuers: [{ ...ISSUER, algorithms: ['none'] }] }, 'is never allowed'],
    ['an unknown type', { ...OPEN, issuers: [{ ...ISSUER, types: ['at+jw'] }] }, 'did you mean `at+jwt`?'],
    ['a broken JSON pointer', { ...OPEN, issuers: [{ ...ISSUER, claims: { user: ['/a~2'] } }] }, 'names no claim'],
    [
      'a public rule that requires something',
      { rules: [{ access: 'public', require: { scopes: ['a'] } }] },
      'contradicts the access `public`',
    ],
    [
      'two rules of one name',
      { rules: [{ name: 'a' }, { name: 'a', paths: ['/'] }] },
      '/rules/1/name: is the name `a` of an earlier rule',
    ],
    ['a reserved name', { rules: [{ name: 'otherwise' }] }, 'jwtverify itself uses'],
    [
      'a list of groups that could mean two things',
      { rules: [{ require: { groups: ['a', 'b'] } }] },
      'could mean all or any',
    ],
    ['an empty requirement', { rules: [{ require: {} }] }, '/rules/0/require: is empty'],
    ['an empty any', { rules: [{ require: { groups: { any: [] } } }] }, '/rules/0/require/groups/any: is empty'],
    ['an empty list of methods', { rules: [{ methods: [] }] }, '/rules/0/methods: is empty'],
    ['an unknown field', { ...OPEN, forward: { 'X-User': 'usr' } }, 'did you mean `user`?'],
    ['a header of the connection', { ...OPEN, forward: { Host: 'user' } }, 'the request itself needs'],
    ['a header with an underscore', { ...OPEN, forward: { X_User: 'user' } }, 'is no header name'],
    ['one header in two cases', { ...OPEN, forward: { 'X-A': 'user', 'x-a': 'email' } }, 'in another case'],
    ['a realm with a quote', { ...OPEN, challenge: { realm: 'a"b' } }, 'RFC 9110 section 5.6.4'],
    ['metadata of a plain http resource', { ...OPEN, metadata: { resource: 'http://a' } }, 'RFC 9728 section 1.2'],
    ['a pattern with a query', { rules: [{ paths: ['/a?b'] }] }, 'has a query'],
    ['a pattern with dots', { rules: [{ paths: ['/a/../b'] }] }, 'can never match'],
    ['a pattern with an encoded slash', { rules: [{ paths: ['/a%2Fb'] }] }, 'path_slash_encoded'],
    ['two stars in a segment', { rules: [{ paths: ['/a*b*'] }] }, 'more than one `*`'],
    ['an age that is no number', { rules: [{ require: { max_age: '5' } }] }, 'not a whole number from 0'],
    ['an email for a domain', { rules: [{ require: { email_domains: ['a@b'] } }] }, 'has an `@`'],
    ['an unknown spelling', { ...OPEN, paths: { allow: ['encoded_slashes'] } }, 'did you mean `encoded_slash`?'],
  ])('refuses %s', (_, content, message) => {
    expect(problemsOf(content).join('\n')).toContain(message);
  });

  it('tells of a place in one line, whatever stands in a name', () => {
    expect(problemsOf({ ...OPEN, 'a\nb': 1 })[0]).toMatch(/^"\/a\\u000ab": is not a known key/);
  });

  it('has every other setting in itself, or none', () => {
    expect(problemsOf(OPEN, { OAUTH_ISSUER: 'a', OAUTH_CLOCK_SKEW: '1' })).toEqual([
      'OAUTH_POLICY: stands beside OAUTH_ISSUER, OAUTH_CLOCK_SKEW, which it replaces; put what they say into the policy, and unset them',
    ]);
  });

  it('tells of a rule that never decides', () => {
    const answer = answerFor({ rules: [{ paths: ['/a/**'] }, { name: 'late', paths: ['/a/**'], methods: ['GET'] }] });
    expect(answer.ok && answer.notices.map(({ message }) => message).join()).toContain('`late` never decides');
    const other = answerFor({ rules: [{ paths: ['/a/**'], methods: ['GET'] }, { paths: ['/a/**'] }] });
    expect(other.ok && other.notices).toEqual([]);
  });

  it.each([
    [{ paths: ['/**'] }, { paths: ['/admin/**'] }, true],
    [{}, { paths: ['/admin'] }, true],
    [{ paths: ['/**'] }, {}, true],
    [{ paths: ['/a/**', '/b/**'] }, { paths: ['/b/x/*', '/a'] }, true],
    [{ paths: ['/a/**', '/b/**'] }, { paths: ['/b/x/*', '/c'] }, false],
    [{ paths: ['/a/*/**'] }, { paths: ['/a'] }, false],
    [{ paths: ['/a/*/**'] }, { paths: ['/a/b'] }, true],
    [{ paths: ['/a/*/**'] }, { paths: ['/a/**'] }, false],
    [{ paths: ['/a/*/**'] }, { paths: ['/**/b'] }, false],
    [{ paths: ['/x*/**'] }, { paths: ['/xy/z'] }, true],
    [{ paths: ['/xy*yz/**'] }, { paths: ['/xyz'] }, false],
    [{ paths: ['/xy*yz/**'] }, { paths: ['/xyy*zyz'] }, true],
    [{ paths: ['/x*/**'] }, { paths: ['/*'] }, false],
    [{ paths: ['/**/a'] }, { paths: ['/b/a'] }, false],
    [{ methods: ['GET'], paths: ['/**'] }, { paths: ['/a'] }, false],
    [{ methods: ['GET', 'PUT'], paths: ['/**'] }, { methods: ['PUT'], paths: ['/a'] }, true],
    [{ hosts: ['*.a.example'] }, { hosts: ['b.a.example', '*.c.a.example'], paths: ['/a'] }, true],
    [{ hosts: ['*.a.example'] }, { hosts: ['a.example'], paths: ['/a'] }, false],
    [{ hosts: ['a.example'] }, { paths: ['/a'] }, false],
  ])('tells whether %j leaves nothing to %j: %j', (first, second, taken) => {
    const answer = answerFor({
      rules: [
        { name: 'wide', ...first },
        { name: 'late', ...second },
      ],
    });
    const message = '`late` never decides: the earlier rule `wide` takes all its hosts, methods and paths';
    expect(answer.ok && answer.notices.map((notice) => notice.message)).toEqual(taken ? [message] : []);
  });

  it('keeps the claims that rules and headers name, each once', () => {
    const policy = policyOf({
      rules: [{ require: { claims: { tid: 'a', 'realm_access.roles': { any: ['b'] } } } }],
      forward: { 'X-Tenant': { claim: 'tid' } },
    });
    expect(policy.claimPaths.map(({ name }) => name)).toEqual(['tid', 'realm_access.roles']);
  });

  it('B7: removes what it sets, and what would tell a backend another method or path', () => {
    const policy = policyOf({ ...OPEN, forward: { 'X-Auth-Request-User': 'user', 'X-Token': 'token' } });
    expect(policy.removals).toEqual([
      'x-auth-request-user',
      'x-token',
      'x-http-method-override',
      'x-http-method',
      'x-method-override',
      'x-original-method',
      'x-forwarded-method',
      'x-original-url',
      'x-original-uri',
      'x-rewrite-url',
      'script-name',
      'path-info',
      'x-script-name',
    ]);
    expect(policy.tokenHeaders).toEqual(['X-Token']);
  });
});
