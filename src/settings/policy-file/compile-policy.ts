// A policy document's rules, headers and answers, compiled. Issuers and their keys are src/settings/policy-file/issuers.ts.
import type { Json, JsonObject } from '../../codec/json';
import type { SignIn } from '../../model/login';
import type { Audit, PathTerms, Policy, Rule, Spelling } from '../../model/policy';
import type { TokenPlace } from '../../model/token-place';
import type { ClaimSlots } from './claim-slots';
import { bearerMethods, compileChallenge } from './compile-challenge';
import { compileForward } from './compile-forward';
import { compileRules, MODES } from './compile-rules';
import { checkHosts, placeIssuers } from './hosts';
import {
  checkMembers,
  complain,
  member,
  readChoice,
  readFlag,
  readObjectMember,
  readStrings,
  remark,
  type Place,
  type Reader,
} from './reader';
import { listHeaders, type RequestNeeds } from './request-needs';
import { remarkShadow } from './shadow-rules';
import { hintAt } from './suggest';

/** The keys of the document that `compilePolicy` reads. */
export const POLICY_KEYS: readonly string[] = [
  'mode',
  'audit',
  'rules',
  'otherwise',
  'preflight',
  'paths',
  'forward',
  'keep_headers',
  'authorization',
  'challenge',
  'metadata',
];

export const SPELLINGS: readonly Spelling[] = [
  'encoded_slash',
  'encoded_delimiter',
  'encoded_twice',
  'repeated_slash',
  'backslash',
  'parameter',
  'file_alias',
];

function findSpelling(name: string): Spelling | undefined {
  for (let index = 0; index < SPELLINGS.length; index++) {
    if (SPELLINGS[index] === name) return SPELLINGS[index];
  }
  return undefined;
}

function readSpellings(reader: Reader, place: Place<Json>): readonly Spelling[] {
  const names = readStrings(reader, place);
  const spellings: Spelling[] = [];
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    const spelling = findSpelling(name);
    if (spelling !== undefined) {
      spellings.push(spelling);
      continue;
    }
    complain(reader, place.pointer, '`' + name + '` is not one of ' + SPELLINGS.join(', ') + hintAt(name, SPELLINGS));
  }
  return spellings;
}

function compilePaths(reader: Reader, document: Place<JsonObject>): PathTerms {
  const object = readObjectMember(reader, document, 'paths');
  if (object === undefined) return { allow: [], ignoreCase: false };
  checkMembers(reader, object, ['allow', 'ignore_case']);
  const allow = member(object, 'allow');
  return {
    allow: allow === undefined ? [] : readSpellings(reader, allow),
    ignoreCase: readFlag(reader, object, 'ignore_case', false),
  };
}

/** Which decisions on verified tokens are logged. @param rules all, with the last one for requests that no other matches */
function compileAudit(reader: Reader, document: Place<JsonObject>, rules: readonly Rule[]): Audit | undefined {
  const place = member(document, 'audit');
  const audit = readChoice(reader, document, 'audit', ['none', 'refused', 'all'], 'none');
  if (place === undefined || audit === 'none') return undefined;
  if (!rules.some((rule) => rule.access === 'authenticated' || rule.access === 'optional')) {
    remark(reader, place.pointer, 'has no effect: no rule looks at a token, and only verified ones have a line');
  }
  return audit;
}

/**
 * Compiles a document's rules for requests. Every problem goes to the reader; the result counts only without one.
 * @param issuers whose tokens are accepted
 * @param hosts for which each entry of `issuers` has tokens; undefined for any
 * @param clockSkew seconds of tolerance
 * @param tokenPlaces where a request may have its token; undefined: in its Authorization header alone
 * @param signIn of rules that do not say it; undefined where the policy signs nobody in
 */
export function compilePolicy(
  reader: Reader,
  document: Place<JsonObject>,
  issuers: readonly string[],
  hosts: readonly (readonly string[] | undefined)[],
  clockSkew: number,
  tokenPlaces?: readonly TokenPlace[],
  signIn?: SignIn,
): Policy {
  const mode = readChoice(reader, document, 'mode', MODES, 'enforce');
  const otherwise = readChoice(reader, document, 'otherwise', ['deny', 'authenticated'], 'deny');
  const slots: ClaimSlots = { paths: [] };
  const paths = compilePaths(reader, document);
  const needs: RequestNeeds = { ignoreCase: paths.ignoreCase, usesHosts: false, headers: [], segments: [] };
  const rules = compileRules({ reader, mode, paths, slots, needs, signIn }, member(document, 'rules'), otherwise);
  remarkShadow(reader, mode, rules.rules);
  if (member(document, 'rules') === undefined && otherwise === 'deny') {
    complain(
      reader,
      document.pointer,
      'has no `rules`, so every request would be refused; add rules, or `"otherwise": "authenticated"`',
    );
  }
  checkHosts(reader, placeIssuers(document, hosts), rules.placed);
  const usesHosts = rules.usesHosts || hosts.some((list) => list !== undefined);
  const authorization = readChoice(reader, document, 'authorization', ['keep', 'remove'], 'keep');
  const forward = compileForward(reader, document, slots, usesHosts);
  const challenge = compileChallenge(reader, document, issuers, rules.rules, bearerMethods(tokenPlaces));
  return {
    mode,
    audit: compileAudit(reader, document, rules.rules),
    rules: rules.rules,
    nodes: rules.nodes,
    usesHosts,
    comparedHeaders: listHeaders(reader, needs, forward.removals),
    preflight: readChoice(reader, document, 'preflight', ['deny', 'allow'], 'deny') === 'allow',
    paths,
    claimPaths: slots.paths,
    forwardsEmail: forward.forwardsEmail,
    forward: forward.forward,
    tokenHeaders: forward.tokenHeaders,
    removals: forward.removals,
    keepsAuthorization: authorization === 'keep',
    keepsBearer: authorization === 'keep' && member(document, 'authorization') !== undefined,
    challenge: challenge.challenge,
    metadata: challenge.metadata,
    clockSkew,
  };
}
