// A reply of login as a whole HTTP answer, which hosts only send.
import type { Reason } from '../answer/reason';
import type { OwnPages } from '../model/login';
import { escapeHtml, fillTemplate } from './page-template';
import { describePage, PAGES, STILL_THERE, type PageWords } from './page-words';
import { STYLE_SOURCE, TEMPLATE } from './shipped-page';
import { startAddress } from './start';
import type { LoginContext, LoginForm, LoginPage, LoginReply } from './step';

/** A header field of an answer: name and value. A name may occur several times (`Set-Cookie`). */
export type AnswerLine = readonly [name: string, value: string];

export interface LoginAnswer {
  readonly status: number;
  readonly headers: readonly AnswerLine[];
  readonly body: string;
}

/** Reasons for which a page asks to sign in, and which are nobody's fault. */
const USUAL: readonly Reason[] = ['credentials_missing', 'session_expired'];

/** What a page says a request was refused for; empty where nothing went wrong. */
function formatReason(page: LoginPage, reason: Reason | undefined): string {
  if (reason === undefined || (page === 'sign_in' && USUAL.indexOf(reason) >= 0)) return '';
  return '<p class="code">Code: ' + escapeHtml(reason) + '</p>';
}

/** A page on its way. */
interface Shown {
  readonly context: LoginContext;
  readonly reply: LoginReply;
  readonly page: LoginPage;
  readonly words: PageWords;
}

function link(address: string, label: string): string {
  return '<p class="actions"><a class="deed" href="' + escapeHtml(address) + '">' + escapeHtml(label) + '</a></p>';
}

/** POST, so that no token is ever in a URL. */
function formatForm(form: LoginForm, label: string): string {
  const fields = form.fields.map(
    (field) => '<input type="hidden" name="' + escapeHtml(field[0]) + '" value="' + escapeHtml(field[1]) + '">',
  );
  const start = '<form method="post" action="' + escapeHtml(form.action) + '">';
  return start + fields.join('') + '<button class="deed" type="submit">' + escapeHtml(label) + '</button></form>';
}

/** The ways out of a page: every page has one. */
function formatActions(shown: Shown): string {
  const words = shown.words;
  const form = shown.reply.form;
  const deed = form === undefined ? '' : formatForm(form, words.button ?? words.title);
  switch (words.wayOut) {
    case 'sign_in':
      return deed + link(startAddress(shown.context, shown.reply.returnTo), 'Sign in');
    case 'sign_out':
      return deed + link(shown.context.login.prefix + '/sign_out', 'Sign out');
    case 'home':
      return deed + link('/', 'Go to the start page');
    case 'none':
      return deed;
  }
}

/** The HTML for a placeholder; empty for one that is unknown, which settings refuse. */
function fill(shown: Shown, name: string): string {
  const words = shown.words;
  const reply = shown.reply;
  switch (name) {
    case 'title':
      return escapeHtml(words.title);
    case 'message':
      return escapeHtml(
        describePage(shown.page, reply.reason) +
          (shown.page === 'signed_out' && reply.form !== undefined ? ' ' + STILL_THERE : ''),
      );
    case 'advice':
      return escapeHtml(words.advice);
    case 'actions':
      return formatActions(shown);
    case 'logo':
      return escapeHtml(shown.context.login.pages?.logo ?? '');
    case 'page':
      return shown.page;
    case 'reason':
      return formatReason(shown.page, reply.reason);
  }
  return '';
}

/** Where a page's form may lead: the browser checks the redirects of the answer too (CSP Level 3 §4.2.4). */
function formSources(context: LoginContext, form: LoginForm | undefined): string {
  if (form === undefined) return "'none'";
  return context.login.cookie.secure ? "'self' https:" : "'self' https: http:";
}

/** The content security policy of a page. */
function formatPolicy(context: LoginContext, form: LoginForm | undefined, own: OwnPages | undefined): string {
  const styles = own === undefined ? STYLE_SOURCE : ["'self'"].concat(own.styles).join(' ');
  const sources = own === undefined ? '' : "; img-src 'self' data:; font-src 'self'";
  const rest = "; base-uri 'none'; frame-ancestors 'none'; form-action " + formSources(context, form);
  return "default-src 'none'; style-src " + styles + sources + rest;
}

/** Fields of every answer: it is for one browser, once. */
const ALWAYS: readonly AnswerLine[] = [
  ['Cache-Control', 'no-store'],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Content-Type-Options', 'nosniff'],
];

/** Fields and body of a page. */
function renderPage(context: LoginContext, reply: LoginReply, page: LoginPage): Omit<LoginAnswer, 'status'> {
  const own = context.login.pages;
  const shown: Shown = { context, reply, page, words: PAGES[page] };
  return {
    headers: [
      ['Content-Type', 'text/html; charset=utf-8'],
      ['Content-Security-Policy', formatPolicy(context, reply.form, own)],
      // Browsers before `frame-ancestors`.
      ['X-Frame-Options', 'DENY'],
    ],
    body: fillTemplate(own?.template ?? TEMPLATE, (name) => fill(shown, name)),
  };
}

/** What is particular to a reply. */
function renderBody(context: LoginContext, reply: LoginReply): Omit<LoginAnswer, 'status'> {
  if (reply.page !== undefined) return renderPage(context, reply, reply.page);
  if (reply.json !== undefined) return { headers: [['Content-Type', 'application/json']], body: reply.json };
  return { headers: [], body: '' };
}

/** The whole answer for a reply. A host sends no body where the method is HEAD. */
export function renderReply(context: LoginContext, reply: LoginReply): LoginAnswer {
  const rendered = renderBody(context, reply);
  const lines: AnswerLine[] = reply.location === undefined ? [] : [['Location', reply.location]];
  const cookies = reply.cookies.map((value): AnswerLine => ['Set-Cookie', value]);
  const headers = ALWAYS.concat(lines, rendered.headers, reply.fields ?? [], cookies);
  // INVARIANT: whatever a value is made of, it is one line.
  const safe = headers.filter((line) => !context.text.hasControl(line[1]));
  return { status: reply.status, headers: safe, body: rendered.body };
}
