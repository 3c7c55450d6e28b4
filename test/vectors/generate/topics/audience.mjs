// `aud` (RFC 7519 §4.1.3; RFC 9068 §4).
import { AUDIENCE, token } from '../token.mjs';
import { allow, refuse, vector } from '../vector.mjs';

const judged = (id, comment, aud, expected, settings = 'rsa') =>
  vector(`aud-${id}`, comment, { settings, token: token({ claims: { aud } }), expected });

const OK = allow();
const NO = refuse('audience_refused');
const WRONG = refuse('claim_malformed');

export const topic = {
  name: 'audience',
  comment: 'the audience of the token',
  vectors: [
    judged('missing', 'RFC 9068 §4: aud must be there', undefined, refuse('audience_missing')),
    judged('string', 'a string', AUDIENCE, OK),
    judged('array', 'an array of one', [AUDIENCE], OK),
    judged('array-last', 'the last of several', ['https://other.example', 'x', AUDIENCE], OK),
    judged('array-twice', 'the same twice', [AUDIENCE, AUDIENCE], OK),
    judged('array-none', 'an array without it', ['https://other.example', 'x'], NO),
    judged('array-empty', 'an array of nobody', [], NO),
    judged('array-empty-string', 'an array of the empty string', [''], NO),
    judged('array-number', 'an array with a number beside the match', [AUDIENCE, 1], WRONG),
    judged('array-null-first', 'an array with null before the match', [null, AUDIENCE], WRONG),
    judged('array-nested', 'the match in an array further in', [[AUDIENCE]], WRONG),
    judged('array-object', 'an array with an object', [{ aud: AUDIENCE }], WRONG),
    judged('empty', 'the empty string', '', NO),
    judged('space', 'a space', ' ', NO),
    judged('other', 'another', 'https://other.example', NO),
    judged('prefix', 'a prefix of it', AUDIENCE.slice(0, -1), NO),
    judged('longer', 'it and one more character', `${AUDIENCE}2`, NO),
    judged('trailing-slash', 'it and a slash', `${AUDIENCE}/`, NO),
    judged('upper-case', 'in another case', AUDIENCE.toUpperCase(), NO),
    judged('trailing-space', 'it and a space', `${AUDIENCE} `, NO),
    judged('leading-space', 'a space and it', ` ${AUDIENCE}`, NO),
    judged('nul-after', 'it and U+0000', `${AUDIENCE}\u0000`, NO),
    judged('two-in-string', 'two in one string', `https://other.example ${AUDIENCE}`, NO),
    judged('star', 'a token for everybody is for nobody here', '*', NO),
    judged('number', 'a number', 1, WRONG),
    judged('null', 'null', null, WRONG),
    judged('true', 'true', true, WRONG),
    judged('object', 'an object', { [AUDIENCE]: true }, WRONG),
    judged('object-like-array', 'an object that looks like an array', { 0: AUDIENCE, 1: AUDIENCE, length: 1 }, WRONG),
    judged('several-first', 'the first of several configured', 'https://one.example', OK, 'audiences'),
    judged('several-second', 'the second of several configured', AUDIENCE, OK, 'audiences'),
    judged('several-word', 'the third, a bare word', 'plain-word', OK, 'audiences'),
    judged('several-array', 'an array with the third', ['x', 'plain-word'], OK, 'audiences'),
    judged('several-none', 'none of them', 'word', NO, 'audiences'),
    judged(
      'several-joined',
      'the setting as it is written',
      `https://one.example ${AUDIENCE} plain-word`,
      NO,
      'audiences',
    ),
    judged('any-string', 'any audience will do', 'https://other.example', OK, 'audience-any'),
    judged('any-array', 'any audience will do, an array', ['x', 'y'], OK, 'audience-any'),
    judged('any-missing', 'any audience will do, none too', undefined, OK, 'audience-any'),
    judged('any-array-empty', 'any audience will do, an empty array', [], OK, 'audience-any'),
    judged('any-number', 'any audience will do, but it must be one', 1, WRONG, 'audience-any'),
    judged('any-array-number', 'an array with a number is none', ['x', 1], WRONG, 'audience-any'),
  ],
};
