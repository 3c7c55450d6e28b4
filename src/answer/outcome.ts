// An expected failure is a value: either the result, or the reason of the refusal.
import type { Reason } from './reason';

export type Outcome<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: Reason };

export function succeed<Value>(value: Value): Outcome<Value> {
  return { ok: true, value };
}

export function fail(reason: Reason): { readonly ok: false; readonly reason: Reason } {
  return { ok: false, reason };
}
