// `backchannel_logout`: the issuer ends sessions (OpenID Connect Back-Channel Logout 1.0 §2.4 to §2.8).
import { asNumber, asObject, findMember, type JsonObject } from '../codec/json';
import { encodeEntry } from '../codec/percent';
import type { Text } from '../codec/text';
import type { TokenType } from '../model/policy';
import { bindTo } from '../token/deny-entry';
import { readForm } from '../token/places/form';
import type { RequestLines } from '../token/places/request-lines';
import type { Step, Trust } from '../token/step';
import { narrowTrust } from './id-token';
import { readOnce } from './query';
import { readText } from './read-text';
import type { Denial, LoginContext, LoginStep } from './step';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const LOGOUT_TYPES: readonly TokenType[] = ['logout+jwt', 'jwt', 'absent'];
/** Seconds that a token counts after it was issued, whatever its end: it is sent at once. */
const LONGEST_WAY = 300;

/** §2.8: no page, and nothing is kept of the answer. */
function answer(status: 200 | 400, denies: Denial | undefined, detail: string | undefined): LoginStep {
  const json = status === 400 ? '{"error":"invalid_request"}' : undefined;
  return { kind: 'reply', reply: { status, json, cookies: [], denies, detail } };
}

function refuseLogout(detail: string): LoginStep {
  return answer(400, undefined, detail);
}

/** §2.4 recommends `logout+jwt`, which nothing else accepts; §2.6 requires no type. */
function logoutTrust(context: LoginContext): Trust | undefined {
  return narrowTrust(context.trust, context.login, [context.login.clientId], LOGOUT_TYPES);
}

/** §2.6, steps 4 to 7. */
function findFault(claims: JsonObject, now: number, skew: number): string | undefined {
  const events = asObject(findMember(claims, 'events'));
  if (events === undefined || asObject(findMember(events, EVENT)) === undefined) return 'it has no event of a logout';
  if (findMember(claims, 'nonce') !== undefined) return 'it has a nonce, which only ID tokens have';
  if (readText(claims, 'jti') === undefined) return 'it has no jti';
  const issued = asNumber(findMember(claims, 'iat'))?.value;
  if (issued === undefined) return 'it has no iat';
  if (now >= issued + LONGEST_WAY + skew) return 'it was issued too long ago';
  if ((readText(claims, 'sid') ?? readText(claims, 'sub')) === undefined) return 'it has neither sid nor sub';
  return undefined;
}

/** The entry that ends what a logout token names: a session of the issuer, or all that its subject began before. */
function denialOf(context: LoginContext, claims: JsonObject, now: number): Denial {
  const text = context.text;
  const prefix = bindTo(readText(claims, 'iss') ?? '', text);
  const until = Math.floor(now) + context.login.maxAge;
  const session = readText(claims, 'sid');
  if (session !== undefined) return { entry: prefix + 'sid:' + encodeEntry(session, text), before: undefined, until };
  const issued = asNumber(findMember(claims, 'iat'))?.value ?? now;
  // A session that begins after the logout goes on, whichever of the two clocks is ahead.
  const before = Math.floor(Math.min(issued, now)) + 1;
  return { entry: prefix + 'sub_issued_before:' + encodeEntry(readText(claims, 'sub') ?? '', text), before, until };
}

/** The logout token of a request; empty when it is missing, undefined when there are several. */
function readLogoutToken(request: RequestLines, text: Text): string | undefined {
  const form = request.method === 'POST' ? readForm(request) : undefined;
  return form?.ok === true ? readOnce(form.value, 'logout_token', text) : undefined;
}

/**
 * Ends sessions for the issuer, which sends no cookie. The same token twice ends nothing more: what begins after it is not
 * named by it.
 */
export function logOutByIssuer(context: LoginContext, request: RequestLines): LoginStep {
  const token = readLogoutToken(request, context.text) ?? '';
  const trust = logoutTrust(context);
  if (token === '' || trust === undefined) return refuseLogout('no form with one logout_token');
  const next = (last: Step, now: number): LoginStep => {
    const claims = last.kind === 'verified' ? last.verified.decision.claims : undefined;
    if (claims === undefined) {
      return refuseLogout(last.kind === 'refused' ? last.decision.reason : 'its keys cannot be fetched');
    }
    const fault = findFault(claims, now, context.trust.settings.clockSkew);
    return fault === undefined ? answer(200, denialOf(context, claims, now), undefined) : refuseLogout(fault);
  };
  return { kind: 'verify', trust, token, next };
}
