// `sign_in` of a rule: what a page load without a session gets.
import type { JsonObject } from '../../codec/json';
import type { SignIn } from '../../model/login';
import type { Access } from '../../model/policy';
import { complain, member, readChoice, type Place, type Reader } from './reader';

const WORDS: readonly SignIn[] = ['redirect', 'page', 'never'];

/** `sign_in` of a rule or of `login`. */
export function readSignIn(reader: Reader, object: Place<JsonObject>, otherwise: SignIn): SignIn {
  return readChoice(reader, object, 'sign_in', WORDS, otherwise);
}

/** `sign_in` as it is written; undefined for anything else. */
export function findSignIn(value: unknown): SignIn | undefined {
  return WORDS.find((word) => word === value);
}

/**
 * Reads the word of a rule.
 * @param otherwise of `login`; undefined where the policy signs nobody in
 */
export function readRuleSignIn(
  reader: Reader,
  rule: Place<JsonObject>,
  access: Access,
  otherwise: SignIn | undefined,
): SignIn | undefined {
  const place = member(rule, 'sign_in');
  if (place === undefined) return otherwise;
  const word = readSignIn(reader, rule, 'never');
  if (otherwise === undefined)
    complain(reader, place.pointer, 'has no effect without `login`; add that, or leave it out');
  else if (access !== 'authenticated' && word !== 'never') {
    complain(
      reader,
      place.pointer,
      'contradicts the access `' + access + '`, which asks nobody to sign in; leave one out',
    );
  }
  return otherwise === undefined ? undefined : word;
}
