// Opaque tokens (RFC 7662): what is asked of the issuer, and what its answer is worth.
import { describe, expect, test } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { begin, createTrust, resumeIntrospection, type Step } from '../../../src/token/flow';
import { isKeyPresent, judgeVerified } from '../../../src/token/verified-token';
import type { HttpAnswer, HttpQuestion } from '../../../src/ports/http';
import { describeAccepted, nextTurn } from '../../../src/token/client-secret';
import { describeOutage } from '../../../src/token/introspection';
import { problemsOf, settingsOf } from '../policy/compile';

const NOW = 1_800_000_000;
const INTROSPECTION = {
  url: 'https://us/introspect',
  client_id: 'gate way'.replace(' ', ':'),
  client_secret_env: 'SECRET',
};
const ENVIRONMENT = { SECRET: 'p@ss/word', A: 'aa', B: 'bb', C: 'cc', D: 'dd', BLANK: 'b b' };
const ISSUER = { issuer: 'https://us/', audiences: ['api'], introspection: INTROSPECTION };
const JUDGE = createTrust(settingsOf({ issuers: [ISSUER], otherwise: 'authenticated' }, ENVIRONMENT), text);

const ACTIVE = { active: true, scope: 'read write', client_id: 'cli', sub: 'jan', aud: 'api', exp: NOW + 600 };

function answerWith(body: object | string, changes: object = {}): HttpAnswer {
  const written = typeof body === 'string' ? body : JSON.stringify(body);
  return { ok: true, status: 200, body: written, cacheControl: '', contentEncoding: '', contentType: '', ...changes };
}

const resume = (answer: HttpAnswer, now = NOW): Step => resumeIntrospection(JUDGE, 0, answer, now);

function verified(answer: HttpAnswer) {
  const step = resume(answer);
  if (step.kind !== 'verified') throw new Error(JSON.stringify(step));
  return step.verified;
}

function questionsOf(changes: object, environment: object = {}): readonly HttpQuestion[] {
  const issuer = { ...ISSUER, introspection: { ...INTROSPECTION, ...changes } };
  const policy = { issuers: [issuer], otherwise: 'authenticated' };
  const step = begin(createTrust(settingsOf(policy, { ...ENVIRONMENT, NEW: 'new', ...environment }), text), 't');
  if (step.kind !== 'introspect') throw new Error(JSON.stringify(step));
  return step.questions;
}

describe('the question', () => {
  test('is put for a token that is not signed, with the client’s credentials in form encoding (RFC 6749 §2.3.1)', () => {
    const credentials = Buffer.from('gate%3Away:p%40ss%2Fword').toString('base64');
    expect(begin(JUDGE, 'opaque-Token_1~2')).toEqual({
      kind: 'introspect',
      issuer: 0,
      questions: [
        {
          url: 'https://us/introspect',
          authorization: `Basic ${credentials}`,
          contentType: 'application/x-www-form-urlencoded',
          body: 'token=opaque-Token_1~2&token_type_hint=access_token',
        },
      ],
    });
  });

  test('has the credentials in its form with `client_secret_post`', () => {
    expect(questionsOf({ token_endpoint_auth_method: 'client_secret_post' })).toEqual([
      {
        url: 'https://us/introspect',
        authorization: undefined,
        contentType: 'application/x-www-form-urlencoded',
        body: 'token=t&token_type_hint=access_token&client_id=gate%3Away&client_secret=p%40ss%2Fword',
      },
    ]);
  });

  test.each(['text', 'base64', 'base64url', 'hex'] as const)('has a secret that is written as %s', (encoding) => {
    const written = encoding === 'text' ? '~+?' : Buffer.from('~+?').toString(encoding);
    const questions = questionsOf({ client_secret_encoding: encoding }, { SECRET: written });
    const credentials = Buffer.from('gate%3Away:%7E%2B%3F').toString('base64');
    expect(questions.map(({ authorization }) => authorization)).toEqual([`Basic ${credentials}`]);
  });

  test('is there for each secret, in the order of the policy, out of variables or files', () => {
    const secrets = (changes: object): readonly string[] =>
      questionsOf({ token_endpoint_auth_method: 'client_secret_post', ...changes }).map(
        ({ body }) => body?.split('client_secret=')[1] ?? '',
      );
    expect(secrets({ client_secret_env: ['NEW', 'SECRET'] })).toEqual(['new', 'p%40ss%2Fword']);
    const files = ['/run/secrets/hs_new', '/run/secrets/hs_old'];
    expect(secrets({ client_secret_env: undefined, client_secret_file: files })).toEqual([
      'a'.repeat(64),
      'b'.repeat(64),
    ]);
    // A line end at the end of a file does not count.
    expect(secrets({ client_secret_env: undefined, client_secret_file: '/secret' })).toEqual([
      'abcdef0123456789'.repeat(8),
    ]);
  });

  test('encodes what a form would take for something else', () => {
    const step = begin(JUDGE, 'a+b/c.d==');
    expect(step.kind === 'introspect' && step.questions[0]?.body).toBe(
      'token=a%2Bb%2Fc.d%3D%3D&token_type_hint=access_token',
    );
  });

  test.each(['a&b', 'a b', 'a%20', '=', 'a=b', 'ä', 'a\u0000', 'a,b', '"a"'])(
    'is not put for %j, no b64token',
    (token) => {
      expect(begin(JUDGE, token)).toMatchObject({
        kind: 'refused',
        decision: { status: 401, reason: 'token_malformed' },
      });
    },
  );

  test('is not put for a token that is too large', () => {
    expect(begin(JUDGE, 'a'.repeat(16384)).kind).toBe('introspect');
    expect(begin(JUDGE, 'a'.repeat(16385))).toMatchObject({ decision: { reason: 'token_too_large' } });
  });

  test('is not put for a signed token: without keys it is refused', () => {
    const header = Buffer.from('{"alg":"RS256"}').toString('base64url');
    expect(begin(JUDGE, `${header}.e30.AAAA`)).toMatchObject({ decision: { reason: 'algorithm_refused' } });
  });

  test('is not put where no issuer is asked', () => {
    const trust = createTrust(settingsOf({ rules: [{ name: 'a' }] }), text);
    expect(begin(trust, 'opaque')).toMatchObject({ decision: { reason: 'token_malformed' } });
  });
});

describe('the answer', () => {
  test('that a token is active gives its claims, scopes and identity', () => {
    const { decision, identity, key } = verified(answerWith(ACTIVE));
    expect(decision).toMatchObject({ allowed: true, subject: 'jan', scopes: 'read write' });
    expect(decision.claims?.names).not.toContain('active');
    expect(identity).toMatchObject({ subject: 'jan', client: 'cli' });
    expect(key).toBeUndefined();
  });

  test('counts for `cache_age` at the most, and no longer than the token', () => {
    const judged = (body: object, later: number) =>
      judgeVerified(verified(answerWith(body)), undefined, text, NOW + later);
    expect(judged(ACTIVE, 59).allowed).toBe(true);
    expect(judged(ACTIVE, 60).reason).toBe('expired');
    // The clock skew is allowed for.
    expect(judged({ ...ACTIVE, exp: NOW - 30 }, 29).allowed).toBe(true);
    expect(judged({ ...ACTIVE, exp: NOW - 30 }, 30).reason).toBe('expired');
  });

  test('may leave out `exp` and `iss` (RFC 7662 §2.2), which then become no claims', () => {
    const { decision, validity } = verified(answerWith({ active: true, aud: 'api' }));
    expect(validity.until).toBe(NOW + 60);
    expect(decision.claims?.names).toEqual(['aud']);
  });

  test('may have every member that it leaves open as null', () => {
    const unset = ['scope', 'client_id', 'username', 'token_type', 'exp', 'iat', 'nbf', 'sub', 'iss', 'jti', 'ext'];
    const nulls = Object.fromEntries(unset.map((name) => [name, null]));
    const { decision, validity } = verified(answerWith({ ...nulls, active: true, aud: 'api' }));
    expect(validity.until).toBe(NOW + 60);
    expect(decision.claims?.names).toEqual(['aud']);
  });

  test.each([
    ['token_inactive', 401, { active: false }],
    ['audience_missing', 401, { active: true, aud: null }],
    ['token_inactive', 401, { active: false, sub: 'jan', aud: 'api' }],
    ['audience_missing', 401, { active: true }],
    ['audience_refused', 401, { ...ACTIVE, aud: 'other' }],
    ['issuer_refused', 401, { ...ACTIVE, iss: 'https://them/' }],
    ['expired', 401, { ...ACTIVE, exp: NOW - 60 }],
    ['not_yet_valid', 401, { ...ACTIVE, nbf: NOW + 61 }],
    ['claim_malformed', 401, { ...ACTIVE, exp: 'soon' }],
    ['scope_malformed', 401, { ...ACTIVE, scope: 7 }],
    ['type_refused', 401, { ...ACTIVE, token_type: 'DPoP' }],
    ['introspection_unavailable', 503, {}],
    ['introspection_unavailable', 503, { ...ACTIVE, active: 'true' }],
    ['introspection_unavailable', 503, { ...ACTIVE, active: 1 }],
    ['introspection_unavailable', 503, { ...ACTIVE, active: null }],
    ['introspection_unavailable', 503, [true]],
    ['introspection_unavailable', 503, '{"active":true,"active":true}'],
    ['introspection_unavailable', 503, '{"active":true'],
    ['introspection_unavailable', 503, ''],
    ['introspection_unavailable', 503, '<html>'],
  ])('refuses with %s (%i): %j', (reason, status, body) => {
    expect(resume(answerWith(body))).toMatchObject({ kind: 'refused', decision: { allowed: false, status, reason } });
  });

  test.each([
    ['an outage', { ok: false as const, problem: 'it cannot be reached' }],
    ['a wrong secret', answerWith('', { status: 401 })],
    ['a redirect', answerWith(ACTIVE, { status: 302 })],
    ['a fault of the server', answerWith(ACTIVE, { status: 500 })],
    ['a compressed answer', answerWith(ACTIVE, { contentEncoding: 'gzip' })],
  ])('is none: %s refuses with 503', (_, answer) => {
    expect(resume(answer)).toMatchObject({ decision: { status: 503, reason: 'introspection_unavailable' } });
  });

  test.each(['Bearer', 'bearer', 'access_token'])('may say the type %s', (type) => {
    expect(resume(answerWith({ ...ACTIVE, token_type: type })).kind).toBe('verified');
  });

  test('stays good when keys change: there is no key to lose', () => {
    const keySet = JUDGE.keySets[0];
    if (keySet === undefined) throw new Error('no key set');
    expect(isKeyPresent(keySet, verified(answerWith(ACTIVE)).key)).toBe(true);
  });
});

describe('the policy', () => {
  const problems = (introspection: object, environment: Record<string, string> = ENVIRONMENT) =>
    problemsOf({ issuers: [{ ...ISSUER, introspection }] }, environment);

  test('has keys of its own beside the question only where it says so', () => {
    expect(
      settingsOf({ issuers: [ISSUER], otherwise: 'authenticated' }, ENVIRONMENT).issuers[0]?.sources,
    ).toMatchObject({
      configured: { keys: [] },
      remotes: [],
    });
    const both = { ...ISSUER, keys: { discovery: true } };
    expect(settingsOf({ issuers: [both], otherwise: 'authenticated' }, ENVIRONMENT).issuers[0]?.sources).toMatchObject({
      configured: undefined,
      remotes: [{ kind: 'discovery' }],
    });
  });

  test.each([
    ['/issuers/0/introspection: has no `url`', { client_id: 'a', client_secret_env: 'SECRET' }],
    ['/issuers/0/introspection: has no `client_id`', { url: 'https://us/i', client_secret_env: 'SECRET' }],
    [
      '/issuers/0/introspection: has no `client_secret_file` and no `client_secret_env`; name ',
      { url: 'https://us/i', client_id: 'a' },
    ],
    [
      '/issuers/0/introspection: names client_secret_env and client_secret_file; name one of them',
      { ...INTROSPECTION, client_secret_file: '/secret' },
    ],
    [
      '/issuers/0/introspection/client_secret_file/1: cannot read `/missing`: no such file',
      { ...INTROSPECTION, client_secret_env: undefined, client_secret_file: ['/secret', '/missing'] },
    ],
    [
      '/issuers/0/introspection/client_secret_file: `/denied` is empty; write the secret into it',
      { ...INTROSPECTION, client_secret_env: undefined, client_secret_file: '/denied' },
    ],
    [
      '/issuers/0/introspection/client_secret_file: `/key.pem` holds a PEM block',
      { ...INTROSPECTION, client_secret_env: undefined, client_secret_file: '/key.pem' },
    ],
    [
      '/issuers/0/introspection/client_secret_env/1: is in the list twice',
      { ...INTROSPECTION, client_secret_env: ['SECRET', 'SECRET'] },
    ],
    ['/issuers/0/introspection/client_secret_env: is empty', { ...INTROSPECTION, client_secret_env: [] }],
    [
      '/issuers/0/introspection/client_secret_env: names more than 4 secrets; remove the oldest',
      { ...INTROSPECTION, client_secret_env: ['SECRET', 'A', 'B', 'C', 'D'] },
    ],
    [
      '/issuers/0/introspection/client_secret_env: the variable `SECRET` is not hex',
      { ...INTROSPECTION, client_secret_encoding: 'hex' },
    ],
    [
      '/issuers/0/introspection/client_secret_env: the variable `BLANK` has characters other than visible ASCII',
      { ...INTROSPECTION, client_secret_env: 'BLANK' },
    ],
    [
      '/issuers/0/introspection/client_secret_encoding: is not one of text, base64, base64url, hex; did you mean `hex`?',
      { ...INTROSPECTION, client_secret_encoding: 'hexx' },
    ],
    [
      '/issuers/0/introspection/token_endpoint_auth_method: is not one of client_secret_basic, client_secret_post; did you mean',
      { ...INTROSPECTION, token_endpoint_auth_method: 'client_secret_jwt' },
    ],
    ['/issuers/0/introspection/url: is a plain http:// URL', { ...INTROSPECTION, url: 'http://us/i' }],
    ['/issuers/0/introspection/client_id: has characters', { ...INTROSPECTION, client_id: 'a b' }],
    [
      '/issuers/0/introspection/client_secret_env: names the variable `NONE`',
      { ...INTROSPECTION, client_secret_env: 'NONE' },
    ],
    [
      '/issuers/0/introspection/urll: is not a known key; did you mean `url`?',
      { ...INTROSPECTION, urll: 'https://us/i' },
    ],
    ['/issuers/0/introspection/cache_age: ', { ...INTROSPECTION, cache_age: 0 }],
    ['/issuers/0/introspection: is a string', 'https://us/i' as unknown as object],
  ])('complains: %s', (start, introspection) => {
    const found = problems(introspection);
    expect(found.some((problem) => problem.startsWith(start))).toBe(true);
    expect(found.join('\n')).not.toContain(ENVIRONMENT.SECRET);
  });

  test('complains of a secret that is empty', () => {
    expect(problems(INTROSPECTION, { SECRET: '' })[0]).toContain(
      'the variable `SECRET` is empty; write the secret into it',
    );
  });

  test('notices a secret that is named twice, and asks with it once', () => {
    const changes = { client_secret_env: ['SECRET', 'SAME'] };
    expect(questionsOf(changes, { SAME: ENVIRONMENT.SECRET })).toHaveLength(1);
  });

  test('asks one issuer alone: an opaque token does not say whose it is', () => {
    const issuers = [ISSUER, { ...ISSUER, issuer: 'https://b/' }];
    const found = problemsOf({ issuers, otherwise: 'authenticated' }, ENVIRONMENT);
    expect(found).toEqual([
      '/issuers/1: is the second issuer with `introspection`; an opaque token does not name its issuer',
    ]);
  });
});

test('a token whose answer names no issuer is of the issuer that was asked', () => {
  const { iss } = { iss: 'https://us/' };
  for (const named of [{}, { iss }]) {
    expect(verified(answerWith({ active: true, sub: 'x', aud: 'api', ...named }))).toMatchObject({ issuedBy: iss });
  }
});

describe('an issuer that rejects the client', () => {
  const basic = questionsOf({ client_secret_env: ['NEW', 'SECRET', 'A'] });
  const post = questionsOf({ client_secret_env: ['NEW', 'SECRET'], token_endpoint_auth_method: 'client_secret_post' });
  const first = { place: 1, tried: 1, begun: NOW };
  const rejected = answerWith('', { status: 401 });

  test('is asked with each other secret once', () => {
    const second = { place: 2, tried: 2, begun: NOW };
    const third = { place: 0, tried: 3, begun: NOW };
    expect(nextTurn(basic, first, rejected, NOW)).toEqual(second);
    expect(nextTurn(basic, second, rejected, NOW)).toEqual(third);
    expect(nextTurn(basic, third, rejected, NOW)).toBeUndefined();
  });

  test('is not asked again after the time of one answer', () => {
    expect(nextTurn(basic, first, rejected, NOW + 4)).toBeDefined();
    expect(nextTurn(basic, first, rejected, NOW + 5)).toBeUndefined();
  });

  test('says so with 401, or with 400 where the form had the secret (RFC 6749 §5.2)', () => {
    const malformed = answerWith('', { status: 400 });
    expect(nextTurn(basic, first, malformed, NOW)).toBeUndefined();
    expect(nextTurn(post, first, malformed, NOW)).toEqual({ place: 0, tried: 2, begun: NOW });
    expect(nextTurn(post, first, rejected, NOW)).toEqual({ place: 0, tried: 2, begun: NOW });
    for (const answer of [answerWith('', { status: 403 }), answerWith({ active: false }), { ok: false, problem: 'x' }])
      expect(nextTurn(basic, first, answer as HttpAnswer, NOW)).toBeUndefined();
  });

  test('is named in the log, and no secret is', () => {
    const line = describeOutage(basic, rejected, '');
    expect(line).toBe(
      'introspection at `https://us/introspect`: it answers with status 401 (it rejects the client: see to `client_id`, ' +
        'its secret and `token_endpoint_auth_method`); opaque tokens are refused with 503',
    );
    expect(describeOutage(basic, answerWith('', { status: 500 }), '')).not.toContain('client_id');
    expect(describeAccepted('https://us/i', 1, 2)).toContain('accepts secret 2 of 2');
  });
});
