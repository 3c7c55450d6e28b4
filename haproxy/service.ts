// What every request is judged with, ready before traffic flows.
import type { Policy } from '../src/core/policy';
import type { Settings } from '../src/core/settings';
import { createTokenCache, type TokenCache } from '../src/core/token-cache';
import { createPolicyTable, type PolicyTable } from '../src/policy/policy-table';
import type { KeyStore } from './key-store';
import type { PreparedSignatures } from './ports/signatures';
import type { Memory } from './remembered';

/** What is to be done about the headers of a request, known from their names alone. */
export interface HeaderPlan {
  /** Names of headers that are removed, as the client spelled them. */
  readonly removed: readonly string[];
  readonly hasConnection: boolean;
}

/** A policy, and where its rules are looked up. */
export interface Rules {
  readonly policy: Policy;
  readonly table: PolicyTable;
  /** Which headers of a client are removed, by the names of all that it sent. */
  readonly plans: TokenCache<HeaderPlan>;
}

export interface Service {
  readonly keys: KeyStore;
  readonly signatures: PreparedSignatures;
  readonly memory: Memory;
  /** The claims that become variables; undefined for all. */
  readonly claimNames: readonly string[] | undefined;
  /** Undefined without a policy: then every verified token may do everything. */
  readonly rules: Rules | undefined;
}

/** Clients of one kind send the same headers in the same order. */
const PLANS = 256;

/** The rules of the settings; undefined without a policy. */
export function createRules(settings: Settings): Rules | undefined {
  const policy = settings.policy;
  if (policy === undefined) return undefined;
  return { policy, table: createPolicyTable(policy), plans: createTokenCache<HeaderPlan>(PLANS) };
}
