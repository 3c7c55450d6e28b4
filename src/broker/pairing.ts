// Pairing: a device waits, and the person who signed in says whether it is theirs (RFC 8628 §5.4).
import { asNumber, findMember, wholeNumber, type JsonObject } from '../codec/json';
import { formatRemoval, formatSetCookie } from '../login/set-cookie';
import { isForeign } from '../login/page-load';
import { readOnce, type Parameter } from '../login/query';
import { readText } from '../login/read-text';
import { showPage, type LoginStep } from '../login/step';
import type { Person } from '../mint/token';
import type { BrokerDesk } from '../model/broker';
import { readCookies } from '../token/places/cookies';
import { readForm } from '../token/places/form';
import type { RequestLines } from '../token/places/request-lines';
import { pairDevice, type Pairing } from './admin-service';
import { shortenCode } from './ask';
import { findAudience } from './audience';
import type { BrokerContext } from './context';
import { openObject, sealObject } from './sealed-object';
import type { Signed } from './signed';

/** Seconds for which a person may think about it. */
const PAIRING_AGE = 300;

/** How each answer of the admin service counts. */
const PAIRED: Readonly<Record<Pairing['kind'], string>> = { paired: 'done', unknown: 'unknown', unavailable: 'failed' };

function cookieName(desk: BrokerDesk): string {
  return desk.cookie.name + '-pairing';
}

/** What a page shows of a pairing. */
export function pairingFacts(audience: string, code: string): readonly Parameter[] {
  return [
    ['Application', audience],
    ['Code on the device', shortenCode(code)],
  ];
}

/** Asks the person. @param state of the page's form: nobody else knows it */
export function askPerson(context: BrokerContext, signed: Signed, state: string): LoginStep {
  const desk = context.desk;
  const ask = signed.ask;
  const person = signed.person;
  const audience = ask.audience.name;
  const object: JsonObject = {
    kind: 'object',
    names: ['state', 'audience', 'code', 'user', 'name', 'provider', 'tenant', 'until'],
    values: [
      state,
      audience,
      ask.code,
      person.user,
      person.name,
      person.provider,
      person.tenant,
      wholeNumber(signed.now + PAIRING_AGE),
    ],
  };
  const then = (sealed: string): LoginStep => {
    context.count('pairing', 'asked');
    const form = { action: desk.prefix + '/pair', fields: [['state', state] as const] };
    const facts = pairingFacts(audience, ask.code).concat([['Signed in as', person.user]]);
    const cookies = signed.ending.concat([formatSetCookie(cookieName(desk), sealed, PAIRING_AGE, desk.cookie)]);
    return { kind: 'reply', reply: { status: 200, page: 'device_confirm', form, facts, cookies } };
  };
  const step = sealObject(desk.keys.pairing, object, then);
  return step ?? showPage(503, 'issuer_unavailable', signed.ending, 'the broker has no key for pairings');
}

/** Whom a sealed pairing is about. */
function readPerson(object: JsonObject): Person | undefined {
  const user = readText(object, 'user');
  const provider = readText(object, 'provider');
  if (user === undefined || provider === undefined) return undefined;
  return {
    user,
    name: readText(object, 'name') ?? '',
    provider,
    tenant: readText(object, 'tenant') ?? '',
    roles: [],
    names: [],
    values: [],
  };
}

/** Gives the device of a sealed pairing to its person. */
function connect(context: BrokerContext, object: JsonObject, ending: readonly string[]): LoginStep {
  const audience = findAudience(context.desk, readText(object, 'audience') ?? '', context.text);
  const code = readText(object, 'code');
  const person = readPerson(object);
  const admin = audience?.admin;
  if (audience === undefined || admin === undefined || code === undefined || person === undefined) {
    return showPage(400, 'request_malformed', ending, 'the audience takes no devices any more');
  }
  return pairDevice(context, admin, audience.name, person, code, (pairing) => {
    context.count('pairing', PAIRED[pairing.kind]);
    if (pairing.kind === 'paired') return showPage(200, 'device_connected', ending);
    if (pairing.kind === 'unknown') return showPage(400, 'device_unknown', ending);
    return showPage(503, 'look_up_failed', ending, pairing.problem);
  });
}

/** `pair`: the person says that the device is theirs. */
export function confirmPairing(context: BrokerContext, request: RequestLines): LoginStep {
  const desk = context.desk;
  const name = cookieName(desk);
  const form = readForm(request);
  const state = form.ok ? readOnce(form.value, 'state', context.text) : undefined;
  const cookies = readCookies(request.lines('cookie'), name);
  if (state === undefined || state === '' || cookies.length !== 1 || isForeign(request)) {
    return showPage(400, 'login_unknown', [], 'a pairing of another browser, or of none');
  }
  const ending = [formatRemoval(name, desk.cookie)];
  return openObject(desk.keys.pairing, cookies[0] ?? '', context.text, (object, now) => {
    const until = object === undefined ? undefined : asNumber(findMember(object, 'until'))?.value;
    // INVARIANT: the cookie and the form are of one page.
    if (object === undefined || until === undefined || now >= until || readText(object, 'state') !== state) {
      return showPage(400, 'login_unknown', ending, 'the pairing is over, or of another page');
    }
    return connect(context, object, ending);
  });
}
