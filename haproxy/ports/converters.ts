// Which transaction's converters and variables the code now running may call.
// INVARIANT: HAProxy may suspend an action between any two instructions (`tune.lua.forced-yield`) and run another one in
// the same Lua state. So the transaction is kept for each coroutine, never in one variable: it points into the stream.

/** What lends: a transaction, or an applet. */
export type Lender = Pick<Txn, 'c' | 'get_var'>;

const running = coroutine.running;

/** Weak in its keys: an action that HAProxy aborts leaves nothing behind. */
const active = setmetatable(new LuaTable<LuaThread, Lender>(), { __mode: 'k' });

/** Lends an action's transaction, or an applet, to the ports, until `leave`. */
export function enter(lender: Lender): void {
  const [thread] = running();
  active.set(thread, lender);
}

/** Takes it back. */
export function leave(): void {
  const [thread] = running();
  active.delete(thread);
}

/** The transaction or applet of what is running; undefined outside of one, as at start. */
export function activeTransaction(): Lender | undefined {
  const [thread] = running();
  return active.get(thread);
}

/** Its converters. */
export function activeConverters(): Converters | undefined {
  return activeTransaction()?.c;
}
