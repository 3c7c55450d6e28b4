// Mistakes of one kind each that operators make in a policy: one problem or notice, with place and mend, and no second one.
import { describe, expect, it } from 'vitest';
import { answerFor, FILES, ISSUER, problemsOf } from '../../policy/compile';

type Document = Readonly<Record<string, unknown>>;
const OPEN = { otherwise: 'authenticated' };
const of = (changes: Document): Document => ({ ...OPEN, issuers: [{ ...ISSUER, ...changes }] });
const requires = (required: Document): Document => ({ rules: [{ paths: ['/x/*/**'], require: required }] });
const claim = (condition: unknown): Document => requires({ claims: { t: condition } });
const from = (...places: readonly unknown[]): Document => ({ ...OPEN, token: { from: places } });
const PATTERN = { ...ISSUER, issuer: 'https://a.example/{tid}', keys: { discovery: true } };
const tenants = (list: unknown): Document => ({ ...OPEN, issuers: [{ ...PATTERN, tenants: list }] });

function noticesOf(content: Document): readonly string[] {
  const answer = answerFor(content);
  if (!answer.ok) throw new Error(answer.problems.map(({ message }) => message).join('\n'));
  return answer.notices.map(({ setting, message }) => `${setting.replace('/policy.json#', '')}: ${message}`);
}

describe('one mistake is one problem', () => {
  it.each<[string, Document, string]>([
    [
      'a number for tenants',
      tenants(1),
      '/issuers/0/tenants: is a number; it must be a list of tenants, or "*" for any tenant of the provider',
    ],
    ['null for tenants', tenants(null), '/issuers/0/tenants: is null; it must be a list of tenants'],
    ['no tenant', tenants([]), '/issuers/0/tenants: is empty'],
    ['an empty tenant', tenants(['']), '/issuers/0/tenants/0: is empty'],
    ['a number among tenants', tenants([1]), '/issuers/0/tenants/0: is a number; it must be a string'],
    ['a tenant with a blank', tenants(['a ']), '/issuers/0/tenants/0: is not a tenant: letters, digits'],
    ['a tenant with a slash', tenants(['a/b']), '/issuers/0/tenants/0: is not a tenant: letters, digits'],
    ['a tenant with an escape', tenants(['a%2fb']), '/issuers/0/tenants/0: is not a tenant: letters, digits'],
    ['a tenant in another script', tenants(['\u0437\u043e\u043e']), '/issuers/0/tenants/0: is not a tenant: letters'],
    [
      'the issuer within itself',
      { ...OPEN, issuers: [{ ...PATTERN, issuer: 'https://a.example/{iss}', tenants: ['a'] }] },
      '/issuers/0/issuer: has `{iss}`, a claim that never holds a tenant; name the one that does',
    ],
    ['a string for keys', of({ keys: 'SECRET' }), '/issuers/0/keys: is a string; it must be an object with one source'],
    [
      'a number for a variable',
      of({ keys: { secret_env: 1 } }),
      '/issuers/0/keys/secret_env: is a number; it must be a string or a list of strings',
    ],
    ['an algorithm in small letters', of({ algorithms: ['es256'] }), '`es256` is not known; did you mean `ES256`?'],
    [
      'the name of COSE for an algorithm',
      of({ algorithms: ['ESP256'] }),
      '`ESP256` is not known; did you mean `ES256`?',
    ],
    ['a curve that is not served', of({ algorithms: ['Ed448'] }), '`Ed448` is not known'],
    ['a type in small letters', of({ types: ['jwt'] }), '`jwt` is not one of at+jwt, JWT, absent; did you mean `JWT`?'],
    [
      'keys of an object for a user',
      of({ claims: { user: { keys_of: 'a' } } }),
      '/issuers/0/claims/user: is an object; it must be a path or a list of paths',
    ],
    [
      'a place in other letters',
      of({ claims: { roles: { Keys_of: 'a' } } }),
      '/issuers/0/claims/roles/Keys_of: is not a known key; did you mean `keys_of`?',
    ],
    [
      'all places beside one',
      of({ claims: { roles: { all: ['a'], keys_of: 'b' } } }),
      '/issuers/0/claims/roles/all: is beside or within another place; write {"all": [...]} round all of them',
    ],
    [
      'all places within a list',
      of({ claims: { roles: ['b', { all: ['a'] }] } }),
      '/issuers/0/claims/roles/1/all: is beside or within another place; write {"all": [...]} round all of them',
    ],
    [
      'a name for what has none',
      from({ basic_password: true }),
      '/token/from/0/basic_password: has no name of its own; write "basic_password" alone',
    ],
    ['and for the usual place', from({ bearer: 'x' }), '/token/from/0/bearer: has no name of its own; write "bearer"'],
    [
      'a header of tokens that a rule compares',
      {
        token: { from: [{ header: 'X-Tenant' }] },
        rules: [{ require: { claims: { t: { equals_header: 'x-tenant' } } } }],
      },
      '/token: `x-tenant` is a header that clients send their token in, which no backend gets',
    ],
    [
      'a header of tokens that is kept',
      { ...from({ header: 'X-HTTP-Method' }), keep_headers: ['X-HTTP-Method'] },
      '/keep_headers: `x-http-method` is a header that clients send their token in, which no backend gets; remove it',
    ],
    ['a host in two spellings', of({ hosts: ['a.example', 'A.example.'] }), '/issuers/0/hosts: `A.example.` is in the'],
    ['a path twice', { rules: [{ paths: ['/a', '/b', '/a'] }] }, '/rules/0/paths/2: is in the list twice'],
    [
      'a domain in two spellings',
      requires({ email_domains: ['a.example', 'A.example'] }),
      '/rules/0/require/email_domains: `A.example` is in the list twice, in another case',
    ],
    ['a value twice', claim({ any: ['a', 1, 'a'] }), '/rules/0/require/claims/t/any/2: is in the list twice'],
    ['bounds with nothing between', claim({ gt: 1, lt: 1 }), '/rules/0/require/claims/t: has bounds that no number'],
    ['bounds in the wrong order', claim({ gte: 2, lte: 1 }), '/rules/0/require/claims/t: has bounds that no number'],
    ['bounds of which one is open', claim({ gt: 0, gte: 1, lt: 1 }), '/rules/0/require/claims/t: has bounds that no'],
    ['a value that is forbidden', claim({ equals: 'a', none: ['a'] }), '/rules/0/require/claims/t: has in `none` what'],
    ['one of all', claim({ all: ['a', 'b'], none: ['b'] }), '/rules/0/require/claims/t: has in `none` what another'],
    ['each of some', claim({ any: [1, 2], none: [2, 1] }), '/rules/0/require/claims/t: has in `none` what another'],
    [
      'two kinds of patterns',
      claim({ prefix: 'a', glob: 'b*' }),
      '/rules/0/require/claims/t/prefix: cannot be used together with `glob`',
    ],
    [
      'a key of conditions for a subject',
      requires({ subject: { equals: 'a' } }),
      '/rules/0/require/subject/equals: is not a known key; known are prefix, glob',
    ],
  ])('%s', (_, content, problem) => {
    const problems = problemsOf(content);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it.each<[string, Document]>([
    ['a list of one tenant', tenants(['a'])],
    ['bounds with one number', claim({ gte: 1, lte: 1 })],
    ['a value and others that are forbidden', claim({ any: ['a', 'b'], none: ['b'] })],
    ['a number and its text', claim({ any: [1, '1', true, 'true'] })],
    [
      'the fully specified name of Ed25519',
      { ...OPEN, issuers: [{ ...PATTERN, tenants: ['a'], algorithms: ['Ed25519'] }] },
    ],
    ['all of two kinds of places', of({ claims: { roles: { all: ['a', { keys_of: 'b' }] } } })],
    ['another header than that of tokens', { ...from({ header: 'X-Jwt' }), keep_headers: ['X-HTTP-Method'] }],
  ])('and %s is none', (_, content) => {
    expect(problemsOf(content)).toEqual([]);
    expect(noticesOf(content)).toEqual([]);
  });

  it('refuses a secret whose file begins with a byte order mark', () => {
    const file = { ...FILES, '/marked': `\ufeff${'s'.repeat(40)}` };
    const problems = problemsOf(of({ keys: { secret_file: '/marked' } }), {}, file);
    expect(problems).toEqual([
      '/issuers/0/keys/secret_file: `/marked` begins with a byte order mark, which would be part of the value; remove it',
    ]);
  });
});

describe('what is compared literally has a notice', () => {
  it.each<[string, Document, string]>([
    ['a star in a value', claim('refs/heads/*'), 'write {"glob": "refs/heads/*"} where the star is meant as any text'],
    ['in one of several', claim({ any: ['a', 'b*'] }), '`b*` is compared literally'],
    ['in one of all', claim({ all: ['a', 'b*'] }), '`b*` is compared literally'],
    ['a regular expression', claim({ glob: '^a.*$' }), '`^a.*$` is compared literally but for its stars'],
    ['one after a slash', claim({ glob: 'repo:zoo/.*' }), '`repo:zoo/.*` is compared literally but for its stars'],
    ['choices of a shell', requires({ subject: { glob: '{a,b}:*' } }), '`{a,b}:*` is compared literally'],
    ['a range of characters', claim({ glob: 'v[0-9]*' }), '`v[0-9]*` is compared literally'],
    ['an escaped star', claim({ glob: 'a\\**' }), 'is compared literally but for its stars'],
  ])('%s', (_, content, notice) => {
    expect(noticesOf(content)).toHaveLength(1);
    expect(noticesOf(content)[0]).toContain(notice);
  });

  it.each<[string, Document]>([
    ['a star alone', claim('*')],
    ['a forbidden one', claim({ none: ['a*'] })],
    ['a version', claim({ glob: 'release-1.*' })],
    ['a name in brackets', claim({ glob: 'repo:*[bot]' })],
    ['a prefix', claim({ prefix: '^a*' })],
  ])('but not %s', (_, content) => {
    expect(noticesOf(content)).toEqual([]);
  });
});

describe('shadow mode', () => {
  const [first, second, third] = ['a', 'b', 'c'].map((name) => ({ name, paths: [`/${name}`] }));
  const passes = 'what would be refused passes, and is logged and counted';
  it.each<[string, Document, readonly string[]]>([
    ['of the file', { ...OPEN, mode: 'shadow' }, [`/mode: is \`shadow\`: no request is refused; ${passes}`]],
    [
      'of the file, but for a rule',
      { mode: 'shadow', rules: [first, { ...second, mode: 'enforce' }] },
      [`/mode: is \`shadow\`: no request is refused but by \`b\`; ${passes}`],
    ],
    [
      'of some rules',
      { rules: [{ ...first, mode: 'shadow' }, second, { ...third, mode: 'shadow' }] },
      [`/rules: \`a\`, \`c\`: in shadow mode; ${passes}`],
    ],
    [
      'of many rules',
      { rules: Array.from({ length: 12 }, (_, index) => ({ paths: [`/${index.toString()}`], mode: 'shadow' })) },
      [
        `/rules: ${[1, 2, 3, 4, 5, 6, 7, 8].map((rule) => `\`rule-${rule.toString()}\``).join(', ')} and 4 more: in shadow mode; ${passes}`,
      ],
    ],
    ['of none', { mode: 'enforce', rules: [{ ...first, mode: 'enforce' }] }, []],
  ])('%s has one notice at the most', (_, content, notices) => {
    expect(noticesOf(content)).toEqual(notices);
  });
});

describe('the audience of a rule', () => {
  const rule = (audience: unknown): Document => requires({ audience });
  it('that no issuer has gets a notice, for a token must name two', () => {
    expect(noticesOf(rule('api://deploy'))).toEqual([
      '/rules/0/require/audience: is in no `audiences`, so a token must name it and one of those; add it to `audiences` if a token with it alone shall pass',
    ]);
  });

  it('that an issuer has, or that any issuer may have, gets none', () => {
    expect(noticesOf(rule(['api://deploy', 'api']))).toEqual([]);
    expect(noticesOf({ ...rule('api://deploy'), issuers: [{ ...ISSUER, audiences: '*' }] })).toEqual([]);
  });
});

describe('audit', () => {
  it.each([
    ['refuse', 'is not one of none, refused, all; did you mean `refused`?'],
    ['deny', 'is not one of none, refused, all'],
    [true, 'is not one of none, refused, all'],
    [null, 'is not one of none, refused, all'],
  ])('%j is one problem', (audit, problem) => {
    expect(problemsOf({ ...OPEN, audit })).toEqual([`/audit: ${problem}`]);
  });

  const NOTICE = '/audit: has no effect: no rule looks at a token, and only verified ones have a line';
  it.each<[string, Document, readonly string[]]>([
    ['no rule looks at a token', { audit: 'all', rules: [{ paths: ['/a'], access: 'public' }] }, [NOTICE]],
    ['it is `none`', { audit: 'none', rules: [{ paths: ['/a'], access: 'public' }] }, []],
    ['a token is optional', { audit: 'all', rules: [{ paths: ['/a'], access: 'optional' }] }, []],
    ['the last rule requires a token', { ...OPEN, audit: 'refused' }, []],
  ])('has one notice at the most where %s', (_, content, notices) => {
    expect(noticesOf(content)).toEqual(notices);
  });
});
