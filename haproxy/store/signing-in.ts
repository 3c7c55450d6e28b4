// Signing browsers in, made ready while HAProxy starts.
import { http } from '../ports/http';
import { createLoginHost, type LoginParts } from './login-host';
import { createRefreshes } from './refreshes';
import type { Login, Snapshot } from './snapshot';

/** @returns undefined where nobody signs in */
export function createLogin(
  parts: LoginParts | undefined,
  { keys, signatures, memory, rules }: Omit<Snapshot, 'login'>,
): Login | undefined {
  const { ended } = memory;
  if (parts === undefined || ended === undefined || rules === undefined) return undefined;
  const host = createLoginHost(parts, keys, ended, memory.denials);
  const refreshes = createRefreshes({ host, keys, signatures, ask: http.post }, host);
  return { host, refreshes, rules: { ...rules, hidesToken: true } };
}
