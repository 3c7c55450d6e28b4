// The variables of the contract. Each call of an action decides all of them anew.
import type { JsonObject } from '../src/codec/json';
import { claimVariables } from '../src/core/claim-variables';
import type { Decision } from '../src/core/decision';
import { text } from './ports/text';

const AUTHORIZED = 'txn.authorized';
const SCOPES = 'txn.oauth_scopes';
const CLAIM = 'txn.oauth.';

/** Names of the claim variables that stand in this transaction, so that the next call can take them away. */
const CLAIM_NAMES = 'txn.oauth_claims';

/** Takes away what an earlier call in the same transaction allowed, before anything is judged. */
export function withdraw(txn: Txn): void {
  // INVARIANT: set first; whatever goes wrong from here on leaves a refusal.
  txn.set_var(AUTHORIZED, false);
  const names = txn.get_var(CLAIM_NAMES);
  if (typeof names !== 'string') return;
  txn.set_var(SCOPES, '');
  for (const [name] of string.gmatch(names, '[^ ]+')) txn.unset_var(CLAIM + (name ?? ''));
  txn.unset_var(CLAIM_NAMES);
}

function publishClaims(txn: Txn, claims: JsonObject): boolean {
  const variables = claimVariables(claims, text);
  let names = '';
  for (const variable of variables) names += variable.name + ' ';
  // INVARIANT: the names stand before the claims do, so none outlives the next call.
  let stored = txn.set_var(CLAIM_NAMES, names);
  for (const variable of variables) stored = txn.set_var(CLAIM + variable.name, variable.value) && stored;
  return stored;
}

/**
 * Sets every variable; `txn.authorized` last, and true only when the decision allows.
 * @returns false when HAProxy had no room for one (`tune.vars.txn-max-size`); the request is not authorized then
 */
export function publish(txn: Txn, decision: Decision): boolean {
  let stored = decision.claims === undefined || publishClaims(txn, decision.claims);
  stored = txn.set_var(SCOPES, decision.scopes) && stored;
  stored = txn.set_var('txn.oauth_status', decision.status) && stored;
  stored = txn.set_var('txn.oauth_reason', decision.reason) && stored;
  stored = txn.set_var('txn.oauth_challenge', decision.challenge) && stored;
  if (decision.allowed && stored) stored = txn.set_var(AUTHORIZED, true);
  return stored;
}
