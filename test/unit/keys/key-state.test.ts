import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { text } from '../../../nginx/ports/text';
import type { PublicKey } from '../../../src/core/key';
import { readJwkSet } from '../../../src/keys/key-file';
import {
  beginFetch,
  endFetch,
  isRefreshDue,
  mayRefetch,
  startKeys,
  type Fetched,
  type KeyState,
} from '../../../src/keys/key-state';

const TIMES = { refresh: 600, cooldown: 30 };
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

  it('takes a fetch that never came back for lost', () => {
    const fetching = beginFetch(READY, START + 600);
    expect(isRefreshDue(fetching, START + 615)).toBe(true);
  });

  it('keeps the last good keys through failures, and recovers', () => {
    let state = READY;
    for (let hour = 1; hour <= 24; hour++) state = fetchAt(state, START + hour * 3600, FAILED);
    expect(state).toMatchObject({ keys: [ONE], revision: READY.revision, failures: 24, problem: 'no answer' });
    state = fetchAt(state, START + 25 * 3600, brought([TWO]));
    expect(state).toMatchObject({ keys: [TWO], failures: 0, problem: '' });
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
