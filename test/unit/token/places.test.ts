import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { findToken, nameFound } from '../../../src/token/places/find-token';
import { takeTokens } from '../../../src/token/places/remainder';
import type { RequestLines } from '../../../src/token/places/request-lines';
import type { PlaceKind, TokenPlace } from '../../../src/model/token-place';

const place = (kind: PlaceKind, name = ''): TokenPlace => ({ kind, name });
const BEARER = place('bearer');
const BASIC = place('basic_password');
const COOKIE = place('cookie', 'jwt');
const QUERY = place('query', 'access_token');
const HEADER = place('header', 'x-jwt');
const FORM = place('form', 'access_token');
const SOCKET = place('websocket_protocol', 'bearer');
const ALL = [BEARER, BASIC, COOKIE, QUERY, HEADER, FORM, SOCKET];

interface Sent {
  readonly method?: string;
  readonly target?: string;
  readonly lines?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

function requestOf({ method = 'GET', target = '/', lines = [], body }: Sent): RequestLines {
  return {
    method,
    target,
    lines: (name) => lines.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value),
    body: () => body,
  };
}

/** The token and its places, or the reason. */
function found(places: readonly TokenPlace[], sent: Sent): string {
  const answer = findToken(places, requestOf(sent), text);
  return answer.ok ? `${answer.value.token} at ${answer.value.places.join(' ')}` : answer.reason;
}

const rest = (places: readonly TokenPlace[], sent: Sent): object => {
  const changed = Object.entries(takeTokens(places, requestOf(sent), text, false)) as [string, unknown][];
  return Object.fromEntries(changed.filter(([, value]) => value !== undefined));
};
const cookie = (...values: readonly string[]): Sent => ({ lines: values.map((value) => ['Cookie', value] as const) });
const basic = (pair: string): Sent => ({
  lines: [['Authorization', `Basic ${Buffer.from(pair, 'latin1').toString('base64')}`]],
});
const form = (body: string | undefined, type = 'application/x-www-form-urlencoded', method = 'POST'): Sent => ({
  method,
  lines: [['Content-Type', type]],
  ...(body === undefined ? {} : { body }),
});
const protocols = (...values: readonly string[]): Sent => ({
  lines: values.map((value) => ['Sec-WebSocket-Protocol', value] as const),
});

describe('the place of a token', () => {
  it('is each that the list names, and no other', () => {
    const sent: readonly (readonly [TokenPlace, Sent])[] = [
      [BEARER, { lines: [['Authorization', 'Bearer a.b.c']] }],
      [BASIC, basic('user:a.b.c')],
      [COOKIE, cookie('x=1; jwt=a.b.c')],
      [QUERY, { target: '/p?x=1&access_token=a.b.c' }],
      [HEADER, { lines: [['X-Jwt', 'a.b.c']] }],
      [FORM, form('x=1&access_token=a.b.c')],
      [SOCKET, protocols('chat, bearer, a.b.c')],
    ];
    for (const [own, request] of sent) {
      expect(found([own], request)).toBe('a.b.c at 0');
      expect(found(ALL, request)).toBe(`a.b.c at ${String(ALL.indexOf(own))}`);
      const others = ALL.filter((other) => other !== own);
      expect(found(others, request)).toMatch(/credentials_missing|scheme_unsupported/);
    }
  });

  it('may be several with one token, never with two', () => {
    const twice: Sent = { target: '/?access_token=a.b.c', lines: [['X-Jwt', 'a.b.c']] };
    expect(found(ALL, twice)).toBe('a.b.c at 3 4');
    expect(found([HEADER], twice)).toBe('a.b.c at 0');
    expect(found(ALL, { ...twice, target: '/?access_token=a.b.d' })).toBe('token_repeated');
    expect(nameFound({ token: 'a.b.c', places: [3, 4] })).toBe('at 3.4 a.b.c');
  });

  it('leaves another scheme alone where another place has the token', () => {
    const sent: Sent = { lines: [['Authorization', 'Basic YTpi'], ...(cookie('jwt=a.b.c').lines ?? [])] };
    expect(found([BEARER, COOKIE], sent)).toBe('a.b.c at 1');
    expect(found([BEARER, COOKIE], { lines: [['Authorization', 'Basic YTpi']] })).toBe('scheme_unsupported');
    expect(found([COOKIE], { lines: [['Authorization', 'Basic YTpi']] })).toBe('credentials_missing');
    expect(
      found(ALL, {
        lines: [
          ['Authorization', 'Bearer a'],
          ['Authorization', 'Bearer a'],
        ],
      }),
    ).toBe('authorization_repeated');
  });
});

describe('a token in a cookie', () => {
  it.each<readonly [string, readonly string[], string]>([
    ['alone', ['jwt=a.b.c'], 'a.b.c at 0'],
    ['among others, without a blank', ['a=1;jwt=a.b.c;b=2'], 'a.b.c at 0'],
    ['on the second line', ['a=1', 'jwt=a.b.c'], 'a.b.c at 0'],
    ['with blanks around name and value', [' jwt = a.b.c '], 'a.b.c at 0'],
    ['twice, and the same', ['jwt=a.b.c; jwt=a.b.c'], 'a.b.c at 0'],
    ['twice, and another', ['jwt=a.b.c; jwt=a.b.d'], 'token_repeated'],
    ['twice, on two lines', ['jwt=a.b.c', 'jwt=a.b.d'], 'token_repeated'],
    ['tossed by a name of no characters', ['jwt=a.b.c; =jwt=a.b.d'], 'a.b.c at 0'],
    ['in another case', ['JWT=a.b.c'], 'credentials_missing'],
    ['with a longer name', ['jwt2=a.b.c; xjwt=a.b.c'], 'credentials_missing'],
    ['empty', ['jwt='], 'credentials_missing'],
    ['empty beside a full one', ['jwt=; jwt=a.b.c'], 'a.b.c at 0'],
    ['without an equals sign', ['jwt'], 'credentials_missing'],
    ['in the value of another', ['a="jwt=a.b.c"'], 'credentials_missing'],
    ['in quotes', ['jwt="a.b.c"'], '"a.b.c" at 0'],
    ['whose name is percent-encoded', ['%6Awt=a.b.c'], 'credentials_missing'],
  ])('is found: %s', (_, lines, expected) => {
    expect(found([COOKIE], cookie(...lines))).toBe(expected);
  });

  it.each<readonly [readonly string[], readonly string[] | undefined]>([
    [['jwt=a'], []],
    [['x=1; jwt=a; y="2,3"'], ['x=1; y="2,3"']],
    [
      ['x=1;  y=2', 'jwt=a;z=3', 'jwt=b'],
      ['x=1;  y=2', 'z=3'],
    ],
    [['x=1; jwt = ; jwt=a'], ['x=1']],
    [['x=1;  y=2'], undefined],
  ])('is taken out of %j, which leaves %j', (lines, left) => {
    expect(rest([COOKIE], cookie(...lines))).toEqual(left === undefined ? {} : { cookies: left });
  });
});

describe('a token in the query', () => {
  it.each([
    ['/?access_token=a.b.c', 'a.b.c at 0', '/'],
    ['/p?x=1&access_token=a.b.c&y=2', 'a.b.c at 0', '/p?x=1&y=2'],
    ['http://h/p?access_token=a.b.c', 'a.b.c at 0', 'http://h/p'],
    ['?access_token=a.b.c', 'a.b.c at 0', '/'],
    ['/?access_token=a%2Eb%2ec', 'a.b.c at 0', '/'],
    ['/?%61ccess_token=a.b.c', 'a.b.c at 0', '/'],
    ['/?access%5Ftoken=a.b.c&access_token=a.b.c', 'a.b.c at 0', '/'],
    ['/?%61ccess_token=a.b.d&access_token=a.b.c', 'token_repeated', '/'],
    ['/?access_token=a.b.c&access_token=a.b.d', 'token_repeated', '/'],
    ['/?access_token=a%252Eb.c', 'a%2Eb.c at 0', '/'],
    ['/?access_token=a+b', 'a b at 0', '/'],
    ['/?access_token=a%zz', 'credentials_malformed', '/'],
    ['/?access_token=%ff', 'credentials_malformed', '/'],
    ['/?x=1;access_token=a.b.c', 'credentials_malformed', '/'],
    ['/?access_token=a.b.c;x=1', 'credentials_malformed', '/'],
    ['/?x=1;y=2&access_token=a.b.c', 'a.b.c at 0', '/?x=1;y=2'],
    ['/?access_token=', 'credentials_missing', '/'],
    ['/?access_token', 'credentials_missing', '/'],
    ['/?access_token&x', 'credentials_missing', '/?x'],
    ['/?Access_Token=a.b.c', 'credentials_missing', undefined],
    ['/?%2561ccess_token=a.b.c', 'credentials_missing', undefined],
    ['/?x=access_token=a.b.c', 'credentials_missing', undefined],
    ['/;access_token=a.b.c', 'credentials_missing', undefined],
    ['/access_token=a.b.c', 'credentials_missing', undefined],
    ['/?x=1&&y=%20', 'credentials_missing', undefined],
    ['/p?', 'credentials_missing', undefined],
    ['/p', 'credentials_missing', undefined],
    ['/p?a=1?access_token=x', 'credentials_missing', undefined],
  ])('of %s: %s, which leaves %s', (target, expected, left) => {
    expect(found([QUERY], { target })).toBe(expected);
    expect(rest([QUERY], { target })).toEqual(left === undefined ? {} : { target: left });
  });
});

describe('a token in a form', () => {
  it.each<readonly [string, Sent, string]>([
    ['of POST', form('access_token=a.b.c'), 'a.b.c at 0'],
    ['with a charset', form('access_token=a.b.c', 'Application/X-WWW-Form-Urlencoded; charset=utf-8'), 'a.b.c at 0'],
    ['of PUT', form('access_token=a%2eb.c', undefined, 'PUT'), 'a.b.c at 0'],
    ['of GET', form('access_token=a.b.c', undefined, 'GET'), 'credentials_missing'],
    ['that is JSON', form('{"access_token":"a.b.c"}', 'application/json'), 'credentials_missing'],
    ['of several parts', form('access_token=a.b.c', 'multipart/form-data; boundary=x'), 'credentials_missing'],
    ['with two tokens', form('access_token=a&access_token=b'), 'token_repeated'],
    ['with a broken escape', form('access_token=%'), 'credentials_malformed'],
    ['that is not there as a whole', form(undefined), 'form_incomplete'],
    ['that is empty', form(''), 'credentials_missing'],
    [
      'in a coding',
      { ...form('x'), lines: [...(form('x').lines ?? []), ['Content-Encoding', 'gzip']] },
      'form_incomplete',
    ],
    [
      'with two types',
      { ...form('x'), lines: [...(form('x').lines ?? []), ['Content-Type', 'text/plain']] },
      'credentials_malformed',
    ],
  ])('%s', (_, sent, expected) => {
    expect(found([FORM], sent)).toBe(expected);
  });
});

describe('a token as the password of Basic credentials', () => {
  it.each<readonly [string, Sent, string]>([
    ['after a user', basic('user:a.b.c'), 'a.b.c at 0'],
    ['after none', basic(':a.b.c'), 'a.b.c at 0'],
    ['in another case', { lines: [['Authorization', 'bASIC  OmEuYi5j ']] }, 'a.b.c at 0'],
    ['with a colon in it', basic('user:a:b'), 'a:b at 0'],
    ['that is empty', basic('user:'), 'credentials_missing'],
    ['without a colon', basic('a.b.c'), 'credentials_malformed'],
    ['with a control character', basic('user:a\u0000b'), 'credentials_malformed'],
    ['with a line end in the user', basic('us\ner:a.b.c'), 'credentials_malformed'],
    ['that is not UTF-8', basic('user:\xff'), 'credentials_malformed'],
    ['without padding', { lines: [['Authorization', 'Basic YTpiYw']] }, 'credentials_malformed'],
    ['with stray bits', { lines: [['Authorization', 'Basic YTpiYx==']] }, 'credentials_malformed'],
    ['in base64url', { lines: [['Authorization', 'Basic OmE-YQ==']] }, 'credentials_malformed'],
    ['in no base64', { lines: [['Authorization', 'Basic a.b.']] }, 'credentials_malformed'],
    ['behind a tab', { lines: [['Authorization', 'bASIC\tOmEuYi5j']] }, 'a.b.c at 0'],
    ['that is missing', { lines: [['Authorization', 'Basic']] }, 'credentials_malformed'],
    ['of another scheme', { lines: [['Authorization', 'Basically OmEuYi5j']] }, 'credentials_missing'],
  ])('%s', (_, sent, expected) => {
    expect(found([BASIC], sent)).toBe(expected);
  });

  it('is taken away, and another scheme is not', () => {
    expect(rest([BASIC], basic('user:x'))).toEqual({ authorization: [] });
    expect(rest([BASIC, BEARER], { lines: [['Authorization', 'Bearer x']] })).toEqual({});
    expect(rest([BASIC], { lines: [['Authorization', 'Bearer x']] })).toEqual({ authorization: [] });
    expect(rest([BASIC], { lines: [['Authorization', 'Digest x']] })).toEqual({});
    expect(rest([BEARER], basic('user:x'))).toEqual({});
  });
});

describe('a token in a header of its own', () => {
  it.each<readonly [string, readonly string[], string]>([
    ['alone', ['a.b.c'], 'a.b.c at 0'],
    ['after a scheme', [' bearer  a.b.c '], 'a.b.c at 0'],
    ['on two lines, and the same', ['a.b.c', 'a.b.c'], 'a.b.c at 0'],
    ['on two lines, and another', ['a.b.c', 'a.b.d'], 'token_repeated'],
    ['empty', [' '], 'credentials_missing'],
    ['two with a comma', ['a.b.c, a.b.d'], 'a.b.c, a.b.d at 0'],
  ])('%s', (_, values, expected) => {
    expect(found([HEADER], { lines: values.map((value) => ['X-JWT', value] as const) })).toBe(expected);
  });
});

describe('a token among the subprotocols of a WebSocket', () => {
  it.each<readonly [readonly string[], string, string | undefined]>([
    [['bearer, a.b.c'], 'a.b.c at 0', 'bearer'],
    [['chat,bearer,a.b.c,v2'], 'a.b.c at 0', 'chat, bearer, v2'],
    [['chat, bearer', 'a.b.c'], 'a.b.c at 0', 'chat, bearer'],
    [['bearer', '', ' , a.b.c'], 'a.b.c at 0', 'bearer'],
    [['bearer, a.b.c, bearer, a.b.c'], 'a.b.c at 0', 'bearer, bearer'],
    [['bearer, a.b.c', 'bearer, a.b.d'], 'token_repeated', 'bearer, bearer'],
    [['a.b.c, bearer'], 'credentials_missing', undefined],
    [['Bearer, a.b.c'], 'credentials_missing', undefined],
    [['chat'], 'credentials_missing', undefined],
  ])('%j: %s, which leaves %s', (lines, expected, left) => {
    expect(found([SOCKET], protocols(...lines))).toBe(expected);
    expect(rest([SOCKET], protocols(...lines))).toEqual(left === undefined ? {} : { protocols: left });
  });
});
