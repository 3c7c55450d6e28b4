// An unverified email names nobody, wherever a policy would have a name, group or condition of it.
import { allowed, BASE, claims, refused, row } from './expect.mjs';

const [issuer] = BASE.issuers;
const ADMIN = 'admin@corp.example';

const NAMED = {
  issuers: [
    {
      ...issuer,
      claims: {
        user: ['email', 'sub'],
        preferred_username: '/email',
        client: ['email', 'azp'],
        groups: { all: ['groups', 'email'] },
        roles: ['email', 'roles'],
      },
    },
  ],
  rules: [
    { name: 'admin', paths: ['/admin'], require: { claims: { email: ADMIN } } },
    { name: 'not-admin', paths: ['/others'], require: { claims: { email: { none: ['root@corp.example'] } } } },
    { name: 'group', paths: ['/group'], require: { groups: ADMIN } },
    { name: 'role', paths: ['/role'], require: { roles: ADMIN } },
    { name: 'client', paths: ['/client'], require: { client: ADMIN } },
    { name: 'machine', paths: ['/machine'], require: { claims: { email: { exists: false } } } },
  ],
  otherwise: 'authenticated',
  forward: { 'X-User': 'user', 'X-Name': 'preferred_username', 'X-Groups': 'groups' },
};
const FORWARDED = { issuers: [issuer], otherwise: 'authenticated', forward: { 'X-Email': { claim: 'email' } } };
const MAPPED_EMAIL = {
  issuers: [{ ...issuer, claims: { email: 'mail', user: ['mail', 'sub'] } }],
  otherwise: 'authenticated',
  forward: { 'X-User': 'user' },
};
const REQUIRED = { issuers: [{ ...issuer, require: { email: ADMIN } }], otherwise: 'authenticated' };
const TRUSTED = {
  issuers: [{ ...issuer, allow_unverified_email: true, claims: { user: 'email' }, require: { email: ADMIN } }],
  otherwise: 'authenticated',
  forward: { 'X-User': 'user' },
};

const SCOPED = {
  issuers: [{ ...issuer, claims: { scopes: ['email', 'scope'] } }],
  rules: [{ name: 'admin', paths: ['/admin'], require: { scopes: [ADMIN] } }],
  otherwise: 'authenticated',
};
const SCOPED_ALL = { ...SCOPED, issuers: [{ ...issuer, claims: { scopes: { all: ['/email', 'scope'] } } }] };

const who = { subject: 'user-1' };
const unverified = claims({ email: ADMIN, email_verified: false });
const verified = claims({ email: ADMIN, email_verified: true });
const untold = claims({ email: ADMIN });
const all = [
  ['X-User', ADMIN],
  ['X-Name', ADMIN],
  ['X-Groups', ADMIN],
];
const plain = { ...who, headers: [['X-User', 'user-1']] };
const n = (comment, path, token, expected) => row(comment, 'named', `GET ${path}`, token, expected);

const emails = [
  n(
    'an unverified email is no user name',
    '/',
    unverified,
    allowed('otherwise', { ...who, headers: [['X-User', 'user-1']] }),
  ),
  n('a verified one is', '/', verified, allowed('otherwise', { ...who, headers: all })),
  n('so is one of which the issuer says nothing', '/', untold, allowed('otherwise', { ...who, headers: all })),
  n('an unverified email fulfils no condition', '/admin', unverified, refused('claims_refused', 'admin')),
  n('not even that it is not another', '/others', unverified, refused('claims_refused', 'not-admin')),
  n('a verified one does', '/admin', verified, allowed('admin', { ...who, headers: all })),
  n('as a string', '/admin', claims({ email: ADMIN, email_verified: 'no' }), refused('claims_refused', 'admin')),
  n('as a number', '/admin', claims({ email: ADMIN, email_verified: 0 }), refused('claims_refused', 'admin')),
  n('an unverified email is no group', '/group', unverified, refused('groups_refused', 'group')),
  n('a verified one is, where a policy says so', '/group', verified, allowed('group', { ...who, headers: all })),
  n('an unverified email is no role', '/role', unverified, refused('roles_refused', 'role')),
  n('an unverified email is no client', '/client', unverified, refused('client_refused', 'client')),
  n('a verified one may be', '/client', verified, allowed('client', { ...who, headers: all })),
  row(
    'no header has an unverified email as a claim',
    'forwarded',
    'GET /',
    unverified,
    refused('email_unverified', 'otherwise'),
  ),
  row(
    'a verified one is forwarded',
    'forwarded',
    'GET /',
    verified,
    allowed('otherwise', { ...who, headers: [['X-Email', ADMIN]] }),
  ),
  row(
    'an email of another claim is hidden as well',
    'mapped-email',
    'GET /',
    claims({ mail: ADMIN, email_verified: false }),
    allowed('otherwise', { ...who, headers: [['X-User', 'user-1']] }),
  ),
  row(
    'a verified one of another claim is there',
    'mapped-email',
    'GET /',
    claims({ mail: ADMIN, email_verified: true }),
    allowed('otherwise', { ...who, headers: [['X-User', ADMIN]] }),
  ),
  row(
    'no token has an unverified email that it must have',
    'required',
    'GET /',
    unverified,
    refused('required_claim', 'otherwise'),
  ),
  row('a verified one fulfils that', 'required', 'GET /', verified, allowed('otherwise', who)),
  row(
    'an issuer that is trusted with it names by an unverified email',
    'trusted',
    'GET /',
    unverified,
    allowed('otherwise', { ...who, headers: [['X-User', ADMIN]] }),
  ),
  n(
    'an unverified email does not fulfil that there is none',
    '/machine',
    unverified,
    refused('claims_refused', 'machine'),
  ),
  n('a null is none', '/machine', claims({ email: null, email_verified: false }), allowed('machine', plain)),
  n('no email is none', '/machine', claims({}), allowed('machine', plain)),
  ...['scoped', 'scoped-all'].flatMap((policy) => [
    row(
      `an unverified email is no scope: ${policy}`,
      policy,
      'GET /admin',
      unverified,
      refused('insufficient_scope', 'admin', { scope: ADMIN }),
    ),
    row(
      `a verified one is a scope: ${policy}`,
      policy,
      'GET /admin',
      verified,
      allowed('admin', { ...who, scopes: ADMIN }),
    ),
  ]),
];

export const EMAIL_POLICIES = {
  named: NAMED,
  forwarded: FORWARDED,
  'mapped-email': MAPPED_EMAIL,
  required: REQUIRED,
  trusted: TRUSTED,
  scoped: SCOPED,
  'scoped-all': SCOPED_ALL,
};
export const EMAIL_ROWS = { emails };
