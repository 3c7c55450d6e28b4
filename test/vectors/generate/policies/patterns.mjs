// Subjects, clients and claims by prefix and glob, and claims that must be there or must not.
import { allowed, BASE, claims, ISSUER, refused, row } from './expect.mjs';

const PATTERNS = {
  ...BASE,
  rules: [
    { name: 'deploy', paths: ['/deploy'], require: { subject: { glob: 'repo:zoo/*:ref:refs/heads/main' } } },
    { name: 'account', paths: ['/account'], require: { subject: { prefix: 'system:serviceaccount:zoo:' } } },
    {
      name: 'several',
      paths: ['/several'],
      require: { subject: ['root', { prefix: ['ops-', 'sre-'] }, { glob: 'svc-**-prod' }] },
    },
    { name: 'client', paths: ['/client'], require: { client: [{ glob: 'spa-*' }, 'cli'] } },
    { name: 'ref', paths: ['/ref'], require: { claims: { ref: { glob: 'refs/heads/**' } } } },
    { name: 'end', paths: ['/end'], require: { claims: { ref: { glob: ['**/main', '*-v2'] } } } },
    { name: 'middle', paths: ['/middle'], require: { claims: { ref: { glob: '**a*b/**:c' } } } },
    { name: 'start', paths: ['/start'], require: { claims: { ref: { prefix: 'a*' } } } },
    {
      name: 'mixed',
      paths: ['/mixed'],
      require: { scopes: ['s'], claims: { ref: { prefix: 'x', none: ['x3'] }, tier: 1 } },
    },
    { name: 'free', paths: ['/free'], require: { claims: { cnf: { exists: false } } } },
    { name: 'bound', paths: ['/bound'], require: { claims: { cnf: { exists: true } } } },
    { name: 'deep', paths: ['/deep'], require: { claims: { 'act.sub': { exists: false }, ref: { exists: true } } } },
    { name: 'tried', paths: ['/tried'], mode: 'shadow', require: { subject: { glob: 'x*' } } },
  ],
};

const p = (comment, path, given, expected) => row(comment, 'patterns', `GET ${path}`, claims(given), expected);
const yes = (name, subject = 'user-1', more = {}) => allowed(name, { subject, ...more });
const sub = (comment, path, subject, isAllowed) => {
  const name = path.slice(1);
  return p(comment, path, { sub: subject }, isAllowed ? yes(name, subject) : refused('subject_refused', name));
};
const ref = (comment, path, value, isAllowed) => {
  const name = path.slice(1);
  return p(comment, path, { ref: value }, isAllowed ? yes(name) : refused('claims_refused', name));
};
const client = (comment, given, isAllowed) =>
  p(comment, '/client', given, isAllowed ? yes('client') : refused('client_refused', 'client'));

const MAIN = 'repo:zoo/cage:ref:refs/heads/main';
const patterns = [
  sub('a star is the name of a repository', '/deploy', MAIN, true),
  sub('whatever it is, without slash and colon', '/deploy', 'repo:zoo/a.b-c_d e:ref:refs/heads/main', true),
  sub('in letters of another script', '/deploy', 'repo:zoo/\u0436\u00fc\u{1f439}:ref:refs/heads/main', true),
  sub('and nothing at all', '/deploy', 'repo:zoo/:ref:refs/heads/main', true),
  sub('a star does not reach over a slash', '/deploy', 'repo:zoo/a/b:ref:refs/heads/main', false),
  sub('nor over a colon', '/deploy', 'repo:zoo/a:b:ref:refs/heads/main', false),
  sub('nor over the wanted text itself', '/deploy', 'repo:zoo/x:ref:refs/heads/main:ref:refs/heads/main', false),
  sub('another owner', '/deploy', 'repo:zoo2/cage:ref:refs/heads/main', false),
  sub('an owner that ends alike', '/deploy', 'repo:evilzoo/cage:ref:refs/heads/main', false),
  sub('a text before it', '/deploy', `x${MAIN}`, false),
  sub('a text after it', '/deploy', `${MAIN}2`, false),
  sub('a slash after it', '/deploy', `${MAIN}/`, false),
  sub('another branch', '/deploy', 'repo:zoo/cage:ref:refs/heads/main-2', false),
  sub('a branch whose name has it', '/deploy', 'repo:zoo/cage:ref:refs/heads/x/refs/heads/main', false),
  sub('a pull request', '/deploy', 'repo:zoo/cage:pull_request', false),
  sub('in capitals', '/deploy', 'repo:Zoo/cage:ref:refs/heads/main', false),
  sub('a fraction slash is no slash of the pattern', '/deploy', 'repo:zoo\u2044cage:ref:refs/heads/main', false),
  sub('a letter that looks alike', '/deploy', 'rep\u043e:zoo/cage:ref:refs/heads/main', false),
  sub('half of it', '/deploy', 'repo:zoo/cage', false),
  sub('the two texts that overlap', '/deploy', 'repo:zoo/:ref:refs/heads/mai', false),
  sub('a star instead of a name is a name', '/deploy', 'repo:zoo/*:ref:refs/heads/main', true),
  sub('percent-encoding is text', '/deploy', 'repo:zoo/a%2Fb:ref:refs/heads/main', true),
  p('no subject', '/deploy', { sub: undefined }, refused('subject_refused', 'deploy')),
  p('an empty subject', '/deploy', { sub: '' }, refused('subject_refused', 'deploy')),
  p('a subject that is a list', '/deploy', { sub: [MAIN] }, refused('claim_malformed', 'deploy')),
  p('a line end in the subject', '/deploy', { sub: `${MAIN}\n` }, refused('claim_malformed', 'deploy')),
  row('no token', 'patterns', 'GET /deploy', undefined, refused('credentials_missing', 'deploy')),
  sub('a prefix', '/account', 'system:serviceaccount:zoo:keeper', true),
  sub('with colons and slashes after it', '/account', 'system:serviceaccount:zoo:a:b/c', true),
  sub('and nothing after it', '/account', 'system:serviceaccount:zoo:', true),
  sub('a longer namespace', '/account', 'system:serviceaccount:zoo2:keeper', false),
  sub('not its whole text', '/account', 'system:serviceaccount:zoo', false),
  sub('somewhere within', '/account', 'x:system:serviceaccount:zoo:keeper', false),
  sub('in capitals too', '/account', 'System:serviceaccount:zoo:keeper', false),
  sub('one of several, exactly', '/several', 'root', true),
  sub('the exact one goes no further', '/several', 'root2', false),
  sub('the first of two prefixes', '/several', 'ops-1', true),
  sub('the second', '/several', 'sre-a/b:c', true),
  sub('two stars reach over everything', '/several', 'svc-a/b:c-prod', true),
  sub('but not beyond the end', '/several', 'svc-a-prod2', false),
  sub('and need both texts', '/several', 'svc-prod', false),
  sub('which may touch', '/several', 'svc--prod', true),
  client('a client by glob', { client_id: 'spa-web' }, true),
  client('from another claim', { azp: 'spa-web' }, true),
  client('an exact one beside it', { client_id: 'cli' }, true),
  client('not with more behind', { client_id: 'cli2' }, false),
  client('a star does not reach over a slash', { client_id: 'spa-a/b' }, false),
  client('no client', {}, false),
  client('a client that is a number', { client_id: 1 }, false),
  client('a client with a line end', { client_id: 'spa-a\nb' }, false),
  ref('two stars at the end', '/ref', 'refs/heads/a/b', true),
  ref('nothing behind the slash', '/ref', 'refs/heads/', true),
  ref('not without the slash', '/ref', 'refs/heads', false),
  ref('one member of a list is enough', '/ref', ['refs/tags/x', 'refs/heads/x'], true),
  ref('none of a list', '/ref', ['refs/tags/x'], false),
  ref('a number among them does not match', '/ref', [7, 'refs/heads/x'], true),
  ref('an object among them: nothing can be read', '/ref', [{}, 'refs/heads/x'], false),
  ref('an empty list', '/ref', [], false),
  ref('a number', '/ref', 7, false),
  ref('true', '/ref', true, false),
  ref('an object', '/ref', { 'refs/heads/x': 1 }, false),
  ref('null', '/ref', null, false),
  ref('no such claim', '/ref', undefined, false),
  ref('an empty text', '/ref', '', false),
  ref('a line end in the claim', '/ref', 'refs/heads/a\nb', false),
  ref('a line end after it', '/ref', 'refs/heads/a\n', false),
  ref('a NUL', '/ref', 'refs/heads/a\0', false),
  ref('two lists of which the first matches', '/end', 'a/b/main', true),
  ref('nothing before the slash', '/end', '/main', true),
  ref('no slash', '/end', 'main', false),
  ref('the second', '/end', 'cage-v2', true),
  ref('the second over a colon', '/end', 'a:cage-v2', false),
  ref('a line end before the text', '/end', 'a\n/main', false),
  ref('stars of both kinds', '/middle', 'xxaxxb/y:c', true),
  ref('the first way is a dead end, the second is not', '/middle', 'a/ab/:c', true),
  ref('a separator where one star is', '/middle', 'a:b/:c', false),
  ref('the end comes too early', '/middle', 'ab/c', false),
  ref('the end is shared', '/middle', 'ab:c', false),
  ref('many dead ends', '/middle', `${'a'.repeat(2000)}/:c`, false),
  ref('many dead ends, then a way', '/middle', `${'a/'.repeat(500)}a${'x'.repeat(500)}b/${':'.repeat(500)}:c`, true),
  ref('a prefix may have a star, which is text', '/start', 'a*b', true),
  ref('and is nothing else', '/start', 'ab', false),
  p('beside other requirements', '/mixed', { ref: 'x1', tier: 1, scope: 's' }, yes('mixed', 'user-1', { scopes: 's' })),
  p('not without the prefix', '/mixed', { ref: 'y1', tier: 1, scope: 's' }, refused('claims_refused', 'mixed')),
  p('not one of none', '/mixed', { ref: 'x3', tier: 1, scope: 's' }, refused('claims_refused', 'mixed')),
  p('nor beside others', '/mixed', { ref: ['x1', 'x3'], tier: 1, scope: 's' }, refused('claims_refused', 'mixed')),
  p('not without the other claim', '/mixed', { ref: 'x1', tier: 2, scope: 's' }, refused('claims_refused', 'mixed')),
  p('not without the scope', '/mixed', { ref: 'x1', tier: 1 }, refused('insufficient_scope', 'mixed', { scope: 's' })),
  p('a claim that must not be there is not', '/free', {}, yes('free')),
  p('null is not there', '/free', { cnf: null }, yes('free')),
  ...[{ jkt: 'x' }, {}, [], '', 'x', 0, false].map((cnf) =>
    p(`it is there as ${JSON.stringify(cnf)}`, '/free', { cnf }, refused('claims_refused', 'free')),
  ),
  ...[{ jkt: 'x' }, {}, [], '', 'x', 0, false].map((cnf) =>
    p(`a claim that must be there is, as ${JSON.stringify(cnf)}`, '/bound', { cnf }, yes('bound')),
  ),
  p('a claim that must be there is not', '/bound', {}, refused('claims_refused', 'bound')),
  p('nor is it as null', '/bound', { cnf: null }, refused('claims_refused', 'bound')),
  p('a nested claim is missing', '/deep', { act: { x: 1 }, ref: [{}] }, yes('deep')),
  p('with what would hold it', '/deep', { ref: '' }, yes('deep')),
  p('a nested claim is there', '/deep', { act: { sub: 'x' }, ref: 1 }, refused('claims_refused', 'deep')),
  p('so is one of the whole name', '/deep', { 'act.sub': 'x', ref: 1 }, refused('claims_refused', 'deep')),
  p('a rule on trial', '/tried', {}, yes('tried', 'user-1', { wouldBe: 'subject_refused' })),
  p('that matches', '/tried', { sub: 'x1' }, yes('tried', 'x1')),
];

const REQUIRED = {
  issuers: [
    {
      ...BASE.issuers[0],
      require: { tid: { glob: 'zoo-*' }, nonce: { exists: false }, ver: { prefix: ['1.', '2.'] } },
    },
  ],
  otherwise: 'authenticated',
};
const r = (comment, given, isAllowed) =>
  row(
    comment,
    'required-patterns',
    'GET /',
    claims({ tid: 'zoo-1', ver: '2.0', ...given }),
    isAllowed ? yes('otherwise') : refused('required_claim', 'otherwise'),
  );
const required = [
  r('every token of the issuer has the claim', {}, true),
  r('another prefix', { ver: '1.0' }, true),
  r('none of the prefixes', { ver: '3.0' }, false),
  r('a number', { ver: 1.5 }, false),
  r('not of this form', { tid: 'zoo' }, false),
  r('a slash in it', { tid: 'zoo-a/b' }, false),
  r('none', { tid: undefined }, false),
  r('a line end', { tid: 'zoo-1\n' }, false),
  r('an ID token has a claim that an access token does not have', { nonce: 'n' }, false),
  r('an empty one is there too', { nonce: '' }, false),
  r('null is not', { nonce: null }, true),
  r('of another issuer', { iss: `${ISSUER}/`, tid: 'x' }, undefined),
];
required[required.length - 1].expected = refused('issuer_refused', 'otherwise');

export const PATTERN_POLICIES = { patterns: PATTERNS, 'required-patterns': REQUIRED };
export const PATTERN_ROWS = { patterns, 'required-patterns': required };
