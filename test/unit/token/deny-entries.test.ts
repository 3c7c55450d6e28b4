// What of a token can be denied: each kind that a deny list may name.
import { expect, test } from 'vitest';
import { text } from '../../../nginx/ports/text';
import type { JsonObject } from '../../../src/codec/json';
import { parseJson } from '../../../src/codec/json-parse';
import { CLIENT_PATHS, denialEntries, denialsOf, isDenied } from '../../../src/token/deny-entries';
import { DENY_KINDS } from '../../../src/token/deny-entry';

const CLAIMS = ['jti', 'sub', 'client_id', 'azp', 'appid', 'cid', 'sid'];

test('a token is denied by each kind of entry that a deny list may have', () => {
  const claims = parseJson(JSON.stringify(Object.fromEntries(CLAIMS.map((name) => [name, `of ${name}`]))), text);
  const entries = denialEntries(claims as JsonObject, CLIENT_PATHS, 'one', text);
  for (const name of CLAIMS) expect(entries).toContain(`${name}:of ${name}`);
  expect(entries).toEqual(expect.arrayContaining(['client:of client_id', 'kid:one']));
  expect([...DENY_KINDS].sort()).toEqual([...CLAIMS, 'client', 'kid', 'sub_issued_before'].sort());
});

const ISSUER = 'https://a.example';

/** Whether a list of lines, each an entry and perhaps a time, denies a token. */
function denies(lines: readonly string[], claims: object, issuer = ISSUER): boolean {
  const object = parseJson(JSON.stringify(claims), text) as JsonObject;
  return isDenied(denialsOf(object, issuer, CLIENT_PATHS, 'one', text), {
    holds: (entry) => lines.includes(entry),
    timesOf: (entry) =>
      lines.filter((line) => line.startsWith(`${entry} `)).map((line) => line.slice(entry.length + 1)),
  });
}

test('an entry for one issuer denies its tokens alone, an entry without one those of all', () => {
  for (const entry of ['sub:x', 'sid:s', 'client:c', 'kid:one', 'jti:1']) {
    const claims = { sub: 'x', sid: 's', azp: 'c', jti: 1 };
    expect([entry, denies([`iss:${ISSUER},${entry}`], claims)]).toEqual([entry, true]);
    expect([entry, denies([`iss:${ISSUER},${entry}`], claims, 'https://b.example')]).toEqual([entry, false]);
    expect([entry, denies([entry], claims, 'https://b.example')]).toEqual([entry, true]);
  }
});

test('an issuer cannot make its name and a value look like those of another', () => {
  expect(denies(['iss:https://a.example,sub:x'], { sub: 'x' }, 'https://a.example,sub:x')).toBe(false);
  expect(denies(['iss:https://a.example%2Csub:x,sub:y'], { sub: 'y' }, 'https://a.example,sub:x')).toBe(true);
  expect(denies(['iss:https://a.example,sub:x'], { sub: 'iss:https://a.example,sub:x' }, 'https://b.example')).toBe(
    false,
  );
  expect(denies(['iss:https://a.example,sub:x'], { sub: ',sub:x' }, 'https://a.example')).toBe(false);
});

const TIME = 1764432000;
const BEFORE = [`sub_issued_before:x ${String(TIME)}`];

test.each([
  [{ sub: 'x', iat: TIME - 1 }, true],
  [{ sub: 'x', iat: TIME - 0.5 }, true],
  [{ sub: 'x', iat: TIME }, false],
  [{ sub: 'x', iat: TIME + 1 }, false],
  [{ sub: 'x', iat: TIME + 1, auth_time: TIME - 1 }, false],
  [{ sub: 'x', iat: TIME - 1, auth_time: TIME + 1 }, true],
  [{ sub: 'x' }, true],
  [{ sub: 'y', iat: TIME - 1 }, false],
  [{ iat: TIME - 1 }, false],
])('a time for a subject denies %o: %s', (claims, isWanted) => {
  expect(denies(BEFORE, claims)).toBe(isWanted);
  expect(denies([`iss:${ISSUER},${BEFORE[0] ?? ''}`], claims)).toBe(isWanted);
  expect(denies([`iss:https://b.example,${BEFORE[0] ?? ''}`], claims)).toBe(false);
});

test('a time that cannot be read is never over, and of two times each counts', () => {
  for (const time of ['?', '1', '', 'soon', '1764432000000', '17644320OO']) {
    expect([time, denies([`sub_issued_before:x ${time}`], { sub: 'x', iat: TIME * 2 })]).toEqual([time, true]);
  }
  const two = [`sub_issued_before:x ${String(TIME)}`, `sub_issued_before:x ${String(TIME + 9)}`];
  expect([denies(two, { sub: 'x', iat: TIME + 8 }), denies(two, { sub: 'x', iat: TIME + 9 })]).toEqual([true, false]);
});
