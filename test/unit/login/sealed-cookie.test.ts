import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { plainHash } from '../../../src/crypto/plain-hash';
import { createPlainSealing } from '../../../src/crypto/plain-sealing';
import { findChunks, findNames, joinCookies, splitIntoCookies } from '../../../src/login/chunks';
import { markSealed, readSealed } from '../../../src/login/sealed-text';
import { checkCookieSecret, deriveSealingKey, deriveSealingKeys } from '../../../src/login/sealing-keys';
import { formatRemoval, formatSetCookie } from '../../../src/login/set-cookie';
import type { CookieTerms, SealingKey } from '../../../src/model/login';
import { noPause } from '../crypto/reference';

const NAME = '__Host-jwtverify';
const sealing = createPlainSealing(text, () => randomBytes(12).toString('latin1'), noPause);
const keyOf = (secret: string, name = NAME): SealingKey => deriveSealingKey(secret, 'session', name, plainHash, text);
const [one, other] = ['a secret of 32 bytes, or of more.', 'another secret of more than that.'];

const seal = (key: SealingKey, plain: string): string => markSealed(key, sealing.seal(key.key, plain));

function open(value: string, keys: readonly SealingKey[]): string | undefined {
  const openable = readSealed(value, keys, text);
  return openable === undefined ? undefined : sealing.open(openable.key, openable.sealed);
}

describe('a sealed text', () => {
  test('opens with the key that sealed it, whichever of several that is', () => {
    const keys = deriveSealingKeys([one, other], 'session', NAME, plainHash, text);
    for (const key of keys) expect(open(seal(key, 'Grüße'), keys)).toBe('Grüße');
  });

  test('opens for no other secret, purpose or cookie', () => {
    const value = seal(keyOf(one), 'a session');
    expect(open(value, [keyOf(one)])).toBe('a session');
    expect(open(value, [keyOf(other)])).toBeUndefined();
    expect(open(value, [keyOf(one, '__Host-other')])).toBeUndefined();
    for (const purpose of ['login', 'sign_out'] as const) {
      const foreign = deriveSealingKey(one, purpose, NAME, plainHash, text);
      expect(open(value, [foreign])).toBeUndefined();
      // Not even where an attacker exchanges the mark.
      expect(open(foreign.mark + value.slice(8), [foreign])).toBeUndefined();
    }
  });

  test('opens in no other spelling: each character changed, added or removed', () => {
    const keys = [keyOf(one)];
    const value = seal(keyOf(one), 'a session');
    for (let index = 0; index < value.length; index += 1) {
      for (const character of ['A', 'B', '-', '=', '.', '+', ' ', '\u0100']) {
        if (value.charAt(index) === character) continue;
        expect(open(value.slice(0, index) + character + value.slice(index + 1), keys)).toBeUndefined();
      }
      expect(open(value.slice(0, index), keys)).toBeUndefined();
      expect(open(value.slice(0, index) + value.slice(index + 1), keys)).toBeUndefined();
    }
    for (const more of ['A', '=', '==', 'AAAA']) expect(open(value + more, keys)).toBeUndefined();
  });

  test('is another one each time, and does not have its text in the clear', () => {
    const [first, second] = [seal(keyOf(one), 'a session'), seal(keyOf(one), 'a session')];
    expect(first).not.toBe(second);
    expect(Buffer.from(first, 'base64url').toString('latin1')).not.toContain('session');
  });
});

describe('a secret for cookies', () => {
  test.each([
    ['x'.repeat(32), undefined],
    ['ä'.repeat(16), undefined],
    ['0123456789abcdefg'.repeat(2), undefined],
    ['0123456789ABCDEF'.repeat(4), undefined],
    [randomBytes(32).toString('base64'), undefined],
    ['', 'shorter'],
    ['x'.repeat(31), 'shorter'],
    [randomBytes(16).toString('base64'), 'shorter'],
    ['0123456789abcdef'.repeat(2), 'hexadecimal'],
    ['0123456789abcdef'.repeat(4).slice(1), 'hexadecimal'],
  ])('%s: %s', (secret, problem) => {
    const found = checkCookieSecret(secret, text);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });
});

const lineOf = (cookies: readonly { readonly name: string; readonly value: string }[] | undefined): string =>
  (cookies ?? []).map(({ name, value }) => `${name}=${value}`).join('; ');

describe('a value in several cookies', () => {
  test('comes together again, up to five cookies of 3,800 characters', () => {
    for (const length of [0, 1, 3798, 3799, 7598, 7599, 18_998]) {
      const value = 'v'.repeat(length);
      const cookies = splitIntoCookies(NAME, value) ?? [];
      for (const cookie of cookies) expect(cookie.value.length).toBeLessThanOrEqual(3800);
      expect(cookies.length).toBe(Math.ceil((length + 2) / 3800));
      expect(joinCookies([`a=b; ${lineOf(cookies)}; c=d`], NAME)).toEqual({ kind: 'value', value });
      expect(joinCookies(lineOf(cookies).split('; '), NAME)).toEqual({ kind: 'value', value });
    }
    expect(splitIntoCookies(NAME, 'v'.repeat(18_999))).toBeUndefined();
  });

  test('is refused with a cookie missing, doubled, swapped, cut or prolonged', () => {
    const cookies = splitIntoCookies(NAME, 'ab'.repeat(4500)) ?? [];
    const [first, second, third] = cookies.map(({ name, value }) => `${name}=${value}`);
    expect(cookies).toHaveLength(3);
    const renamed = [first, second?.replace('_1=', '_2='), third?.replace('_2=', '_1=')];
    for (const pairs of [
      [first, second],
      [first, third],
      [first, second, second, third],
      [first, first, second, third],
      renamed,
      [first, second?.slice(0, -1), third],
      [first, `${second ?? ''}a`, third],
      [first?.slice(0, -1), second, third],
      [first?.replace('=3.', '=4.'), second, third],
      [first?.replace('=3.', '=6.'), second, third],
      [first?.replace('=3.', '=0.'), second, third],
      [first?.replace('=3.', '='), second, third],
    ]) {
      expect(joinCookies([pairs.join('; ')], NAME)).toEqual({ kind: 'malformed' });
    }
    expect(joinCookies([[second, third].join('; ')], NAME)).toEqual({ kind: 'absent' });
    // The browser may still have a cookie of a longer session.
    expect(joinCookies([[first, second, third, `${NAME}_3=old`].join('; ')], NAME).kind).toBe('value');
    expect(joinCookies([`${NAME}=`], NAME)).toEqual({ kind: 'absent' });
  });

  test('is found by its names, so that a browser can be freed of it', () => {
    expect(findChunks([`a=1; ${NAME}_2=x; ${NAME}=y`, `${NAME}_2=z; ${NAME}_x=1`], NAME)).toEqual([NAME, `${NAME}_2`]);
    expect(findNames([`l-b=1; x=2; l-a=3`, 'l-b=4; nothing'], 'l-')).toEqual(['l-b', 'l-a']);
  });
});

describe('a Set-Cookie field', () => {
  const terms: CookieTerms = { name: NAME, domain: undefined, path: '/', sameSite: 'lax', secure: true };

  test('has the attributes that a name with `__Host-` requires', () => {
    const field = `${NAME}=1.v; Path=/; Max-Age=28800; HttpOnly; Secure; SameSite=Lax`;
    expect(formatSetCookie(NAME, '1.v', 28_800, terms)).toBe(field);
  });

  test('has a domain where there is one, and is not secure where the operator allows plain HTTP', () => {
    const plain = { ...terms, domain: 'zoo.example', path: '/oauth2', sameSite: 'strict', secure: false } as const;
    const field = 'a=; Path=/oauth2; Domain=zoo.example; Max-Age=0; HttpOnly; SameSite=Strict';
    expect(formatRemoval('a', plain)).toBe(field);
  });
});
