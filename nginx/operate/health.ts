// `jwtverify.health`: reports whether tokens can be judged, to load balancers and people.
import type { Trust } from '../../src/token/flow';
import { areReady } from '../../src/token/accepted-issuers';
import type { HttpRequest, SharedDictionary } from '../njs';
import { describeInForce } from './in-force';
import { startKeys, type KeyState } from '../../src/keys/key-state';
import { readKeys } from '../store/key-store';
import type { Snapshot } from '../store/snapshot';
import { send } from '../answer/send';

/** The report on one issuer's keys. */
interface IssuerHealth {
  readonly issuer: string;
  /** Null: any. */
  readonly audiences: readonly string[] | null;
  readonly ready: boolean;
  readonly keys: number;
  /** Seconds since the last good fetch of keys; null: never, or not fetched by this module. */
  readonly age: number | null;
  /** Whether the keys are too old to count. */
  readonly stale: boolean;
  /** Failed fetches in a row. */
  readonly failures: number;
  /** Why the last fetch failed; empty after a good one. */
  readonly problem: string;
}

/** Of several sources: the oldest answer, and the worst faults. */
function describeSources(states: readonly KeyState[], now: number): Pick<IssuerHealth, 'age' | 'failures' | 'problem'> {
  let age: number | null = null;
  let failures = 0;
  let problem = '';
  for (let index = 0; index < states.length; index++) {
    const state = states[index];
    if (state === undefined) continue;
    const since = now - state.goodAt;
    if (state.goodAt > 0 && (age === null || since > age)) age = since;
    if (state.failures > failures) failures = state.failures;
    if (problem === '') problem = state.problem;
  }
  return { age, failures, problem };
}

function describeIssuer(trust: Trust, index: number, zone: SharedDictionary | undefined, now: number): IssuerHealth {
  const issuer = trust.settings.issuers[index];
  const keySet = trust.keySets[index];
  const remotes = issuer === undefined || zone === undefined ? [] : issuer.sources.remotes;
  const states = remotes.map((source) => (zone === undefined ? startKeys(now) : readKeys(zone, source, now)));
  return Object.assign(
    {
      issuer: issuer?.issuer ?? '',
      audiences: issuer?.audiences ?? null,
      ready: keySet?.ready === true,
      keys: keySet?.keys.length ?? 0,
      stale: keySet?.isStale === true,
    },
    describeSources(states, now),
  );
}

/**
 * Answers 200 when every issuer has keys, otherwise 503.
 * @param snapshot what requests are judged by
 */
export function answerHealth(
  request: HttpRequest,
  snapshot: Snapshot,
  zone: SharedDictionary | undefined,
  now: number,
): void {
  const trust = snapshot.trust;
  const issuers = trust?.settings.issuers.map((_, index) => describeIssuer(trust, index, zone, now)) ?? [];
  const ready = trust !== undefined && areReady(trust.settings, trust.keySets);
  const settings = trust === undefined ? 'invalid' : 'good';
  request.headersOut['Content-Type'] = 'application/json';
  request.headersOut['Cache-Control'] = 'no-store';
  const found = describeInForce(snapshot);
  send(request, ready ? 200 : 503, JSON.stringify(Object.assign({ ready, settings, issuers }, found)) + '\n');
}
