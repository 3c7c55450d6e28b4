// What a client asks of the broker: a token for an audience, or to pair a device. It is read three times by the same rules: from
// the address of the first page, from its form, and from the cookie that the login ends with.
import type { Text } from '../codec/text';
import { isTenant } from '../keys/issuer-pattern';
import { formatParameters, readOnce, type Parameter } from '../login/query';
import type { BrokerAudience, BrokerDesk } from '../model/broker';
import { findAudience, findDestination, type Destination } from './audience';

/** It travels in a cookie, sealed, for which browsers have 4096 bytes; and in a URL. */
const LONGEST = 2000;
const LEAST_CODE = 32;
const LONGEST_CODE = 72;
/** What pages show of a pairing code, for a person to compare. */
const SHORT_CODE = 8;
/** RFC 7636 §4.2: SHA-256 in base64url. */
const CHALLENGE_LENGTH = 43;
const LONGEST_STATE = 512;

export interface Ask {
  readonly audience: BrokerAudience;
  readonly destination: Destination;
  /** The pairing code; empty where no device waits. */
  readonly code: string;
  /** The tenant that must sign in; empty for any. */
  readonly tenant: string;
  /** Of a client that gets a one-time code (RFC 7636 §4.2); empty for others. */
  readonly challenge: string;
  /** Likewise (RFC 6749 §4.1.1). */
  readonly state: string;
  /** All of it as parameters, to be read again. */
  readonly parameters: readonly Parameter[];
}

/** What is asked, or what is wrong with it, for the log. */
export type AskAnswer = { readonly ok: true; readonly ask: Ask } | { readonly ok: false; readonly detail: string };

function fault(detail: string): AskAnswer {
  return { ok: false, detail };
}

/** Whether a text can be a pairing code. */
function isPairingCode(code: string, text: Text): boolean {
  if (code.length < LEAST_CODE || code.length > LONGEST_CODE) return false;
  return text.isBase64UrlAlphabet(code.split(':').join(''));
}

/** What a page shows of a pairing code. */
export function shortenCode(code: string): string {
  return code.substring(0, SHORT_CODE);
}

/** What is wrong with a request for a one-time code; undefined for a good one. */
function checkCodeRequest(challenge: string, method: string, state: string, text: Text): string | undefined {
  if (challenge.length !== CHALLENGE_LENGTH || !text.isBase64UrlAlphabet(challenge) || method !== 'S256') {
    return 'the audience gets one-time codes, and the request has no code_challenge of S256';
  }
  // RFC 6749 appendix A.5: blanks count too.
  const isAscii = text.isVisibleAscii(state.split(' ').join(''));
  return state.length > LONGEST_STATE || !isAscii ? 'state is too long, or no ASCII' : undefined;
}

/** The parameters of a request, each once. */
interface Written {
  readonly audience: string;
  readonly code: string;
  readonly redirect: string;
  readonly tenant: string;
  readonly challenge: string;
  readonly method: string;
  readonly state: string;
}

const NAMES: readonly string[] = [
  'audience',
  'code',
  'redirect',
  'aad_tenant_id',
  'code_challenge',
  'code_challenge_method',
  'state',
];

/** Undefined where one occurs twice, or cannot be decoded. */
function readWritten(parameters: string, text: Text): Written | undefined {
  const values: string[] = [];
  for (let index = 0; index < NAMES.length; index++) {
    const value = readOnce(parameters, NAMES[index] ?? '', text);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return {
    audience: values[0] ?? '',
    code: values[1] ?? '',
    redirect: values[2] ?? '',
    tenant: values[3] ?? '',
    challenge: values[4] ?? '',
    method: values[5] ?? '',
    state: values[6] ?? '',
  };
}

/** What is wrong with a request to pair a device; undefined for a good one, and without a code. */
function checkPairing(written: Written, audience: BrokerAudience, text: Text): string | undefined {
  if (written.code === '') return undefined;
  if (written.audience === '') return 'a pairing code, and no audience';
  if (!isPairingCode(written.code, text)) return 'the pairing code is malformed';
  return audience.admin === undefined ? 'a pairing code for an audience without an admin service' : undefined;
}

function formatAsk(written: Written, audience: BrokerAudience, getsCode: boolean): readonly Parameter[] {
  const usual: readonly Parameter[] = [
    ['audience', audience.name],
    ['code', written.code],
    ['redirect', written.redirect],
    ['aad_tenant_id', written.tenant],
  ];
  const ofCode: readonly Parameter[] = [
    ['code_challenge', written.challenge],
    ['code_challenge_method', written.method],
    ['state', written.state],
  ];
  return (getsCode ? usual.concat(ofCode) : usual).filter((parameter) => parameter[1] !== '');
}

/** Reads what is asked. @param parameters a query or a form */
export function readAsk(desk: BrokerDesk, parameters: string, text: Text): AskAnswer {
  if (parameters.length > LONGEST) return fault('the request is too long');
  const written = readWritten(parameters, text);
  if (written === undefined) return fault('a parameter occurs twice, or is malformed');
  const named = written.audience === '' ? (desk.usual ?? '') : written.audience;
  const audience = findAudience(desk, named, text);
  if (audience === undefined) return fault('the audience is unknown');
  const destination = findDestination(desk, audience, written.redirect, text);
  if (destination === undefined) return fault('redirect is not of the audience');
  if (written.tenant !== '' && !isTenant(written.tenant, text)) return fault('the tenant is malformed');
  const unpaired = checkPairing(written, audience, text);
  if (unpaired !== undefined) return fault(unpaired);
  const getsCode = audience.delivery === 'code' && written.code === '';
  const uncoded = getsCode ? checkCodeRequest(written.challenge, written.method, written.state, text) : undefined;
  if (uncoded !== undefined) return fault(uncoded);
  return {
    ok: true,
    ask: {
      audience,
      destination,
      code: written.code,
      tenant: written.tenant,
      challenge: written.challenge,
      state: written.state,
      parameters: formatAsk(written, audience, getsCode),
    },
  };
}

/** The address that asks the same once more. */
export function addressOf(desk: BrokerDesk, ask: Ask, text: Text): string {
  return desk.prefix + '/?' + formatParameters(ask.parameters, text);
}
