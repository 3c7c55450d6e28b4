// `jwtverify.health`: whether tokens can be judged, for load balancers and people.
import type { Judge } from '../src/core/flow';
import type { HttpRequest, SharedDictionary } from './host';
import { readKeys } from './key-store';

/** One issuer's keys as they are told. */
interface IssuerHealth {
  readonly issuer: string;
  readonly ready: boolean;
  readonly keys: number;
  /** Seconds since the keys were last fetched well; null: never, or not fetched by this module. */
  readonly age: number | null;
  /** Failed fetches in a row. */
  readonly failures: number;
  /** Why the last fetch failed; empty after a good one. */
  readonly problem: string;
}

function describeIssuer(judge: Judge, index: number, zone: SharedDictionary | undefined, now: number): IssuerHealth {
  const issuer = judge.settings.issuers[index];
  const keySet = judge.keySets[index];
  const known = {
    issuer: issuer === undefined ? '' : issuer.issuer,
    ready: keySet !== undefined && keySet.ready,
    keys: keySet === undefined ? 0 : keySet.keys.length,
  };
  const stored =
    issuer === undefined || issuer.source.kind === 'static' || zone === undefined
      ? undefined
      : readKeys(zone, issuer.source, now);
  return {
    issuer: known.issuer,
    ready: known.ready,
    keys: known.keys,
    age: stored === undefined || stored.goodAt === 0 ? null : now - stored.goodAt,
    failures: stored === undefined ? 0 : stored.state.failures,
    problem: stored === undefined ? '' : stored.state.problem,
  };
}

/**
 * Answers 200 when every issuer's keys are there, otherwise 503.
 * @param judge undefined when the settings are broken
 */
export function answerHealth(
  request: HttpRequest,
  judge: Judge | undefined,
  zone: SharedDictionary | undefined,
  now: number,
): void {
  const issuers =
    judge === undefined ? [] : judge.settings.issuers.map((_, index) => describeIssuer(judge, index, zone, now));
  const ready = issuers.length > 0 && issuers.every((issuer) => issuer.ready);
  const settings = judge === undefined ? 'invalid' : 'good';
  request.headersOut['Content-Type'] = 'application/json';
  request.headersOut['Cache-Control'] = 'no-store';
  request.return(ready ? 200 : 503, JSON.stringify({ ready, settings, issuers }) + '\n');
}
