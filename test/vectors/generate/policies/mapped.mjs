// Groups, roles and scopes from wherever a token has them: keys of an object, a member of each object, several places.
import { allowed, BASE, claims, refused, row } from './expect.mjs';

const [issuer] = BASE.issuers;
const ROLES = 'urn:zitadel:iam:org:project:roles';

const MAPPED = {
  issuers: [
    {
      ...issuer,
      claims: {
        roles: { keys_of: ROLES },
        groups: { each: 'teams', member: 'name' },
        scopes: { all: ['scope', 'permissions'] },
      },
    },
  ],
  rules: [
    { name: 'keeper', paths: ['/keep'], require: { roles: 'keeper' } },
    { name: 'team', paths: ['/team'], require: { groups: { any: ['zoo', 'vets'] } } },
    { name: 'both', paths: ['/both'], require: { scopes: ['read', 'write:hay'] } },
  ],
  otherwise: 'authenticated',
  forward: { 'X-Roles': 'roles', 'X-Groups': 'groups' },
};

const JOINED = {
  issuers: [
    {
      ...issuer,
      claims: {
        roles: { all: [{ keys_of: 'realm.roles' }, 'roles', { each: '/a.b/list', member: 'role.name' }] },
        groups: [{ each: 'teams', member: '/org~1team' }, { keys_of: 'group_map' }, 'groups'],
      },
    },
  ],
  otherwise: 'authenticated',
  forward: { 'X-Roles': 'roles', 'X-Groups': 'groups' },
};

const who = { subject: 'user-1' };
const m = (comment, path, given, expected) => row(comment, 'mapped', `GET ${path}`, claims(given), expected);
const roles = (value) => ({ ...who, headers: [['X-Roles', value]] });
const groups = (value) => ({ ...who, headers: [['X-Groups', value]] });
const noRole = refused('roles_refused', 'keeper');
const noTeam = refused('groups_refused', 'team');
const poor = refused('insufficient_scope', 'both', { scope: 'read write:hay' });
const rich = (scopes) => allowed('both', { ...who, scopes });

const MANY = [...Array(200).keys()].map((key) => `role-${key}`).concat('keeper');

const mapped = [
  m('a role is a key of an object', '/keep', { [ROLES]: { keeper: { 1: 'zoo' } } }, allowed('keeper', roles('keeper'))),
  m('among others', '/keep', { [ROLES]: { a: {}, keeper: 1, b: '' } }, allowed('keeper', roles('a,keeper,b'))),
  m(
    'whatever its value, an empty object too',
    '/keep',
    { [ROLES]: { keeper: {} } },
    allowed('keeper', roles('keeper')),
  ),
  m('a key that is false is no role', '/keep', { [ROLES]: { keeper: false } }, noRole),
  m('nor one that is null', '/keep', { [ROLES]: { keeper: null } }, noRole),
  m('a key in another case is another role', '/keep', { [ROLES]: { Keeper: {} } }, noRole),
  m('in letters of another script too', '/keep', { [ROLES]: { 'k\u0435\u0435per': {} } }, noRole),
  m('no key of that name', '/keep', { [ROLES]: { x: {} } }, noRole),
  m('an empty object', '/keep', { [ROLES]: {} }, noRole),
  m('a list is no object', '/keep', { [ROLES]: ['keeper'] }, noRole),
  m('nor is a string', '/keep', { [ROLES]: 'keeper' }, noRole),
  m('nor null', '/keep', { [ROLES]: null }, noRole),
  m('no such claim', '/keep', {}, noRole),
  m('the usual claim of roles is not read', '/keep', { roles: ['keeper'] }, noRole),
  m('keys deeper down are none', '/keep', { [ROLES]: { a: { keeper: {} } } }, noRole),
  m('names between dots lead nowhere', '/keep', { urn: { keeper: {} } }, noRole),
  m('a line end in a key: no key can be read', '/keep', { [ROLES]: { keeper: {}, 'a\nkeeper': {} } }, noRole),
  m('an empty key is none', '/', { [ROLES]: { '': {}, a: {} } }, allowed('otherwise', roles('a'))),
  m('a key with a comma is one role', '/', { [ROLES]: { 'a,keeper': {} } }, allowed('otherwise', roles('a%2Ckeeper'))),
  m(
    'keys that every object inherits',
    '/',
    { [ROLES]: JSON.parse('{"__proto__":1,"constructor":2}') },
    allowed('otherwise', roles('__proto__,constructor')),
  ),
  m('keys that are numbers stay in their order', '/', { [ROLES]: { b: 1, a: 2 } }, allowed('otherwise', roles('b,a'))),
  m(
    'two hundred keys',
    '/keep',
    { [ROLES]: Object.fromEntries(MANY.map((key) => [key, 1])) },
    allowed('keeper', roles(MANY.join())),
  ),
  m(
    'a group is a member of each object',
    '/team',
    { teams: [{ name: 'x' }, { id: 2, name: 'zoo' }] },
    allowed('team', groups('x,zoo')),
  ),
  m('another member is no group', '/team', { teams: [{ id: 'zoo' }] }, noTeam),
  m('an object without it is passed over', '/team', { teams: [{}, { name: 'vets' }] }, allowed('team', groups('vets'))),
  m(
    'one whose member is null too',
    '/team',
    { teams: [{ name: null }, { name: 'zoo' }] },
    allowed('team', groups('zoo')),
  ),
  m('a member that is a number: no group can be read', '/team', { teams: [{ name: 1 }, { name: 'zoo' }] }, noTeam),
  m('a member that is a list', '/team', { teams: [{ name: ['zoo'] }] }, noTeam),
  m('a string among the objects', '/team', { teams: ['zoo', { name: 'zoo' }] }, noTeam),
  m('a line end in a member', '/team', { teams: [{ name: 'zoo' }, { name: 'a\r\nb' }] }, noTeam),
  m('one object is no list of them', '/team', { teams: { name: 'zoo' } }, noTeam),
  m('an empty list', '/team', { teams: [] }, noTeam),
  m('no such list', '/team', { groups: ['zoo'] }, noTeam),
  m('a member in another case', '/team', { teams: [{ name: 'Zoo' }] }, noTeam),
  m('one twice counts once', '/', { teams: [{ name: 'a' }, { name: 'a' }] }, allowed('otherwise', groups('a'))),
  m('scopes of both claims', '/both', { scope: 'read', permissions: ['write:hay'] }, rich('read write:hay')),
  m('of one alone', '/both', { permissions: ['write:hay', 'read'] }, rich('write:hay read')),
  m('each once', '/both', { scope: 'read write:hay', permissions: ['read'] }, rich('read write:hay')),
  m(
    'an empty scope leaves the permissions',
    '/both',
    { scope: '', permissions: 'read write:hay' },
    rich('read write:hay'),
  ),
  m('null is not there', '/both', { scope: null, permissions: ['read', 'write:hay'] }, rich('read write:hay')),
  m('not enough in both', '/both', { scope: 'read', permissions: ['write'] }, poor),
  m('nothing in either', '/both', {}, poor),
  m('another claim is not read', '/both', { scope: 'read', scp: 'write:hay' }, poor),
  m(
    'one that is malformed spoils the other',
    '/both',
    { scope: 'read write:hay', permissions: ['a b'] },
    refused('scope_malformed', 'both'),
  ),
  m('one that is an object', '/both', { scope: 'read', permissions: { x: 1 } }, refused('scope_malformed', 'both')),
];

const j = (comment, given, headers) =>
  row(comment, 'joined', 'GET /', claims(given), allowed('otherwise', { ...who, headers }));
const joined = [
  j('the keys of a nested object', { realm: { roles: { a: 1 } } }, [['X-Roles', 'a']]),
  j(
    'keys, a list and members together, each once',
    { realm: { roles: { a: 1, b: 1 } }, roles: ['b', 'c'], 'a.b': { list: [{ role: { name: 'd' } }, { role: {} }] } },
    [['X-Roles', 'a,b,c,d']],
  ),
  j('a place that cannot be read leaves the others', { realm: { roles: 'x' }, roles: 'c' }, [['X-Roles', 'c']]),
  j('a top-level claim of the whole name comes first', { 'realm.roles': { z: 1 }, realm: { roles: { a: 1 } } }, [
    ['X-Roles', 'z'],
  ]),
  j('the first place that can be read counts', { teams: [{ 'org/team': 'a' }], group_map: { b: 1 } }, [
    ['X-Groups', 'a'],
  ]),
  j('a place of another type is passed over', { teams: 'a', group_map: { b: 1 }, groups: ['c'] }, [['X-Groups', 'b']]),
  j('the last one', { group_map: ['b'], groups: ['c'] }, [['X-Groups', 'c']]),
  j('an empty object counts as read', { group_map: {}, groups: ['c'] }, []),
];

export const MAPPED_POLICIES = { mapped: MAPPED, joined: JOINED };
export const MAPPED_ROWS = { mapped: [...mapped, ...joined] };
