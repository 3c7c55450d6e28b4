// Claims compared with the request, audiences of rules, and issuers whose tokens count for some hosts.
import { allowed, BASE, claims, ISSUER, refused, row } from './expect.mjs';

const TENANT = {
  name: 'tenant',
  paths: ['/tenants/*/**'],
  require: { claims: { tenant: { equals_path_segment: 2 } } },
};
const COMPARED = {
  ...BASE,
  rules: [
    TENANT,
    { name: 'deep', paths: ['/deep/**'], require: { claims: { tenant: { equals_path_segment: 3 } } } },
    { name: 'host', paths: ['/host'], require: { claims: { api: { equals_host: true } } } },
    { name: 'header', paths: ['/header'], require: { claims: { tenant: { equals_header: 'X-Tenant' } } } },
    {
      name: 'both',
      paths: ['/both/*'],
      require: { claims: { tenant: { equals_path_segment: 2, equals_header: 'x-tenant', none: ['root'] } } },
    },
    { name: 'tried', paths: ['/tried/*'], mode: 'shadow', require: { claims: { tenant: { equals_path_segment: 2 } } } },
  ],
};
const LOOSE = {
  ...BASE,
  rules: [TENANT],
  paths: {
    allow: [
      'encoded_slash',
      'encoded_delimiter',
      'encoded_twice',
      'repeated_slash',
      'backslash',
      'parameter',
      'file_alias',
    ],
    ignore_case: true,
  },
};

const ask = (policy) => (comment, request, given, isAllowed, more) => {
  const rule = request
    .split(' ')[1]
    .replace(/^https?:\/\/[^/]*/, '')
    .split('/')
    .find((name) => name !== '')
    .toLowerCase();
  const name = rule === 'tenants' ? 'tenant' : rule;
  const expected = isAllowed ? allowed(name, { subject: 'user-1' }) : refused('claims_refused', name);
  return row(comment, policy, request, claims(given), expected, more);
};
const c = ask('compared');
const acme = { tenant: 'acme' };
const lines = (...values) => ({ fields: values.map((value) => ['X-Tenant', value]) });
const named = (...fields) => ({ fields });

const compared = [
  c('the tenant of the path', 'GET /tenants/acme/x', acme, true),
  c('with nothing after it', 'GET /tenants/acme', acme, true),
  c('with a slash at the end', 'GET /tenants/acme/', acme, true),
  c('with a query', 'GET /tenants/acme?tenant=other', acme, true),
  c('in absolute-form', 'GET http://api.example/tenants/acme/x', acme, true),
  c('a letter encoded', 'GET /tenants/%61cme/x', acme, true),
  c('another tenant', 'GET /tenants/other/x', acme, false),
  c('the tenant further behind', 'GET /tenants/other/acme', acme, false),
  c('the tenant in the query alone', 'GET /tenants/other?acme', acme, false),
  c('a longer name', 'GET /tenants/acme2/x', acme, false),
  c('a shorter one', 'GET /tenants/acm/x', acme, false),
  c('in capitals', 'GET /tenants/Acme/x', acme, false),
  c('a claim in capitals', 'GET /tenants/acme/x', { tenant: 'ACME' }, false),
  c('one of several tenants', 'GET /tenants/zoo/x', { tenant: ['acme', 'zoo'] }, true),
  c('none of them', 'GET /tenants/other/x', { tenant: ['acme', 'zoo'] }, false),
  c('an empty list', 'GET /tenants/acme/x', { tenant: [] }, false),
  c('an object among them', 'GET /tenants/acme/x', { tenant: ['acme', {}] }, false),
  c('a number, as the token spells it', 'GET /tenants/42/x', { tenant: 42 }, true),
  c('not another spelling of it', 'GET /tenants/042/x', { tenant: 42 }, false),
  c('true is no text', 'GET /tenants/true/x', { tenant: true }, false),
  c('nor is null', 'GET /tenants/null/x', { tenant: null }, false),
  c('no tenant', 'GET /tenants/undefined/x', {}, false),
  c('an empty tenant', 'GET /tenants/acme/x', { tenant: '' }, false),
  c('a line end after it', 'GET /tenants/acme/x', { tenant: 'acme\n' }, false),
  c('a blank', 'GET /tenants/ac%20me/x', { tenant: 'ac me' }, true),
  c('a plus is no blank', 'GET /tenants/ac+me/x', { tenant: 'ac me' }, false),
  c('letters of another script', 'GET /tenants/%D0%B7%D0%BE%D0%BE/x', { tenant: '\u0437\u043e\u043e' }, true),
  c('a letter that looks alike', 'GET /tenants/%D0%B0cme/x', acme, false),
  c('a composed accent is another than one behind', 'GET /tenants/e%CC%81/x', { tenant: '\u00e9' }, false),
  c('dots that lead to the tenant', 'GET /tenants/other/../acme/x', acme, false),
  c('dots that lead away from it', 'GET /tenants/acme/../other/x', acme, false),
  c('one dot before it', 'GET /tenants/./acme/x', acme, false),
  c('one dot after it', 'GET /tenants/acme/./x', acme, false),
  c('two slashes before it', 'GET /tenants//acme/x', acme, false),
  c('two slashes after it', 'GET /tenants/acme//x', acme, false),
  c('two at the end', 'GET /tenants/acme//', acme, false),
  row(
    'an encoded slash in it',
    'compared',
    'GET /tenants/acme%2fx',
    claims({ tenant: 'acme/x' }),
    refused('path_slash_encoded', ''),
  ),
  row('no token', 'compared', 'GET /tenants/acme', undefined, refused('credentials_missing', 'tenant')),
  row('above the segment', 'compared', 'GET /tenants', claims(acme), refused('rule_missing', 'otherwise')),
  c('a segment after two stars', 'GET /deep/x/acme/y', acme, true),
  c('which is not there', 'GET /deep/acme', acme, false),
  c('nor there', 'GET /deep', acme, false),
  c('the host', 'GET /host', { api: 'api.example' }, true),
  c('in capitals on either side', 'GET /host API.example', { api: 'Api.Example' }, true),
  c('without its port and final dot', 'GET /host api.example.:8443', { api: 'api.example' }, true),
  c('a claim with a port', 'GET /host api.example:8443', { api: 'api.example:8443' }, false),
  c('another host', 'GET /host other.example', { api: 'api.example' }, false),
  c('one below it', 'GET /host a.api.example', { api: 'api.example' }, false),
  c('one of several hosts', 'GET /host b.example', { api: ['a.example', 'b.example'] }, true),
  c('a star is no pattern', 'GET /host api.example', { api: '*.example' }, false),
  c('no claim', 'GET /host', {}, false),
  row('no host', 'compared', 'GET /host -', claims({ api: '' }), refused('host_malformed', '')),
  row(
    'no host where no rule asks for it',
    'compared',
    'GET /tenants/acme -',
    claims(acme),
    refused('host_malformed', ''),
  ),
  c('a host in the target', 'GET http://api.example/host', { api: 'api.example' }, true),
  c('a header', 'GET /header', acme, true, lines('acme')),
  c('whose name is in other letters', 'GET /header', acme, true, named(['x-TENANT', 'acme'])),
  c('another value', 'GET /header', acme, false, lines('other')),
  c('in capitals', 'GET /header', acme, false, lines('ACME')),
  c('no header', 'GET /header', acme, false),
  c('an empty one', 'GET /header', { tenant: '' }, false, lines('')),
  c('two lines', 'GET /header', acme, false, lines('acme', 'other')),
  c('the other one first', 'GET /header', acme, false, lines('other', 'acme')),
  c('twice the same', 'GET /header', acme, false, lines('acme', 'acme')),
  c('three lines', 'GET /header', acme, false, lines('acme', 'acme', 'other')),
  c('a list in one line', 'GET /header', acme, false, lines('acme, other')),
  c('a list that is the claim', 'GET /header', { tenant: 'a, b' }, true, lines('a, b')),
  c('one of several tenants', 'GET /header', { tenant: ['x', 'acme'] }, true, lines('acme')),
  c('a number', 'GET /header', { tenant: 7 }, true, lines('7')),
  c('beyond ASCII nothing is equal', 'GET /header', { tenant: 'zo\u00f6' }, false, lines('zo\u00f6')),
  c('another header', 'GET /header', acme, false, named(['X-Tenants', 'acme'])),
  c('another spelling of its name alone', 'GET /header', acme, false, named(['X_Tenant', 'acme'])),
  c('and beside it', 'GET /header', acme, false, named(['X-Tenant', 'acme'], ['X_Tenant', 'other'])),
  c('before it too', 'GET /header', acme, false, named(['x_tenant', 'other'], ['X-Tenant', 'acme'])),
  c('path and header', 'GET /both/acme', acme, true, lines('acme')),
  c('the path alone', 'GET /both/acme', acme, false, lines('other')),
  c('the header alone', 'GET /both/other', acme, false, lines('acme')),
  c('two tenants, each in its place', 'GET /both/a', { tenant: ['a', 'b'] }, true, lines('b')),
  c('beside another condition', 'GET /both/root', { tenant: 'root' }, false, lines('root')),
  row(
    'on trial',
    'compared',
    'GET /tried/x',
    claims(acme),
    allowed('tried', { subject: 'user-1', wouldBe: 'claims_refused' }),
  ),
  row('on trial, and right', 'compared', 'GET /tried/acme', claims(acme), allowed('tried', { subject: 'user-1' })),
];

const l = ask('loose');
const loose = [
  l('case is nothing', 'GET /TENANTS/Acme/x', { tenant: 'aCME' }, true),
  l('case is something beyond ASCII', 'GET /tenants/%C3%89/x', { tenant: '\u00e9' }, false),
  l('an encoded slash is part of a name, which equals nothing', 'GET /tenants/a%2Fb', { tenant: 'a/b' }, false),
  l('nor its form in here', 'GET /tenants/a%2Fb', { tenant: 'a\u0001b' }, false),
  l('nor its end', 'GET /tenants/x%2Facme', acme, false),
  l('a parameter', 'GET /tenants/acme;v=1', { tenant: 'acme;v=1' }, false),
  l('a parameter behind the tenant', 'GET /tenants/acme;x', acme, false),
  l('a backslash', 'GET /tenants/acme%5Cx', { tenant: 'acme\\x' }, false),
  l('a question mark', 'GET /tenants/acme%3Fx', { tenant: 'acme?x' }, false),
  l('what is encoded twice', 'GET /tenants/%2561cme', { tenant: '%61cme' }, false),
  l('nor what a second reader makes of it', 'GET /tenants/%2561cme', acme, false),
  l('a final dot', 'GET /tenants/acme.', { tenant: 'acme.' }, false),
  l('two slashes at the start', 'GET //tenants/acme/x', acme, false),
];

const AUDIENCES = {
  issuers: [
    { ...BASE.issuers[0], audiences: ['https://api.example', 'api://deploy'] },
    { issuer: 'any', audiences: '*', keys: { secret_env: 'HAMSTER_SECRET' } },
  ],
  rules: [
    { name: 'deploy', paths: ['/deploy'], require: { audience: 'api://deploy' } },
    { name: 'either', paths: ['/either'], require: { audience: ['api://a', 'api://b'], scopes: 's' } },
    { name: 'boss', paths: ['/boss'], require: { subject: 'boss', audience: 'api://deploy' } },
    { name: 'rest', paths: ['/rest'] },
  ],
};
const a = (comment, path, given, reason) => {
  const name = path.slice(1);
  const details = { scope: 's' };
  const scopes = given.scope ?? '';
  const expected =
    reason === undefined
      ? allowed(name, { subject: given.sub ?? 'user-1', scopes })
      : refused(reason, name, name === 'either' ? details : {});
  return row(comment, 'audiences', `GET ${path}`, claims(given), expected);
};
const audiences = [
  a("a token for the rule's audience", '/deploy', { aud: 'api://deploy' }),
  a('among others', '/deploy', { aud: ['https://api.example', 'api://deploy'] }),
  a("one for the issuer's alone", '/deploy', { aud: 'https://api.example' }, 'audience_refused'),
  a('which is enough elsewhere', '/rest', { aud: 'https://api.example' }),
  a('one for neither', '/deploy', { aud: 'other' }, 'audience_refused'),
  a('a longer name', '/deploy', { aud: ['https://api.example', 'api://deploy2'] }, 'audience_refused'),
  a('in capitals', '/deploy', { aud: ['https://api.example', 'API://deploy'] }, 'audience_refused'),
  a('both names in one', '/deploy', { aud: 'https://api.example api://deploy' }, 'audience_refused'),
  a('no audience', '/deploy', { aud: undefined }, 'audience_missing'),
  a('an audience that is a number', '/deploy', { aud: 7 }, 'claim_malformed'),
  a('a rule narrows, and never widens', '/either', { aud: 'api://a', scope: 's' }, 'audience_refused'),
  a('one of two', '/either', { aud: ['https://api.example', 'api://b'], scope: 's' }),
  a('none of two', '/either', { aud: ['https://api.example', 'api://c'], scope: 's' }, 'audience_refused'),
  a('before the scopes', '/either', { aud: 'https://api.example' }, 'audience_refused'),
  a('and then the scopes', '/either', { aud: ['https://api.example', 'api://a'] }, 'insufficient_scope'),
  a('an issuer with any audience: the right one', '/deploy', { iss: 'any', aud: 'api://deploy' }),
  a('the wrong one', '/deploy', { iss: 'any', aud: 'x' }, 'audience_refused'),
  a('none', '/deploy', { iss: 'any', aud: undefined }, 'audience_missing'),
  a('null', '/deploy', { iss: 'any', aud: null }, 'claim_malformed'),
  a('an empty list', '/deploy', { iss: 'any', aud: [] }, 'audience_refused'),
  a('none where no rule asks', '/rest', { iss: 'any', aud: undefined }),
  a('beside the subject', '/boss', { sub: 'boss', aud: 'api://deploy' }),
  a('and another subject', '/boss', { aud: 'api://deploy' }, 'subject_refused'),
];

const OTHER = 'https://other.example';
const BOUND = {
  issuers: [
    { ...BASE.issuers[0], hosts: ['api.example', '*.zoo.example'] },
    { issuer: OTHER, audiences: '*', keys: { secret_env: 'HAMSTER_SECRET' } },
  ],
  rules: [
    { name: 'open', paths: ['/open'], access: 'public' },
    { name: 'read', paths: ['/read'], require: { scopes: 'read' } },
    { name: 'boss', paths: ['/boss'], require: { subject: 'boss' } },
    { name: 'tried', paths: ['/tried'], mode: 'shadow' },
  ],
  otherwise: 'authenticated',
};
const b = (comment, host, isAllowed, given = {}, path = '/') => {
  const name = path === '/' ? 'otherwise' : path.slice(1);
  const expected = isAllowed ? allowed(name, { subject: 'user-1' }) : refused('issuer_host_refused', name);
  return row(comment, 'bound', `GET ${path} ${host}`, claims(given), expected);
};
const bound = [
  b('a token of the issuer at its host', 'api.example', true),
  b('in capitals, with a port', 'API.Example:8443', true),
  b('with a final dot', 'api.example.', true),
  b('below a host', 'a.zoo.example', true),
  b('two below', 'b.a.zoo.example', true),
  b('not the host itself', 'zoo.example', false),
  b('a name that ends alike', 'evilzoo.example', false),
  b('another host', 'other.example', false),
  b('one below a host that is named alone', 'a.api.example', false),
  b('one that begins alike', 'api.example.evil', false),
  b('an issuer without hosts counts everywhere', 'other.example', true, { iss: OTHER }),
  b('at the hosts of the other too', 'api.example', true, { iss: OTHER }),
  b('another rule', 'other.example', false, {}, '/boss'),
  row('no host', 'bound', 'GET / -', claims(), refused('host_malformed', '')),
  row('a host that cannot be read', 'bound', 'GET / a..b', claims(), refused('host_malformed', '')),
  row('a public route', 'bound', 'GET /open other.example', claims(), allowed('open')),
  row('no token', 'bound', 'GET / other.example', undefined, refused('credentials_missing', 'otherwise')),
  row('the host before the scopes', 'bound', 'GET /read x.example', claims(), refused('issuer_host_refused', 'read')),
  row('and then the scopes', 'bound', 'GET /read', claims(), refused('insufficient_scope', 'read', { scope: 'read' })),
  row(
    'on trial',
    'bound',
    'GET /tried x.example',
    claims(),
    allowed('tried', { subject: 'user-1', wouldBe: 'issuer_host_refused' }),
  ),
  row(
    'the target names the host',
    'bound',
    'GET http://a.zoo.example/ -',
    claims(),
    allowed('otherwise', { subject: 'user-1' }),
  ),
  row('and another', 'bound', 'GET http://x.example/ -', claims(), refused('issuer_host_refused', 'otherwise')),
  row('target and Host', 'bound', 'GET http://api.example/ x.example', claims(), refused('host_contradicted', '')),
  row('of no issuer', 'bound', 'GET /', claims({ iss: `${ISSUER}/` }), refused('issuer_refused', 'otherwise')),
];

export const COMPARED_POLICIES = { compared: COMPARED, loose: LOOSE, audiences: AUDIENCES, bound: BOUND };
export const COMPARED_ROWS = { compared: [...compared, ...loose], audiences, bound };
