// Which transaction's converters the code now running may call.
// INVARIANT: HAProxy may suspend an action between any two instructions (`tune.lua.forced-yield`) and run another one in
// the same Lua state. So the converters are kept for each coroutine, never in one variable: they point into the stream.

const running = coroutine.running;

/** Weak in its keys: an action that HAProxy aborts leaves nothing behind. */
const active = setmetatable(new LuaTable<LuaThread, Converters>(), { __mode: 'k' });

/** Lends an action's converters to the ports, until `leave`. */
export function enter(converters: Converters): void {
  const [thread] = running();
  active.set(thread, converters);
}

/** Takes them back. */
export function leave(): void {
  const [thread] = running();
  active.delete(thread);
}

/** The converters of the running action; undefined outside of one, as at start. */
export function activeConverters(): Converters | undefined {
  const [thread] = running();
  return active.get(thread);
}
