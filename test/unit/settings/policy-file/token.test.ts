// `token.from` of a policy and OAUTH_TOKEN_FROM: every mistake with its place and its mend.
import { describe, expect, it } from 'vitest';
import { text } from '../../../../nginx/ports/text';
import { ALGORITHMS } from '../../../../src/model/algorithm';
import { isMisplaced } from '../../../../src/token/places/accepted-place';
import { compileSettings } from '../../../../src/settings/environment';
import { ISSUER, problemsOf, settingsOf } from '../../policy/compile';

const AUTH = { otherwise: 'authenticated' };
const from = (...places: readonly unknown[]): object => ({ ...AUTH, token: { from: places } });
const compiled = (...places: readonly unknown[]): unknown => settingsOf({ ...from(...places) }).tokenPlaces;

describe('token.from', () => {
  it('names places, each by its word or its own name', () => {
    expect(
      compiled(
        'bearer',
        { header: 'Cf-Access-Jwt-Assertion' },
        { cookie: 'CF_Authorization' },
        { query: 'access_token' },
        { form: 'access_token' },
        'basic_password',
        'websocket_protocol',
        { websocket_protocol: 'jwt' },
      ),
    ).toEqual([
      { kind: 'bearer', name: '' },
      { kind: 'header', name: 'cf-access-jwt-assertion' },
      { kind: 'cookie', name: 'CF_Authorization' },
      { kind: 'query', name: 'access_token' },
      { kind: 'form', name: 'access_token' },
      { kind: 'basic_password', name: '' },
      { kind: 'websocket_protocol', name: 'bearer' },
      { kind: 'websocket_protocol', name: 'jwt' },
    ]);
  });

  it('costs nothing where it says what counts without it', () => {
    expect(compiled('bearer')).toBeUndefined();
    expect(settingsOf(AUTH).tokenPlaces).toBeUndefined();
  });

  it('of an issuer counts for that issuer, and that of the policy for the others', () => {
    const settings = settingsOf({
      ...from({ cookie: 'jwt' }),
      issuers: [ISSUER, { ...ISSUER, issuer: 'https://eu/', token: { from: ['bearer', { header: 'X-Jwt' }] } }],
    });
    expect(settings.tokenPlaces?.map(({ kind }) => kind)).toEqual(['cookie', 'bearer', 'header']);
    const misplaced = (issuer: number): readonly boolean[] =>
      [0, 1, 2].map((at) => isMisplaced(settings, issuer, [at]));
    expect(misplaced(0)).toEqual([false, true, true]);
    expect(misplaced(1)).toEqual([true, false, false]);
    expect(isMisplaced(settings, 0, [0, 1])).toBe(false);
    expect(isMisplaced(settings, 0, undefined)).toBe(false);
    const bare = settingsOf({
      ...AUTH,
      issuers: [ISSUER, { ...ISSUER, issuer: 'b', token: { from: [{ cookie: 'jwt' }] } }],
    });
    expect([0, 1].map((at) => isMisplaced(bare, 0, [at]))).toEqual([false, true]);
  });

  it('takes its headers from what the backend gets', () => {
    const policy = settingsOf({ ...from('bearer', { header: 'X-Jwt' }) }).policy;
    expect(policy?.removals).toContain('x-jwt');
    expect(settingsOf(AUTH).policy?.removals).not.toContain('x-jwt');
  });

  it('names its methods in the metadata document (RFC 9728 section 2)', () => {
    const methods = (...places: readonly unknown[]): unknown => {
      const document = {
        ...(places.length === 0 ? AUTH : from(...places)),
        metadata: { resource: 'https://api.example' },
      };
      const body = JSON.parse(settingsOf(document).policy?.metadata?.body ?? '') as Record<string, unknown>;
      return body['bearer_methods_supported'];
    };
    expect(methods()).toEqual(['header']);
    expect(methods({ query: 'a' }, { form: 'a' }, 'bearer')).toEqual(['header', 'body', 'query']);
    expect(methods({ cookie: 'a' })).toEqual([]);
  });

  it.each<readonly [unknown, string]>([
    [{}, '/token: has no `from`; list the places that a token may be at'],
    [{ from: [] }, '/token/from: is empty; name something, or leave it out'],
    [
      { from: ['beaer'] },
      '/token/from/0: is not one of bearer, header, cookie, query, form, basic_password, websocket_protocol; did you mean `bearer`?',
    ],
    [{ from: ['cookie'] }, '/token/from/0: needs a name; write {"cookie": "NAME"}'],
    [{ from: ['query:a'] }, '/token/from/0: needs a name; write {"query": "NAME"}'],
    [{ from: [1] }, '/token/from/0: is a number; it must be the name of a place, or {"cookie": "NAME"}'],
    [{ from: [{}] }, '/token/from/0: is not one place; write one object with one name for each, as {"cookie": "NAME"}'],
    [
      { from: [{ cookie: 'a', query: 'a' }] },
      '/token/from/0: is not one place; write one object with one name for each, as {"cookie": "NAME"}',
    ],
    [{ from: [{ cooky: 'a' }] }, '/token/from/0/cooky: is not a known key; did you mean `cookie`?'],
    [{ from: [{ cookie: 'a b' }] }, '/token/from/0/cookie: is not the name of a cookie (RFC 6265 section 4.1.1)'],
    [{ from: [{ cookie: 'a;b' }] }, '/token/from/0/cookie: is not the name of a cookie (RFC 6265 section 4.1.1)'],
    [{ from: [{ cookie: 'a=b' }] }, '/token/from/0/cookie: is not the name of a cookie (RFC 6265 section 4.1.1)'],
    [
      { from: [{ query: 'a&b' }] },
      '/token/from/0/query: is not the name of a parameter; use letters, digits, `-`, `.`, `_` and `~`',
    ],
    [
      { from: [{ query: 'a%62' }] },
      '/token/from/0/query: is not the name of a parameter; use letters, digits, `-`, `.`, `_` and `~`',
    ],
    [
      { from: [{ header: 'Authorization' }] },
      '/token/from/0/header: is where `bearer` and `basic_password` look; name one of these',
    ],
    [{ from: [{ header: 'cookie' }] }, '/token/from/0/header: holds cookies; name the place `cookie`'],
    [
      { from: [{ header: 'Sec-WebSocket-Protocol' }] },
      '/token/from/0/header: holds subprotocols; name the place `websocket_protocol`',
    ],
    [{ from: [{ header: 'Host' }] }, '/token/from/0/header: is a header that the request itself needs'],
    [{ from: [{ header: 'X_Jwt' }] }, '/token/from/0/header: is not a header name; use letters, digits and `-`'],
    [
      { from: [{ websocket_protocol: 'a,b' }] },
      '/token/from/0/websocket_protocol: is not the name of a subprotocol (RFC 6455 section 4.1)',
    ],
    [{ from: [{ header: 'X-A' }, { header: 'x-a' }] }, '/token/from/1: is in the list twice'],
    [{ from: ['websocket_protocol', { websocket_protocol: 'bearer' }] }, '/token/from/1: is in the list twice'],
    [
      { from: Array.from({ length: 17 }, (_, index) => ({ cookie: `c${String(index)}` })) },
      '/token/from: names more than 16 places',
    ],
    [{ form: ['bearer'] }, '/token/form: is not a known key; did you mean `from`?'],
  ])('%j is a problem', (token, problem) => {
    expect(problemsOf({ ...AUTH, token })).toContain(problem);
  });

  it('never shares a header with `forward`', () => {
    const document = { ...from({ header: 'X-Jwt' }), forward: { 'X-JWT': 'token', 'X-User': 'user' } };
    expect(problemsOf(document)).toEqual([
      '/forward/X-JWT: is a header that clients send their token in (`token`); forward under another name',
    ]);
  });

  it('of the policy is a problem where no issuer follows it', () => {
    const document = { ...from({ cookie: 'a' }), issuers: [{ ...ISSUER, token: { from: ['bearer'] } }] };
    expect(problemsOf(document)).toEqual([
      '/token: has no effect, because every issuer has a `token` of its own; remove it',
    ]);
  });
});

const GOOD = { OAUTH_ISSUER: 'https://us/', OAUTH_AUDIENCE: 'api', OAUTH_HMAC_SECRET: 's'.repeat(32) };

function environment(value: string, readsForms: boolean): unknown {
  const source = {
    environment: (name: string) => ({ ...GOOD, OAUTH_TOKEN_FROM: value })[name],
    readFile: () => ({ ok: false as const, problem: 'no such file' }),
    readsForms,
  };
  const names = ALGORITHMS.map(({ name }) => name);
  const answer = compileSettings(source, text, names);
  return answer.ok ? answer.settings.tokenPlaces : answer.problems.map(({ message }) => message);
}

describe('OAUTH_TOKEN_FROM', () => {
  it('names places with blanks or commas between them', () => {
    expect(environment('bearer, cookie:jwt header:X-Jwt', false)).toEqual([
      { kind: 'bearer', name: '' },
      { kind: 'cookie', name: 'jwt' },
      { kind: 'header', name: 'x-jwt' },
    ]);
    expect(environment('bearer', false)).toBeUndefined();
    expect(environment('form:access_token', true)).toEqual([{ kind: 'form', name: 'access_token' }]);
  });

  it.each([
    ['', 'is empty; name a place, or unset it'],
    [
      'cookies:a',
      '`cookies` is not one of bearer, header, cookie, query, form, basic_password, websocket_protocol; did you mean `cookie`?',
    ],
    ['cookie', '`cookie` needs a name; write `cookie:NAME`'],
    ['bearer:x', '`bearer` has no name of its own; write `bearer` alone'],
    ['cookie:', '`cookie:` needs a name; write `cookie:NAME`'],
    ['cookie:a cookie:a', '`cookie:a` is in the list twice'],
    ['form:a', '`a` is a parameter of a form, which nginx cannot read before it decides; name another place'],
  ])('`%s` is a problem', (value, problem) => {
    expect(environment(value, false)).toContain(problem);
  });
});
