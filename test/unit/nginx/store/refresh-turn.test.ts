import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { endTurn, keepRefresh, recallRefresh, takeTurn, waitForRefresh } from '../../../../nginx/store/refresh-turn';

/** The part of a shared dictionary that turns need. */
function makeDictionary() {
  const entries = new Map<string, string>();
  return {
    entries,
    get: (key: string) => entries.get(key),
    has: (key: string) => entries.has(key),
    set: (key: string, value: string) => entries.set(key, value),
    add: (key: string, value: string) => {
      if (entries.has(key)) return false;
      entries.set(key, value);
      return true;
    },
  };
}

const SEALED = 'a sealed text';
let dictionary = makeDictionary();

beforeEach(() => {
  dictionary = makeDictionary();
  vi.stubGlobal('ngx', { shared: { jwtverify: dictionary } });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the turn to refresh a session', () => {
  test('is that of one request, and the next one comes ten seconds after it began', () => {
    expect(takeTurn(SEALED, 100)).toBe('mine');
    expect(takeTurn(SEALED, 101)).toBe('busy');
    endTurn(SEALED, 100);
    expect(takeTurn(SEALED, 102)).toBe('resting');
    expect(takeTurn(SEALED, 110)).toBe('mine');
  });

  test('lasts over the border of two spans of ten seconds', () => {
    expect(takeTurn(SEALED, 109)).toBe('mine');
    expect(takeTurn(SEALED, 110)).toBe('busy');
    endTurn(SEALED, 109);
    expect(takeTurn(SEALED, 118)).toBe('resting');
    expect(takeTurn(SEALED, 119)).toBe('mine');
  });

  test('is of one session alone', () => {
    expect([takeTurn(SEALED, 100), takeTurn('another', 100)]).toEqual(['mine', 'mine']);
  });

  test('is nobody’s where the dictionary is full, and everybody’s without one', () => {
    vi.stubGlobal('ngx', {
      shared: {
        jwtverify: {
          ...dictionary,
          add: () => {
            throw new Error('full');
          },
        },
      },
    });
    expect(takeTurn(SEALED, 100)).toBe('resting');
    vi.stubGlobal('ngx', { shared: {} });
    expect([takeTurn(SEALED, 100), takeTurn(SEALED, 100)]).toEqual(['mine', 'mine']);
  });
});

describe('what came of a refresh', () => {
  test('serves the old cookie for a minute, and names it by its hash alone', () => {
    keepRefresh(SEALED, ['a=b'], 100);
    expect(recallRefresh(SEALED, 159)).toEqual(['a=b']);
    expect(recallRefresh(SEALED, 160)).toBeUndefined();
    expect(recallRefresh(SEALED, 99)).toBeUndefined();
    expect(recallRefresh('another', 100)).toBeUndefined();
    expect([...dictionary.entries.keys()].join()).not.toContain(SEALED);
  });

  test('reaches those who wait, and nobody waits for one that has ended', async () => {
    takeTurn(SEALED, 100);
    const waiting = waitForRefresh(SEALED, () => 100);
    keepRefresh(SEALED, ['a=b'], 100);
    endTurn(SEALED, 100);
    expect(await waiting).toEqual(['a=b']);
    expect(await waitForRefresh('another', () => 100)).toBeUndefined();
  });
});
