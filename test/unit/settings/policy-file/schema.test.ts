// schema/policy.schema.json and the compiler: over many good and bad policies they say the same.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import { ALGORITHMS, FULLY_SPECIFIED } from '../../../../src/model/algorithm';
import * as table from '../../../../src/settings/table';
import { readPolicyTopics } from '../../../vectors/policies';
import { problemsOf } from '../../policy/compile';
import { isPolicyNumber } from '../../policy/policy-number';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

const SCHEMA = JSON.parse(
  readFileSync(new URL('../../../../schema/policy.schema.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;
// The schema keeps to what 2020-12 and draft-07, which this validator reads, have in common.
const validate = new Ajv().compile({
  ...SCHEMA,
  $schema: 'http://json-schema.org/draft-07/schema#',
});

const ENVIRONMENT = { SECRET: 's'.repeat(32), x: 's'.repeat(32) };

/** What the compiler knows and no schema can: files, variables, keys, what two places of a document say together. */
const BEYOND = [
  /cannot read/,
  /which is not set/,
  /names no variable that is set/,
  /is shorter than 32 bytes/,
  /https?:\/\/ URL/,
  /has no host/,
  /holds white space/,
  /has quotes around it/,
  /has a placeholder/,
  /has braces that/,
  /has no effect: `issuer` has no placeholder/,
  /cannot be discovered for any tenant/,
  /fits none of the public keys/,
  /needs `keys\.secret_env`/,
  /(secrets|public keys) would have no effect/,
  /is not (base64|base64url|hex)$/,
  /holds a PEM block/,
  /of an earlier (rule|one)/,
  /in another case/,
  /can never match/,
  /has more than one `\*`/,
  /two slashes in a row/,
  /`\*\*` twice/,
  /is longer than 2048/,
  /is less than twice `jwks_refresh`/,
  /is not one of the headers that this policy removes/,
  /depends on the request, a token of this issuer does not/,
  /is a header that this policy removes/,
  /is a header of the connection or of credentials/,
  /is the host; write/,
  /is fixed in the paths/,
  /is more than some path/,
  /for which no (rule|issuer)/,
  /is a header that the request itself needs/,
  /is a header that clients send their token in/,
  /is in the list twice, in another (case|spelling)/,
  /bounds that no number is within/,
  /has in `none` what another part requires/,
  /has no effect without `login`/,
  /has no effect with `private_key_jwt`/,
  /for \d keys; name one for each file/,
  /has no effect without `"token_endpoint_auth_method"/,
  /has no private key in PEM/,
  /is not for a key of type/,
  /with which this proxy cannot sign/,
  /has no `client_key_file`/,
  /broker\/issuer: is not a host, with a path/,
  /names no issuer of `issuers`/,
  /is a pattern; name the issuer of one tenant/,
  /names an issuer (without keys|whose discovery document is not fetched)/,
  /login: has no `issuer`/,
  // The environment may give these.
  /login: has no `client_/,
  /cookie: has no `secret_file`/,
  /cookie: names secret_file and secret_env/,
  /does not end with `.*callback`/,
  /is outside of the `domain`/,
  /which browsers (refuse|accept)/,
  /is not a domain in small letters/,
  /is not a host; give it/,
  /is the same secret/,
  /names no `kid` of `keys`/,
  /names no audience of `audiences`/,
  /of which no provider lets anybody in/,
  /microsoft: has no `tenants`/,
  /looks its users up, but there is no `admin`/,
  /has no effect with `"look_up": false`/,
  /no audience looks its users up/,
  /is not a whole URL of visible ASCII/,
  /is not a host, with a path or none/,
  /has braces that are not/,
  /is too long a name for the host/,
  /has the `issuer` of another provider/,
];

const GOOD: Json = {
  $schema: './policy.schema.json',
  comment: 'all of it',
  issuers: [
    {
      comment: 'x',
      issuer: 'https://us/',
      audiences: ['api'],
      keys: { public_key_file: '/key.pem' },
      algorithms: ['ES256'],
      types: ['at+jwt'],
      claims: {
        user: ['preferred_username', 'sub'],
        email: 'email',
        preferred_username: ['a.b'],
        client: ['azp'],
        scopes: ['scope'],
        groups: ['groups', '/a/b~1c'],
        roles: { all: ['realm_access.roles'] },
      },
      require: { tid: 'TENANT', level: { gte: 2 } },
      max_token_age: 60,
      allow_unverified_email: true,
    },
    {
      issuer: 'b',
      audiences: '*',
      keys: { secret_env: 'SECRET' },
      token: { from: [{ cookie: 'b' }] },
      claims: {
        scopes: { all: ['scope', 'permissions'] },
        groups: [{ each: 'teams', member: 'name' }, 'groups'],
        roles: { keys_of: 'urn:roles' },
      },
    },
    { issuer: 'https://c/', audiences: 'c', keys: { discovery: true }, hosts: ['c.example', '*.c.example'] },
    { issuer: 'https://g/{tid}/', tenants: ['a', 'b.example'], audiences: 'g', keys: { jwks_url: 'https://g/k' } },
    {
      issuer: 'https://f/',
      audiences: 'f',
      keys: [
        { discovery: true },
        { discovery_url: 'https://f/metadata' },
        { secret_env: ['SECRET', 'x'], encoding: 'text' },
        { secret_file: '/secret', encoding: 'hex' },
        { secret_file: ['/secret'], encoding: 'base64url' },
        { public_key_file: '/key.pem' },
      ],
    },
    { issuer: 'https://d/', audiences: ['d'], keys: { jwks_url: 'https://d/k' } },
    {
      issuer: 'https://e/',
      audiences: ['e'],
      introspection: {
        comment: 'x',
        url: 'https://e/introspect',
        client_id: 'gateway',
        client_secret_env: ['SECRET', 'x'],
        client_secret_encoding: 'text',
        token_endpoint_auth_method: 'client_secret_post',
        cache_age: 30,
        inactive_age: 0,
      },
    },
  ],
  token: {
    from: [
      'bearer',
      { header: 'X-Jwt' },
      { query: 'access_token' },
      { form: 'access_token' },
      'basic_password',
      { websocket_protocol: 'jwt' },
    ],
  },
  clock_skew: 60,
  jwks_refresh: 600,
  jwks_cooldown: 30,
  jwks_max_stale: 86400,
  allow_http: false,
  cache_size: 10,
  cache_age: 10,
  deny_path: '/denied',
  claim_variables: ['sub'],
  plain_budget: 10,
  native_keys: ['/key.pem'],
  mode: 'enforce',
  audit: 'refused',
  rules: [
    {
      name: 'a',
      comment: 'x',
      hosts: ['*.a.example'],
      methods: ['GET'],
      paths: ['/a/**'],
      access: 'public',
      mode: 'shadow',
    },
    {
      name: 'b',
      require: {
        scopes: { all: ['a'], any: ['b', 'c'] },
        groups: { any: ['x', 'y'] },
        roles: 'x',
        claims: {
          a: { equals: 1 },
          b: { any: ['x', 2, true], none: ['y'] },
          c: { exists: true },
          d: { all: ['x'], gt: 1, lt: 2.5, lte: 3 },
          e: { exists: false },
          f: { glob: ['a*', '**b'], none: ['ab'] },
          g: { prefix: 'x' },
          h: { equals_path_segment: 1, equals_header: 'X-Zoo' },
          i: { equals_host: true, none: ['x'] },
        },
        audience: ['a', 'b'],
        subject: ['x', { glob: 'repo:zoo/*:x' }],
        client: { prefix: ['x', 'y'] },
        email_domains: ['a.example', '*'],
        acr_values: ['urn:x'],
        max_age: 0,
      },
    },
    { name: 'c', access: 'deny' },
  ],
  otherwise: 'authenticated',
  preflight: 'allow',
  paths: { allow: ['encoded_slash'], ignore_case: true },
  forward: { 'X-User': 'user', 'X-Tenant': { claim: 'tid' }, 'X-Token': 'token' },
  keep_headers: ['X-Forwarded-Method'],
  authorization: 'remove',
  challenge: { realm: 'hamsters' },
  metadata: {
    resource: 'https://api.example/v1',
    authorization_servers: ['https://us/'],
    scopes_supported: ['a'],
    resource_name: 'x',
    resource_documentation: 'https://x/',
  },
};

/** What needs `login`, apart, so that each change of the rest is compiled without it. */
const SIGNING_IN: Json = {
  issuers: [{ issuer: 'https://c/', audiences: 'c' }],
  rules: [{ paths: ['/d'], sign_in: 'page' }],
  login: {
    comment: 'x',
    issuer: 'https://c/',
    client_id: 'gateway',
    client_secret_env: ['SECRET', 'x'],
    client_secret_encoding: 'text',
    token_endpoint_auth_method: 'client_secret_basic',
    scopes: ['openid', 'groups'],
    prefix: '/oauth2',
    redirect_uri: 'https://a.example/oauth2/callback',
    claims_from: ['id_token', 'access_token'],
    cookie: { name: 'x', secret_env: 'SECRET', domain: 'a.example', same_site: 'none', secure: true, max_age: 60 },
    return_to: ['a.example'],
    pages: '/pages',
    logout: { issuer: true, back_channel: false },
    sign_in: 'page',
    endpoints: {
      authorization_endpoint: 'https://x/y',
      token_endpoint: 'https://x/z',
      end_session_endpoint: 'https://x/e',
      authorization_response_iss_parameter_supported: true,
    },
  },
};

/** The same by a client that has a key. */
const SIGNING_BY_KEY: Json = {
  issuers: [{ issuer: 'https://c/', audiences: 'c' }],
  rules: [{ paths: ['/d'] }],
  login: {
    client_id: 'gateway',
    token_endpoint_auth_method: 'private_key_jwt',
    client_key_file: '/private.pem',
    client_key_id: 'k',
    token_endpoint_auth_signing_alg: 'ES256',
    client_assertion_audience: 'issuer',
    cookie: { secret_env: 'SECRET' },
  },
};

/** What makes this proxy an issuer. */
const BROKERING: Json = {
  issuers: [{ issuer: 'https://c/', audiences: 'c' }],
  rules: [{ paths: ['/d'] }],
  broker: {
    comment: 'x',
    issuer: 'https://login.example/a',
    keys: [{ comment: 'x', private_key_file: '/private.pem', kid: 'k', alg: 'ES256' }],
  },
};

const CLIENT: Json = { client_id: 'x', client_secret_env: 'SECRET' };

/** What makes it sign people in too. */
const BROKERING_DESK: Json = {
  issuers: [{ issuer: 'https://c/', audiences: 'c' }],
  rules: [{ paths: ['/d'] }],
  broker: {
    issuer: 'https://login.example',
    keys: [{ private_key_file: '/private.pem', kid: 'x' }],
    signs_with: 'x',
    token_max_age: 3600,
    providers: {
      microsoft: { comment: 'x', client_id: 'x', client_secret_env: 'SECRET', tenants: ['x', 'y'] },
      google: CLIENT,
      corp: {
        issuer: 'https://sso.corp.example/{tid}',
        tenants: ['x'],
        keys: { discovery_url: 'https://sso.corp.example/x' },
        label: 'x',
        client_id: 'x',
        client_secret_env: 'SECRET',
        scopes: ['openid', 'x'],
        user_claims: ['email', 'x'],
        tenant_claim: 'tid',
        endpoints: { authorization_endpoint: 'https://x/y', token_endpoint: 'https://x/z' },
      },
    },
    audiences: {
      register: { comment: 'x', redirect: 'https://register.example/in', look_up: false },
      zoo: {
        redirect: ['https://zoo.example/in', 'https://zoo.example/other'],
        deliver: 'form_post',
        tenants: ['x', 'y'],
        admin: 'https://admin.zoo.example',
        claims: ['groups', 'x'],
      },
    },
    default_audience: 'zoo',
    other_audiences: { comment: 'x', redirect_domain: 'a.example', look_up: true, deliver: 'code' },
    admin: { comment: 'x', url: 'https://admin-{{AUDIENCE}}.example:8080/x' },
    cookie: { name: 'x', secret_env: 'SECRET', secure: true },
    pages: '/pages',
  },
};

/** Put in the place of each value of the good policy, one at a time. */
const VALUES: readonly Json[] = [
  '',
  'x',
  'X',
  '*',
  'x:*',
  'a b',
  'a"b',
  'a\\b',
  'a\nb',
  'a,b',
  '/',
  '/x',
  '/x/**',
  '/a~2',
  '/~1/~0',
  'x?y',
  '/x?y',
  'a@b',
  '.a.example',
  '*.a.example',
  'a.example:80',
  'GET',
  'get',
  'at+jwt',
  'JWT',
  'ES256',
  'none',
  'public',
  'deny',
  'authenticated',
  'enforce',
  'shadow',
  'refused',
  'keep',
  'allow',
  'user',
  'token',
  'otherwise',
  'https://x/y',
  'é',
  0,
  1,
  -1,
  1.5,
  60,
  3601,
  86401,
  1000001,
  31536001,
  9007199254740991,
  9007199254740992,
  -9007199254740992,
  true,
  false,
  null,
  [],
  [''],
  ['x'],
  ['x', 'x'],
  ['x', 'y'],
  ['*'],
  ['*', 'x'],
  ['x:*'],
  { any: ['x', '*'] },
  ['a b'],
  ['GET'],
  ['get'],
  ['/x'],
  ['x/y'],
  [1],
  [9007199254740992],
  [null],
  [[]],
  ['ES256', 'ES256'],
  ['at+jwt', 'JWT'],
  ['encoded_slash', 'backslash'],
  ['a@b'],
  {},
  { x: 'x' },
  { all: ['x'] },
  { any: ['x'] },
  { any: [] },
  { any: 'x' },
  { all: ['x'], any: ['y'] },
  { equals: 'x' },
  { equals: 'x', any: ['y'] },
  { gt: '1' },
  { gt: 9007199254740992 },
  { lt: -9007199254740992 },
  { exists: false },
  { exists: true },
  { equals_host: true },
  { equals_host: false },
  { equals_path_segment: 1 },
  { equals_path_segment: 0 },
  { equals_path_segment: 101 },
  { equals_header: 'X-A' },
  { equals_header: 'X_A' },
  { exists: 1 },
  { exists: false, any: ['x'] },
  { glob: 'x' },
  { glob: 'x*' },
  { glob: '**' },
  { glob: '***' },
  { glob: '*x**y' },
  { glob: '*a*a*a*a*a*a*a*a' },
  { glob: '*a*a*a*a*a*a*a*a*' },
  { glob: ['x*', 'x*'] },
  { prefix: '' },
  { prefix: ['x'] },
  { prefix: 'x', glob: 'x*' },
  { equals: 'x', glob: 'x*' },
  [{ glob: 'x*' }, 'x'],
  { claim: 'x' },
  { claim: '' },
  { keys_of: 'x' },
  { keys_of: '' },
  { keys_of: 'x', member: 'y' },
  { each: 'x' },
  { each: 'x', member: 'y' },
  { member: 'y' },
  { all: [{ keys_of: 'x' }, 'y'] },
  [{ keys_of: 'x' }, { keys_of: 'x' }],
  [{ each: 'x', member: '/~' }],
  [{}],
  { discovery: true },
  { discovery: false },
  { '': 'x' },
  { '/~': 1 },
  { realm: 'x' },
  { cookie: 'x' },
  { cookie: 'x', header: 'x' },
  ['bearer', 'bearer'],
];

/** Fewer, where compiling derives many keys. */
const FEWER: readonly Json[] = [
  '',
  'x',
  'X y',
  'a\nb',
  '*',
  'é',
  'form_post',
  'a.example',
  'https://x/y',
  0,
  60,
  604801,
  true,
  false,
  null,
  [],
  ['x'],
  ['x', 'x'],
  ['*', 'x'],
  ['openid'],
  ['sub'],
  [1],
  {},
  { x: 'x' },
  { discovery: true },
];

function pointers(value: Json, place: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [place];
  const entries: [string | number, Json][] = Array.isArray(value)
    ? (value as readonly Json[]).map((item, index) => [index, item])
    : Object.entries(value);
  return [place, ...entries.flatMap(([name, item]) => pointers(item, [...place, name]))];
}

/** A copy with another value at a place; undefined removes what is there. */
function put(document: Json, place: readonly (string | number)[], value: Json | undefined): Json {
  const copy = structuredClone<Json>(document);
  const last = place.at(-1);
  if (last === undefined) return value ?? null;
  let parent = copy as Record<string | number, Json>;
  for (const name of place.slice(0, -1)) parent = parent[name] as Record<string | number, Json>;
  if (value === undefined && Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return copy;
}

/** What both say; undefined where only the compiler can know. */
function verdicts(
  document: Json,
): { readonly compiler: boolean; readonly schema: boolean; readonly why: string } | undefined {
  const problems = problemsOf(JSON.stringify(document), ENVIRONMENT);
  const schema = validate(document) === true;
  const compiler = problems.length === 0;
  if (!compiler && problems.every((problem) => BEYOND.some((known) => known.test(problem)))) return undefined;
  return { compiler, schema, why: problems.join('; ') || JSON.stringify(validate.errors?.[0] ?? '') };
}

interface Spot {
  readonly document: Json;
  readonly place: readonly (string | number)[];
}

/** The same place in as little of a good policy as is still good: a thousand changes of a long one take a minute. */
function shorten(good: Record<string, Json>): (place: Spot['place']) => Spot {
  const { issuers, rules, ...rest } = good as Record<'issuers' | 'rules', readonly Json[]>;
  const shortest = new Map<string, Json>();
  return (place) => {
    const [first = '', index] = place;
    const name = String(first);
    const isItem = typeof index === 'number' && (name === 'issuers' || name === 'rules');
    const key = isItem ? `${name}/${String(index)}` : place.length > 1 ? name : '';
    const least = {
      issuers: [issuers[isItem && name === 'issuers' ? index : 0] ?? null],
      rules: [rules[isItem && name === 'rules' ? index : 0] ?? null],
    };
    const own = isItem ? {} : { [name]: good[name] ?? null };
    const shorter =
      key === ''
        ? []
        : [
            { ...least, ...own },
            { ...rest, ...least },
            { ...rest, ...least, issuers },
          ];
    const document =
      shortest.get(key) ?? shorter.find((one) => problemsOf(JSON.stringify(one), ENVIRONMENT).length === 0) ?? good;
    shortest.set(key, document);
    const isAlone = isItem && (document as Record<string, readonly Json[]>)[name]?.length === 1;
    return { document, place: isAlone ? [name, 0, ...place.slice(2)] : place };
  };
}

/** A policy with one change at each place. */
function change(good: Json, values: readonly Json[] = VALUES): readonly Json[] {
  const spots = pointers(good)
    .slice(1)
    .map(shorten(good as Record<string, Json>));
  return [
    ...spots.map(({ document, place }) => put(document, place, undefined)),
    ...spots.flatMap(({ document, place }) => values.map((value) => put(document, place, value))),
    ...spots.map(({ document, place }) => put(document, [...place.slice(0, -1), 'unknown'], 'x')),
  ];
}

const changed: readonly Json[] = [
  ...change(GOOD),
  ...change(SIGNING_IN),
  ...change(SIGNING_BY_KEY),
  ...change(BROKERING),
  ...change(BROKERING_DESK, FEWER),
];

type Node = Readonly<Record<string, unknown>>;

/** The part of the schema that describes a place in a policy; undefined when it knows none. */
function schemaAt(pointer: string): Node | undefined {
  let node: Node | undefined = SCHEMA;
  for (const name of pointer.split('/').slice(1)) {
    const next: unknown = /^\d+$/.test(name) ? node?.['items'] : (node?.['properties'] as Node | undefined)?.[name];
    node = next as Node | undefined;
    const choices = node?.['anyOf'] as readonly Node[] | undefined;
    const reference = node?.['$ref'] ?? choices?.[0]?.['$ref'];
    if (typeof reference !== 'string') continue;
    const [, list = '', definition = ''] = reference.split('/');
    node = (SCHEMA[list] as Readonly<Record<string, Node>>)[definition];
  }
  return node;
}

describe('the schema and the table of settings', () => {
  it.each(table.REPLACED.filter(({ key }) => key !== ''))('both have $key', ({ key }) => {
    expect(schemaAt(key)).toBeDefined();
  });

  it.each(Object.values(table).filter(isPolicyNumber))('bound $key alike', ({ key, least, most, otherwise }) => {
    expect(schemaAt(key)).toMatchObject({ type: 'integer', minimum: least, maximum: most });
    expect(schemaAt(key)?.['default'] ?? -1).toBe(otherwise);
  });

  it('have every number that the schema bounds', () => {
    const numbers = Object.values(table).filter(isPolicyNumber);
    // A number in a condition has no bounds of its own.
    const bounds = JSON.stringify(SCHEMA).match(/"maximum":(?!9007199254740991)/g);
    expect(numbers).toHaveLength(bounds?.length ?? 0);
  });

  it('name the same algorithms', () => {
    const { algorithm } = SCHEMA['$defs'] as { readonly algorithm: Node };
    const names = ALGORITHMS.flatMap(({ name }): string[] => (name === 'EdDSA' ? [name, FULLY_SPECIFIED] : [name]));
    expect(algorithm['enum']).toEqual(names);
  });
});

describe('the schema and the compiler', () => {
  it('take the good policy, and each of the table', () => {
    for (const document of [
      GOOD,
      SIGNING_IN,
      SIGNING_BY_KEY,
      BROKERING,
      BROKERING_DESK,
      ...readPolicyTopics().flatMap((topic) => Object.values(topic.policies) as Json[]),
    ]) {
      void validate(document);
      expect(validate.errors).toBeNull();
    }
    for (const good of [GOOD, SIGNING_IN, SIGNING_BY_KEY, BROKERING, BROKERING_DESK])
      expect(problemsOf(JSON.stringify(good), ENVIRONMENT)).toEqual([]);
  });

  /** Many places, each with many values: one test each, which no busy machine makes too long. */
  const PARTS = [...Array(12).keys()];
  const count = { good: 0, bad: 0 };

  it.each(PARTS)('agree on each change of it, part %i', (part) => {
    const differing = new Set<string>();
    for (const document of changed.filter((_, index) => index % PARTS.length === part)) {
      const verdict = verdicts(document);
      if (verdict === undefined) continue;
      if (verdict.compiler) count.good += 1;
      else count.bad += 1;
      if (verdict.compiler !== verdict.schema)
        differing.add(`${verdict.schema ? 'schema' : 'compiler'} alone takes it: ${verdict.why}`);
    }
    expect([...differing].slice(0, 40)).toEqual([]);
  });

  it('agree on changes of both kinds', () => {
    // Neither may have gone missing.
    expect(count.good).toBeGreaterThan(1000);
    expect(count.bad).toBeGreaterThan(5000);
  });
});
