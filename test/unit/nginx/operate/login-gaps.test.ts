// What of nginx's configuration takes something away where browsers sign in.
import { describe, expect, test } from 'vitest';
import { findLostHeaders, forgetsEnded } from '../../../../nginx/operate/login-gaps';
import type { Directive } from '../../../../nginx/ports/configuration';

const line = (...words: readonly string[]): Directive => ({ words, block: undefined });
const inside = (name: string, ...block: readonly Directive[]): Directive => ({ words: name.split(' '), block });
const HSTS = line('add_header', 'Strict-Transport-Security', 'max-age=1', 'always');
const COOKIE = line('add_header', 'Set-Cookie', '$jwtverify_set_cookie_1', 'always');

describe('the headers that a location loses', () => {
  test('are those of its server, or of http, that it does not add itself', () => {
    const lost = ['Strict-Transport-Security'];
    expect(findLostHeaders([inside('http', inside('server', HSTS, inside('location /', COOKIE)))])).toEqual(lost);
    expect(findLostHeaders([inside('http', HSTS, inside('server', inside('location /', COOKIE)))])).toEqual(lost);
    const outer = inside('location /', HSTS, inside('location /a', COOKIE));
    expect(findLostHeaders([inside('http', inside('server', outer))])).toEqual(lost);
  });

  test('are none where it has them too, or adds no cookies', () => {
    expect(findLostHeaders([inside('http', inside('server', HSTS, inside('location /', COOKIE, HSTS)))])).toEqual([]);
    expect(findLostHeaders([inside('http', inside('server', HSTS, inside('location /', HSTS)))])).toEqual([]);
    expect(findLostHeaders([inside('http', inside('server', HSTS, inside('location /')))])).toEqual([]);
  });
});

test('a dictionary of those who signed out that drops some is found', () => {
  const zone = (...words: readonly string[]) => [inside('http', line('js_shared_dict_zone', ...words))];
  expect(forgetsEnded(zone('zone=jwtverify_ended:1m', 'timeout=9h', 'evict'))).toBe(true);
  expect(forgetsEnded(zone('zone=jwtverify_ended:1m', 'timeout=9h'))).toBe(false);
  expect(forgetsEnded(zone('zone=jwtverify:1m', 'timeout=9h', 'evict'))).toBe(false);
});
