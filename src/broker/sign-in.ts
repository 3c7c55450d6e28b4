// Signing in at the broker: the choice of a provider, the way there and back, and what becomes of the person then.
import { sessionIdOf } from '../login/digest';
import { callBack, type LoginAim, type Redeemed } from '../login/callback';
import { verifyTokens } from '../login/establish';
import { isForeign } from '../login/page-load';
import { formatParameters, readOnce, type Parameter } from '../login/query';
import { sendToIssuer } from '../login/start';
import { showPage, type LoginReply, type LoginStep } from '../login/step';
import type { BrokerDesk, BrokerProvider } from '../model/broker';
import { queryOf, type RequestLines } from '../token/places/request-lines';
import { lookUp } from './admin-service';
import { addressOf, readAsk, type Ask } from './ask';
import { clientContextOf, findProvider, type BrokerContext } from './context';
import { deliverToken } from './deliver';
import { askPerson, pairingFacts } from './pairing';
import { identifyPerson } from './person';
import { readPosted } from './posted-form';
import type { Signed } from './signed';

/** The parts of Microsoft's addresses that stand for any tenant. */
const ANY_TENANT: readonly string[] = ['common', 'organizations', 'consumers'];

/** The page with a button for each provider. */
function offerProviders(desk: BrokerDesk, ask: Ask): LoginStep {
  const facts: readonly Parameter[] =
    ask.code === '' ? [['Application', ask.audience.name]] : pairingFacts(ask.audience.name, ask.code);
  const buttons = desk.providers.map((provider) => ({ label: provider.label, name: 'provider', value: provider.name }));
  const form = { action: desk.prefix + '/authorize', fields: ask.parameters, buttons };
  const reply: LoginReply = { status: 200, page: 'choose_provider', facts, form, cookies: [] };
  return { kind: 'reply', reply };
}

function refuseAsk(detail: string): LoginStep {
  return showPage(400, 'request_malformed', [], detail);
}

/** `/`: asks with which provider to sign in. */
export function showProviders(context: BrokerContext, request: RequestLines): LoginStep {
  const answer = readAsk(context.desk, queryOf(request.target) ?? '', context.text);
  return answer.ok ? offerProviders(context.desk, answer.ask) : refuseAsk(answer.detail);
}

/** The address at which people of one tenant sign in. */
function forTenant(endpoint: string, tenant: string): string {
  if (tenant === '') return endpoint;
  const segments = endpoint.split('/');
  // Behind the scheme and the host.
  return segments.map((segment, place) => (place > 2 && ANY_TENANT.indexOf(segment) >= 0 ? tenant : segment)).join('/');
}

/** `authorize`: sends the browser to the provider whose button it is. */
export function authorize(context: BrokerContext, request: RequestLines, random: string, now: number): LoginStep {
  const desk = context.desk;
  const text = context.text;
  const form = readPosted(request);
  if (form === undefined) return refuseAsk('there is no form, or it is too long');
  const answer = readAsk(desk, form, text);
  if (!answer.ok) return refuseAsk(answer.detail);
  const ask = answer.ask;
  // Another site may offer nothing: its visitors see what they sign in for.
  if (isForeign(request)) return offerProviders(desk, ask);
  const provider = findProvider(desk, readOnce(form, 'provider', text) ?? '');
  if (provider === undefined) return refuseAsk('the provider is unknown');
  const client = clientContextOf(context, provider);
  const back = addressOf(desk, ask, text);
  if (!client.endpoints.ok) return showPage(503, 'issuer_unavailable', [], client.endpoints.problem, back);
  const beginning = {
    endpoint: forTenant(client.endpoints.endpoints.authorization, ask.tenant),
    redirectUri: provider.client.redirectUri ?? '',
    returnTo: formatParameters(ask.parameters, text),
    parameters: provider.parameters,
  };
  const step = sendToIssuer(client, request, beginning, random, now);
  if (step === undefined) return showPage(503, 'issuer_unavailable', [], 'the broker is not ready', back);
  context.count('sign_in', provider.name + ' begun');
  return step;
}

/** Goes on with a person whom the application may know. */
function welcome(context: BrokerContext, signed: Signed, state: string): LoginStep {
  const ask = signed.ask;
  const admin = ask.audience.admin;
  const goOn = (known: Signed): LoginStep =>
    ask.code === '' ? deliverToken(context, known) : askPerson(context, known, state);
  if (admin === undefined) return goOn(signed);
  const name = ask.audience.name;
  return lookUp(context, admin, name, signed.person, (found, now) => {
    if (found.kind === 'member') return goOn(Object.assign({}, signed, { person: found.person, now }));
    const facts: readonly Parameter[] = [
      ['Application', name],
      ['Signed in as', signed.person.user],
    ];
    const isUnknown = found.kind === 'unknown';
    const reply: LoginReply = {
      status: isUnknown ? 403 : 503,
      page: isUnknown ? 'not_a_member' : 'look_up_failed',
      facts: isUnknown ? facts : [],
      returnTo: addressOf(context.desk, ask, context.text),
      cookies: signed.ending,
      detail: found.kind === 'unavailable' ? found.problem : undefined,
    };
    return { kind: 'reply', reply };
  });
}

/** Verifies the tokens of a provider, and goes on with the person. */
function finish(context: BrokerContext, provider: BrokerProvider, redeemed: Redeemed): LoginStep {
  const begun = redeemed.begun;
  const ending = redeemed.ending;
  const fail = (detail: string): LoginStep => showPage(403, 'token_refused', ending, detail, redeemed.returnTo);
  const answer = readAsk(context.desk, begun.returnTo, context.text);
  if (!answer.ok) return showPage(400, 'request_malformed', ending, answer.detail);
  const expected = { nonce: begun.nonce, access: redeemed.tokens.access, code: redeemed.code, subject: undefined };
  const client = clientContextOf(context, provider);
  return verifyTokens(
    client,
    redeemed.tokens,
    expected,
    (claims, now) => {
      const named = identifyPerson(provider, claims, answer.ask, context.text);
      if (!named.ok) return fail(named.detail);
      const signed: Signed = { ask: answer.ask, person: named.person, ending, now };
      return welcome(context, signed, sessionIdOf(begun.verifier, context.hash));
    },
    fail,
  );
}

/** `callback/NAME`: the browser comes back from a provider. */
export function comeBack(context: BrokerContext, provider: BrokerProvider, request: RequestLines): LoginStep {
  const aim: LoginAim = {
    wayBack: (begun) => {
      const answer = readAsk(context.desk, begun.returnTo, context.text);
      return answer.ok ? addressOf(context.desk, answer.ask, context.text) : undefined;
    },
    finish: (redeemed) => finish(context, provider, redeemed),
  };
  return callBack(clientContextOf(context, provider), request, aim);
}

const ANSWERED: readonly string[] = ['code', 'state', 'error', 'iss'];

/**
 * The answer of a provider that posts a form (OAuth 2.0 Form Post Response Mode §2). Browsers send no cookie with another site's
 * form, so they come once more, with GET.
 */
export function comeAgain(context: BrokerContext, provider: BrokerProvider, request: RequestLines): LoginStep {
  const form = readPosted(request);
  if (form === undefined) return refuseAsk('the answer of the provider is no form');
  const parameters: Parameter[] = [];
  for (let index = 0; index < ANSWERED.length; index++) {
    const name = ANSWERED[index] ?? '';
    const value = readOnce(form, name, context.text);
    if (value === undefined) return refuseAsk('the answer of the provider has a parameter twice');
    parameters.push([name, value]);
  }
  const query = formatParameters(parameters, context.text);
  if (query === '') return refuseAsk('the answer of the provider is empty');
  const location = context.desk.issuer + '/callback/' + provider.name + '?' + query;
  return { kind: 'reply', reply: { status: 303, location, cookies: [] } };
}
