// The token that a request presents, judged alone: by what the snapshot trusts, with the host's ports.
import { refuse, type Decision } from '../../src/answer/decision';
import { nameFound } from '../../src/token/places/find-token';
import type { VerifiedToken } from '../../src/token/verified-token';
import type { HttpRequest } from '../njs';
import { count, TOKEN } from '../ports/counts';
import { logDetail } from '../ports/log';
import { keepSnapshot } from '../store/find-snapshot';
import { recallToken } from '../store/remembered-tokens/recall';
import { remember } from '../store/remembered-tokens/remember';
import type { RememberedToken } from '../store/remembered-tokens/token-store';
import type { Snapshot } from '../store/snapshot';
import { denyListOf } from './deny-lists';
import type { Host } from './parts';
import { verifyFound, verifyToken, type Verifier } from './steps';
import type { TakenToken } from './take-token';

/** Seconds since the epoch. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** The Authorization field values, in order, one for each header line. */
export function authorizationOf(request: HttpRequest): readonly string[] {
  return request.rawHeadersIn.filter((field) => field[0].toLowerCase() === 'authorization').map((field) => field[1]);
}

function workerFor(
  host: Host,
  request: HttpRequest,
  authorization: readonly string[],
  found: string | undefined,
  snapshot: Snapshot,
  tell: (verified: VerifiedToken) => void,
): Verifier | undefined {
  const trust = snapshot.trust;
  if (trust === undefined) return undefined;
  return {
    trust,
    signatures: snapshot.signatures,
    denyList: denyListOf(snapshot, false),
    tell,
    remember: (verified) => {
      count(TOKEN + 'new');
      remember(request, authorization, found, snapshot, host.memory, verified, now(), false);
    },
    explain: logDetail,
    introspect: (step) => host.openManage(host).introspect(trust, step),
    renew: (issuer) =>
      host
        .openManage(host)
        .renew(request, trust, issuer)
        .then((dated) => {
          if (dated === undefined) return undefined;
          if (dated.entry !== '') keepSnapshot(host, dated.snapshot, dated.entry);
          return workerFor(host, request, authorization, found, dated.snapshot, tell);
        }),
  };
}

/**
 * Judges the token alone.
 * @param taken the token of the operator's places; undefined: the Authorization header alone is looked at
 * @param tell called with the verified token, be it that it is refused nevertheless
 */
export function judgePresented(
  host: Host,
  snapshot: Snapshot,
  request: HttpRequest,
  taken: TakenToken | undefined,
  tell: (verified: VerifiedToken) => void,
): Decision | Promise<Decision> {
  const authorization = taken === undefined ? authorizationOf(request) : [];
  const verifier = workerFor(host, request, authorization, nameTaken(taken), snapshot, tell);
  if (verifier === undefined) return refuse('settings_invalid');
  return taken === undefined ? verifyToken(verifier, authorization, now) : verifyFound(verifier, taken.found, now);
}

/** The form in which a token of the operator's places is remembered; undefined where there is none. */
function nameTaken(taken: TakenToken | undefined): string | undefined {
  return taken?.found.ok === true ? nameFound(taken.found.value) : undefined;
}

/** A remembered token; settings and keys are those of the snapshot. */
export function recallPresented(
  host: Host,
  snapshot: Snapshot,
  request: HttpRequest,
  taken: TakenToken | undefined,
): RememberedToken | undefined {
  const found = nameTaken(taken);
  if (snapshot.epoch === '' || (taken !== undefined && found === undefined)) return undefined;
  return recallToken(request, host.memory, snapshot.epoch, found);
}
