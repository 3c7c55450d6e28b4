// A reply of login as a whole HTTP answer, which hosts only send.
import type { Reason } from '../answer/reason';
import type { Text } from '../codec/text';
import type { OwnPages } from '../model/login';
import { escapeHtml, fillTemplate } from './page-template';
import { describePage, STILL_THERE, type PageWords } from './page-words';
import type { Parameter } from './query';
import { STYLE_SOURCE, TEMPLATE } from './shipped-page';
import { startAddress } from './start';
import type { BrokerPage, LoginPage } from './pages';
import type { LoginContext, LoginForm, LoginReply } from './step';

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
function formatReason(page: ShownPage, reason: Reason | undefined): string {
  if (reason === undefined || (page === 'sign_in' && USUAL.indexOf(reason) >= 0)) return '';
  return '<p class="code">Code: ' + escapeHtml(reason) + '</p>';
}

/** What pages are made with. @noSelf */
export interface PageKit {
  /** Undefined: the pages that ship. */
  readonly own: OwnPages | undefined;
  /** Whether browsers come by https alone. */
  readonly secure: boolean;
  readonly text: Text;
  /** What a page says. */
  describe(page: ShownPage, reason: Reason | undefined): PageWords;
  /** Where its sign-in leads. @param returnTo of the reply */
  signIn(returnTo: string | undefined): string;
  /** Where one signs out. */
  readonly signOut: string;
}

type ShownPage = LoginPage | BrokerPage;

/** A page on its way. */
interface Shown {
  readonly kit: PageKit;
  readonly reply: LoginReply;
  readonly page: ShownPage;
  readonly words: PageWords;
}

function link(address: string, label: string): string {
  return '<p class="actions"><a class="deed" href="' + escapeHtml(address) + '">' + escapeHtml(label) + '</a></p>';
}

/** The buttons of a form: one below the other, where there are several. */
function formatButtons(form: LoginForm, label: string): string {
  if (form.buttons === undefined) return '<button class="deed" type="submit">' + escapeHtml(label) + '</button>';
  const buttons = form.buttons.map(
    (button) =>
      '<p><button class="deed" type="submit" name="' +
      escapeHtml(button.name) +
      '" value="' +
      escapeHtml(button.value) +
      '">' +
      escapeHtml(button.label) +
      '</button></p>',
  );
  return buttons.join('');
}

/** What a page shows of the case at hand. */
function formatFacts(facts: readonly Parameter[]): string {
  const items = facts.map((fact) => '<dt>' + escapeHtml(fact[0]) + '</dt><dd>' + escapeHtml(fact[1]) + '</dd>');
  return items.length === 0 ? '' : '<dl>' + items.join('') + '</dl>';
}

/** POST, so that no token is ever in a URL. */
function formatForm(form: LoginForm, label: string): string {
  const fields = form.fields.map(
    (field) => '<input type="hidden" name="' + escapeHtml(field[0]) + '" value="' + escapeHtml(field[1]) + '">',
  );
  const start = '<form method="post" action="' + escapeHtml(form.action) + '">';
  return start + fields.join('') + formatButtons(form, label) + '</form>';
}

/** The ways out of a page: every page has one. */
function formatActions(shown: Shown): string {
  const words = shown.words;
  const form = shown.reply.form;
  const facts = formatFacts(shown.reply.facts ?? []);
  const deed = facts + (form === undefined ? '' : formatForm(form, words.button ?? words.title));
  switch (words.wayOut) {
    case 'sign_in':
      return deed + link(shown.kit.signIn(shown.reply.returnTo), 'Sign in');
    case 'sign_out':
      return deed + link(shown.kit.signOut, 'Sign out');
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
        words.message + (shown.page === 'signed_out' && reply.form !== undefined ? ' ' + STILL_THERE : ''),
      );
    case 'advice':
      return escapeHtml(words.advice);
    case 'actions':
      return formatActions(shown);
    case 'logo':
      return escapeHtml(shown.kit.own?.logo ?? '');
    case 'page':
      return shown.page;
    case 'reason':
      return formatReason(shown.page, reply.reason);
  }
  return '';
}

/** Where a page's form may lead: the browser checks the redirects of the answer too (CSP Level 3 §4.2.4). */
function formSources(kit: PageKit, form: LoginForm | undefined): string {
  if (form === undefined) return "'none'";
  return kit.secure ? "'self' https:" : "'self' https: http:";
}

/** The content security policy of a page. */
function formatPolicy(kit: PageKit, form: LoginForm | undefined): string {
  const own = kit.own;
  const styles = own === undefined ? STYLE_SOURCE : ["'self'"].concat(own.styles).join(' ');
  const sources = own === undefined ? '' : "; img-src 'self' data:; font-src 'self'";
  const rest = "; base-uri 'none'; frame-ancestors 'none'; form-action " + formSources(kit, form);
  return "default-src 'none'; style-src " + styles + sources + rest;
}

/** Fields of every answer: it is for one browser, once. */
const ALWAYS: readonly AnswerLine[] = [
  ['Cache-Control', 'no-store'],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Content-Type-Options', 'nosniff'],
];

/** Fields and body of a page. */
function renderPage(kit: PageKit, reply: LoginReply, page: ShownPage): Omit<LoginAnswer, 'status'> {
  const shown: Shown = { kit, reply, page, words: kit.describe(page, reply.reason) };
  return {
    headers: [
      ['Content-Type', 'text/html; charset=utf-8'],
      ['Content-Security-Policy', formatPolicy(kit, reply.form)],
      // Browsers before `frame-ancestors`.
      ['X-Frame-Options', 'DENY'],
    ],
    body: fillTemplate(kit.own?.template ?? TEMPLATE, (name) => fill(shown, name)),
  };
}

/** What is particular to a reply. */
function renderBody(kit: PageKit, reply: LoginReply): Omit<LoginAnswer, 'status'> {
  if (reply.page !== undefined) return renderPage(kit, reply, reply.page);
  if (reply.json !== undefined) return { headers: [['Content-Type', 'application/json']], body: reply.json };
  return { headers: [], body: '' };
}

/** The whole answer for a reply, with the pages of a kit. A host sends no body where the method is HEAD. */
export function renderWith(kit: PageKit, reply: LoginReply): LoginAnswer {
  const rendered = renderBody(kit, reply);
  const lines: AnswerLine[] = reply.location === undefined ? [] : [['Location', reply.location]];
  const cookies = reply.cookies.map((value): AnswerLine => ['Set-Cookie', value]);
  const headers = ALWAYS.concat(lines, rendered.headers, reply.fields ?? [], cookies);
  // INVARIANT: whatever a value is made of, it is one line.
  const safe = headers.filter((line) => !kit.text.hasControl(line[1]));
  return { status: reply.status, headers: safe, body: rendered.body };
}

/** The whole answer for a reply of login. A host sends no body where the method is HEAD. */
export function renderReply(context: LoginContext, reply: LoginReply): LoginAnswer {
  const kit: PageKit = {
    own: context.login.pages,
    secure: context.login.cookie.secure,
    text: context.text,
    describe: describePage,
    signIn: (returnTo) => startAddress(context, returnTo),
    signOut: context.login.prefix + '/sign_out',
  };
  return renderWith(kit, reply);
}
