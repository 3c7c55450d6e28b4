// The transaction whose converters and variables the running code may call.
// INVARIANT: HAProxy may suspend an action between any two instructions (`tune.lua.forced-yield`) and run another one in
// the same Lua state. So the transaction is kept for each coroutine, never in one variable: it points into the stream.

/** A transaction, or an applet. */
export type Lender = Pick<Txn, 'c' | 'f' | 'get_var' | 'set_var' | 'unset_var'>;

const running = coroutine.running;

/** Weak in its keys: an action that HAProxy aborts leaves nothing behind. */
const active = setmetatable(new LuaTable<LuaThread, Lender>(), { __mode: 'k' });

/** Makes an action's transaction, or an applet, the current one of this coroutine, until `leave`. */
export function enter(lender: Lender): void {
  const [thread] = running();
  active.set(thread, lender);
}

/** Ends that. */
export function leave(): void {
  const [thread] = running();
  active.delete(thread);
}

/** The current transaction or applet; undefined outside of one, as at start. */
export function activeTransaction(): Lender | undefined {
  const [thread] = running();
  return active.get(thread);
}

/** Its converters. */
export function activeConverters(): Converters | undefined {
  return activeTransaction()?.c;
}
