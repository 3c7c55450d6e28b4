// Requests with their token at every place that a policy can name, and the attacks on each.
import { allowed, BASE, claims, ISSUER, refused, row } from './expect.mjs';

const OTHER = 'https://other.example';
const FORWARD = { 'X-User': 'subject' };
const PLACES = {
  ...BASE,
  token: {
    from: [
      'bearer',
      { header: 'X-Jwt' },
      { cookie: 'jwt' },
      { query: 'access_token' },
      'basic_password',
      'websocket_protocol',
    ],
  },
  rules: [
    { name: 'open', paths: ['/open'], access: 'public' },
    { name: 'all', paths: ['/**'] },
  ],
  forward: FORWARD,
};
const COOKIE = {
  ...BASE,
  token: { from: [{ cookie: '__Host-jwt' }] },
  rules: [{ name: 'all', paths: ['/**'] }],
  forward: FORWARD,
  authorization: 'remove',
};
const UNREAD = { ...BASE, token: { from: [{ cookie: 'jwt' }] }, rules: PLACES.rules, forward: FORWARD };
const KEPT = { ...UNREAD, authorization: 'keep' };
const OWN = {
  issuers: [
    { ...BASE.issuers[0], token: { from: [{ cookie: 'jwt' }, { header: 'X-Jwt' }] } },
    { ...BASE.issuers[0], issuer: OTHER },
  ],
  token: { from: ['bearer', { query: 'token' }, { websocket_protocol: 'jwt' }] },
  rules: [{ name: 'all', paths: ['/**'] }],
  forward: FORWARD,
};

const usual = claims();
const passed = allowed('all', { subject: 'user-1', headers: [['X-User', 'user-1']] });
const NOTHING = { target: '/a', authorization: '', cookie: '', protocols: '' };

/** A request with these lines that passes; `left` is what differs from a plain one. */
const pass =
  (policy) =>
  (comment, lines, left, target = '/a') =>
    row(comment, policy, `GET ${target}`, usual, passed, { lines, left: { ...NOTHING, ...left } });
/** One that is refused. */
const fail =
  (policy) =>
  (comment, lines, reason, target = '/a', token = usual, more = {}) =>
    row(comment, policy, `GET ${target}`, token, refused(reason, 'all'), { lines, ...more });

const good = pass('places');
const bad = fail('places');
const cookie = (...lines) => lines.map((line) => ['Cookie', line]);
const bearer = ['Authorization', 'Bearer {token}'];
const basic = ['Authorization', 'Basic {basic}'];
const jwt = ['X-Jwt', '{token}'];
const protocols = (...lines) => lines.map((line) => ['Sec-WebSocket-Protocol', line]);
const encode = (pair) => [['Authorization', `Basic ${Buffer.from(pair, 'latin1').toString('base64')}`]];

const places = [
  good('Authorization, as ever, stays', [bearer], { authorization: 'Bearer {token}' }),
  good('a header of its own does not reach the backend', [jwt], {}),
  good('nor does one in another case, after a scheme', [['x-jwt', 'bearer {token}']], {}),
  good('a cookie leaves the others as they are', cookie('a=1; jwt={token}; b="2"'), { cookie: 'a=1; b="2"' }),
  good('without blanks too', cookie('a=1;jwt={token};b=2'), { cookie: 'a=1; b=2' }),
  good('a cookie alone leaves no line', cookie('jwt={token}'), {}),
  good('on two lines', cookie('a=1', 'b=2; jwt={token}'), { cookie: 'a=1; b=2' }),
  good('a query leaves the other parameters', [], { target: '/a?x=%20&y' }, '/a?x=%20&access_token={token}&y'),
  good('and no question mark where there are none', [], {}, '/a?access_token={token}'),
  good('nor an empty query its own', [bearer], { authorization: 'Bearer {token}', target: '/a?' }, '/a?'),
  good('the password of Basic credentials', [basic], {}),
  good('a subprotocol after `bearer`', protocols('chat, bearer, {token}'), { protocols: 'chat, bearer' }),
  good('on several lines', protocols('bearer', '{token}', 'chat'), { protocols: 'bearer, chat' }),
  good('with commas and nothing between them', protocols(',bearer,,{token} ,'), { protocols: 'bearer' }),
  good('the same one twice', protocols('bearer,{token},bearer,{token}'), { protocols: 'bearer, bearer' }),
  good('a cookie without an equals sign is none', cookie('jwt; jwt={token}'), { cookie: 'jwt' }),
  good('nor is a parameter without one', [], {}, '/a?access_token&access_token={token}'),
  good('the same token in two places', [jwt, ...cookie('jwt={token}')], {}),
  good('in all of them but Basic', [bearer, jwt, ...cookie('jwt={token}'), ...protocols('bearer, {token}')], {
    authorization: 'Bearer {token}',
    protocols: 'bearer',
  }),
  good('the same cookie twice', cookie('jwt={token}; jwt={token}; c=3'), { cookie: 'c=3' }),
  good('the same parameter twice', [], {}, '/a?access_token={token}&access_token={token}'),
  good('an empty cookie is none', [jwt, ...cookie('jwt=; a=1')], { cookie: 'a=1' }),
  good('an empty parameter is none', [jwt], {}, '/a?access_token='),
  good('an empty header is none', [['X-Jwt', ''], bearer], { authorization: 'Bearer {token}' }),
  good('another scheme beside a cookie is none', [['Authorization', 'Digest x'], ...cookie('jwt={token}')], {
    authorization: 'Digest x',
  }),
  good('a parameter that is spelled in escapes', [], {}, '/a?%61ccess%5ftoken={token}'),
  good('cookies of longer names are others', [jwt, ...cookie('jwt2=x; xjwt=y; JWT=z')], {
    cookie: 'jwt2=x; xjwt=y; JWT=z',
  }),
  good(
    'parameters of other names are others',
    [jwt],
    { target: '/a?Access_Token=x&access=y' },
    '/a?Access_Token=x&access=y',
  ),
  good('a cookie in the value of another is none', [jwt, ...cookie('a="jwt=x"')], { cookie: 'a="jwt=x"' }),
  good('a subprotocol without `bearer` is none', [jwt, ...protocols('chat, v2')], { protocols: 'chat, v2' }),
  good('semicolons beside it are left', [], { target: '/a?x=1;y=2' }, '/a?x=1;y=2&access_token={token}'),
  row('a public path takes the tokens away too', 'places', 'GET /open?access_token=x&y=1', usual, allowed('open'), {
    lines: [['X-Jwt', 'x'], ...cookie('jwt=a; jwt=b; c=1'), ['Authorization', 'Basic eDp5'], ...protocols('bearer, z')],
    left: { target: '/open?y=1', authorization: '', cookie: 'c=1', protocols: 'bearer' },
  }),
  row('and leaves the rest', 'places', 'GET /open?y=1', usual, allowed('open'), {
    lines: [bearer, ...cookie('c=1'), ...protocols('chat')],
    left: { target: '/open?y=1', authorization: 'Bearer {token}', cookie: 'c=1', protocols: 'chat' },
  }),
  bad('no token anywhere', [], 'credentials_missing'),
  bad('another scheme', [['Authorization', 'Digest x']], 'scheme_unsupported'),
  bad('two tokens in two places', [['X-Jwt', '{other}'], bearer], 'token_repeated'),
  bad('in the query and in Authorization', [bearer], 'token_repeated', '/a?access_token={other}'),
  bad('in a cookie and in the query', cookie('jwt={other}'), 'token_repeated', '/a?access_token={token}'),
  bad('in a cookie and as a password', [basic, ...cookie('jwt={other}')], 'token_repeated'),
  bad('in a cookie and a subprotocol', [...cookie('jwt={other}'), ...protocols('bearer, {token}')], 'token_repeated'),
  bad('a good one and nothing of sense', [jwt, ...cookie('jwt=x')], 'token_repeated'),
  bad('two cookies of one name', cookie('jwt={token}; jwt={other}'), 'token_repeated'),
  bad('a tossed cookie, first', cookie('jwt={other}; jwt={token}'), 'token_repeated'),
  bad('two cookies on two lines', cookie('jwt={token}', 'jwt={other}'), 'token_repeated'),
  bad('a cookie with a blank before its equals sign', cookie('jwt={token}; jwt ={other}'), 'token_repeated'),
  bad('two lines of the header', [jwt, ['X-Jwt', '{other}']], 'token_repeated'),
  bad('two tokens on one line of the header', [['X-Jwt', '{token}, {other}']], 'token_malformed'),
  bad('a repeated parameter', [], 'token_repeated', '/a?access_token={token}&access_token={other}'),
  bad('spelled otherwise the second time', [], 'token_repeated', '/a?access_token={token}&%61ccess_token={other}'),
  bad('behind a semicolon', [], 'credentials_malformed', '/a?access_token={token}&x=1;access_token={other}'),
  bad('before a semicolon', [], 'credentials_malformed', '/a?access_token={token};x=1'),
  bad('behind one, in escapes', [], 'credentials_malformed', '/a?access_token={token}&x;%61ccess_token={other}'),
  bad('with a broken escape', [], 'credentials_malformed', '/a?access_token=%zz'),
  bad('with half of a character', [], 'credentials_malformed', '/a?access_token=%c3'),
  bad('encoded twice', [], 'token_malformed', '/a?access_token=%2565yJ.a.b'),
  bad('a name that is encoded twice', [], 'credentials_missing', '/a?%2561ccess_token={token}'),
  bad('a plus is a blank', [], 'token_malformed', '/a?access_token=a+b.c.d'),
  bad('after a second equals sign', [], 'token_malformed', '/a?access_token=={token}'),
  bad('after a second question mark', [], 'credentials_missing', '/a?x=1?access_token={token}'),
  bad('in a list of parameters', [], 'credentials_missing', '/a?access_token[]={token}'),
  bad('under a name with a blank behind it', [], 'credentials_missing', '/a?access_token%20={token}'),
  bad('with a NUL in its name', [], 'credentials_missing', '/a?access_token%00={token}'),
  bad('after two schemes', [['X-Jwt', 'Bearer Bearer {token}']], 'token_malformed'),
  bad('a scheme alone', [['X-Jwt', 'Bearer']], 'token_malformed'),
  bad('in quotes', cookie('jwt="{token}"'), 'token_malformed'),
  bad('in another cookie', cookie('jwt2={token}'), 'credentials_missing'),
  bad('in a parameter of another case', [], 'credentials_missing', '/a?ACCESS_TOKEN={token}'),
  bad('a password without a user and colon', encode('a.b.c'), 'credentials_malformed'),
  bad('with a control character', encode('user:a\0b'), 'credentials_malformed'),
  bad('with a line end in the user', encode('us\r\ner:a.b.c'), 'credentials_malformed'),
  bad('with a colon in it', encode('user:a.b:c'), 'token_malformed'),
  bad('behind a second colon', [['Authorization', 'Basic {basic_colon}']], 'token_malformed'),
  bad('in base64url', [['Authorization', 'Basic dTrDv8O-Pj4=']], 'credentials_malformed'),
  bad('in base64', [['Authorization', 'Basic dTrDv8O+Pj4=']], 'token_malformed'),
  bad('with an escape character in the user', encode('\x1bu:a.b.c'), 'credentials_malformed'),
  bad('with padding in the middle', [['Authorization', 'Basic YTpi=YTpi']], 'credentials_malformed'),
  bad('that is empty', encode('user:'), 'scheme_unsupported'),
  bad('in characters that are not UTF-8', encode('user:\xff'), 'credentials_malformed'),
  bad('in broken base64', [['Authorization', 'Basic a.b.']], 'credentials_malformed'),
  bad('without padding', [['Authorization', 'Basic YTpiYw']], 'credentials_malformed'),
  bad('the user alone', [['Authorization', 'Basic {token}']], 'credentials_malformed'),
  bad('two subprotocols after `bearer`', protocols('bearer, {token}, bearer, {other}'), 'token_repeated'),
  bad('before it', protocols('{token}, bearer'), 'credentials_missing'),
  bad('the mark twice before it', protocols('bearer, bearer, {token}'), 'token_repeated'),
  bad('the mark in capitals', protocols('Bearer, {token}'), 'credentials_missing'),
  bad('the mark alone', protocols('chat, bearer'), 'credentials_missing'),
  bad('a comma in the mark', protocols('bea,rer, {token}'), 'credentials_missing'),
  bad('in quotes, with a comma in them', protocols('bearer, "{token},x"'), 'token_malformed'),
  bad('after a longer name', protocols('bearer.v1, {token}'), 'credentials_missing'),
  bad('after another name', protocols('access_token, {token}'), 'credentials_missing'),
  bad('a forged token in a cookie', cookie('jwt={token}'), 'signature_invalid', '/a', usual, { forged: true }),
  bad('an expired one in the query', [], 'expired', '/a?access_token={token}', claims({ exp: 1 })),
  row('a token in the path is not read', 'places', 'GET /a;access_token=x', usual, refused('path_parameter', ''), {
    lines: [],
  }),
];

const alone = pass('cookie-place');
const refusedAlone = fail('cookie-place');
const cookiePlace = [
  alone('the one cookie', cookie('__Host-jwt={token}; x=1'), { cookie: 'x=1' }),
  alone(
    'beside an Authorization that nobody reads',
    [...cookie('__Host-jwt={token}'), ['Authorization', 'Bearer x']],
    {},
  ),
  alone(
    'beside a parameter that nobody reads',
    cookie('__Host-jwt={token}'),
    { target: '/a?access_token=x' },
    '/a?access_token=x',
  ),
  refusedAlone('the header alone', [bearer], 'credentials_missing'),
  refusedAlone('a cookie without the prefix', cookie('jwt={token}'), 'credentials_missing'),
  refusedAlone('Basic credentials', [basic], 'credentials_missing'),
];

const unread = pass('unread-bearer');
const withJwt = (...lines) => [...cookie('jwt={token}'), ...lines.map((line) => ['Authorization', line])];
const unreadBearer = [
  unread('Bearer credentials that are no place reach no backend', withJwt('Bearer {other}'), {}),
  unread('nor in another case, with a tab, or without a token', withJwt('bEARER\t{other}'), {}),
  unread('nor the scheme alone', withJwt('Bearer'), {}),
  unread('nor the same token', withJwt('Bearer {token}'), {}),
  unread('other schemes stay', withJwt('Basic eDp5'), { authorization: 'Basic eDp5' }),
  unread('whatever they say', withJwt('Digest username="bearer x"'), { authorization: 'Digest username="bearer x"' }),
  row('nor on a public path', 'unread-bearer', 'GET /open', usual, allowed('open'), {
    lines: [bearer],
    left: { ...NOTHING, target: '/open' },
  }),
  fail('unread-bearer')('they are no token', [bearer], 'credentials_missing'),
  pass('kept-bearer')('they stay where the policy says so itself', withJwt('Bearer {other}'), {
    authorization: 'Bearer {other}',
  }),
];

const of =
  (policy, issuer) =>
  (comment, lines, left, target = '/a') =>
    row(comment, policy, `GET ${target}`, claims({ iss: issuer }), passed, { lines, left: { ...NOTHING, ...left } });
const notOf =
  (issuer) =>
  (comment, lines, target = '/a') =>
    row(comment, 'own-places', `GET ${target}`, claims({ iss: issuer }), refused('place_refused', 'all'), { lines });
const first = of('own-places', ISSUER);
const second = of('own-places', OTHER);
const ownPlaces = [
  first('an issuer has places of its own', cookie('jwt={token}'), {}),
  first('each of them', [jwt], {}),
  first('one of them beside another', [jwt, bearer], { authorization: 'Bearer {token}' }),
  second('the others have those of the policy', [bearer], { authorization: 'Bearer {token}' }),
  second('in the query', [], {}, '/a?token={token}'),
  second('after a mark of its own', protocols('jwt, {token}, bearer, x'), { protocols: 'jwt, bearer, x' }),
  notOf(ISSUER)('not those of the policy', [bearer]),
  notOf(ISSUER)('nor in the query', [], '/a?token={token}'),
  notOf(OTHER)('nor the other way round', cookie('jwt={token}')),
  notOf(OTHER)('nor in its header', [jwt]),
];

export const PLACE_POLICIES = {
  places: PLACES,
  'cookie-place': COOKIE,
  'unread-bearer': UNREAD,
  'kept-bearer': KEPT,
  'own-places': OWN,
};
export const PLACE_ROWS = { places: [...places, ...cookiePlace, ...ownPlaces, ...unreadBearer] };
