// HAProxy has Lua count the instructions of an action, to interrupt it after `tune.lua.forced-yield` of them. To count makes
// each instruction slower: an eighth of what a new token costs.
import { hasLibrary } from './lua-libraries';

const canStop = hasLibrary('debug');

/**
 * Stops that until the action is next suspended. HAProxy then neither interrupts nor ends it.
 * INVARIANT: what follows ends soon by itself; long computations suspend their action (`createTurns`).
 */
export function stopCounting(): void {
  if (canStop) debug.sethook();
}
