// The addresses of the broker: which of them a request asks for, and the answer.
import { PREFLIGHT_FIELDS, PUBLIC_FIELDS, type AnswerField } from '../answer/problem-details';
import { renderWith, type AnswerLine, type LoginAnswer } from '../login/login-answer';
import type {} from '../login/pages';
import { showPage, type LoginReply, type LoginStep } from '../login/step';
import type { Broker, PublicDocument } from '../model/broker';
import { pathOf, type RequestLines } from '../token/places/request-lines';
import { CALLBACK } from './addresses';
import { findProvider, type BrokerContext } from './context';
import { exchangeCode } from './one-time-code';
import { describeBrokerPage } from './page-words';
import { confirmPairing } from './pairing';
import { authorize, comeAgain, comeBack, showProviders } from './sign-in';

/** Seconds for which others may keep the documents: a key is published that long before it signs. */
const AGE = 300;

function linesOf(fields: readonly AnswerField[]): readonly AnswerLine[] {
  return fields.map((field): AnswerLine => [field.name, field.value]);
}

function refuse(status: number, error: string, more: readonly AnswerLine[]): LoginAnswer {
  const headers: readonly AnswerLine[] = [
    ['Content-Type', 'application/json'],
    ['Cache-Control', 'no-store'],
  ];
  return { status, headers: headers.concat(more), body: '{"error":"' + error + '"}' };
}

/** Scripts of any origin may read a public document (Fetch §3.2.3). */
function showDocument(document: PublicDocument, method: string): LoginAnswer {
  if (method === 'OPTIONS') return { status: 204, headers: linesOf(PREFLIGHT_FIELDS), body: '' };
  if (method !== 'GET' && method !== 'HEAD')
    return refuse(405, 'method_not_allowed', [['Allow', 'GET, HEAD, OPTIONS']]);
  const headers: readonly AnswerLine[] = [
    ['Content-Type', 'application/json'],
    ['Cache-Control', 'public, max-age=' + AGE.toString()],
    ['X-Content-Type-Options', 'nosniff'],
  ];
  return { status: 200, headers: headers.concat(linesOf(PUBLIC_FIELDS)), body: document.body };
}

/**
 * Answers a request for one of the documents: its path must be spelled exactly so. A host sends no body to HEAD.
 * @returns undefined for every other request to a broker that signs people in, which `answerDesk` answers
 */
export function answerBroker(broker: Broker, request: RequestLines): LoginAnswer | undefined {
  const path = pathOf(request.target);
  const document = broker.documents.find((candidate) => candidate.path === path);
  if (document !== undefined) return showDocument(document, request.method);
  return broker.desk === undefined ? refuse(404, 'not_found', []) : undefined;
}

/** RFC 9110 §15.5.6: the methods that an address has. */
function refuseMethod(allowed: string): LoginStep {
  const fields: LoginReply['fields'] = [['Allow', allowed]];
  return { kind: 'reply', reply: { status: 405, page: 'request_malformed', cookies: [], fields } };
}

function answerCallback(context: BrokerContext, request: RequestLines, name: string): LoginStep {
  const provider = findProvider(context.desk, name);
  if (provider === undefined) return showPage(404, 'request_malformed', []);
  if (request.method === 'POST') return comeAgain(context, provider, request);
  return request.method === 'GET' ? comeBack(context, provider, request) : refuseMethod('GET, POST');
}

/**
 * Answers a request for any other address of the broker: its path must be spelled exactly so.
 * @param random 128 characters of base64url, of the system's generator, for this request alone
 * @param now seconds since the epoch
 */
export function answerDesk(context: BrokerContext, request: RequestLines, random: string, now: number): LoginStep {
  const prefix = context.desk.prefix;
  const whole = pathOf(request.target);
  const path = whole.substring(0, prefix.length) === prefix ? whole.substring(prefix.length) : '';
  const isPost = request.method === 'POST';
  switch (path) {
    case '/':
      return request.method === 'GET' || request.method === 'HEAD'
        ? showProviders(context, request)
        : refuseMethod('GET, HEAD');
    case '/authorize':
      return isPost ? authorize(context, request, random, now) : refuseMethod('POST');
    case '/pair':
      return isPost ? confirmPairing(context, request) : refuseMethod('POST');
    case '/token':
      return isPost ? exchangeCode(context, request) : refuseMethod('POST');
  }
  if (path.substring(0, CALLBACK.length) === CALLBACK) {
    return answerCallback(context, request, path.substring(CALLBACK.length));
  }
  return showPage(404, 'request_malformed', []);
}

/** The whole answer for a reply of `answerDesk`. A host sends no body to HEAD. */
export function renderDesk(context: BrokerContext, reply: LoginReply): LoginAnswer {
  const desk = context.desk;
  const home = desk.prefix + '/';
  return renderWith(
    {
      own: desk.pages,
      secure: desk.cookie.secure,
      text: context.text,
      describe: describeBrokerPage,
      signIn: (returnTo) => returnTo ?? home,
      signOut: home,
    },
    reply,
  );
}
