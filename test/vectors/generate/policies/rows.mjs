// Requests against policies, written by hand: what each brings and the one right answer.
import { allowed, BASE, claims, ISSUER, NOW, refused, row } from './expect.mjs';

const HAMSTERS = {
  ...BASE,
  rules: [
    { name: 'list', methods: ['GET'], paths: ['/api/hamsters/**'], access: 'public' },
    {
      name: 'adopt',
      methods: ['POST', 'DELETE'],
      paths: ['/api/hamsters/**'],
      require: { scopes: ['write:hamsters'] },
    },
    { name: 'admin', paths: ['/admin/**'], require: { groups: { any: ['admins'] } } },
  ],
  otherwise: 'deny',
  forward: { 'X-Auth-Request-User': 'user', 'X-Auth-Request-Email': 'email', 'X-Auth-Request-Groups': 'groups' },
  challenge: { realm: 'hamsters' },
};
const realm = { realm: 'hamsters' };
const user1 = ['X-Auth-Request-User', 'user-1'];
const write = claims({ scope: 'write:hamsters' });
const h = (comment, request, token, expected, more) => row(comment, 'hamsters', request, token, expected, more);
const admins = claims({ groups: ['admins'] });
const asAdmin = { subject: 'user-1', headers: [user1, ['X-Auth-Request-Groups', 'admins']] };

const hamsters = [
  h('A11: anyone may look', 'GET /api/hamsters', undefined, allowed('list')),
  h('and below', 'GET /api/hamsters/turbo/wheel', undefined, allowed('list')),
  h('and with a slash', 'GET /api/hamsters/', undefined, allowed('list')),
  h(
    'B9: a token is not looked at on a public route, nor is anybody named',
    'GET /api/hamsters/turbo',
    write,
    allowed('list'),
  ),
  h('not even one that has expired', 'GET /api/hamsters/turbo', claims({ exp: 1 }), allowed('list')),
  h('a longer name is another', 'GET /api/hamsters2', undefined, refused('rule_missing', 'otherwise', realm)),
  h('HEAD is not GET', 'HEAD /api/hamsters', undefined, refused('rule_missing', 'otherwise', realm)),
  h('nor is PUT', 'PUT /api/hamsters/turbo', write, refused('rule_missing', 'otherwise', realm)),
  h('small letters are no method', 'get /api/hamsters', undefined, refused('method_malformed', '', realm)),
  h('nor mixed ones', 'Delete /api/hamsters', write, refused('method_malformed', '', realm)),
  h(
    'C1: to adopt requires a token',
    'POST /api/hamsters',
    undefined,
    refused('credentials_missing', 'adopt', { ...realm, scope: 'write:hamsters' }),
  ),
  h(
    'C1: and with one',
    'POST /api/hamsters',
    write,
    allowed('adopt', { scopes: 'write:hamsters', subject: 'user-1', headers: [user1] }),
  ),
  h(
    'DELETE too',
    'DELETE /api/hamsters/turbo',
    write,
    allowed('adopt', { scopes: 'write:hamsters', subject: 'user-1', headers: [user1] }),
  ),
  h(
    'without the scope',
    'POST /api/hamsters',
    claims(),
    refused('insufficient_scope', 'adopt', { ...realm, scope: 'write:hamsters' }),
  ),
  h(
    'with a longer scope',
    'POST /api/hamsters',
    claims({ scope: 'write:hamsters2' }),
    refused('insufficient_scope', 'adopt', { ...realm, scope: 'write:hamsters' }),
  ),
  h(
    'with a shorter one',
    'POST /api/hamsters',
    claims({ scope: 'write' }),
    refused('insufficient_scope', 'adopt', { ...realm, scope: 'write:hamsters' }),
  ),
  h(
    'in another case',
    'POST /api/hamsters',
    claims({ scope: 'Write:Hamsters' }),
    refused('insufficient_scope', 'adopt', { ...realm, scope: 'write:hamsters' }),
  ),
  h(
    'among others',
    'POST /api/hamsters',
    claims({ scope: 'a write:hamsters b' }),
    allowed('adopt', { scopes: 'a write:hamsters b', subject: 'user-1', headers: [user1] }),
  ),
  h(
    'as a list in `scp`',
    'POST /api/hamsters',
    claims({ scp: ['write:hamsters'] }),
    allowed('adopt', { scopes: 'write:hamsters', subject: 'user-1', headers: [user1] }),
  ),
  h('malformed scopes', 'POST /api/hamsters', claims({ scope: 'a"b' }), refused('scope_malformed', 'adopt', realm)),
  h(
    'expired',
    'POST /api/hamsters',
    claims({ scope: 'write:hamsters', exp: NOW - 60 }),
    refused('expired', 'adopt', realm),
  ),
  h(
    'within the skew',
    'POST /api/hamsters',
    claims({ scope: 'write:hamsters', exp: NOW - 59 }),
    allowed('adopt', { scopes: 'write:hamsters', subject: 'user-1', headers: [user1] }),
  ),
  h(
    'of another issuer',
    'POST /api/hamsters',
    claims({ iss: `${ISSUER}/` }),
    refused('issuer_refused', 'adopt', realm),
  ),
  h(
    'for another audience',
    'POST /api/hamsters',
    claims({ aud: 'other' }),
    refused('audience_refused', 'adopt', realm),
  ),
  h('a forged token', 'POST /api/hamsters', write, refused('signature_invalid', 'adopt', realm), { forged: true }),
  h(
    'another scheme',
    'POST /api/hamsters',
    undefined,
    refused('scheme_unsupported', 'adopt', { ...realm, scope: 'write:hamsters' }),
    {
      authorization: ['Basic YTpi'],
    },
  ),
  h('B4: an admin', 'GET /admin', admins, allowed('admin', asAdmin)),
  h('any method', 'PROPFIND /admin/x', admins, allowed('admin', asAdmin)),
  h('B4: outside the group', 'GET /admin', claims({ groups: ['users'] }), refused('groups_refused', 'admin', realm)),
  h('B4: no groups', 'GET /admin', claims(), refused('groups_refused', 'admin', realm)),
  h('a group in another case', 'GET /admin', claims({ groups: ['Admins'] }), refused('groups_refused', 'admin', realm)),
  h('one group as a string', 'GET /admin', claims({ groups: 'admins' }), allowed('admin', asAdmin)),
  h(
    'a string is one group, blanks and all',
    'GET /admin',
    claims({ groups: 'users admins' }),
    refused('groups_refused', 'admin', realm),
  ),
  h(
    'B4: the overage of Entra ID',
    'GET /admin',
    claims({ _claim_names: { groups: 'src1' }, _claim_sources: {} }),
    refused('groups_overage', 'admin', realm),
  ),
  h(
    'B4: the overage of its implicit flow',
    'GET /admin',
    claims({ hasgroups: true }),
    refused('groups_overage', 'admin', realm),
  ),
  h(
    'other claims may stand elsewhere',
    'GET /admin',
    claims({ groups: ['admins'], _claim_names: { photo: 'src1' } }),
    allowed('admin', asAdmin),
  ),
  h(
    'groups that are there count in spite of an overage',
    'GET /admin',
    claims({ groups: ['admins'], hasgroups: true }),
    allowed('admin', asAdmin),
  ),
  h(
    'an overage does not matter where no group does',
    'POST /api/hamsters',
    claims({ hasgroups: true, scope: 'write:hamsters' }),
    allowed('adopt', { scopes: 'write:hamsters', subject: 'user-1', headers: [user1] }),
  ),
  h('groups of a wrong type', 'GET /admin', claims({ groups: { admins: true } }), refused('groups_refused', 'admin')),
  h(
    'groups with a number among them',
    'GET /admin',
    claims({ groups: ['admins', 1] }),
    refused('groups_refused', 'admin'),
  ),
  h('groups that are null are none', 'GET /admin', claims({ groups: null }), refused('groups_refused', 'admin', realm)),
  h(
    'B5: a line end in a group',
    'GET /admin',
    claims({ groups: ['admins', 'a\r\nX: y'] }),
    refused('groups_refused', 'admin'),
  ),
  h('the root is no rule of anybody', 'GET /', admins, refused('rule_missing', 'otherwise', realm)),
  h('capitals are another path', 'GET /ADMIN', undefined, refused('rule_missing', 'otherwise', realm)),
  h('letters encoded are the same', 'GET /%61dmin', undefined, refused('credentials_missing', 'admin', realm)),
  h(
    'dots are resolved first',
    'GET /api/hamsters/../../admin',
    undefined,
    refused('credentials_missing', 'admin', realm),
  ),
  h(
    'encoded dots are refused',
    'GET /api/hamsters/%2e%2e/%2e%2e/admin',
    undefined,
    refused('path_dots_disguised', '', realm),
  ),
  h(
    'an encoded slash is refused',
    'GET /api/hamsters/..%2f..%2fadmin',
    undefined,
    refused('path_slash_encoded', '', realm),
  ),
  h('a parameter is refused', 'GET /api/hamsters/..;/admin', undefined, refused('path_parameter', '', realm)),
  h('a query is nothing to rules', 'GET /api/hamsters?/../admin', undefined, allowed('list')),
  h('absolute-form', 'GET http://api.example/api/hamsters', undefined, allowed('list')),
  h(
    'absolute-form of another host',
    'GET http://other/api/hamsters',
    undefined,
    refused('host_contradicted', '', realm),
  ),
  h('CONNECT', 'CONNECT api.example:443', undefined, refused('target_malformed', '', realm)),
  h('OPTIONS *', 'OPTIONS *', undefined, refused('rule_missing', 'otherwise', realm)),
  h(
    'preflight is not let through unasked',
    'OPTIONS /api/hamsters',
    undefined,
    refused('rule_missing', 'otherwise', realm),
    { preflight: true },
  ),
  h('no Host where no rule names hosts', 'GET /api/hamsters -', undefined, allowed('list')),
];

const SCOPES = {
  ...BASE,
  rules: [
    { name: 'all', paths: ['/all'], require: { scopes: ['a', 'b'] } },
    { name: 'any', paths: ['/any'], require: { scopes: { any: ['a', 'b'] } } },
    { name: 'both', paths: ['/both'], require: { scopes: { all: ['a'], any: ['b', 'c'] } } },
    { name: 'one', paths: ['/one'], require: { scopes: 'a' } },
    { name: 'none', paths: ['/none'] },
    { name: 'no', paths: ['/no'], access: 'deny' },
  ],
};
const NEED = { all: 'a b', any: 'a b', both: 'a b c', one: 'a' };
const scopes = ['', 'a', 'b', 'c', 'a b', 'b c', 'a c', 'a b c', 'ab', 'd'].flatMap((given) => {
  const has = (scope) => given.split(' ').includes(scope);
  const fits = {
    all: has('a') && has('b'),
    any: has('a') || has('b'),
    both: has('a') && (has('b') || has('c')),
    one: has('a'),
    none: true,
  };
  return Object.entries(fits).map(([name, isEnough]) =>
    row(
      `scopes \`${given}\` for ${name}`,
      'scopes',
      `GET /${name}`,
      claims({ scope: given }),
      isEnough
        ? allowed(name, { scopes: given, subject: 'user-1' })
        : refused('insufficient_scope', name, { scope: NEED[name] }),
    ),
  );
});
scopes.push(
  row('a rule that refuses', 'scopes', 'GET /no', claims({ scope: 'a b c' }), refused('rule_refuses', 'no')),
  row('a rule that refuses, without a token', 'scopes', 'GET /no', undefined, refused('rule_refuses', 'no')),
  row(
    'scopes that are null are malformed nowhere',
    'scopes',
    'GET /none',
    claims({ scope: null }),
    allowed('none', { subject: 'user-1' }),
  ),
);

const V2 = 'https://login.microsoftonline.com/TENANT/v2.0';
const V1 = 'https://sts.windows.net/TENANT/';
const ENTRA = {
  issuers: [
    {
      issuer: V2,
      audiences: ['id', 'api://id'],
      keys: { secret_env: 'HAMSTER_SECRET' },
      claims: { user: ['preferred_username', 'sub'], email: ['email', 'sub'] },
      require: { tid: 'TENANT' },
    },
    {
      issuer: V1,
      audiences: ['api://id'],
      keys: { secret_env: 'HAMSTER_SECRET' },
      claims: { user: ['unique_name', 'upn', 'sub'], preferred_username: 'unique_name' },
    },
  ],
  rules: [
    { name: 'cli', paths: ['/cli'], require: { client: ['04b07795-8ddb-461a-bbee-02f9e1bf7b46'] } },
    { name: 'groups', paths: ['/groups/**'], require: { groups: { any: ['g1', 'g2'] } } },
    { name: 'domain', paths: ['/domain'], require: { email_domains: ['example.com', '.example.org'] } },
    { name: 'mail', paths: ['/mail'], require: { email_domains: ['*'] } },
  ],
  otherwise: 'authenticated',
  forward: {
    'X-Auth-Request-User': 'user',
    'X-Auth-Request-Email': 'email',
    'X-Auth-Request-Groups': 'groups',
    'X-Auth-Request-Preferred-Username': 'preferred_username',
    'X-Client': 'client',
  },
};
const v2 = (changes) => claims({ iss: V2, aud: 'id', tid: 'TENANT', ...changes });
const v1 = (changes) => claims({ iss: V1, aud: 'api://id', ...changes });
const e = (comment, request, token, expected) => row(comment, 'entra', request, token, expected);
const CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
const cliToken = v1({ appid: CLI, email: 'ann@example.com', groups: ['g2', 'g7'], unique_name: 'ann@example.com' });
const cliHeaders = [
  ['X-Auth-Request-User', 'ann@example.com'],
  ['X-Auth-Request-Email', 'ann@example.com'],
  ['X-Auth-Request-Groups', 'g2,g7'],
  ['X-Auth-Request-Preferred-Username', 'ann@example.com'],
  ['X-Client', CLI],
];
const sub1 = ['X-Auth-Request-User', 'user-1'];
const subMail = ['X-Auth-Request-Email', 'user-1'];
const mailOf = (email) => ({ subject: 'user-1', headers: [sub1, ['X-Auth-Request-Email', email]] });

/** Payloads whose issuer is one of several, each at a bound of what is read before a key has verified it, and beyond. */
const COMMAS = JSON.stringify(v1({ x: [1] })).split(',').length - 1;
const BOUNDED = [
  ['commas', 1024, (count) => Array(count - COMMAS + 1).fill('group')],
  ['brackets', 512, (count) => Array(count - 2).fill(['group'])],
  ['escapes', 2048, (count) => '\n'.repeat(count)],
  ['blanks', 4096, (count) => ' '.repeat(count)],
];
const bounded = BOUNDED.flatMap(([what, most, make]) => [
  e(
    `as many ${what} as a payload may have that no key has verified`,
    'GET /',
    v1({ x: make(most) }),
    allowed('otherwise', { subject: 'user-1', headers: [sub1] }),
  ),
  e(`one more of ${what}`, 'GET /', v1({ x: make(most + 1) }), refused('payload_malformed', 'otherwise')),
]);

const entra = [
  e(
    'B2: the issuer of version 2.0',
    'GET /',
    v2({}),
    allowed('otherwise', { subject: 'user-1', headers: [sub1, subMail] }),
  ),
  e('B2: the issuer of version 1.0', 'GET /', v1({}), allowed('otherwise', { subject: 'user-1', headers: [sub1] })),
  e('B2: each with its own audiences', 'GET /', v1({ aud: 'id' }), refused('audience_refused', 'otherwise')),
  e(
    'B2: without the slash',
    'GET /',
    claims({ iss: V1.slice(0, -1), aud: 'id' }),
    refused('issuer_refused', 'otherwise'),
  ),
  e('another tenant by `tid`', 'GET /', v2({ tid: 'OTHER' }), refused('required_claim', 'otherwise')),
  e('no tenant', 'GET /', v2({ tid: undefined }), refused('required_claim', 'otherwise')),
  e(
    'a tenant in a list',
    'GET /',
    v2({ tid: ['TENANT'] }),
    allowed('otherwise', { subject: 'user-1', headers: [sub1, subMail] }),
  ),
  e('B3: a token of the az CLI', 'GET /cli', cliToken, allowed('cli', { subject: 'user-1', headers: cliHeaders })),
  e('another client', 'GET /cli', v1({ appid: 'other' }), refused('client_refused', 'cli')),
  e('no client', 'GET /cli', v1({}), refused('client_refused', 'cli')),
  e('`azp` before `appid`', 'GET /cli', v1({ azp: 'other', appid: CLI }), refused('client_refused', 'cli')),
  e('B4: one of the groups', 'POST /groups/x', cliToken, allowed('groups', { subject: 'user-1', headers: cliHeaders })),
  e('B4: none of them', 'POST /groups/x', v2({ groups: ['g3'] }), refused('groups_refused', 'groups')),
  e('B4: overage', 'POST /groups/x', v2({ _claim_names: { groups: 'src1' } }), refused('groups_overage', 'groups')),
  e(
    'B6: a missing email falls back to `sub`',
    'GET /mail',
    v2({}),
    allowed('mail', { subject: 'user-1', headers: [sub1, subMail] }),
  ),
  e('B6: without that mapping it is refused', 'GET /mail', v1({}), refused('email_refused', 'mail')),
  e(
    'B6: an email that is not verified',
    'GET /',
    v2({ email: 'a@example.com', email_verified: false }),
    refused('email_unverified', 'otherwise'),
  ),
  e(
    'B6: the same as a string',
    'GET /',
    v2({ email: 'a@example.com', email_verified: 'false' }),
    refused('email_unverified', 'otherwise'),
  ),
  e(
    'B6: one that is',
    'GET /domain',
    v2({ email: 'a@example.com', email_verified: true }),
    allowed('domain', mailOf('a@example.com')),
  ),
  e(
    'B6: the domain in capitals',
    'GET /domain',
    v2({ email: 'a@EXAMPLE.com' }),
    allowed('domain', mailOf('a@EXAMPLE.com')),
  ),
  e('B6: another domain', 'GET /domain', v2({ email: 'a@example.net' }), refused('email_refused', 'domain')),
  e('B6: a domain below', 'GET /domain', v2({ email: 'a@x.example.com' }), refused('email_refused', 'domain')),
  e('B6: a longer domain', 'GET /domain', v2({ email: 'a@badexample.com' }), refused('email_refused', 'domain')),
  e(
    'B6: below a domain with a dot before it',
    'GET /domain',
    v2({ email: 'a@x.example.org' }),
    allowed('domain', mailOf('a@x.example.org')),
  ),
  e('B6: not that domain itself', 'GET /domain', v2({ email: 'a@example.org' }), refused('email_refused', 'domain')),
  e('B6: two at signs', 'GET /domain', v2({ email: 'a@evil.net@example.com' }), refused('email_refused', 'domain')),
  e('B6: nobody at a domain', 'GET /domain', v2({ email: '@example.com' }), refused('email_refused', 'domain')),
  e(
    'B5: a preferred username',
    'GET /',
    v2({ preferred_username: 'ann' }),
    allowed('otherwise', {
      subject: 'user-1',
      headers: [['X-Auth-Request-User', 'ann'], subMail, ['X-Auth-Request-Preferred-Username', 'ann']],
    }),
  ),
  ...bounded,
];

const KEYCLOAK = {
  issuers: [
    {
      ...BASE.issuers[0],
      claims: {
        roles: { all: ['realm_access.roles', 'resource_access.app.roles', '/resource_access/my.client/roles'] },
        groups: ['https://a.example/groups', 'groups'],
      },
    },
  ],
  rules: [
    { name: 'app1', paths: ['/app1', '/app1/**'] },
    { name: 'app2', paths: ['/app2/**'], require: { groups: 'group2' } },
    { name: 'boss', paths: ['/boss'], require: { roles: { all: ['boss', 'editor'] } } },
    { name: 'dotted', paths: ['/dotted'], require: { roles: { any: ['dot'] } } },
  ],
  forward: { 'X-Roles': 'roles', 'X-Groups': 'groups' },
};
const k = (comment, request, token, expected) => row(comment, 'keycloak', request, token, expected);
const keycloak = [
  k('D2: any user', 'GET /app1', claims(), allowed('app1', { subject: 'user-1' })),
  k('D2: nobody', 'GET /app1', undefined, refused('credentials_missing', 'app1')),
  k(
    'D2: the right group',
    'GET /app2',
    claims({ groups: ['group1', 'group2'] }),
    allowed('app2', { subject: 'user-1', headers: [['X-Groups', 'group1,group2']] }),
  ),
  k('D2: a wrong group', 'GET /app2', claims({ groups: ['group1'] }), refused('groups_refused', 'app2')),
  k(
    'D2: Keycloak writes a slash before groups unless told otherwise',
    'GET /app2',
    claims({ groups: ['/group2'] }),
    refused('groups_refused', 'app2'),
  ),
  k(
    'a claim with a slash and dots in its name',
    'GET /app2',
    claims({ 'https://a.example/groups': ['group2'], groups: ['x'] }),
    allowed('app2', { subject: 'user-1', headers: [['X-Groups', 'group2']] }),
  ),
  k(
    'D7: roles of the realm and of a client, together',
    'GET /boss',
    claims({ realm_access: { roles: ['boss'] }, resource_access: { app: { roles: ['editor'] } } }),
    allowed('boss', { subject: 'user-1', headers: [['X-Roles', 'boss,editor']] }),
  ),
  k(
    'D7: of the realm alone',
    'GET /boss',
    claims({ realm_access: { roles: ['boss', 'editor'] } }),
    allowed('boss', { subject: 'user-1', headers: [['X-Roles', 'boss,editor']] }),
  ),
  k('D7: too few', 'GET /boss', claims({ realm_access: { roles: ['boss'] } }), refused('roles_refused', 'boss')),
  k(
    'D7: of another client',
    'GET /boss',
    claims({ resource_access: { other: { roles: ['boss', 'editor'] } } }),
    refused('roles_refused', 'boss'),
  ),
  k(
    'D7: a client with a dot in its name',
    'GET /dotted',
    claims({ resource_access: { 'my.client': { roles: ['dot'] } } }),
    allowed('dotted', { subject: 'user-1', headers: [['X-Roles', 'dot']] }),
  ),
  k(
    'D7: dots that part names lead elsewhere',
    'GET /dotted',
    claims({ resource_access: { my: { client: { roles: ['dot'] } } } }),
    refused('roles_refused', 'dotted'),
  ),
  k(
    'a literal name wins over the nested one',
    'GET /boss',
    claims({ 'realm_access.roles': ['boss'], realm_access: { roles: ['boss', 'editor'] } }),
    refused('roles_refused', 'boss'),
  ),
  k(
    'a nested claim below something that is no object',
    'GET /boss',
    claims({ realm_access: 'roles' }),
    refused('roles_refused', 'boss'),
  ),
  k('roles that are an object', 'GET /boss', claims({ realm_access: { roles: {} } }), refused('roles_refused', 'boss')),
];

const SHIELDOO = {
  issuers: [
    {
      issuer: 'https://shieldoo',
      audiences: ['admin'],
      keys: { secret_env: 'HAMSTER_SECRET' },
      claims: { user: ['upn'], roles: ['roles'] },
    },
  ],
  rules: [{ name: 'users', paths: ['/users'], require: { roles: { any: ['ADMINISTRATOR'] } } }],
  forward: { 'X-User': 'user' },
};
const upn = { iss: 'https://shieldoo', aud: 'admin', sub: undefined, upn: 'ann@example.com' };
const shieldoo = [
  row(
    'E1: neither `sub` nor `scope`',
    'shieldoo',
    'GET /users',
    claims({ ...upn, roles: ['ADMINISTRATOR', 'USER'] }),
    allowed('users', { headers: [['X-User', 'ann@example.com']] }),
  ),
  row(
    'E1: another role',
    'shieldoo',
    'GET /users',
    claims({ ...upn, roles: ['USER'] }),
    refused('roles_refused', 'users'),
  ),
  row(
    'E1: another audience',
    'shieldoo',
    'GET /users',
    claims({ ...upn, aud: 'other', roles: ['ADMINISTRATOR'] }),
    refused('audience_refused', 'users'),
  ),
];

const CLAIMS = {
  ...BASE,
  rules: [
    ['equals', { tier: 'gold' }],
    ['number', { level: 3 }],
    ['flag', { trial: false }],
    ['any', { tier: { any: ['gold', 'silver'] } }],
    ['all', { amr: { all: ['pwd', 'otp'] } }],
    ['none', { amr: { none: ['pwd'] } }],
    ['gt', { level: { gt: 3 } }],
    ['between', { level: { gte: 3, lt: 5 } }],
    ['lte', { level: { lte: 3 } }],
    ['exists', { tier: { exists: true } }],
    ['two', { tier: 'gold', level: { gte: 2 } }],
    ['nested', { 'org.unit.name': 'ops' }],
    ['uri', { 'https://a.example/tier': 'gold' }],
    ['pointer', { '/org/a.b/c~1d': 1 }],
  ].map(([name, wanted]) => ({ name, paths: [`/${name}`], require: { claims: wanted } })),
};
const CASES = {
  equals: {
    yes: [{ tier: 'gold' }, { tier: ['lead', 'gold'] }],
    no: [
      {},
      { tier: 'Gold' },
      { tier: null },
      { tier: ['lead'] },
      { tier: { gold: true } },
      { tier: ['gold', {}] },
      { tier: '' },
      { tier: [] },
    ],
  },
  number: {
    yes: [{ level: 3 }, { level: [1, 3] }],
    no: [{ level: '3' }, { level: 4 }, { level: 3.5 }, { level: true }],
  },
  flag: { yes: [{ trial: false }], no: [{ trial: true }, { trial: 'false' }, { trial: 0 }, {}] },
  any: { yes: [{ tier: 'silver' }, { tier: 'gold' }, { tier: ['x', 'silver'] }], no: [{ tier: 'lead' }, {}] },
  all: { yes: [{ amr: ['otp', 'pwd'] }, { amr: ['a', 'pwd', 'otp'] }], no: [{ amr: ['pwd'] }, { amr: 'pwd otp' }, {}] },
  none: {
    yes: [{ amr: ['otp'] }, { amr: 'x' }, { amr: [] }],
    no: [{ amr: ['pwd', 'otp'] }, { amr: 'pwd' }, {}, { amr: null }, { amr: [['pwd']] }],
  },
  gt: { yes: [{ level: 3.5 }, { level: 4 }], no: [{ level: 3 }, { level: '4' }, {}, { level: [4] }] },
  between: { yes: [{ level: 3 }, { level: 4.9 }], no: [{ level: 5 }, { level: 2 }] },
  lte: { yes: [{ level: 3 }, { level: -1e9 }], no: [{ level: 3.1 }] },
  exists: { yes: [{ tier: '' }, { tier: 0 }, { tier: false }, { tier: [] }, { tier: {} }], no: [{}, { tier: null }] },
  two: { yes: [{ tier: 'gold', level: 2 }], no: [{ tier: 'gold' }, { level: 2 }, { tier: 'gold', level: 1 }] },
  nested: {
    yes: [{ org: { unit: { name: 'ops' } } }, { 'org.unit.name': 'ops' }],
    no: [
      { org: { unit: { name: 'dev' } } },
      { org: { 'unit.name': 'ops' } },
      { org: 'ops' },
      { 'org.unit.name': 'dev', org: { unit: { name: 'ops' } } },
    ],
  },
  uri: {
    yes: [{ 'https://a.example/tier': 'gold' }],
    no: [{ tier: 'gold' }, { 'https://a': { 'example/tier': 'lead' } }],
  },
  pointer: {
    yes: [{ org: { 'a.b': { 'c/d': 1 } } }],
    no: [{ org: { a: { b: { 'c/d': 1 } } } }, { '/org/a.b/c~1d': 1 }],
  },
};
const conditions = Object.entries(CASES).flatMap(([name, { yes, no }]) => [
  ...yes.map((given) =>
    row(
      `${JSON.stringify(given)} fulfils ${name}`,
      'claims',
      `GET /${name}`,
      claims(given),
      allowed(name, { subject: 'user-1' }),
    ),
  ),
  ...no.map((given) =>
    row(
      `${JSON.stringify(given)} does not fulfil ${name}`,
      'claims',
      `GET /${name}`,
      claims(given),
      refused('claims_refused', name),
    ),
  ),
]);

const STEPUP = {
  ...BASE,
  rules: [
    { name: 'acr', paths: ['/acr'], require: { acr_values: ['urn:gold', 'urn:silver'] } },
    { name: 'age', paths: ['/age'], require: { max_age: 300 } },
    { name: 'both', paths: ['/both'], require: { acr_values: ['urn:gold'], max_age: 0, scopes: ['pay'] } },
    { name: 'who', paths: ['/who'], require: { subject: ['user-1', 'user-2'] } },
    { name: 'machine', paths: ['/machine'], require: { client: 'robot' } },
  ],
  metadata: { resource: 'https://api.example/v1' },
};
const META = { metadata: 'https://api.example/.well-known/oauth-protected-resource/v1' };
const s = (comment, request, token, expected) => row(comment, 'stepup', request, token, expected);
const gold = { ...META, acr: 'urn:gold urn:silver' };
const pay = { scopes: 'pay', subject: 'user-1' };
const bothNeeds = { ...META, acr: 'urn:gold', maxAge: 0, scope: 'pay' };
const stepup = [
  s('an acr that will do', 'GET /acr', claims({ acr: 'urn:silver' }), allowed('acr', { subject: 'user-1' })),
  s(
    'one that will not',
    'GET /acr',
    claims({ acr: 'urn:bronze' }),
    refused('insufficient_authentication', 'acr', gold),
  ),
  s('none', 'GET /acr', claims(), refused('insufficient_authentication', 'acr', gold)),
  s('an acr of another type', 'GET /acr', claims({ acr: 1 }), refused('insufficient_authentication', 'acr', gold)),
  s('no token at all', 'GET /acr', undefined, refused('credentials_missing', 'acr', META)),
  s('recent enough', 'GET /age', claims({ auth_time: NOW - 300 }), allowed('age', { subject: 'user-1' })),
  s('within the skew', 'GET /age', claims({ auth_time: NOW - 360 }), allowed('age', { subject: 'user-1' })),
  s(
    'too long ago',
    'GET /age',
    claims({ auth_time: NOW - 361 }),
    refused('insufficient_authentication', 'age', { ...META, maxAge: 300 }),
  ),
  s('nobody knows when', 'GET /age', claims(), refused('insufficient_authentication', 'age', { ...META, maxAge: 300 })),
  s(
    'out of the future',
    'GET /age',
    claims({ auth_time: NOW + 61 }),
    refused('insufficient_authentication', 'age', { ...META, maxAge: 300 }),
  ),
  s(
    'a time that is none',
    'GET /age',
    claims({ auth_time: 'now' }),
    refused('insufficient_authentication', 'age', { ...META, maxAge: 300 }),
  ),
  s('both', 'GET /both', claims({ acr: 'urn:gold', auth_time: NOW, scope: 'pay' }), allowed('both', pay)),
  s('the scope is asked for first', 'GET /both', claims({}), refused('insufficient_scope', 'both', bothNeeds)),
  s(
    'then the authentication',
    'GET /both',
    claims({ scope: 'pay', acr: 'urn:gold', auth_time: NOW - 61 }),
    refused('insufficient_authentication', 'both', bothNeeds),
  ),
  s('a subject', 'GET /who', claims({ sub: 'user-2' }), allowed('who', { subject: 'user-2' })),
  s('another', 'GET /who', claims({ sub: 'user-3' }), refused('subject_refused', 'who', META)),
  s('none', 'GET /who', claims({ sub: undefined }), refused('subject_refused', 'who', META)),
  s('C4: a machine without email', 'GET /machine', claims({ azp: 'robot' }), allowed('machine', { subject: 'user-1' })),
  s(
    '`client_id` goes before `azp`',
    'GET /machine',
    claims({ client_id: 'x', azp: 'robot' }),
    refused('client_refused', 'machine', META),
  ),
  s('a client of another type', 'GET /machine', claims({ client_id: 7 }), refused('client_refused', 'machine', META)),
];

const ISSUERS = {
  issuers: [
    {
      ...BASE.issuers[0],
      types: ['at+jwt'],
      max_token_age: 100,
      require: { client_id: { exists: true }, level: { gte: 2 } },
    },
  ],
  otherwise: 'authenticated',
};
const i = (comment, token, expected, more) => row(comment, 'issuer-terms', 'GET /', token, expected, more);
const typed = { header: { typ: 'at+jwt' } };
const good = claims({ client_id: 'c', level: 2 });
const issuerTerms = [
  i('an access token (RFC 9068)', good, allowed('otherwise', { subject: 'user-1' }), typed),
  i('in its long form and capitals', good, allowed('otherwise', { subject: 'user-1' }), {
    header: { typ: 'application/AT+JWT' },
  }),
  i('another token', good, refused('type_refused', 'otherwise'), { header: { typ: 'JWT' } }),
  i('no type', good, refused('type_refused', 'otherwise'), { header: { typ: undefined } }),
  i('no client', claims({ level: 2 }), refused('required_claim', 'otherwise'), typed),
  i('too low a level', claims({ client_id: 'c', level: 1 }), refused('required_claim', 'otherwise'), typed),
  i('old', claims({ client_id: 'c', level: 2, iat: NOW - 159 }), allowed('otherwise', { subject: 'user-1' }), typed),
  i('too old', claims({ client_id: 'c', level: 2, iat: NOW - 160 }), refused('token_too_old', 'otherwise'), typed),
  i(
    'too old and expired',
    claims({ client_id: 'c', level: 2, iat: NOW - 999, exp: NOW - 99 }),
    refused('expired', 'otherwise'),
    typed,
  ),
  i(
    'of no age',
    claims({ client_id: 'c', level: 2, iat: undefined }),
    refused('issue_time_missing', 'otherwise'),
    typed,
  ),
];

const SHADOW = {
  ...BASE,
  mode: 'shadow',
  rules: [
    { name: 'tried', paths: ['/tried/**'], require: { scopes: ['a'] } },
    { name: 'strict', paths: ['/strict/**'], require: { scopes: ['a'] }, mode: 'enforce' },
  ],
  forward: { 'X-User': 'user' },
};
const named = { subject: 'user-1', headers: [['X-User', 'user-1']] };
const d = (comment, request, token, expected, more) => row(comment, 'shadow', request, token, expected, more);
const shadow = [
  d('what would pass passes', 'GET /tried', claims({ scope: 'a' }), allowed('tried', { ...named, scopes: 'a' })),
  d(
    'what would not is reported',
    'GET /tried',
    claims(),
    allowed('tried', { ...named, wouldBe: 'insufficient_scope' }),
  ),
  d('no token', 'GET /tried', undefined, allowed('tried', { wouldBe: 'credentials_missing' })),
  d(
    'a forged token names nobody',
    'GET /tried',
    claims({ scope: 'a' }),
    allowed('tried', { wouldBe: 'signature_invalid' }),
    { forged: true },
  ),
  d('no rule', 'GET /other', claims(), allowed('otherwise', { wouldBe: 'rule_missing' })),
  d('a path of two readings', 'GET /tried/..;/strict', undefined, allowed('', { wouldBe: 'path_parameter' })),
  d(
    'a rule can be in force all the same',
    'GET /strict',
    claims(),
    refused('insufficient_scope', 'strict', { scope: 'a' }),
  ),
  d('and requires a token', 'GET /strict', undefined, refused('credentials_missing', 'strict', { scope: 'a' })),
];
const TRIAL = {
  ...BASE,
  rules: [
    { name: 'tried', paths: ['/tried'], require: { scopes: ['a'] }, mode: 'shadow' },
    { name: 'strict', paths: ['/**'], access: 'deny' },
  ],
};
shadow.push(
  row('one rule on trial', 'trial', 'GET /tried', undefined, allowed('tried', { wouldBe: 'credentials_missing' })),
  row('the others in force', 'trial', 'GET /strict', undefined, refused('rule_refuses', 'strict')),
);

const HOSTS = {
  ...BASE,
  rules: [
    { name: 'api', hosts: ['api.example'], paths: ['/**'], access: 'public' },
    { name: 'below', hosts: ['*.api.example', '*.other.example'], paths: ['/**'], access: 'public' },
    { name: 'address', hosts: ['[::1]', '127.0.0.1'], paths: ['/x'], access: 'public' },
    { name: 'star', methods: ['OPTIONS'], access: 'public', hosts: ['star.example'] },
    { name: 'rest', paths: ['/rest'], access: 'public' },
  ],
  preflight: 'allow',
};
const o = (comment, host, expected, path = '/x', more = {}) => ({
  ...row(comment, 'hosts', `GET ${path}`, undefined, expected),
  hosts: host === undefined ? [] : [].concat(host),
  ...more,
});
const hosts = [
  o('the host', 'api.example', allowed('api')),
  o('in capitals', 'API.Example', allowed('api')),
  o('with a port', 'api.example:8443', allowed('api')),
  o('with an empty port', 'api.example:', allowed('api')),
  o('with a final dot', 'api.example.', allowed('api')),
  o('with final dot and port', 'api.example.:80', allowed('api')),
  o('one below', 'a.api.example', allowed('below')),
  o('two below', 'b.a.api.example', allowed('below')),
  o('a longer name', 'xapi.example', refused('rule_missing', 'otherwise')),
  o('a name that goes on', 'api.example.evil', refused('rule_missing', 'otherwise')),
  o('not itself below', 'other.example', refused('rule_missing', 'otherwise')),
  o('a rule without hosts is for each', 'whatever', allowed('rest'), '/rest'),
  o('the first rule decides', 'api.example', allowed('api'), '/rest'),
  o('an address of version 6', '[::1]:80', allowed('address')),
  o('of version 4', '127.0.0.1:8080', allowed('address')),
  ...[
    '',
    ' ',
    'a b',
    'api.example ',
    'api..example',
    '.api.example',
    'api.example..',
    'api.example:80a',
    'api.example:-1',
    'api.example/',
    'api.example?',
    'u@api.example',
    'api.example,x',
    '[::1',
    '[::1]x',
    '[',
    '[]',
    'api%2eexample',
    'äpi.example',
    'a:b:c',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(150)}a`,
    'api\\example',
    'api\texample',
    '*',
  ].map((host) => o(`no host: ${JSON.stringify(host.slice(0, 20))}`, host, refused('host_malformed', ''))),
  o('no Host', undefined, refused('host_malformed', '')),
  o('two Hosts', ['api.example', 'api.example'], refused('host_repeated', '')),
  o('absolute-form decides', 'api.example', allowed('api'), 'http://api.example/x'),
  o('absolute-form without Host', undefined, allowed('api'), 'http://api.example/x'),
  o('absolute-form against Host', 'api.example', refused('host_contradicted', ''), 'http://a.api.example/x'),
  { ...o('OPTIONS *', 'star.example', allowed('star')), method: 'OPTIONS', target: '*' },
  {
    ...o('OPTIONS * elsewhere: a rule with paths is none for it', 'api.example', refused('rule_missing', 'otherwise')),
    method: 'OPTIONS',
    target: '*',
  },
  { ...o('preflight', 'nowhere', allowed('preflight')), method: 'OPTIONS', preflight: true },
  { ...o('OPTIONS that is none', 'nowhere', refused('rule_missing', 'otherwise')), method: 'OPTIONS' },
  { ...o('GET with the headers of preflight', 'nowhere', refused('rule_missing', 'otherwise')), preflight: true },
  {
    ...o('preflight on a path of two readings', 'nowhere', refused('path_backslash', ''), '/\\x'),
    method: 'OPTIONS',
    preflight: true,
  },
];

const FORWARD = {
  ...BASE,
  otherwise: 'authenticated',
  forward: {
    'X-Subject': 'subject',
    'X-Scopes': 'scopes',
    'X-Issuer': 'issuer',
    'X-Groups': 'groups',
    'X-Name': { claim: 'name' },
    'X-City': { claim: 'address.city' },
    'X-Level': { claim: 'level' },
    'X-Tags': { claim: 'tags' },
    'X-Any': { claim: '/any' },
  },
};
const f = (comment, given, headers, scope = '') =>
  row(
    comment,
    'forward',
    'GET /',
    claims({ scope: scope === '' ? undefined : scope, ...given }),
    allowed('otherwise', { scopes: scope, subject: given.sub ?? 'user-1', headers }),
  );
const subject = ['X-Subject', 'user-1'];
const us = ['X-Issuer', ISSUER];
const forward = [
  f('what is always there', {}, [subject, us]),
  f('scopes', {}, [subject, ['X-Scopes', 'a b'], us], 'a b'),
  f('a claim', { name: 'Ann Lee' }, [subject, us, ['X-Name', 'Ann Lee']]),
  f('a nested claim', { address: { city: 'Brno' } }, [subject, us, ['X-City', 'Brno']]),
  f('a number as it was written', { level: 7 }, [subject, us, ['X-Level', '7']]),
  f('a boolean', { any: false }, [subject, us, ['X-Any', 'false']]),
  f('an object', { any: { a: [1, 'x'] } }, [subject, us, ['X-Any', '{"a":[1,"x"]}']]),
  f('null is not there', { any: null }, [subject, us]),
  f('B5: a list', { groups: ['a', 'b c'] }, [subject, us, ['X-Groups', 'a,b c']]),
  f('B5: a comma in a name', { groups: ['a,b', 'c'] }, [subject, us, ['X-Groups', 'a%2Cb,c']]),
  f('B5: what looks encoded already', { groups: ['a%2Cb', 'c'] }, [subject, us, ['X-Groups', 'a%252Cb,c']]),
  f('B5: blanks at the ends of a name', { groups: [' admins', 'b  ', ' '] }, [
    subject,
    us,
    ['X-Groups', '%20admins,b%20%20,%20'],
  ]),
  f('B5: an empty name is none', { groups: ['', 'a', ''] }, [subject, us, ['X-Groups', 'a']]),
  f('B5: a name twice is one', { groups: ['a', 'a'] }, [subject, us, ['X-Groups', 'a']]),
  f('B5: a list of a claim', { tags: ['x,y', 'z'] }, [subject, us, ['X-Tags', 'x%2Cy,z']]),
  f('B5: an empty list', { tags: [] }, [subject, us]),
  f('B5: a line end in a claim is left out', { name: 'a\r\nX-Admin: 1' }, [subject, us]),
  f('B5: a NUL', { name: 'a\0b' }, [subject, us]),
  f('B5: DEL', { name: 'a\x7f' }, [subject, us]),
  f('B5: a tab', { name: 'a\tb' }, [subject, us]),
  f('B5: a control character in a list', { tags: ['a', 'b\n'] }, [subject, us]),
  f('B5: blanks at the ends of a value', { name: ' root' }, [subject, us]),
  f('B5: blanks at its end', { name: 'root ' }, [subject, us]),
  f('B5: an empty value', { name: '' }, [subject, us]),
  f('beyond ASCII as it is', { name: 'Žaneta' }, [subject, us, ['X-Name', 'Žaneta']]),
];
const g = (comment, query, given, expected) => row(comment, 'forward', 'GET /', claims(given), expected, { query });
const groupHeader = (value) => ({ subject: 'user-1', headers: [subject, us, ['X-Groups', value]] });
forward.push(
  g('D3: one of the allowed groups', 'allowed_groups=a,b', { groups: ['b'] }, allowed('otherwise', groupHeader('b'))),
  g('D3: none of them', 'allowed_groups=a,b', { groups: ['c'] }, refused('groups_refused', 'otherwise')),
  g('D3: no groups', 'allowed_groups=a', {}, refused('groups_refused', 'otherwise')),
  g(
    'D3: the question twice',
    'allowed_groups=a&allowed_groups=b',
    { groups: ['b'] },
    allowed('otherwise', groupHeader('b')),
  ),
  g('D3: beside other questions', 'x=1&allowed_groups=b', { groups: ['b'] }, allowed('otherwise', groupHeader('b'))),
  g('D3: encoded', 'allowed_groups=a%2Cb,x+y', { groups: ['x y'] }, allowed('otherwise', groupHeader('x y'))),
  g('D3: a comma within a name', 'allowed_groups=a%2Cb', { groups: ['a'] }, refused('groups_refused', 'otherwise')),
  g(
    'D3: an empty question allows nobody',
    'allowed_groups=',
    { groups: ['a'] },
    refused('groups_refused', 'otherwise'),
  ),
  g('D3: nor does one without a value', 'allowed_groups', { groups: [''] }, refused('groups_refused', 'otherwise')),
  g(
    'D3: nor one that cannot be read',
    'allowed_groups=a,%zz',
    { groups: ['a'] },
    refused('groups_refused', 'otherwise'),
  ),
  g(
    'D3: another question is none',
    'allowed_group=a',
    {},
    allowed('otherwise', { subject: 'user-1', headers: [subject, us] }),
  ),
  g('D3: overage', 'allowed_groups=a', { hasgroups: true }, refused('groups_overage', 'otherwise')),
);

const SPELLED = {
  ...BASE,
  rules: [
    { name: 'project', paths: ['/projects/*/files/**'], access: 'public' },
    { name: 'slash', paths: ['/x%2Fy'], access: 'public' },
    { name: 'upper', paths: ['/MiXed'], access: 'public' },
    { name: 'star', paths: ['/lit%2Aeral'], access: 'public' },
    { name: 'unicode', paths: ['/caf\u00e9/**', '/b%C3%A9b%C3%A9'], access: 'public' },
  ],
  paths: {
    allow: [
      'encoded_slash',
      'parameter',
      'repeated_slash',
      'encoded_delimiter',
      'file_alias',
      'backslash',
      'encoded_twice',
    ],
    ignore_case: true,
  },
};
const p = (comment, path, expected) => row(comment, 'spelled', `GET ${path}`, undefined, expected);
const spelled = [
  p('an encoded slash is part of a name', '/projects/a%2Fb/files/x', allowed('project')),
  p('and no slash', '/projects/a/b/files/x', refused('rule_missing', 'otherwise')),
  p('a pattern may have one', '/x%2fy', allowed('slash')),
  p('a real slash is another path', '/x/y', refused('rule_missing', 'otherwise')),
  p('encoded twice it is text', '/x%252Fy', refused('rule_missing', 'otherwise')),
  p('dots between encoded slashes stay refused', '/projects/..%2Fb/files/x', refused('path_dots_disguised', '')),
  p('and after a backslash', '/projects/a%5C../files/x', refused('path_dots_disguised', '')),
  p('and before a parameter', '/projects/..;x/files/x', refused('path_dots_disguised', '')),
  p('a parameter is part of a name', '/projects/a;v=1/files/x', allowed('project')),
  p('a question mark', '/projects/a%3Fb/files/x', allowed('project')),
  p('two slashes at the start', '//projects/a/files', allowed('project')),
  p('two slashes and dots are still two readings', '/projects/a/files//../x', refused('path_slash_repeated', '')),
  p('a final dot', '/projects/a./files/x', allowed('project')),
  p('case is nothing here', '/PROJECTS/A/Files', allowed('project')),
  p('nor in a pattern', '/mixed', allowed('upper')),
  p('a star in a pattern, encoded, is itself', '/lit*eral', allowed('star')),
  p('and means nothing else', '/lituseral', refused('rule_missing', 'otherwise')),
  p('beyond ASCII', '/caf%C3%A9/x', allowed('unicode')),
  p('beyond ASCII, encoded in the policy', '/b%c3%a9b%C3%A9', allowed('unicode')),
  p('its capital is another letter', '/caf%C3%89/x', refused('rule_missing', 'otherwise')),
  p('control characters stay refused', '/projects/%01/files', refused('path_control', '')),
];

const SERVED = {
  ...BASE,
  rules: [{ name: 'a', paths: ['/a'], require: { scopes: ['read'] } }],
  metadata: { resource: 'https://api.example', resource_name: 'Hamsters "R" Us' },
  challenge: { realm: 'api' },
};
const where = { realm: 'api', metadata: 'https://api.example/.well-known/oauth-protected-resource' };
const BODY =
  '{"resource":"https://api.example","authorization_servers":["https://issuer.example"],"scopes_supported":["read"],' +
  '"bearer_methods_supported":["header"],"resource_name":"Hamsters \\"R\\" Us"}';
const document = { ...allowed('metadata'), body: BODY };
const served = [
  row('the metadata document', 'served', 'GET /.well-known/oauth-protected-resource', undefined, document),
  row('HEAD of it', 'served', 'HEAD /.well-known/oauth-protected-resource', undefined, document),
  row(
    'not by POST',
    'served',
    'POST /.well-known/oauth-protected-resource',
    undefined,
    refused('rule_missing', 'otherwise', where),
  ),
  row(
    'not in another spelling',
    'served',
    'GET /.well-known//oauth-protected-resource',
    undefined,
    refused('rule_missing', 'otherwise', where),
  ),
  row(
    'in absolute-form, as HTTP/2 comes',
    'served',
    'GET https://api.example/.well-known/oauth-protected-resource',
    undefined,
    document,
  ),
  row(
    'not in the query of another path',
    'served',
    'GET https://api.example/a?/.well-known/oauth-protected-resource',
    undefined,
    refused('credentials_missing', 'a', { ...where, scope: 'read' }),
  ),
  row(
    'not in the query of an authority',
    'served',
    'GET https://api.example?/.well-known/oauth-protected-resource',
    undefined,
    refused('target_malformed', '', where),
  ),
  row(
    'not under another path',
    'served',
    'GET https://api.example/x/.well-known/oauth-protected-resource',
    undefined,
    refused('rule_missing', 'otherwise', where),
  ),
  row(
    'where to get a token',
    'served',
    'GET /a',
    undefined,
    refused('credentials_missing', 'a', { ...where, scope: 'read' }),
  ),
  row(
    'and what to ask for',
    'served',
    'GET /a',
    claims(),
    refused('insufficient_scope', 'a', { ...where, scope: 'read' }),
  ),
  row('an expired token', 'served', 'GET /a', claims({ exp: 1 }), refused('expired', 'a', where)),
];

export const POLICIES = {
  hamsters: HAMSTERS,
  scopes: SCOPES,
  entra: ENTRA,
  keycloak: KEYCLOAK,
  shieldoo: SHIELDOO,
  claims: CLAIMS,
  stepup: STEPUP,
  'issuer-terms': ISSUERS,
  shadow: SHADOW,
  trial: TRIAL,
  hosts: HOSTS,
  forward: FORWARD,
  spelled: SPELLED,
  served: SERVED,
};
export const ROWS = {
  hamsters,
  scopes,
  entra,
  keycloak,
  shieldoo,
  conditions,
  stepup,
  'issuer-terms': issuerTerms,
  shadow,
  hosts,
  forward,
  spelled,
  served,
};
