// A policy document's rules, headers and answers, compiled. Issuers and their keys are src/settings/policy-issuers.ts.
import type { Json, JsonObject } from '../codec/json';
import type { PathTerms, Policy, Rule, Spelling } from '../core/policy';
import type { ClaimSlots } from './claim-slots';
import { compileChallenge } from './compile-challenge';
import { compileForward } from './compile-forward';
import { compileRules, MODES } from './compile-rules';
import {
  checkMembers,
  complain,
  member,
  readChoice,
  readFlag,
  readObjectMember,
  readStrings,
  type Place,
  type Reader,
} from './reader';
import { suggest } from './suggest';

/** The keys of the document that `compilePolicy` reads. */
export const POLICY_KEYS: readonly string[] = [
  'mode',
  'rules',
  'otherwise',
  'preflight',
  'paths',
  'forward',
  'authorization',
  'challenge',
  'metadata',
];

const SPELLINGS: readonly Spelling[] = [
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
    const near = suggest(name, SPELLINGS);
    const hint = near === undefined ? '' : '; did you mean `' + near + '`?';
    complain(reader, place.pointer, '`' + name + '` is none of ' + SPELLINGS.join(', ') + hint);
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

function usesEmailDomains(rules: readonly Rule[]): boolean {
  for (let index = 0; index < rules.length; index++) {
    const rule = rules[index];
    if (rule !== undefined && rule.demands !== undefined && rule.demands.emailDomains.length > 0) return true;
  }
  return false;
}

/**
 * Compiles what a document says of requests. Every problem goes to the reader; the answer counts only without one.
 * @param issuers whose tokens are accepted
 * @param clockSkew seconds of tolerance
 */
export function compilePolicy(
  reader: Reader,
  document: Place<JsonObject>,
  issuers: readonly string[],
  clockSkew: number,
): Policy {
  const mode = readChoice(reader, document, 'mode', MODES, 'enforce');
  const otherwise = readChoice(reader, document, 'otherwise', ['deny', 'authenticated'], 'deny');
  const slots: ClaimSlots = { paths: [] };
  const paths = compilePaths(reader, document);
  const rules = compileRules({ reader, mode, paths, slots }, member(document, 'rules'), otherwise);
  if (member(document, 'rules') === undefined && otherwise === 'deny') {
    complain(
      reader,
      document.pointer,
      'has no `rules`, so nothing would pass; add rules, or `"otherwise": "authenticated"`',
    );
  }
  const forward = compileForward(reader, document, slots);
  const challenge = compileChallenge(reader, document, issuers, rules.rules);
  return {
    mode,
    rules: rules.rules,
    nodes: rules.nodes,
    usesHosts: rules.usesHosts,
    preflight: readChoice(reader, document, 'preflight', ['deny', 'allow'], 'deny') === 'allow',
    paths,
    claimPaths: slots.paths,
    usesEmail: forward.usesEmail || usesEmailDomains(rules.rules),
    forward: forward.forward,
    tokenHeaders: forward.tokenHeaders,
    removals: forward.removals,
    keepsAuthorization: readChoice(reader, document, 'authorization', ['keep', 'remove'], 'keep') === 'keep',
    challenge: challenge.challenge,
    metadata: challenge.metadata,
    clockSkew,
  };
}
