// A token on its way to its audience: in the fragment of an address, in a form, or for a one-time code (RFC 6749 §4.1, §4.2.2).
import type { LoginStep } from '../login/step';
import { showPage } from '../login/step';
import { withQuery, type Parameter } from '../login/query';
import { writeClaims } from '../mint/token';
import { addressOf } from './ask';
import type { BrokerContext } from './context';
import { makeCode } from './one-time-code';
import type { Signed } from './signed';

/** Sends the browser to the application with the token. */
function send(context: BrokerContext, signed: Signed, token: string): LoginStep {
  const ask = signed.ask;
  const address = ask.destination.address;
  const onwards = ask.destination.onwards;
  const more: readonly Parameter[] = [['redirect', onwards]];
  switch (ask.audience.delivery) {
    case 'fragment':
      return {
        kind: 'reply',
        reply: { status: 302, location: withQuery(address, more, context.text) + '#' + token, cookies: signed.ending },
      };
    case 'form_post': {
      const given: readonly Parameter[] = [['token', token]];
      const fields = onwards === '' ? given : given.concat(more);
      const form = { action: address, fields };
      return { kind: 'reply', reply: { status: 200, page: 'token_ready', form, cookies: signed.ending } };
    }
    case 'code':
      return makeCode(context, signed, token);
  }
}

/** Mints the token, and sends the browser to the application with it. */
export function deliverToken(context: BrokerContext, signed: Signed): LoginStep {
  const desk = context.desk;
  const audience = signed.ask.audience.name;
  return {
    kind: 'sign',
    key: desk.signing,
    write: (random, now) => writeClaims(desk.issuer, audience, signed.person, desk.lifetime, random, now),
    next: (jws) => {
      if (jws === undefined) {
        const back = addressOf(desk, signed.ask, context.text);
        return showPage(503, 'issuer_unavailable', signed.ending, 'this proxy could not sign a token', back);
      }
      context.count('token', signed.ask.audience.delivery);
      return send(context, signed, jws);
    },
  };
}
