// Many requests against policies with overlapping rules: the oracle says what each must get.
import { allowed, BASE, claims, refused, row } from './expect.mjs';
import { decide, hasScopes, scopesOf } from './oracle.mjs';

const GLOBS = {
  ...BASE,
  rules: [
    { name: 'exact', paths: ['/a/b'], require: { scopes: ['exact'] } },
    { name: 'get-star', methods: ['GET'], paths: ['/a/*'], access: 'public' },
    { name: 'js', paths: ['/static/*.js', '/static/lib-*'], access: 'public' },
    { name: 'middle', paths: ['/x/**/end', '/x/*/y/**'], require: { scopes: { any: ['m', 'n'] } } },
    { name: 'deep', methods: ['POST', 'PUT'], paths: ['/a/**'], require: { scopes: ['deep'] } },
    { name: 'anywhere', methods: ['GET'], paths: ['/**/secret'], access: 'deny' },
    { name: 'two', paths: ['/**/p/**/q'], access: 'public' },
    { name: 'delete', methods: ['DELETE'], require: { scopes: ['delete'] } },
    { name: 'root', paths: ['/'], access: 'public' },
    { name: 'rest', paths: ['/a/**', '/x/**'] },
  ],
};
const OPEN = {
  ...BASE,
  rules: [
    { name: 'first', hosts: ['a.example'], methods: ['GET', 'HEAD'], paths: ['/**'], access: 'public' },
    { name: 'second', hosts: ['*.example'], paths: ['/x', '/y/**'], require: { scopes: ['s'] } },
    { name: 'third', paths: ['/x/**', '/z*'], access: 'deny' },
    { name: 'fourth', hosts: ['b.a.example', 'a.example'], access: 'public' },
  ],
  otherwise: 'authenticated',
};

const PATHS = [
  '/',
  '/a',
  '/a/',
  '/a/b',
  '/a/b/c',
  '/a/x',
  '/a/secret',
  '/static',
  '/static/x.js',
  '/static/.js',
  '/static/x.jsx',
  '/static/a/x.js',
  '/static/lib-',
  '/static/lib-a.css',
  '/static/lib',
  '/x',
  '/x/end',
  '/x/a/end',
  '/x/a/b/end',
  '/x/end/a',
  '/x/a/y',
  '/x/a/y/b/c',
  '/x/y',
  '/secret',
  '/q/w/e/secret',
  '/secret/q',
  '/p/q',
  '/m/p/n/q',
  '/m/p/n/q/o',
  '/p',
  '/q',
  '/b',
];
const METHODS = ['GET', 'POST', 'DELETE'];
const HOSTS = ['a.example', 'b.a.example', 'c.example', 'example', 'z.other'];
const HOST_PATHS = ['/', '/x', '/x/y', '/y', '/y/z', '/z', '/zoo', '/zoo/a', '/w'];

/** The scopes that a challenge names; nothing for a rule that asks for none. */
function scopeOf(rule) {
  const scopes = scopesOf(rule);
  return scopes.length === 0 ? {} : { scope: scopes.join(' ') };
}

function ask(name, policy, method, path, host, scopes) {
  const { name: rule, rule: found } = decide(policy, method, path, host);
  const request = `${method} ${path} ${host}`;
  const token = scopes === undefined ? undefined : claims({ scope: scopes });
  const comment = `${request} ${scopes === undefined ? 'without a token' : `with \`${scopes}\``}`;
  const answer = () => {
    if (found.access === 'public') return allowed(rule);
    if (found.access === 'deny') return refused(rule === 'otherwise' ? 'rule_missing' : 'rule_refuses', rule);
    if (scopes === undefined) return refused('credentials_missing', rule, scopeOf(found));
    const given = scopes.split(' ');
    if (hasScopes(found, given)) return allowed(rule, { scopes, subject: 'user-1' });
    return refused('insufficient_scope', rule, scopeOf(found));
  };
  return row(comment, name, request, token, answer());
}

export const GRID_POLICIES = { globs: GLOBS, open: OPEN };
export const GRID = {
  globs: METHODS.flatMap((method, turn) =>
    PATHS.map((path, place) =>
      ask('globs', GLOBS, method, path, 'api.example', [undefined, 'exact n', 'deep delete'][(turn + place) % 3]),
    ),
  ),
  open: HOSTS.flatMap((host, turn) =>
    HOST_PATHS.flatMap((path, place) =>
      ['GET', 'POST'].map((method, third) =>
        ask('open', OPEN, method, path, host, [undefined, 's', 't'][(turn + place + third) % 3]),
      ),
    ),
  ),
};
