// The lane's keys on each Lua, however HAProxy interrupts: an entry never counts without its key, and the lane opens again.
import { describe, expect, test } from 'vitest';
import { LUA_ENGINES } from './engines';

describe.concurrent('the generation of the lane', { timeout: 600_000 }, () => {
  for (const engine of LUA_ENGINES) {
    test(`${engine.name}: changes of keys at once, and errors in them, neither keep it closed nor open it`, async () => {
      expect(await engine.run('lane-keys', {})).toEqual(['entries that count without a key: 0', 'done']);
    });
  }
});
