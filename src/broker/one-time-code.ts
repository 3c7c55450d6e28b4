// One-time codes: the browser carries one, and the audience's server gets the token for it (RFC 6749 §4.1.2, §4.1.3, RFC 7636).
import { asNumber, findMember, wholeNumber, type JsonObject } from '../codec/json';
import { challengeOf } from '../login/digest';
import { readOnce, withQuery } from '../login/query';
import { readText } from '../login/read-text';
import { redirect, showPage, type LoginStep } from '../login/step';
import type { RequestLines } from '../token/places/request-lines';
import { formatJson } from '../codec/json-format';
import type { BrokerContext } from './context';
import { readPosted } from './posted-form';
import { openObject, sealObject } from './sealed-object';
import type { Signed } from './signed';

/** Seconds for which a code can be exchanged. */
const CODE_AGE = 60;
/** RFC 7636 §4.1. */
const LEAST_VERIFIER = 43;
const LONGEST_VERIFIER = 128;

/** Sends the browser to the application with a code. */
export function makeCode(context: BrokerContext, signed: Signed, token: string): LoginStep {
  const ask = signed.ask;
  const address = ask.destination.address;
  const object: JsonObject = {
    kind: 'object',
    names: ['token', 'audience', 'address', 'challenge', 'until'],
    values: [token, ask.audience.name, address, ask.challenge, wholeNumber(signed.now + CODE_AGE)],
  };
  const then = (sealed: string): LoginStep =>
    redirect(
      withQuery(
        address,
        [
          ['code', sealed],
          ['state', ask.state],
          ['redirect', ask.destination.onwards],
        ],
        context.text,
      ),
      signed.ending,
    );
  const step = sealObject(context.desk.keys.code, object, then);
  return step ?? showPage(503, 'issuer_unavailable', signed.ending, 'the broker has no key for codes');
}

/** RFC 6749 §5.2. */
function refuse(context: BrokerContext, error: string, detail: string | undefined): LoginStep {
  context.count('exchange', error);
  const json = formatJson({ kind: 'object', names: ['error'], values: [error] });
  return { kind: 'reply', reply: { status: 400, json, cookies: [], detail } };
}

/** The parameters of an exchange; empty where one is missing. */
interface Exchange {
  readonly grant: string;
  readonly code: string;
  readonly client: string;
  readonly address: string;
  readonly verifier: string;
}

function readExchange(form: string, context: BrokerContext): Exchange | undefined {
  const read = (name: string): string | undefined => readOnce(form, name, context.text);
  const grant = read('grant_type');
  const code = read('code');
  const client = read('client_id');
  const address = read('redirect_uri');
  const verifier = read('code_verifier');
  if (grant === undefined || code === undefined || client === undefined) return undefined;
  return address === undefined || verifier === undefined ? undefined : { grant, code, client, address, verifier };
}

/** Whether an exchange is that of the client which began (RFC 6749 §4.1.3, RFC 7636 §4.6). */
function isSame(context: BrokerContext, object: JsonObject, exchange: Exchange): boolean {
  const verifier = exchange.verifier;
  if (verifier.length < LEAST_VERIFIER || verifier.length > LONGEST_VERIFIER) return false;
  if (!context.text.isVisibleAscii(verifier)) return false;
  return (
    readText(object, 'audience') === exchange.client &&
    readText(object, 'address') === exchange.address &&
    readText(object, 'challenge') === challengeOf(verifier, context.hash)
  );
}

/** RFC 6749 §5.1. */
function answerToken(context: BrokerContext, token: string): LoginStep {
  context.count('exchange', 'done');
  const lifetime = wholeNumber(context.desk.lifetime);
  const names = ['access_token', 'token_type', 'expires_in'];
  const json = formatJson({ kind: 'object', names, values: [token, 'Bearer', lifetime] });
  return { kind: 'reply', reply: { status: 200, json, cookies: [], fields: [['Pragma', 'no-cache']] } };
}

/** `token`: exchanges a code, once. */
export function exchangeCode(context: BrokerContext, request: RequestLines): LoginStep {
  const form = readPosted(request);
  const exchange = form === undefined ? undefined : readExchange(form, context);
  if (exchange === undefined || exchange.code === '') return refuse(context, 'invalid_request', undefined);
  if (exchange.grant !== 'authorization_code') return refuse(context, 'unsupported_grant_type', undefined);
  return openObject(context.desk.keys.code, exchange.code, context.text, (object, now) => {
    const token = object === undefined ? undefined : readText(object, 'token');
    const until = object === undefined ? undefined : asNumber(findMember(object, 'until'))?.value;
    if (object === undefined || token === undefined || until === undefined) {
      return refuse(context, 'invalid_grant', 'the broker did not make the code');
    }
    if (now >= until) return refuse(context, 'invalid_grant', 'the code is too old');
    if (!isSame(context, object, exchange)) return refuse(context, 'invalid_grant', 'the code is of another client');
    // A digest: nobody keeps a code.
    const name = challengeOf(exchange.code, context.hash);
    const next = (isFirst: boolean): LoginStep =>
      isFirst ? answerToken(context, token) : refuse(context, 'invalid_grant', 'the code was used before');
    return { kind: 'claim', name, until, next };
  });
}
