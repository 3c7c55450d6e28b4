// What each page says: what happened, and what to do about it. Plain words for people who know nothing of tokens.
import type { Reason } from '../answer/reason';
import type { BrokerPage, LoginPage } from './pages';

/** The way out of a page. */
export type WayOut = 'sign_in' | 'sign_out' | 'home' | 'none';

export interface PageWords {
  readonly title: string;
  readonly message: string;
  readonly advice: string;
  readonly wayOut: WayOut;
  /** The label of its form, where it has one. */
  readonly button?: string;
}

const AGAIN = 'If it happens again, tell the people who run this site.';

export const PAGES: Readonly<Record<LoginPage, PageWords>> = {
  sign_in: {
    title: 'Sign in',
    message: 'You need to sign in to see this page.',
    advice: 'You go to the sign-in service, and come back here afterwards.',
    wayOut: 'sign_in',
  },
  access_denied: {
    title: 'You cannot see this page',
    message: 'You are signed in, but your account may not use this page.',
    advice: 'Ask the people who run this site for access, or sign out and sign in with another account.',
    wayOut: 'sign_out',
  },
  session_ended: {
    title: 'You are signed out',
    message: 'Your session was ended, here or at the sign-in service.',
    advice: 'Sign in again to go on.',
    wayOut: 'sign_in',
  },
  request_malformed: {
    title: 'This address does not work',
    message: 'There is nothing at this address, or something is wrong with how it was opened.',
    advice: 'Go to the start page and try again from there.',
    wayOut: 'home',
  },
  login_unknown: {
    title: 'This sign-in is over',
    message: 'It began in another browser, took longer than ten minutes, or has been used already.',
    advice: 'Sign in again. If that does not help, allow cookies for this site.',
    wayOut: 'sign_in',
  },
  login_denied: {
    title: 'You are not signed in',
    message: 'You canceled the sign-in, or the sign-in service does not let you use this site.',
    advice: 'Sign in again, or ask the people who run this site for access.',
    wayOut: 'sign_in',
  },
  login_failed: {
    title: 'You are not signed in',
    message: 'The sign-in service answered with an error.',
    advice: 'Sign in again. ' + AGAIN,
    wayOut: 'sign_in',
  },
  issuer_mixed: {
    title: 'You are not signed in',
    message: 'The answer came from another sign-in service than the one of this site.',
    advice: 'Sign in again. ' + AGAIN,
    wayOut: 'sign_in',
  },
  issuer_unavailable: {
    title: 'You cannot sign in now',
    message: 'The sign-in service does not answer.',
    advice: 'Wait a minute and try again. ' + AGAIN,
    wayOut: 'sign_in',
  },
  token_refused: {
    title: 'You are not signed in',
    message: 'This site does not accept what the sign-in service says of you.',
    advice: 'Sign in with another account. ' + AGAIN,
    wayOut: 'sign_in',
  },
  session_too_large: {
    title: 'You are not signed in',
    message: 'Your account has more groups or other details than a browser can keep for this site.',
    advice: 'Tell the people who run this site.',
    wayOut: 'sign_in',
  },
  sign_out: {
    title: 'Do you want to sign out?',
    message: 'Another site sent you here to sign out.',
    advice: 'Sign out, or close this page to stay signed in.',
    wayOut: 'none',
    button: 'Sign out',
  },
  sign_out_failed: {
    title: 'You are signed out in this browser',
    message: 'This site could not end your session for other browsers and devices that have a copy of it.',
    advice: 'Tell the people who run this site, above all on a device that others use.',
    wayOut: 'sign_in',
  },
  signed_out: {
    title: 'You are signed out',
    message: 'Your session on this site has ended.',
    advice: 'Close this page, or sign in again.',
    wayOut: 'sign_in',
    button: 'Sign out of the sign-in service too',
  },
};

/** With the form for the issuer. */
export const STILL_THERE = 'You are still signed in at the sign-in service.';

/** Why an account may not use a page, where the reason says more than that. */
const WHYS: Readonly<Partial<Record<Reason, string>>> = {
  groups_refused: 'You are signed in, but your account is in no group that may use this page.',
  groups_overage:
    'You are signed in, but your account is in too many groups to tell whether one of them may use this page.',
  roles_refused: 'You are signed in, but your account has no role that may use this page.',
  insufficient_scope: 'You are signed in, but you have not allowed this site what this page needs.',
  email_refused: 'You are signed in, but your email address is not among those that may use this page.',
  email_unverified: 'You are signed in, but your email address is not verified at the sign-in service.',
  insufficient_authentication: 'You are signed in, but this page needs a stronger or more recent sign-in.',
  rule_missing: 'You are signed in, but nobody may use this page.',
  rule_refuses: 'You are signed in, but nobody may use this page.',
};

/** What is wrong with a page that has no words: it is nobody's. */
const NOBODYS: PageWords = PAGES.request_malformed;

/** The words of login's pages by name. */
function wordsOf(page: LoginPage | BrokerPage): PageWords {
  const pages: Readonly<Partial<Record<LoginPage | BrokerPage, PageWords>>> = PAGES;
  return pages[page] ?? NOBODYS;
}

/** What a page of login says; of a refusal, why. */
export function describePage(page: LoginPage | BrokerPage, reason: Reason | undefined): PageWords {
  const words = wordsOf(page);
  const why = page === 'access_denied' && reason !== undefined ? WHYS[reason] : undefined;
  return why === undefined ? words : Object.assign({}, words, { message: why });
}
