// Which transaction's converters the code now running may call.
// INVARIANT: HAProxy may suspend an action between any two instructions (`tune.lua.forced-yield`) and run another one in
// the same Lua state. So the transaction is kept for each coroutine, never in one variable: it points into the stream.

const running = coroutine.running;

/** Weak in its keys: an action that HAProxy aborts leaves nothing behind. */
const active = setmetatable(new LuaTable<LuaThread, Txn>(), { __mode: 'k' });

/** Lends an action's transaction to the ports, until `leave`. */
export function enter(txn: Txn): void {
  const [thread] = running();
  active.set(thread, txn);
}

/** Takes it back. */
export function leave(): void {
  const [thread] = running();
  active.delete(thread);
}

/** The transaction of the running action; undefined outside of one, as at start. */
export function activeTransaction(): Txn | undefined {
  const [thread] = running();
  return active.get(thread);
}

/** Its converters. */
export function activeConverters(): Converters | undefined {
  return activeTransaction()?.c;
}
