// Many tenants of a provider on one set of keys, and secrets in every encoding, several at once.
import { allowed, claims, refused, row } from './expect.mjs';

const SECRET = { secret_env: 'HAMSTER_SECRET' };
const AUDIENCES = ['https://api.example'];
const OPEN = { otherwise: 'authenticated' };
const FORWARD = { 'X-User': 'user', 'X-Issuer': 'issuer', 'X-Tenant': { claim: 'tid' } };

const A = '5f0c7a30-1111-4222-8333-000000000001';
const B = '5f0c7a30-1111-4222-8333-000000000002';
const OTHER = '9188040d-6c67-4c5b-b112-36a304b66dad';
const v2 = (tenant) => `https://login.example/${tenant}/v2.0`;
const v1 = (tenant) => `https://sts.example/${tenant}/`;

const LISTED = {
  issuers: [{ issuer: v2('{tid}'), tenants: [A, B, 'zoo.example'], audiences: AUDIENCES, keys: SECRET }],
  ...OPEN,
  forward: FORWARD,
};
const ANY = {
  issuers: [{ issuer: v2('{tid}'), tenants: '*', audiences: AUDIENCES, keys: SECRET }],
  ...OPEN,
  forward: FORWARD,
};
/** A tenant with an audience of its own, all others by two patterns, and a strange issuer. */
const SEVERAL = {
  issuers: [
    { issuer: v2('{tid}'), tenants: '*', audiences: AUDIENCES, keys: SECRET },
    { issuer: v2(A), audiences: ['https://own.example'], keys: SECRET, require: { tid: A } },
    { issuer: v1('{tid}'), tenants: [B], audiences: AUDIENCES, keys: SECRET },
    { issuer: 'https://issuer.example', audiences: AUDIENCES, keys: SECRET },
  ],
  ...OPEN,
  forward: { 'X-User': 'user' },
};
const BY_HOST = {
  issuers: [{ issuer: 'https://{org_id}.zoo.example', tenants: '*', audiences: AUDIENCES, keys: SECRET }],
  rules: [{ name: 'zoo', paths: ['/zoo/**'], require: { claims: { org_id: 'berlin' } } }],
  otherwise: 'deny',
};

const of = (tenant, changes = {}) => claims({ iss: v2(tenant), tid: tenant, ...changes });
const good = (tenant) =>
  allowed('otherwise', {
    subject: 'user-1',
    headers: [
      ['X-User', 'user-1'],
      ['X-Issuer', v2(tenant)],
      ['X-Tenant', tenant],
    ],
  });
const named = allowed('otherwise', { subject: 'user-1', headers: [['X-User', 'user-1']] });
const ISS = refused('issuer_refused', 'otherwise');
const TENANT = refused('tenant_refused', 'otherwise');
const ask = (comment, policy, token, expected, more) => row(comment, policy, 'GET /a', token, expected, more);

/** Tenants that are none, each with `iss` and claim alike. */
const ODD = [
  ['with a slash', 'a/b'],
  ['with an encoded slash', 'a%2fb'],
  ['with an encoded slash in capitals', 'a%2Fb'],
  ['of dots', '..'],
  ['that begins with a dot', '.a'],
  ['with a question mark', 'a?b'],
  ['with a number sign', 'a#b'],
  ['with an at sign', 'a@b'],
  ['with a colon', 'a:b'],
  ['with a backslash', 'a\\b'],
  ['with a blank', 'a b'],
  ['with a line end', 'a\nb'],
  ['with NUL', 'a\u0000b'],
  ['of Cyrillic letters that look like others', '\u0430\u0441\u043c\u0435'],
  ['with one such letter', 'zoo.ex\u0430mple'],
  ['of letters of full width', '\uff41\uff42'],
  ['with a soft hyphen', 'a\u00adb'],
  ['with a character of two UTF-16 units', 'a\u{1f439}b'],
  ['that is a placeholder', '{tid}'],
  ['that is a star', '*'],
  ['of 129 characters', 'a'.repeat(129)],
];

const tenants = [
  ask('a tenant of the list', 'listed', of(A), good(A)),
  ask('another of the list', 'listed', of(B), good(B)),
  ask('a tenant by a name', 'listed', of('zoo.example'), good('zoo.example')),
  ask('a tenant that is not listed', 'listed', of(OTHER), TENANT),
  ask('the start of a listed tenant', 'listed', of(A.slice(0, -1)), TENANT),
  ask('a longer one', 'listed', of(`${A}0`), TENANT),
  ask('a listed tenant in capitals', 'listed', of(A.toUpperCase()), TENANT),
  ask('a listed tenant in `iss` and another in the claim', 'listed', of(A, { tid: B }), ISS),
  ask('a strange tenant in `iss` and a listed one in the claim', 'listed', of(OTHER, { tid: A }), ISS),
  ask('no claim of the tenant', 'listed', of(A, { tid: undefined }), ISS),
  ask('the claim is null', 'listed', of(A, { tid: null }), ISS),
  ask('the claim is a list', 'listed', of(A, { tid: [A] }), ISS),
  ask('the claim is an object', 'listed', of(A, { tid: { a: A } }), ISS),
  ask('the claim is a number', 'listed', of('7', { tid: 7 }), ISS),
  ask('another claim has it', 'listed', of(A, { tid: undefined, tenant: A }), ISS),
  ask('the pattern itself', 'listed', claims({ iss: v2('{tid}'), tid: '{tid}' }), ISS),
  ask('the pattern, with a tenant in the claim', 'listed', claims({ iss: v2('{tid}'), tid: A }), ISS),
  ask('an empty tenant', 'listed', claims({ iss: v2(''), tid: '' }), ISS),
  ask('without the slash', 'listed', claims({ iss: v2(A).replace(`/${A}`, A), tid: A }), ISS),
  ask('text after the pattern', 'listed', claims({ iss: `${v2(A)}/`, tid: A }), ISS),
  ask('text before it', 'listed', claims({ iss: `x${v2(A)}`, tid: A }), ISS),
  ask('another version', 'listed', claims({ iss: v2(A).replace('v2.0', 'v1.0'), tid: A }), ISS),
  ask('two tenants one after the other', 'listed', claims({ iss: v2(`${A}/v2.0/${B}`), tid: A }), ISS),
  ask('no `iss`', 'listed', claims({ iss: undefined, tid: A }), refused('issuer_missing', 'otherwise')),
  ask('`iss` is a number', 'listed', claims({ iss: 5, tid: A }), refused('claim_malformed', 'otherwise')),
  ask('a tenant of the list, forged', 'listed', of(A), refused('signature_invalid', 'otherwise'), { forged: true }),
  ask(
    'a tenant of the list, for another audience',
    'listed',
    of(A, { aud: 'x' }),
    refused('audience_refused', 'otherwise'),
  ),
  ask('any tenant, where any is said', 'any', of(OTHER), good(OTHER)),
  ask('any tenant, and another in the claim', 'any', of(OTHER, { tid: A }), ISS),
  ask('the longest tenant', 'any', of('a'.repeat(128)), good('a'.repeat(128))),
  ask('a tenant with every kind of character', 'any', of('Zoo-1_a.b'), good('Zoo-1_a.b')),
  ...ODD.map(([comment, tenant]) => ask(`any tenant, but not one ${comment}`, 'any', of(tenant), ISS)),
  ask('an issuer by its own name comes before the pattern', 'several', of(A, { aud: 'https://own.example' }), named),
  ask('so its audience counts, not that of the pattern', 'several', of(A), refused('audience_refused', 'otherwise')),
  ask('another tenant by the pattern', 'several', of(OTHER), named),
  ask(
    'which has not the audience of the first',
    'several',
    of(OTHER, { aud: 'https://own.example' }),
    refused('audience_refused', 'otherwise'),
  ),
  ask('the tenant of another pattern', 'several', claims({ iss: v1(B), tid: B }), named),
  ask('which has a list of its own', 'several', claims({ iss: v1(A), tid: A }), TENANT),
  ask('the claim counts here too', 'several', claims({ iss: v1(B), tid: A }), ISS),
  ask('an issuer of no pattern', 'several', claims(), named),
  ask('no issuer at all', 'several', claims({ iss: 'https://login.example/' }), ISS),
  ask('an odd tenant among several issuers', 'several', of('a/b'), ISS),
  row(
    'a tenant in the host of the issuer',
    'by-host',
    'GET /zoo/a',
    claims({ iss: 'https://berlin.zoo.example', org_id: 'berlin' }),
    allowed('zoo', { subject: 'user-1' }),
  ),
  row(
    'another tenant, which the rule does not accept',
    'by-host',
    'GET /zoo/a',
    claims({ iss: 'https://wien.zoo.example', org_id: 'wien' }),
    refused('claims_refused', 'zoo'),
  ),
  row(
    'a host within the host',
    'by-host',
    'GET /zoo/a',
    claims({ iss: 'https://evil.example/.zoo.example', org_id: 'evil.example/' }),
    refused('issuer_refused', 'zoo'),
  ),
];

const from = (keys) => ({ issuers: [{ issuer: 'https://issuer.example', audiences: AUDIENCES, keys }], ...OPEN });
const SECRETS = {
  hex: from({ secret_env: 'HAMSTER_SECRET_HEX', encoding: 'hex' }),
  base64: from({ secret_env: ['HAMSTER_SECRET_BASE64'], encoding: 'base64' }),
  base64url: from({ secret_env: 'HAMSTER_SECRET_BASE64', encoding: 'base64url' }),
  second: from({ secret_env: ['OTHER_SECRET', 'HAMSTER_SECRET'] }),
  listed: from([SECRET]),
  mixed: from([{ secret_env: 'OTHER_SECRET' }, { secret_env: 'HAMSTER_SECRET_HEX', encoding: 'hex' }]),
  wrong: from({ secret_env: 'HAMSTER_SECRET_HEX' }),
};
const PASS = allowed('otherwise', { subject: 'user-1' });
const INVALID = refused('signature_invalid', 'otherwise');
const secrets = Object.keys(SECRETS).flatMap((name) => [
  ask(`a secret as ${name}`, `secret-${name}`, claims(), name === 'wrong' ? INVALID : PASS),
  ask(`a secret as ${name}, and a kid`, `secret-${name}`, claims(), name === 'wrong' ? INVALID : PASS, {
    header: { kid: 'x' },
  }),
  ask(`a secret as ${name}, forged`, `secret-${name}`, claims(), INVALID, { forged: true }),
]);

export const TENANT_POLICIES = {
  listed: LISTED,
  any: ANY,
  several: SEVERAL,
  'by-host': BY_HOST,
  ...Object.fromEntries(Object.entries(SECRETS).map(([name, policy]) => [`secret-${name}`, policy])),
};
export const TENANT_ROWS = { tenants, secrets };
