import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import type { PublicKey } from '../../../src/model/key';
import { readJwkSet } from '../../../src/keys/key-file';
import { presentKeys } from '../../../src/keys/present-keys';
import {
  beginFetch,
  endFetch,
  isLost,
  isRefreshDue,
  isStale,
  mayRefetch,
  startKeys,
  type Fetched,
  type KeyState,
} from '../../../src/keys/key-state';

const TIMES = { refresh: 600, cooldown: 30, maxStale: 86400 };
const START = 1_700_000_000;

function keyNamed(kid: string): PublicKey {
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  return readJwkSet(JSON.stringify({ keys: [{ ...jwk, kid }] }), text).keys[0] as PublicKey;
}

const ONE = keyNamed('one');
const TWO = keyNamed('two');
const FAILED: Fetched = { ok: false, problem: 'no answer' };

function brought(keys: readonly PublicKey[], maxAge?: number): Fetched {
  return { ok: true, keys, maxAge };
}

/** A fetch that begins and ends at one moment, without jitter. */
function fetchAt(state: KeyState, now: number, fetched: Fetched, jitter = 0): KeyState {
  return endFetch(beginFetch(state, now), fetched, TIMES, now, jitter);
}

const READY = fetchAt(startKeys(START), START, brought([ONE]));
const EMPTIED = brought([]);

/** How many keys count, and why there are no others. */
function counting(state: KeyState, now: number): readonly [keys: number, ready: boolean, isStale: boolean] {
  const sources = { configured: undefined, remotes: [] };
  const issuer = { issuer: 'i', audiences: undefined, allowed: undefined, sources };
  const keySet = presentKeys(issuer, [state], TIMES, now, ['ES256']);
  return [keySet.keys.length, keySet.ready, keySet.isStale === true];
}

describe('keys over time', () => {
  it('begins with a fetch that is due at once and no refetch for tokens', () => {
    const state = startKeys(START);
    expect(isRefreshDue(state, START)).toBe(true);
    expect(mayRefetch(state, TIMES, START + 1000)).toBe(false);
    expect(state.keys).toEqual([]);
  });

  it('refreshes by age, one fetch at a time', () => {
    expect(isRefreshDue(READY, START + 599)).toBe(false);
    expect(isRefreshDue(READY, START + 600)).toBe(true);
    const fetching = beginFetch(READY, START + 600);
    expect(isRefreshDue(fetching, START + 601)).toBe(false);
    expect(mayRefetch(fetching, TIMES, START + 601)).toBe(false);
  });

  it('regards a fetch that never came back as lost', () => {
    const fetching = beginFetch(READY, START + 600);
    expect(isRefreshDue(fetching, START + 615)).toBe(true);
    expect([614, 615].map((seconds) => isLost(fetching, START + seconds))).toEqual([false, true]);
    expect(isLost(READY, START + 615)).toBe(false);
  });

  it('keeps the last good keys through failures of almost a day, and recovers', () => {
    let state = READY;
    for (let hour = 1; hour <= 23; hour++) state = fetchAt(state, START + hour * 3600, FAILED);
    expect(state).toMatchObject({ keys: [ONE], revision: READY.revision, failures: 23, problem: 'no answer' });
    expect(counting(state, START + 86399)).toEqual([1, true, false]);
    state = fetchAt(state, START + 86399, brought([TWO]));
    expect(state).toMatchObject({ keys: [TWO], failures: 0, problem: '' });
    expect(counting(state, START + 86400)).toEqual([1, true, false]);
  });

  it('lets no key count a day after the last good answer, and the very same keys again once they are confirmed', () => {
    const failed = fetchAt(READY, START + 86000, FAILED);
    expect(counting(failed, START + 86400)).toEqual([0, false, true]);
    expect([isStale(failed, TIMES, START + 86399), isStale(failed, TIMES, START + 86400)]).toEqual([false, true]);
    const back = fetchAt(failed, START + 90000, brought([{ ...ONE }]));
    expect(back.revision).toBe(READY.revision);
    expect(counting(back, START + 90000)).toEqual([1, true, false]);
    expect(isStale(startKeys(START), TIMES, START + 1_000_000)).toBe(false);
  });

  it('asks again soon while its keys are too old', () => {
    let state = READY;
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      state = fetchAt(state, START + 86400, FAILED);
      waits.push(state.dueAt - START - 86400);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
  });

  it('regards an empty set as a slip until the provider answers it again a refresh later', () => {
    const once = fetchAt(READY, START + 600, EMPTIED);
    expect(once).toMatchObject({ keys: [ONE], revision: 1, goodAt: START, emptiedAt: START + 600, failures: 1 });
    expect(once.dueAt).toBe(START + 630);
    const tooSoon = fetchAt(once, START + 1199, EMPTIED);
    expect(tooSoon).toMatchObject({ keys: [ONE], revision: 1, emptiedAt: START + 600, dueAt: START + 1200 });
    const twice = fetchAt(tooSoon, START + 1200, EMPTIED);
    expect(twice).toMatchObject({ keys: [], revision: 2, goodAt: START + 1200, dueAt: START + 1230 });
    expect(twice.problem).toContain('`keys` is empty');
    expect(counting(twice, START + 1200)).toEqual([0, false, false]);
    const longer = fetchAt(twice, START + 1230, EMPTIED);
    expect(longer).toMatchObject({ keys: [], revision: 2 });
    expect(fetchAt(longer, START + 1260, brought([ONE]))).toMatchObject({
      keys: [ONE],
      revision: 3,
      emptiedAt: 0,
      failures: 0,
      problem: '',
    });
  });

  it('forgets an empty set when keys are there again, and remembers it through answers that say nothing', () => {
    const once = fetchAt(READY, START + 600, EMPTIED);
    const slip = fetchAt(fetchAt(once, START + 630, brought([ONE])), START + 1260, EMPTIED);
    expect(slip).toMatchObject({ keys: [ONE], revision: 1, emptiedAt: START + 1260 });
    const late = fetchAt(fetchAt(once, START + 700, FAILED), START + 1300, EMPTIED);
    expect(late).toMatchObject({ keys: [], revision: 2 });
  });

  it('an empty set at the start is asked about soon, as any failure is', () => {
    const state = fetchAt(startKeys(START), START, EMPTIED);
    expect(state).toMatchObject({ keys: [], revision: 0, goodAt: 0, dueAt: START + 1, failures: 1 });
  });

  it('waits longer after each failure, never longer than a refresh, jitter only shortening it', () => {
    let state = READY;
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      state = fetchAt(state, START, FAILED);
      waits.push(state.dueAt - START);
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 600, 600, 600]);
    expect(fetchAt(READY, START, FAILED, 1).dueAt - START).toBe(22.5);
    expect(fetchAt(READY, START, brought([ONE]), 1).dueAt - START).toBe(540);
  });

  it('C3: tries again soon while there are no keys at all', () => {
    let state = startKeys(START);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 7; attempt++) {
      state = fetchAt(state, START, FAILED);
      waits.push(state.dueAt - START);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
  });

  it('respects what the provider says of age, within the bounds', () => {
    const dueAfter = (maxAge: number | undefined) => fetchAt(READY, START, brought([ONE], maxAge)).dueAt - START;
    expect([undefined, 100_000, 300, 5, 0].map(dueAfter)).toEqual([600, 600, 300, 30, 30]);
  });

  it('charges the cooldown when a fetch is attempted, so that a dead provider costs nothing', () => {
    const attempted = fetchAt(READY, START + 100, FAILED);
    expect(mayRefetch(READY, TIMES, START + 100)).toBe(true);
    expect(mayRefetch(attempted, TIMES, START + 129)).toBe(false);
    expect(mayRefetch(attempted, TIMES, START + 130)).toBe(true);
  });

  it('fetches for unknown kids at most once for each cooldown, however many ask', () => {
    let state = READY;
    let fetches = 0;
    for (let now = START; now < START + 60; now += 0.01) {
      if (!mayRefetch(state, TIMES, now)) continue;
      fetches += 1;
      state = fetchAt(state, now, brought([ONE]));
    }
    expect(fetches).toBe(1);
  });

  it.each([
    ['a key added', [ONE, TWO], 1],
    ['a key removed and another there', [TWO], 1],
    ['the same kid with a new key', [{ ...TWO, kid: 'one' }], 1],
    ['the same keys', [{ ...ONE }], 0],
  ])('counts a revision for %s', (_, keys, growth) => {
    const state = fetchAt(READY, START + 600, brought(keys));
    expect(state.revision - READY.revision).toBe(growth);
    expect(state.keys).toEqual(keys);
  });
});

describe('the endpoints of login beside the keys', () => {
  const endpointsAt = (authorization: string): Fetched => ({
    ok: true,
    keys: [ONE],
    maxAge: undefined,
    endpoints: {
      ok: true,
      endpoints: { authorization, token: 'https://us/t', endSession: undefined, namesIssuer: false },
    },
  });
  const known = fetchAt(startKeys(START), START, endpointsAt('https://us/a'));

  it('count until others come, whatever fetches bring no keys', () => {
    expect(known.endpoints).toMatchObject({ ok: true, endpoints: { authorization: 'https://us/a' } });
    expect(fetchAt(known, START + 600, FAILED).endpoints).toBe(known.endpoints);
    expect(fetchAt(known, START + 600, EMPTIED).endpoints).toBe(known.endpoints);
    expect(fetchAt(known, START + 600, endpointsAt('https://us/b')).endpoints).toMatchObject({
      endpoints: { authorization: 'https://us/b' },
    });
  });

  it('change the revision when they change, and only then', () => {
    expect(fetchAt(known, START + 600, endpointsAt('https://us/a')).revision).toBe(known.revision);
    expect(fetchAt(known, START + 600, endpointsAt('https://us/b')).revision).toBe(known.revision + 1);
  });

  it('are with the present keys, which have none where nobody signs in', () => {
    const issuer = {
      issuer: 'https://us/',
      audiences: ['a'],
      allowed: undefined,
      sources: { configured: undefined, remotes: [] },
    };
    expect(presentKeys(issuer, [known], TIMES, START, ['ES256']).endpoints).toEqual(known.endpoints);
    expect(presentKeys(issuer, [READY], TIMES, START, ['ES256'])).not.toHaveProperty('endpoints');
    expect(READY).not.toHaveProperty('endpoints');
  });
});
