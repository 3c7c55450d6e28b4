// The variables of the contract. Each call of an action decides all of them anew.
import * as contract from '../../src/answer/contract';
import type { Json } from '../../src/codec/json';
import { variableNames, variableValue } from '../../src/claims/claim-variables';
import type { Decision } from '../../src/answer/decision';
import { text } from '../ports/text';

const AUTHORIZED = contract.TRANSACTION + contract.AUTHORIZED;
const SCOPES = contract.TRANSACTION + contract.SCOPES_VARIABLE;
/** Set by every call before any claim is. Who judges anew unsets the status (docs/haproxy.md), and not this. */
const REASON = contract.TRANSACTION + contract.REASON_VARIABLE;
const CHALLENGE = contract.TRANSACTION + contract.CHALLENGE_VARIABLE;
const RULE = contract.TRANSACTION + contract.RULE_VARIABLE;
const SHADOW = contract.TRANSACTION + contract.SHADOW_VARIABLE;
const KNOWN_SUBJECT = contract.TRANSACTION + contract.KNOWN_SUBJECT_VARIABLE;
const KNOWN_CLIENT = contract.TRANSACTION + contract.KNOWN_CLIENT_VARIABLE;
const CLAIM = contract.TRANSACTION + contract.CLAIM_VARIABLES;

const STATUS = contract.TRANSACTION + contract.STATUS_VARIABLE;

/** Names of the claim variables that this transaction has, where they are not all among `listed`. */
const CLAIM_NAMES = 'txn.oauth_claims';

/** The common part of tokens with the same claims; kept as long as one of them is. */
interface Shape {
  /** The claims' names, each with a space after it; undefined when all are among `listed`. */
  readonly names: string | undefined;
  /** The claims' variables, in the same order; counted from 1, so that a request adds nothing to a place. */
  readonly variables: LuaTable<number, string>;
  readonly count: number;
}

/** The variables of an accepted token, ready to be set. */
export interface Publication {
  readonly shape: Shape;
  /** One value for each variable of the shape, counted from 1. */
  readonly values: LuaTable<number, VariableValue>;
  readonly scopes: string;
}

const shapes = setmetatable(new LuaTable<string, Shape>(), { __mode: 'v' });

/**
 * Variables that this Lua state may have set: a second call in a transaction removes all of them, so the first need not
 * record which. INVARIANT: one call of C, which HAProxy cannot interrupt, adds names before they are set; none is removed.
 */
const listed: string[] = [];
const MOST_LISTED = 64;
const append = table.insert as unknown as (this: void, list: readonly string[], name: string) => void;

/** Makes a second call remove all of these; false when the list is full. */
function list(variables: readonly string[]): boolean {
  for (const name of variables) {
    if (listed.includes(name)) continue;
    if (listed.length >= MOST_LISTED) return false;
    append(listed, name);
  }
  return true;
}

/** The same for claims that lines of the configuration set. @returns false when the list is full */
export function listClaims(claims: readonly string[]): boolean {
  return list(claims.map((claim) => CLAIM + claim));
}

/** The shape with these names, shared by all tokens that have it. */
function shapeOf(claims: readonly string[]): Shape {
  const names = claims.length === 0 ? '' : claims.join(' ') + ' ';
  const known = shapes.get(names) as Shape | undefined;
  if (known !== undefined) return known;
  const variables = claims.map((claim) => CLAIM + claim);
  const shape = {
    names: list(variables) ? undefined : names,
    variables: variables as unknown as LuaTable<number, string>,
    count: variables.length,
  };
  shapes.set(names, shape);
  return shape;
}

/** A list of claims, in a token's order, and its variables. */
interface Claims {
  readonly names: readonly string[];
  /** The variable of each; empty for a claim without one. */
  readonly variables: readonly string[];
  /** Of all these variables. */
  readonly shape: Shape;
}

/** The number of lists that are kept: one issuer's tokens have few. */
const LISTS = 16;
let lists: Claims[] = [];
let last: Claims = { names: [], variables: [], shape: shapeOf([]) };

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (const place of $range(0, one.length - 1)) if (one[place] !== other[place]) return false;
  return true;
}

/** The variables of claims with these names; most tokens have the same as the one before. `wanted` never changes. */
function claimsNamed(names: readonly string[], wanted: readonly string[] | undefined): Claims {
  // INVARIANT: this returns the list that it compared: another action may run in between, and change `last`.
  const latest = last;
  if (isSameList(names, latest.names)) return latest;
  let known = lists.find((list) => isSameList(names, list.names));
  if (known === undefined) {
    const all = variableNames(names, text);
    const variables = all.map((name) => (wanted === undefined || wanted.includes(name) ? name : ''));
    known = { names, variables, shape: shapeOf(variables.filter((name) => name !== '')) };
    lists = lists.length < LISTS ? [...lists, known] : [known];
  }
  last = known;
  return known;
}

/** The variables of a request that passes without a token. */
export const NO_PUBLICATION: Publication = { shape: shapeOf([]), values: new LuaTable(), scopes: '' };

/** A claim's value as a variable; undefined when a variable must not hold it. */
function valueOf(claim: Json, isPlain: boolean): VariableValue | undefined {
  // For `-m bool`: the text `true` is not a boolean to HAProxy.
  if (typeof claim === 'boolean') return claim;
  // INVARIANT: a text without control characters needs no further check.
  return isPlain && typeof claim === 'string' ? claim : variableValue(claim);
}

/**
 * Prepares the variables of an accepted token.
 * @param wanted the names of the variables that the operator wants; undefined for every claim
 */
export function preparePublication(decision: Decision, wanted: readonly string[] | undefined): Publication {
  const { claims, scopes } = decision;
  const values: VariableValue[] = [];
  if (claims === undefined) return { ...NO_PUBLICATION, scopes };
  const { variables, shape } = claimsNamed(claims.names, wanted);
  const isPlain = claims.members !== undefined;
  for (const place of $range(0, variables.length - 1)) {
    const claim = claims.values[place];
    if (claim === undefined || variables[place] === '') continue;
    const value = valueOf(claim, isPlain);
    if (value !== undefined) values.push(value);
  }
  const numbered = values as unknown as Publication['values'];
  if (values.length === shape.count) return { shape, values: numbered, scopes };
  // A token with a value that a variable must not hold has a shape of its own.
  const kept = variables.filter((name, place) => {
    const claim = claims.values[place];
    return name !== '' && claim !== undefined && valueOf(claim, isPlain) !== undefined;
  });
  return { shape: shapeOf(kept), values: numbered, scopes };
}

/** Sets `authorized` to false. INVARIANT: first, so that an error from here on leaves a refusal. */
export function withhold(txn: Txn): void {
  txn.set_var(AUTHORIZED, false);
}

/** Whether there was an earlier call in the same transaction. */
export function wasCalled(txn: Txn): boolean {
  return txn.get_var(REASON) !== undefined;
}

/** Removes the variables of an earlier call in the same transaction. Comes before anything is judged. */
export function takeBack(txn: Txn): void {
  withhold(txn);
  txn.set_var(SCOPES, '');
  for (const name of listed) txn.unset_var(name);
  const names = txn.get_var(CLAIM_NAMES);
  if (typeof names !== 'string') return;
  for (const [name] of string.gmatch(names, '[^ ]+')) txn.unset_var(CLAIM + (name ?? ''));
  txn.unset_var(CLAIM_NAMES);
}

/** `set_var` as a plain function: looked up once for a request, not once for each variable. */
type SetVariable = (this: void, txn: Txn, name: string | undefined, value: VariableValue | undefined) => boolean;

/**
 * Sets every variable for a token that is accepted; `txn.authorized` last.
 * @returns false when HAProxy had no room for one (`tune.vars.txn-max-size`); the request is not authorized then
 */
export function publishAllowed(txn: Txn, publication: Publication): boolean {
  const set = txn.set_var as unknown as SetVariable;
  const { names, variables, count } = publication.shape;
  const values = publication.values;
  // INVARIANT: the reason and the names are set before the claims, so no claim outlives the next call.
  if (!set(txn, REASON, '')) return false;
  if (!set(txn, STATUS, 200)) return false;
  if (names !== undefined && !set(txn, CLAIM_NAMES, names)) return false;
  for (const place of $range(1, count)) {
    if (!set(txn, variables.get(place), values.get(place))) return false;
  }
  if (!set(txn, SCOPES, publication.scopes)) return false;
  if (!set(txn, CHALLENGE, '')) return false;
  return set(txn, AUTHORIZED, true);
}

/**
 * Sets the caller's variables for logs, whether the rule allows the request or not; only from a verified token.
 * INVARIANT: no rule of a configuration can mistake these for a permission, as it can `txn.oauth.sub`.
 */
export function publishCaller(txn: Txn, subject: string, client: string): void {
  txn.set_var(KNOWN_SUBJECT, subject);
  txn.set_var(KNOWN_CLIENT, client);
}

/**
 * Sets the rule of the policy that decided, and the reason that shadow mode ignored.
 * @returns false when HAProxy had no room
 */
export function publishRule(txn: Txn, rule: string, wouldBe: string): boolean {
  const stored = txn.set_var(RULE, rule);
  return txn.set_var(SHADOW, wouldBe) && stored;
}

/** Sets every variable for a request that is refused; `withhold` has come before. */
export function publishRefused(txn: Txn, decision: Decision): void {
  txn.set_var(STATUS, decision.status);
  txn.set_var(SCOPES, '');
  txn.set_var(REASON, decision.reason);
  txn.set_var(CHALLENGE, decision.challenge);
}
