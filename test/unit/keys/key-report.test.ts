// What both proxies log of an issuer's keys.
import { describe, expect, test } from 'vitest';
import type { PublicKey } from '../../../src/model/key';
import { reportAge, reportFetch, type KeyReport } from '../../../src/keys/key-report';
import { beginFetch, endFetch, startKeys, type Fetched, type KeyState } from '../../../src/keys/key-state';

const TIMES = { refresh: 600, cooldown: 30, maxStale: 86400 };
const START = 1_700_000_000;
const SOURCE = { kind: 'jwks', url: 'https://a.example/jwks', issuer: 'https://a.example', allowHttp: false } as const;
const KEY: PublicKey = {
  kind: 'public',
  type: 'RSA',
  kid: 'a',
  algorithms: ['RS256'],
  spki: 'AA==',
  modulusLength: 256,
};

const FOUND: Fetched = { ok: true, keys: [KEY], maxAge: undefined };
const EMPTY: Fetched = { ok: true, keys: [], maxAge: undefined };
const FAILED: Fetched = { ok: false, problem: 'it answers with status 500' };

/** A state after one more fetch. */
function fetchAt(state: KeyState, fetched: Fetched, now: number): KeyState {
  return endFetch(beginFetch(state, now), fetched, TIMES, now, 0);
}

const NONE = startKeys(START);
const GOOD = fetchAt(NONE, FOUND, START);
const EMPTIED = fetchAt(GOOD, EMPTY, START + 600);
const WITHDRAWN = fetchAt(EMPTIED, EMPTY, START + 1200);

/** What is logged of a fetch. */
function report(state: KeyState, fetched: Fetched, now = START + 10): KeyReport | undefined {
  const before = beginFetch(state, now);
  return reportFetch(SOURCE, before, endFetch(before, fetched, TIMES, now, 0), TIMES, now);
}

describe('the report of a fetch', () => {
  test.each([
    ['the first fetch fails', NONE, 'there are no keys yet'],
    ['a later fetch fails', GOOD, 'the last good keys stay in use'],
    ['a fetch fails after all keys were withdrawn', WITHDRAWN, 'there are no keys any more'],
  ])('says what happens to the keys when %s', (_, before, kept) => {
    const line = `keys of \`https://a.example\`: \`https://a.example/jwks\`: it answers with status 500; ${kept}`;
    expect(report(before, FAILED, START + 1210)).toEqual({ isError: true, line });
  });

  test('has no query of a URL, which may hold a key for the server', () => {
    const source = { ...SOURCE, url: `${SOURCE.url}?api-key=hamster` };
    const failed = endFetch(NONE, FAILED, TIMES, START, 0);
    const line = reportFetch(source, NONE, failed, TIMES, START)?.line;
    expect(line).toContain('`https://a.example/jwks?...`: it answers with status 500');
  });

  test('says why nobody can sign in with a discovery document that lacks an endpoint', () => {
    const endpoints = { ok: false, problem: 'it has no token_endpoint' } as const;
    expect(report(NONE, { ok: true, keys: [KEY], maxAge: undefined, endpoints })).toEqual({
      isError: true,
      line: 'keys of `https://a.example`: 1 fetched, revision 1, but nobody can sign in there: its discovery document cannot be used, it has no token_endpoint',
    });
    const good = { authorization: 'a', token: 'b', endSession: undefined, namesIssuer: false };
    const found = report(NONE, { ok: true, keys: [KEY], maxAge: undefined, endpoints: { ok: true, endpoints: good } });
    expect(found).toEqual({ isError: false, line: 'keys of `https://a.example`: 1 fetched, revision 1' });
  });

  test('says that keys are withdrawn, and that they are too old', () => {
    expect(report(EMPTIED, EMPTY, START + 1200)?.line).toContain('for the second time, so its keys are withdrawn');
    expect(report(GOOD, FAILED, START + 86400)?.line).toContain('too old and no longer count');
  });

  test('has good news for new keys and for the end of a failure', () => {
    const line = 'keys of `https://a.example`: 1 fetched, revision 1';
    expect(report(NONE, FOUND, START)).toEqual({ isError: false, line });
    expect(report(fetchAt(GOOD, FAILED, START + 5), FOUND)).toEqual({ isError: false, line });
  });

  test('is left out when nothing has changed', () => {
    expect(report(GOOD, FOUND)).toBeUndefined();
    expect(report(fetchAt(GOOD, FAILED, START + 5), FAILED)).toBeUndefined();
  });
});

describe('the report of an age', () => {
  test('says from when on keys do not count, and when they count again', () => {
    const start = 'keys of `https://a.example`: ';
    const stale = `${start}the last good answer is 86400 seconds old, so its keys no longer count`;
    expect(reportAge(SOURCE.issuer, GOOD, TIMES, START + 86400)).toEqual({ isError: true, line: stale });
    expect(reportAge(SOURCE.issuer, GOOD, TIMES, START + 86399).line).toBe(`${start}they count again`);
  });
});
