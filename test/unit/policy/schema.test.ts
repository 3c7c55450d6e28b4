// schema/policy.schema.json and the compiler: over many good and bad policies they say the same.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import { readPolicyTopics } from '../../vectors/policies';
import { problemsOf } from './compile';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

const SCHEMA = JSON.parse(
  readFileSync(new URL('../../../schema/policy.schema.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;
// The schema keeps to what 2020-12 and draft-07, which this validator reads, have in common.
const validate = new Ajv({ allErrors: true }).compile({
  ...SCHEMA,
  $schema: 'http://json-schema.org/draft-07/schema#',
});

const ENVIRONMENT = { SECRET: 's'.repeat(32), x: 's'.repeat(32) };

/** What the compiler knows and no schema can: files, variables, keys, what two places of a document say together. */
const BEYOND = [
  /cannot read/,
  /which is not set/,
  /is shorter than 32 bytes/,
  /https?:\/\/ URL/,
  /has no host/,
  /holds white space/,
  /has quotes around it/,
  /has a placeholder/,
  /fits none of the public keys/,
  /needs `keys\.secret_env`/,
  /of an earlier (rule|one)/,
  /in another case/,
  /can never match/,
  /has more than one `\*`/,
  /two slashes in a row/,
  /`\*\*` twice/,
  /is longer than 2048/,
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
    { issuer: 'b', audiences: '*', keys: { secret_env: 'SECRET' } },
    { issuer: 'https://c/', audiences: 'c', keys: { discovery: true } },
    { issuer: 'https://d/', audiences: ['d'], keys: { jwks_url: 'https://d/k' } },
    {
      issuer: 'https://e/',
      audiences: ['e'],
      introspection: {
        comment: 'x',
        url: 'https://e/introspect',
        client_id: 'gateway',
        client_secret_env: 'SECRET',
        cache_age: 30,
        inactive_age: 0,
      },
    },
  ],
  clock_skew: 60,
  jwks_refresh: 600,
  jwks_cooldown: 30,
  allow_http: false,
  cache_size: 10,
  cache_age: 10,
  deny_path: '/denied',
  claim_variables: ['sub'],
  plain_budget: 10,
  native_keys: ['/key.pem'],
  mode: 'enforce',
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
        },
        subject: ['x'],
        client: 'x',
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

/** Put in the place of each value of the good policy, one at a time. */
const VALUES: readonly Json[] = [
  '',
  'x',
  'X',
  '*',
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
  ['a b'],
  ['GET'],
  ['get'],
  ['/x'],
  ['x/y'],
  [1],
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
  { exists: false },
  { exists: true },
  { claim: 'x' },
  { claim: '' },
  { discovery: true },
  { discovery: false },
  { '': 'x' },
  { '/~': 1 },
  { realm: 'x' },
];

function pointers(value: Json, place: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [place];
  const entries: [string | number, Json][] = Array.isArray(value)
    ? (value as readonly Json[]).map((item, index) => [index, item])
    : Object.entries(value);
  return [place, ...entries.flatMap(([name, item]) => pointers(item, [...place, name]))];
}

/** A copy with another value at a place; undefined takes what stands there away. */
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

const places = pointers(GOOD).slice(1);
const changed: readonly Json[] = [
  ...places.map((place) => put(GOOD, place, undefined)),
  ...places.flatMap((place) => VALUES.map((value) => put(GOOD, place, value))),
  ...places.map((place) => put(GOOD, [...place.slice(0, -1), 'unknown'], 'x')),
];

describe('the schema and the compiler', () => {
  it('take the good policy, and each of the table', () => {
    for (const document of [GOOD, ...readPolicyTopics().flatMap((topic) => Object.values(topic.policies) as Json[])]) {
      void validate(document);
      expect(validate.errors).toBeNull();
    }
    expect(problemsOf(JSON.stringify(GOOD), ENVIRONMENT)).toEqual([]);
  });

  it('agree on each change of it', () => {
    const differing = new Set<string>();
    let good = 0;
    let bad = 0;
    for (const document of changed) {
      const verdict = verdicts(document);
      if (verdict === undefined) continue;
      if (verdict.compiler) good += 1;
      else bad += 1;
      if (verdict.compiler !== verdict.schema)
        differing.add(`${verdict.schema ? 'schema' : 'compiler'} alone takes it: ${verdict.why}`);
    }
    expect([...differing].slice(0, 40)).toEqual([]);
    // Neither kind may have gone missing.
    expect(good).toBeGreaterThan(1000);
    expect(bad).toBeGreaterThan(5000);
  });
});
