// The fast way to a session's cookies against the core's own rules.
import { describe, expect, test } from 'vitest';
import { withoutLogin } from '../../../../nginx/judge/session';
import { lookAtCookies } from '../../../../nginx/judge/session-cookies';
import { CHUNK_LENGTH, joinCookies, splitIntoCookies } from '../../../../src/login/chunks';

const NAME = '__Host-a';

/** What the core says of the same cookies. */
function expected(cookies: string) {
  const joined = joinCookies([cookies], NAME);
  return {
    name: joined.kind === 'value' ? `session\n${joined.value}` : undefined,
    rest: withoutLogin(cookies, NAME),
  };
}

const lineOf = (length: number): string =>
  (splitIntoCookies(NAME, 'x'.repeat(length)) ?? []).map(({ name, value }) => `${name}=${value}`).join('; ');
const two = lineOf(CHUNK_LENGTH + 10);
const [first = '', second = ''] = two.split('; ');

describe('the cookies of a request', () => {
  test.each([
    ['none of login', 'a=b; c=d'],
    ['a session alone', lineOf(100)],
    ['a session between others', `a=b; ${lineOf(100)}; c=d`],
    ['a session behind letters of other languages', `a=żółw; b=\u{1f439}; ${lineOf(100)}; c=é`],
    ['five cookies behind such letters', `a=żółw; ${lineOf(5 * CHUNK_LENGTH - 2)}; c=é`],
    ['a session of five cookies', lineOf(5 * CHUNK_LENGTH - 2)],
    ['the second cookie first', `${second}; a=b; ${first}`],
    ['a cookie is missing', first],
    ['only the second', second],
    ['one that is too short', `${first.slice(0, -1)}; ${second}`],
    ['one that is too long', `${lineOf(100)}${'x'.repeat(CHUNK_LENGTH)}`],
    ['a login in progress', `${NAME}-login-AbCdEfGh=x; a=b; ${lineOf(100)}`],
    ['a count of nothing', `${NAME}=0.abc; a=b`],
    ['no count', `${NAME}=abc`],
    ['a count that is too large', `${NAME}=6.abc`],
  ])('are those of the core: %s', (_, cookies) => {
    expect(lookAtCookies(cookies, NAME)).toEqual(expected(cookies));
  });

  test.each([
    ['twice the same', `${lineOf(10)}; ${lineOf(11)}`],
    ['twice the same part', `${two}; ${second}`],
    ['blanks around the name', `${NAME} =1.abc`],
    ['blanks before the value', `${NAME}= 1.abc`],
    ['blanks after the value', `${lineOf(10)} ; a=b`],
    ['tabs before the name', `a=b;\t${lineOf(10)}`],
    ['the name within another', `x${NAME}=1.abc`],
    ['the name as a value', `a=${NAME}`],
    ['a name that only begins so', `${NAME}b=1`],
    ['no value', `${NAME}=`],
    ['a part beyond the fifth', `${lineOf(10)}; ${NAME}_5=x`],
  ])('are left to the general way where they are not plain: %s', (_, cookies) => {
    expect(lookAtCookies(cookies, NAME)).toBeUndefined();
  });
});
