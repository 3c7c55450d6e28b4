// The snapshot that judges every request, ready before traffic flows.
import type { Broker } from '../../src/model/broker';
import type { Settings } from '../../src/model/settings';
import type { TokenPlace } from '../../src/model/token-place';
import { createTwoGenerations } from '../../src/memory/two-generations';
import { createPolicyTable, type PolicyTable } from '../../src/policy/policy-table';
import type { BrokerHost } from './broker-host';
import type { KeyStore } from './key-store';
import { createKnownTargets, type KnownTargets } from './known-targets';
import type { Lane } from './lane';
import type { LoginHost } from './login-host';
import type { Refreshes } from './refreshes';
import type { PreparedSignatures } from '../ports/signatures/signatures';
import type { RememberedTokens } from './remembered-tokens';
import type { HeaderPlan, HeaderRules } from '../answer/headers';

/** A policy, and where its rules are looked up. */
export interface Rules extends HeaderRules {
  readonly table: PolicyTable;
  /** Which of them decide about requests that came before. */
  readonly targets: KnownTargets;
}

/** Signing in, and the sessions of browsers. */
export interface Login {
  readonly host: LoginHost;
  readonly refreshes: Refreshes;
  /** The rules for sessions: no backend and no cache gets their cookies. */
  readonly rules: Rules;
}

export interface Snapshot {
  readonly keys: KeyStore;
  readonly signatures: PreparedSignatures;
  readonly memory: RememberedTokens;
  /** The claims that become variables; undefined for all. */
  readonly claimNames: readonly string[] | undefined;
  /** Where requests may have their token; undefined: in the Authorization header alone. */
  readonly places: readonly TokenPlace[] | undefined;
  /** Undefined without a policy: then every verified token may do everything. */
  readonly rules: Rules | undefined;
  /** Undefined where nobody signs in. */
  readonly login: Login | undefined;
  /** Undefined where this proxy is no issuer. */
  readonly broker: Broker | undefined;
  /** Undefined where its broker signs nobody in. */
  readonly desk: BrokerHost | undefined;
  /** Undefined where no lines of the configuration let tokens pass. */
  readonly lane: Lane | undefined;
}

/** Clients of one kind send the same headers in the same order. */
const PLANS = 256;

/** The rules of the settings; undefined without a policy. */
export function createRules(settings: Settings): Rules | undefined {
  const policy = settings.policy;
  if (policy === undefined) return undefined;
  const hidesToken = !policy.keepsAuthorization || settings.tokenPlaces !== undefined;
  const plans = createTwoGenerations<HeaderPlan>(PLANS);
  return { policy, hidesToken, table: createPolicyTable(policy), targets: createKnownTargets(), plans };
}
