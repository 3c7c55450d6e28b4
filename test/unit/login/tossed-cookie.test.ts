// A cookie that a sibling domain has set beside the session (RFC 6265 §8.6): a page instead of a redirect, which would be a loop.
import { describe, expect, it } from 'vitest';
import { refuse } from '../../../src/answer/decision';
import { answerWithoutSession } from '../../../src/login/without-session';
import { contextOf, NAME, requestOf } from './provider';

const PAGE = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const REFUSED = { decision: refuse('session_invalid'), hasSession: false, cookies: [] };
const answerTo = (cookie: string | readonly string[]) =>
  answerWithoutSession(contextOf(), requestOf('/app1', { ...PAGE, cookie }), 'redirect', REFUSED);

describe('a page load with a session that does not open', () => {
  it.each([`${NAME}=1.a`, `${NAME}=2.a; ${NAME}_1=b`, `${NAME}=1.a; other=b; other=c`, `x${NAME}=a; ${NAME}=1.b`])(
    'goes to sign-in with `%s`',
    (cookie) => {
      expect(answerTo(cookie)).toMatchObject({ status: 302, location: '/oauth2/start?rd=%2Fapp1' });
    },
  );

  it.each([[`${NAME}=1.a; ${NAME}=1.b`], [`${NAME}=2.a; ${NAME}_1=b; ${NAME}_1=c`], [[`${NAME}=1.a`, `${NAME}=1.a`]]])(
    'gets a page with `%s`, where one of its cookies comes twice',
    (cookie) => {
      expect(answerTo(cookie)).toMatchObject({ status: 401, page: 'sign_in', returnTo: '/app1' });
    },
  );
});
