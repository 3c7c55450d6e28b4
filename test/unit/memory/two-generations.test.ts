import { describe, expect, it } from 'vitest';
import { createTwoGenerations } from '../../../src/memory/two-generations';

describe('a memory of verified tokens', () => {
  it('recalls what was remembered, and nothing else', () => {
    const cache = createTwoGenerations<number>(10);
    cache.remember('a.b.c', 1);
    expect(cache.recall('a.b.c')).toBe(1);
    expect(cache.recall('a.b.d')).toBeUndefined();
    expect(cache.recall('a.b.')).toBeUndefined();
  });

  it.each([0, 1, 2, 3, 4, 7, 100])('never keeps more than its size of %i', (size) => {
    const cache = createTwoGenerations<number>(size);
    for (let index = 0; index < 5 * size + 20; index++) {
      cache.remember(`token ${String(index)}`, index);
      if (index % 3 === 0) cache.recall(`token ${String(Math.floor(index / 2))}`);
      expect(cache.count()).toBeLessThanOrEqual(size);
    }
    const kept = Array.from({ length: 5 * size + 20 }, (_, place) => cache.recall(`token ${String(place)}`));
    expect(kept.filter((entry) => entry !== undefined).length).toBeLessThanOrEqual(size);
  });

  it('is filled before it forgets', () => {
    const cache = createTwoGenerations<number>(100);
    for (let index = 0; index < 100; index++) cache.remember(`token ${String(index)}`, index);
    expect(cache.count()).toBe(100);
    expect(cache.recall('token 0')).toBe(0);
  });

  it.each([2, 10, 100])('recalls all of as many as its size of %i, round after round', (size) => {
    const cache = createTwoGenerations<number>(size);
    const keys = Array.from({ length: size }, (_, index) => `token ${String(index)}`);
    keys.forEach((key, index) => {
      cache.remember(key, index);
    });
    for (let round = 0; round < 3; round++) {
      expect(keys.map((key) => cache.recall(key))).toEqual(keys.map((_, index) => index));
    }
    expect(cache.count()).toBe(size);
  });

  it('keeps what comes again and again, whatever comes between', () => {
    const cache = createTwoGenerations<string>(10);
    cache.remember('kept', 'kept');
    for (let index = 0; index < 1000; index++) {
      cache.remember(`other ${String(index)}`, 'other');
      expect(cache.recall('kept')).toBe('kept');
    }
    expect(cache.recall('other 1')).toBeUndefined();
  });

  it('replaces an entry without counting it twice', () => {
    const cache = createTwoGenerations<number>(10);
    for (let index = 0; index < 100; index++) cache.remember('same', index);
    expect(cache.recall('same')).toBe(99);
    expect(cache.count()).toBe(1);
  });

  it('forgets, in both generations', () => {
    const cache = createTwoGenerations<number>(4);
    for (const key of ['a', 'b', 'c']) cache.remember(key, 1);
    cache.forget('a');
    cache.forget('c');
    cache.forget('never');
    expect(['a', 'b', 'c'].map((key) => cache.recall(key))).toEqual([undefined, 1, undefined]);
    expect(cache.count()).toBe(1);
  });

  describe('with weights', () => {
    const heavy = () => createTwoGenerations<string>(100, { most: 40, weigh: (entry) => entry.length });

    it('never keeps more than its weight, however few they are', () => {
      const cache = heavy();
      const keys = Array.from({ length: 50 }, (_, index) => String(index));
      for (const key of keys) cache.remember(key, 'x'.repeat(7));
      const kept = keys.filter((key) => cache.recall(key) !== undefined);
      expect(kept).toEqual(['46', '47', '48', '49'].slice(4 - cache.count()));
      expect(cache.count() * 7).toBeLessThanOrEqual(40);
    });

    it('keeps light ones up to its size, and one that is too heavy alone', () => {
      const cache = heavy();
      for (let index = 0; index < 40; index++) cache.remember(String(index), 'x');
      expect(cache.count()).toBe(40);
      cache.remember('heavy', 'x'.repeat(90));
      expect(cache.recall('heavy')).toHaveLength(90);
      cache.remember('next', 'x');
      expect(cache.recall('next')).toBe('x');
    });

    it('weighs an entry that replaces another once', () => {
      const cache = heavy();
      cache.remember('other', 'x');
      for (let turn = 0; turn < 100; turn++) cache.remember('same', 'x'.repeat(10));
      expect([cache.recall('other'), cache.count()]).toEqual(['x', 2]);
    });
  });

  it('can be emptied', () => {
    const cache = createTwoGenerations<number>(4);
    for (const key of ['a', 'b', 'c']) cache.remember(key, 1);
    cache.clear();
    expect([cache.count(), cache.recall('a'), cache.recall('c')]).toEqual([0, undefined, undefined]);
    for (const key of ['a', 'b', 'c', 'd']) cache.remember(key, 1);
    expect(cache.count()).toBe(4);
  });

  it('keeps nothing when its size is 0', () => {
    const cache = createTwoGenerations<number>(0);
    cache.remember('a', 1);
    expect(cache.recall('a')).toBeUndefined();
    expect(cache.count()).toBe(0);
  });
});
