import { describe, expect, it } from 'vitest';
import { answerFor, ISSUER, policyOf, problemsOf, settingsOf } from '../../policy/compile';

const OPEN = { otherwise: 'authenticated' };

describe('a policy file', () => {
  it('gives the settings that the environment would', () => {
    expect(settingsOf({ rules: [{ paths: ['/'] }] })).toMatchObject({
      clockSkew: 60,
      times: { refresh: 600, cooldown: 30, maxStale: 86400 },
      cache: { size: 10000, age: 3600 },
      denyPath: undefined,
      claimVariables: undefined,
      issuers: [{ issuer: 'https://us/', audiences: ['api'], sources: { remotes: [] } }],
    });
    const said = {
      clock_skew: 0,
      jwks_refresh: 10,
      jwks_cooldown: 1,
      jwks_max_stale: 20,
      cache_size: 0,
      cache_age: 1,
      deny_path: '/denied',
    };
    expect(settingsOf({ ...OPEN, ...said, claim_variables: ['https://a.example/x'] })).toMatchObject({
      clockSkew: 0,
      times: { refresh: 10, cooldown: 1, maxStale: 20 },
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
      { issuer: tenant, audiences: ['id'], allowed: ['RS256'], sources: { remotes: [{ kind: 'discovery' }] } },
      { audiences: ['api://id'], allowed: undefined, sources: { remotes: [{ kind: 'jwks', url: 'https://us/keys' }] } },
      { audiences: undefined, sources: { remotes: [] }, terms: { types: ['at+jwt'], maxTokenAge: 60 } },
      { sources: { remotes: [{ kind: 'discovery', url: 'https://implied/.well-known/openid-configuration' }] } },
    ]);
  });

  const LARGE = 9007199254740992;

  it.each([
    ['a value', LARGE, ''],
    ['its negative', -LARGE, ''],
    ['`equals`', { equals: LARGE }, '/equals'],
    ['`any`', { any: ['x', LARGE] }, '/any/1'],
    ['`all`', { all: ['x', LARGE] }, '/all/1'],
    ['`none`', { none: [1, LARGE] }, '/none/1'],
    ['`gt`', { gt: LARGE }, '/gt'],
    ['`gte`', { gte: LARGE }, '/gte'],
    ['`lt`', { lt: -LARGE }, '/lt'],
    ['`lte`', { lte: LARGE }, '/lte'],
  ])('refuses a number that other numbers are taken for: %s', (_, condition, place) => {
    const said = (number: string): readonly string[] => {
      const document = JSON.stringify({ issuers: [{ ...ISSUER, require: { org: condition } }], ...OPEN });
      return problemsOf(document.replace(String(LARGE), number));
    };
    const problem =
      `/issuers/0/require/org${place}: is beyond 9007199254740991 (2^53 - 1), where other numbers would be accepted as this ` +
      'one; have the issuer send it as a string, and compare the string';
    for (const beyond of [String(LARGE), '1234567890123456789', '12345678901234567890', '1e300'])
      expect([beyond, ...said(beyond)]).toEqual([beyond, problem]);
    for (const exact of ['9007199254740991', '9.007199254740991e15', '1234.5'])
      expect([exact, ...said(exact)]).toEqual([exact]);
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
    ['no rules', {}, ': has no `rules`, so every request would be refused'],
    ['no audiences', { ...OPEN, issuers: [{ issuer: 'https://a' }] }, '/issuers/0: has no `audiences`'],
    [
      'an empty list of audiences',
      { ...OPEN, issuers: [{ ...ISSUER, audiences: [] }] },
      '/issuers/0/audiences: is empty',
    ],
    ['* beside others', { ...OPEN, issuers: [{ ...ISSUER, audiences: ['a', '*'] }] }, 'give * alone'],
    ['C9: an empty issuer', { ...OPEN, issuers: [{ ...ISSUER, issuer: '' }] }, '/issuers/0/issuer: is empty'],
    ['an issuer twice', { ...OPEN, issuers: [ISSUER, ISSUER] }, '/issuers/1: has the `issuer` of an earlier entry'],
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
    ['keys of nothing', { ...OPEN, issuers: [{ ...ISSUER, claims: { roles: { keys_of: '' } } }] }, 'keys_of: is empty'],
    [
      'keys and members in one place',
      { ...OPEN, issuers: [{ ...ISSUER, claims: { roles: { keys_of: 'a', member: 'b' } } }] },
      '/issuers/0/claims/roles: has `keys_of` beside `each` or `member`; give two places in a list',
    ],
    [
      'a list without the name within it',
      { ...OPEN, issuers: [{ ...ISSUER, claims: { groups: { each: 'teams' } } }] },
      '/issuers/0/claims/groups: has no `member`, the name within each object',
    ],
    [
      'a name within no list',
      { ...OPEN, issuers: [{ ...ISSUER, claims: { groups: ['a', { member: 'name' }] } }] },
      '/issuers/0/claims/groups/1: has no `each`, the path of the list',
    ],
    [
      'an unknown member of a place',
      { ...OPEN, issuers: [{ ...ISSUER, claims: { groups: { each: 'a', membr: 'b' } } }] },
      'did you mean `member`?',
    ],
    [
      'a place of groups twice',
      { ...OPEN, issuers: [{ ...ISSUER, claims: { groups: [{ keys_of: 'a' }, { keys_of: 'a' }] } }] },
      '/issuers/0/claims/groups/1: is in the list twice',
    ],
    [
      'keys for scopes',
      { ...OPEN, issuers: [{ ...ISSUER, claims: { scopes: { keys_of: 'a' } } }] },
      '/issuers/0/claims/scopes/keys_of: is not a known key; known are all',
    ],
    [
      'several places that are no list',
      { ...OPEN, issuers: [{ ...ISSUER, claims: { scopes: { all: 'scope' } } }] },
      '/issuers/0/claims/scopes/all: is a string; it must be a list',
    ],
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
    ['a header with an underscore', { ...OPEN, forward: { X_User: 'user' } }, 'is not a header name'],
    ['one header in two cases', { ...OPEN, forward: { 'X-A': 'user', 'x-a': 'email' } }, 'in another case'],
    ['a realm with a quote', { ...OPEN, challenge: { realm: 'a"b' } }, 'RFC 9110 section 5.6.4'],
    ['metadata of a plain http resource', { ...OPEN, metadata: { resource: 'http://a' } }, 'RFC 9728 section 1.2'],
    ['a pattern with a query', { rules: [{ paths: ['/a?b'] }] }, 'has a query'],
    ['a pattern with dots', { rules: [{ paths: ['/a/../b'] }] }, 'can never match'],
    ['a pattern with an encoded slash', { rules: [{ paths: ['/a%2Fb'] }] }, 'path_slash_encoded'],
    ['two stars in a segment', { rules: [{ paths: ['/a*b*'] }] }, 'more than one `*`'],
    ['an age that is not a number', { rules: [{ require: { max_age: '5' } }] }, 'not a whole number from 0'],
    ['an email for a domain', { rules: [{ require: { email_domains: ['a@b'] } }] }, 'has an `@`'],
    ['an unknown spelling', { ...OPEN, paths: { allow: ['encoded_slashes'] } }, 'did you mean `encoded_slash`?'],
  ])('refuses %s', (_, content, message) => {
    expect(problemsOf(content).join('\n')).toContain(message);
  });

  it('names a place in one line, with any characters in a name', () => {
    expect(problemsOf({ ...OPEN, 'a\nb': 1 })[0]).toMatch(/^"\/a\\u000ab": is not a known key/);
  });

  it('has every other setting in itself, or none', () => {
    expect(problemsOf(OPEN, { OAUTH_ISSUER: 'a', OAUTH_CLOCK_SKEW: '1' })).toEqual([
      'OAUTH_POLICY: is set together with OAUTH_ISSUER, OAUTH_CLOCK_SKEW, which it replaces; move them into the policy and unset them',
    ]);
  });

  it.each([
    [
      { rules: [{ name: 'boss', require: { subject: ['admin'] } }] },
      ['/rules/0/require: `boss` requires `subject` of any'],
    ],
    [
      { rules: [{ paths: ['/a'] }, { require: { roles: 'a', groups: 'b' } }] },
      ['/rules/1/require: `rule-2` requires `groups`, `roles` of'],
    ],
    [{ rules: [{ require: { client: ['a'] } }] }, ['/rules/0/require: `rule-1` requires `client`']],
    [
      { rules: [{ require: { email_domains: ['a.example'] } }] },
      ['/rules/0/require: `rule-1` requires `email_domains`'],
    ],
    [{ rules: [{ require: { subject: ['admin'], claims: { iss: 'https://a.example' } } }] }, []],
    [{ rules: [{ require: { scopes: ['read'], claims: { tier: 1 } } }] }, []],
    [
      { forward: { 'X-User': 'user', 'X-Mail': 'email' } },
      ['/forward/X-User: sends `user`', '/forward/X-Mail: sends `email`'],
    ],
    [{ forward: { 'X-Sub': 'subject', 'X-Iss': 'issuer' } }, []],
    [{ forward: { 'X-Sub': 'subject', 'X-Iss': { claim: 'iss' } } }, []],
    [{ forward: { 'X-Groups': 'groups', 'X-Token': 'token' } }, []],
  ])('reports what another issuer can give too, by rule and header: %j', (changes, expected) => {
    const two = [ISSUER, { ...ISSUER, issuer: 'https://other.example' }];
    const answer = answerFor({ ...OPEN, ...changes, issuers: two });
    const notices = answer.ok
      ? answer.notices.map(({ setting, message }) => `${setting.replace(/.*#/, '')}: ${message}`)
      : [];
    expect(notices).toEqual(expected.map((start) => expect.stringContaining(start) as string));
    for (const notice of notices) expect(notice).toContain('RFC 7519 section 4.1.2');
    const alone = answerFor({ ...OPEN, ...changes, issuers: [ISSUER] });
    expect(alone.ok && alone.notices).toEqual([]);
  });

  it('reports a rule that is never reached', () => {
    const answer = answerFor({ rules: [{ paths: ['/a/**'] }, { name: 'late', paths: ['/a/**'], methods: ['GET'] }] });
    expect(answer.ok && answer.notices.map(({ message }) => message).join()).toContain('`late` is never reached');
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
    const message = '`late` is never reached: the earlier rule `wide` matches all its hosts, methods and paths';
    expect(answer.ok && answer.notices.map((notice) => notice.message)).toEqual(taken ? [message] : []);
  });

  it.each([
    ['/y/:id', ':id'],
    ['/{id}', '{id}'],
    ['/v1/{proxy+}/x', '{proxy+}'],
    ['/v1/.*', '.*'],
    ['/v1/.+/x', '.+'],
    ['/v1/(.*)', '(.*)'],
    ['/(a|b)/x', '(a|b)'],
    ['/x/<int:id>', '<int:id>'],
    ['/x/[id]', '[id]'],
    ['/x/[0-9]+', '[0-9]+'],
    ['/x/y$', 'y$'],
  ])('tells that %s is in the language of another tool', (pattern, segment) => {
    const answer = answerFor({ rules: [{ paths: ['/ok', pattern] }] });
    const message = `matches \`${segment}\` literally; write \`*\` for any one segment, \`**\` for any number of them`;
    expect(answer.ok && answer.notices).toEqual([
      { setting: expect.stringMatching(/#\/rules\/0\/paths\/1$/) as string, message: `\`${pattern}\` ${message}` },
    ]);
  });

  it.each([
    '/v1/x:batch',
    '/a/*.js',
    '/a/report.*',
    '/Products(1)',
    '/a/:',
    '/$metadata',
    '/.well-known/x',
    '/a(b)',
    '/a.b',
  ])('says nothing of %s', (pattern) => {
    const answer = answerFor({ rules: [{ paths: [pattern] }] });
    expect(answer.ok && answer.notices).toEqual([]);
  });

  it.each([
    [{ subject: '*' }, 'subject', '`*` has a `*`, which would be compared literally; leave `subject` out for any'],
    [{ client: '*' }, 'client', 'leave `client` out for any'],
    [{ groups: '*' }, 'groups', '`*` would be compared literally'],
    [{ roles: { any: ['x', '*'] } }, 'roles', '`*` would be compared literally'],
  ])('refuses a star that would be a name: %j', (require, name, message) => {
    const problems = problemsOf({ rules: [{ paths: ['/a'], require }] });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`/rules/0/require/${name}: `);
    expect(problems[0]).toContain(message);
  });

  it.each([
    [{ subject: ['x', 'repo:org/*'] }, 'subject/1', 'compared literally; write {"glob": "repo:org/*"}'],
    [{ subject: { glob: 'a' } }, 'subject/glob', '`a` has no star; write it without `glob`'],
    [{ subject: { glob: '**' } }, 'subject/glob', '`**` matches everything; leave it out'],
    [{ client: { glob: 'a***b' } }, 'client/glob', '`a***b` has three stars in a row'],
    [{ client: { glob: '*a*a*a*a*a*a*a*a*' } }, 'client/glob', 'has more than 8 stars'],
    [{ subject: { glob: ['a*', 'b'] } }, 'subject/glob', '`b` has no star'],
    [{ subject: { glob: 'a*', prefix: 'a' } }, 'subject/prefix', 'cannot be used together with `glob`'],
    [{ subject: { globs: 'a*' } }, 'subject/globs', 'did you mean `glob`?'],
    [{ subject: {} }, 'subject', 'names nobody; write {"prefix": TEXT} or {"glob": TEXT}'],
    [{ subject: { prefix: '' } }, 'subject/prefix', 'is empty'],
    [{ subject: [{ prefix: 'a' }, { prefix: 'a' }] }, 'subject/1', 'is in the list twice'],
    [{ subject: [7] }, 'subject/0', 'is a number; it must be a string, {"prefix": TEXT} or {"glob": TEXT}'],
    [
      { claims: { a: { glob: 'a*', equals: 'a' } } },
      'claims/a/equals',
      'cannot be used together with `glob`; keep one',
    ],
    [{ claims: { a: { any: ['a'], equals: 'a' } } }, 'claims/a/equals', 'with `any`; list every value in `any`'],
    [{ claims: { a: { glob: 'a*', prefix: 'a' } } }, 'claims/a/prefix', 'cannot be used together with `glob`'],
    [{ claims: { a: { exists: false, none: ['a'] } } }, 'claims/a/exists', 'is false beside other parts'],
    [{ claims: { a: { exists: 'no' } } }, 'claims/a/exists', 'is a string; it must be true or false'],
  ])('refuses a pattern that says nothing, or two things: %j', (require, place, message) => {
    const problems = problemsOf({ rules: [{ paths: ['/a'], require }] });
    expect(problems.map((problem) => problem.split(': ')[0])).toContain(`/rules/0/require/${place}`);
    expect(problems.join('\n')).toContain(message);
  });

  it.each([
    [
      ['/t/*'],
      { equals_path_segment: 0 },
      'equals_path_segment',
      'is not a whole number from 1 to 100; 1 is the first',
    ],
    [['/t/*'], { equals_path_segment: -1 }, 'equals_path_segment', 'is not a whole number from 1 to 100'],
    [['/t/*'], { equals_path_segment: 1.5 }, 'equals_path_segment', 'is not a whole number from 1 to 100'],
    [['/t/*'], { equals_path_segment: '2' }, 'equals_path_segment', 'is not a whole number from 1 to 100'],
    [['/t/*/x', '/t'], { equals_path_segment: 3 }, 'equals_path_segment', 'it has no segment 3, so nobody could pass'],
    [['/t/*'], { equals_path_segment: 3 }, 'equals_path_segment', 'it has no segment 3, so nobody could pass'],
    [
      ['/t/**', '/t/*'],
      { equals_path_segment: 1 },
      'equals_path_segment',
      'segment 1 is fixed in the paths of the rule',
    ],
    [['/t'], { equals_host: false }, 'equals_host', 'can only be true; leave it out otherwise'],
    [['/t'], { equals_header: '' }, 'equals_header', 'is empty'],
    [['/t'], { equals_header: 'X Tenant' }, 'equals_header', 'is not a header name; use letters, digits and `-`'],
    [['/t'], { equals_header: 'X_Tenant' }, 'equals_header', 'is not a header name; use letters, digits and `-`'],
    [['/t'], { equals_header: 'Host' }, 'equals_header', 'is the host; write {"equals_host": true}'],
    [['/t'], { equals_header: 'Authorization' }, 'equals_header', 'is a header of the connection or of credentials'],
    [['/t'], { equals_header: 'X-User' }, 'equals_header', 'is a header that this policy removes from every request'],
    [['/t'], { equals_header: 'X-Original-URL' }, 'equals_header', 'is a header that this policy removes'],
    [['/t'], { equals_heder: 'X-A' }, 'equals_heder', 'did you mean `equals_header`?'],
    [['/t'], { equals_host: true, exists: false }, 'exists', 'is false beside other parts'],
  ])('refuses a claim of a request that no request can have: %j %j', (paths, condition, place, message) => {
    const rules = [{ paths, require: { claims: { tenant: condition } } }];
    const problems = problemsOf({ rules, forward: { 'X-User': 'user' } });
    expect(problems).toEqual([expect.stringContaining(`/rules/0/require/claims/tenant/${place}: `) as string]);
    expect(problems[0]).toContain(message);
  });

  it.each([
    [['/t/*/**'], 2],
    [['/t/**'], 2],
    [['/**/x'], 1],
    [['/*/x', '/y/*'], 1],
    [undefined, 9],
    [['/t/a*'], 2],
  ])('accepts a segment that the paths %j can have: %i', (paths, segment) => {
    const rules = [{ paths, require: { claims: { tenant: { equals_path_segment: segment } } } }];
    expect(problemsOf({ rules })).toEqual([]);
  });

  it('compares no request where tokens are accepted, whatever the rule', () => {
    for (const condition of [{ equals_path_segment: 2 }, { equals_host: true }, { equals_header: 'X-A' }]) {
      const problems = problemsOf({ ...OPEN, issuers: [{ ...ISSUER, require: { tenant: condition } }] });
      expect(problems).toEqual([expect.stringContaining('/issuers/0/require/tenant: `equals_') as string]);
      expect(problems[0]).toContain('write it into `require` of rules');
    }
  });

  it('reads headers and hosts only where a rule or an issuer needs them', () => {
    const rules = [{ paths: ['/a'], require: { claims: { a: 1 } } }];
    expect(policyOf({ rules })).toMatchObject({ usesHosts: false });
    expect(policyOf({ rules })).not.toHaveProperty('comparedHeaders');
    const claims = { a: { equals_header: 'X-A' }, b: { equals_header: 'x-a' }, c: { equals_host: true } };
    const policy = policyOf({ rules: [...rules, { paths: ['/b'], require: { claims } }] });
    expect(policy).toMatchObject({ usesHosts: true, comparedHeaders: ['x-a'] });
    expect(policyOf({ ...OPEN, issuers: [{ ...ISSUER, hosts: ['a.example'] }] })).toMatchObject({ usesHosts: true });
  });

  it.each([
    [['a.example:80'], undefined, '/issuers/0/hosts: `a.example:80` is not a host name'],
    [[], undefined, '/issuers/0/hosts: is empty'],
    [
      ['a.example'],
      [{ hosts: ['b.example'] }],
      '/issuers/0/hosts: has `a.example`, for which no rule requires a token',
    ],
    [
      ['a.example', 'b.example'],
      [{ hosts: ['b.example'] }, { hosts: ['a.example'], access: 'public' }],
      '/issuers/0/hosts: has `a.example`, for which no rule requires a token',
    ],
    [
      ['*.a.example'],
      [{ hosts: ['b.a.example', 'c.example'] }],
      '/rules/0/hosts: has `c.example`, for which no issuer in `issuers` has tokens: nobody could pass',
    ],
  ])('refuses hosts of an issuer that mean nothing: %j, %j', (hosts, rules, problem) => {
    const issuers = [{ ...ISSUER, hosts }];
    const problems = problemsOf(rules === undefined ? { ...OPEN, issuers } : { issuers, rules });
    expect(problems[0]).toContain(problem);
  });

  it('accepts hosts of an issuer that some rule is for', () => {
    const issuers = [{ ...ISSUER, hosts: ['a.example', '*.b.example'] }];
    expect(problemsOf({ issuers, rules: [{ paths: ['/x'] }] })).toEqual([]);
    expect(problemsOf({ issuers, rules: [{ hosts: ['*.example'] }] })).toEqual([]);
    expect(problemsOf({ issuers, ...OPEN, rules: [{ hosts: ['a.example'], access: 'public' }] })).toEqual([]);
    const other = { ...ISSUER, issuer: 'https://other/' };
    expect(problemsOf({ issuers: [...issuers, other], rules: [{ paths: ['/x'] }, { hosts: ['c.example'] }] })).toEqual(
      [],
    );
  });

  it.each([
    [{ audience: '*' }, '`*` would be compared literally; leave `audience` out'],
    [{ audience: [] }, '/rules/0/require/audience: is empty'],
    [{ audience: 7 }, '/rules/0/require/audience: is a number'],
    [{ audiences: 'a' }, 'did you mean `audience`?'],
  ])('refuses an audience of a rule that names none: %j', (require, message) => {
    expect(problemsOf({ rules: [{ paths: ['/a'], require }] }).join('\n')).toContain(message);
  });

  it('compiles patterns only where a rule has them', () => {
    const [plain, rare] = policyOf({
      rules: [
        { paths: ['/a'], require: { subject: 'a', claims: { b: 'c', d: { exists: false } } } },
        { paths: ['/b'], require: { subject: ['a', { glob: 'x/**:*' }], claims: { b: { prefix: 'c' }, e: 1 } } },
      ],
    }).rules;
    expect(plain?.demands).not.toHaveProperty('further');
    expect(plain?.demands).toMatchObject({ subjects: ['a'], claims: [{ slot: 0 }, { condition: { exists: false } }] });
    expect(rare?.demands).toMatchObject({ subjects: [], claims: [{ condition: { any: [1] } }] });
    expect(rare?.demands?.further).toEqual({
      subject: { exact: ['a'], globs: [['x/', '**', ':', '*', '']] },
      claims: [{ slot: 0, condition: { globs: [['c', '**', '']] } }],
    });
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
      'x-original-path',
      'x-forwarded-uri',
      'x-forwarded-path',
      'x-forwarded-prefix',
      'x-envoy-original-path',
      'x-waws-unencoded-url',
    ]);
    expect(policy.tokenHeaders).toEqual(['X-Token']);
    const hosts = policyOf({ rules: [{ hosts: ['a.example'], paths: ['/**'] }], keep_headers: ['X-Forwarded-Host'] });
    expect(hosts.removals.slice(-5)).toEqual([
      'forwarded',
      'x-host',
      'x-original-host',
      'x-forwarded-server',
      'x-http-host-override',
    ]);
    const kept = policyOf({ ...OPEN, keep_headers: ['X_Script_Name', 'x-original-url'] });
    expect(kept.removals.filter((name) => /script|original/.test(name))).toEqual([
      'x-original-method',
      'x-original-uri',
      'script-name',
      'x-original-path',
      'x-envoy-original-path',
    ]);
  });
});
