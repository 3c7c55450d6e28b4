// The session of a request: recalls it from memory, or opens and judges it; refreshes it where that is due.
import { refuse, type Decision } from '../../src/answer/decision';
import type { Reason } from '../../src/answer/reason';
import type { Identity } from '../../src/claims/identity';
import { acceptSession, sessionReason } from '../../src/login/session';
import { refreshDue } from '../../src/login/refresh';
import type { Openable } from '../../src/login/sealed-text';
import { removeSession } from '../../src/login/session-cookies';
import { parseSession, type Session } from '../../src/login/session-text';
import { judgeVerified } from '../../src/token/verified-token';
import { preparePublication } from '../answer/variables';
import { countVerified } from '../ports/counts';
import { requestWith } from '../ports/request-lines';
import { text } from '../ports/text';
import { enter, leave, type Lender } from '../ports/transaction';
import type { TokenResult } from './steps';
import type { CookieLines } from '../store/cookie-lines';
import type { LoginHost } from '../store/login-host';
import type { Due } from '../store/refreshes';
import { recall, remember, type RememberedToken } from '../store/remembered-tokens';
import type { Snapshot } from '../store/snapshot';

/** A request's session. */
export type SessionResult =
  | { readonly kind: 'absent' }
  /** @member cookies to be sent with the answer */
  | { readonly kind: 'good'; readonly known: RememberedToken; readonly cookies: readonly string[] }
  | (Refusal & { readonly kind: 'refused'; readonly cookies: readonly string[] });

/** A session that is refused. */
interface Refusal {
  readonly decision: Decision;
  /** Of one that is good but for the deny list. */
  readonly identity?: Identity | undefined;
}

const ABSENT: SessionResult = { kind: 'absent' };
const NONE: readonly string[] = [];

function refuseWith({ decision, identity }: Refusal, cookies: readonly string[]): SessionResult {
  return { kind: 'refused', decision, identity, cookies };
}

function refusal(reason: Reason): Refusal {
  return { decision: refuse(reason) };
}

/** Judges a session that has just been opened, and remembers it. */
function accept(snapshot: Snapshot, host: LoginHost, field: string, session: Session): RememberedToken | Refusal {
  const { memory, keys, claimNames } = snapshot;
  const now = os.time();
  const { epoch } = keys;
  const step = acceptSession(host.context(), session, now);
  if (step.kind !== 'verified') return step.kind === 'refused' ? step : refusal('internal_error');
  const version = host.ended.version();
  const decision = judgeVerified(step.verified, memory.denials, text, now);
  if (decision.reason !== '') {
    return { decision: refuse(sessionReason(decision.reason)), identity: step.verified.identity };
  }
  const publication = preparePublication(decision, claimNames);
  countVerified();
  const more = { access: session.access ?? '', due: refreshDue(session), expires: session.expires };
  return remember(memory, field, step.verified, publication, epoch, version, now, more);
}

/** Opens a session that is not remembered. @param field the form in which it then is */
function open(snapshot: Snapshot, host: LoginHost, field: string, openable: Openable): RememberedToken | Refusal {
  const opened = host.sealing.open(openable.key, openable.sealed);
  const session = opened === undefined ? undefined : parseSession(opened, text);
  return session === undefined ? refusal('session_invalid') : accept(snapshot, host, field, session);
}

function isRemembered(one: RememberedToken | Refusal): one is RememberedToken {
  return (one as Partial<RememberedToken>).field !== undefined;
}

/** The Cookie field of a browser that has got these. */
function cookieField(cookies: readonly string[]): string {
  const pairs: string[] = [];
  for (const cookie of cookies) {
    const [pair] = string.match(cookie, '^([^=;]+=[^;]+)');
    if (pair !== undefined) pairs.push(pair);
  }
  return pairs.join('; ');
}

/** Whether a session should be refreshed. */
function isDue({ session }: RememberedToken): boolean {
  return session?.due !== undefined && os.time() >= session.due;
}

/** Goes on with a session after its refresh. */
function refresh(snapshot: Snapshot, host: LoginHost, known: RememberedToken, due: Due): SessionResult {
  const { session } = known;
  const isOver = session?.expires !== undefined && os.time() >= session.expires;
  const result = snapshot.login?.refreshes.refresh(due, isOver);
  const good: SessionResult = { kind: 'good', known, cookies: NONE };
  if (result === undefined || result.kind === 'kept') return good;
  const { cookies } = result;
  if (result.kind === 'ended') return refuseWith(refusal('session_expired'), cookies);
  const { found, field } = host.cookies.read([cookieField(cookies)]);
  if (found.kind !== 'sealed') return good;
  const renewed = recall(snapshot.memory, field, snapshot.keys) ?? open(snapshot, host, field, found.openable);
  return isRemembered(renewed) ? { kind: 'good', known: renewed, cookies } : refuseWith(renewed, cookies);
}

/** Judges a session that is not remembered, or is due. */
function judge(
  snapshot: Snapshot,
  host: LoginHost,
  { lines, found, field }: CookieLines,
  remembered: RememberedToken | undefined,
  refreshes: boolean,
): SessionResult {
  const free = (): readonly string[] => removeSession(host.context(), requestWith(lines), []);
  if (found.kind !== 'sealed') return refuseWith(refusal('session_invalid'), free());
  const known = remembered ?? open(snapshot, host, field, found.openable);
  if (!isRemembered(known)) return refuseWith(known, known.decision.reason === 'session_invalid' ? free() : NONE);
  if (!refreshes || !isDue(known)) return { kind: 'good', known, cookies: NONE };
  return refresh(snapshot, host, known, { value: found.value, openable: found.openable, cookies: lines });
}

/**
 * Judges the session of a request. Suspends where it is refreshed.
 * @param cookies all that the client sent
 * @param refreshes whether the answer can bring the browser new cookies
 */
export function judgeSession(
  snapshot: Snapshot,
  host: LoginHost,
  lender: Lender,
  cookies: CookieLines,
  refreshes: boolean,
): SessionResult {
  const { found, field } = cookies;
  if (found.kind === 'absent') return ABSENT;
  // Most sessions are remembered, and end here.
  const remembered = field === '' ? undefined : recall(snapshot.memory, field, snapshot.keys);
  if (remembered !== undefined && !isDue(remembered)) return { kind: 'good', known: remembered, cookies: NONE };
  enter(lender);
  const result = judge(snapshot, host, cookies, remembered, refreshes);
  leave();
  return result;
}

/**
 * Judges the session of a request that a gateway asks about. It is never refreshed: a gateway gives the browser no cookie.
 * @returns undefined where the request has none, or nobody signs in
 */
export function judgeAsked(snapshot: Snapshot, lender: Lender, lines: readonly string[]): TokenResult | undefined {
  const { login } = snapshot;
  if (login === undefined) return undefined;
  const session = judgeSession(snapshot, login.host, lender, login.host.cookies.read(lines), false);
  if (session.kind === 'absent') return undefined;
  if (session.kind === 'refused') return { ok: false, decision: session.decision, identity: session.identity };
  return { ok: true, token: session.known.session?.access ?? '', known: session.known };
}
