import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { renderReply, type LoginAnswer } from '../../../src/login/login-answer';
import { PAGES } from '../../../src/login/page-words';
import { STYLE, STYLE_SOURCE } from '../../../src/login/shipped-page';
import type { LoginPage } from '../../../src/login/pages';
import type { LoginReply } from '../../../src/login/step';
import { contextOf, loginOf } from './provider';

const context = contextOf();
const NAMES = Object.keys(PAGES) as LoginPage[];

const fieldOf = (answer: LoginAnswer, name: string): string | undefined =>
  answer.headers.find(([one]) => one === name)?.[1];
const render = (reply: Partial<LoginReply>): LoginAnswer =>
  renderReply(context, { status: 200, cookies: [], ...reply });

describe('the pages of login', () => {
  test('have the style that their policy allows, and no other', () => {
    const digest = createHash('sha256').update(STYLE).digest('base64');
    expect(STYLE_SOURCE).toBe(`'sha256-${digest}'`);
  });

  test.each(NAMES)('%s says what happened, has a way out, no script, and nothing from elsewhere', (page) => {
    const form = page === 'sign_out' ? { action: '/oauth2/sign_out', fields: [] } : undefined;
    const answer = render({ page, form });
    expect(answer.body).toContain('<html lang="en">');
    expect(answer.body).toContain(`<h1>${PAGES[page].title}</h1>`);
    expect(answer.body).toMatch(/<main>[^]*(<a class="deed" href="\/|<button class="deed" type="submit">)[^]*<\/main>/);
    expect(answer.body).not.toMatch(/<script|<link|<img|<iframe|https?:|\{\{|style="| on\w+=/);
    expect(fieldOf(answer, 'Content-Type')).toBe('text/html; charset=utf-8');
    expect(fieldOf(answer, 'Cache-Control')).toBe('no-store');
    expect(fieldOf(answer, 'X-Frame-Options')).toBe('DENY');
    const policy = fieldOf(answer, 'Content-Security-Policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain(form === undefined ? "form-action 'none'" : "form-action 'self' https:");
  });

  test('escape whatever comes from outside', () => {
    const evil = `"'><script>alert(1)</script>&{{title}}`;
    const form = { action: `https://issuer.example/?${evil}`, fields: [[evil, evil] as const] };
    const { body } = render({ page: 'signed_out', form, returnTo: `/a?${evil}` });
    expect(body).not.toContain('<script');
    expect(body).toContain('value="&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;{{title}}"');
    expect(body).toContain('/oauth2/start?rd=%2Fa%3F%22%27%3E%3Cscript%3E');
  });

  test('name why an account may not use a page', () => {
    const { body } = render({ status: 403, page: 'access_denied', reason: 'groups_refused' });
    expect(body).toContain('your account is in no group that may use this page');
    expect(body).toContain('Code: groups_refused');
    expect(body).toContain('href="/oauth2/sign_out"');
  });
});

describe('the page to sign in', () => {
  test.each([
    ['credentials_missing', false],
    ['session_expired', false],
    // A damaged session, or one beside which a sibling domain has set another.
    ['session_invalid', true],
  ] as const)('with %s has a code: %s', (reason, hasCode) => {
    expect(render({ status: 401, page: 'sign_in', reason }).body.includes('Code:')).toBe(hasCode);
    expect(render({ status: 403, page: 'access_denied', reason }).body).toContain(`Code: ${reason}`);
  });
});

describe('an answer of login', () => {
  test('has each cookie in a line of its own, and where to go', () => {
    const answer = render({ status: 302, location: '/app1?a=b', cookies: ['a=1; Path=/', 'b=2; Path=/'] });
    expect(answer).toMatchObject({ status: 302, body: '' });
    expect(answer.headers.filter(([name]) => name === 'Set-Cookie').map(([, value]) => value)).toEqual([
      'a=1; Path=/',
      'b=2; Path=/',
    ]);
    expect(fieldOf(answer, 'Location')).toBe('/app1?a=b');
    expect(fieldOf(answer, 'Cache-Control')).toBe('no-store');
    expect(fieldOf(answer, 'Content-Type')).toBeUndefined();
  });

  test('has no field with a line end', () => {
    const answer = render({ fields: [['X-A', 'one\r\nSet-Cookie: evil=1']], json: '{}' });
    expect(JSON.stringify(answer.headers)).not.toContain('evil');
    expect(fieldOf(answer, 'Content-Type')).toBe('application/json');
  });
});

describe("an operator's own page", () => {
  const pages = {
    template: '<img src="{{logo}}"><h1>{{ title }}</h1>{{message}}{{actions}}{{reason}}{{unknown}}<i>{{</i>',
    styles: ["'sha256-own'"],
    logo: 'data:image/svg+xml;base64,PHN2Zz4=',
  };
  const own = contextOf({ login: loginOf({ pages }) });
  const answer = renderReply(own, { status: 403, page: 'access_denied', reason: 'roles_refused', cookies: [] });

  test('is filled once, with its logo and what there is to say', () => {
    expect(answer.body).toBe(
      '<img src="data:image/svg+xml;base64,PHN2Zz4="><h1>You cannot see this page</h1>' +
        'You are signed in, but your account has no role that may use this page.' +
        '<p class="actions"><a class="deed" href="/oauth2/sign_out">Sign out</a></p>' +
        '<p class="code">Code: roles_refused</p><i>{{</i>',
    );
  });

  test('has its own styles, images of its own host, and no script', () => {
    const policy = fieldOf(answer, 'Content-Security-Policy');
    expect(policy).toContain(
      "default-src 'none'; style-src 'self' 'sha256-own'; img-src 'self' data:; font-src 'self'",
    );
    expect(policy).not.toContain('script-src');
  });
});
