import { describe, expect, test } from 'vitest';
import { loadsPage } from '../../../src/login/page-load';

type Lines = Readonly<Record<string, string | readonly string[]>>;

const loads = (lines: Lines, method = 'GET'): boolean =>
  loadsPage({ method, target: '/app1', lines: (name) => [lines[name] ?? []].flat(), body: () => undefined });

const BROWSER = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html,*/*;q=0.8' };

describe('a request without a session', () => {
  test.each<[string, Lines, string, boolean]>([
    ['a page that a browser loads goes to sign-in', BROWSER, 'GET', true],
    ['a browser without Fetch Metadata too', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }, 'GET', true],
    ['a form does not: its body would be lost', BROWSER, 'POST', false],
    ['HEAD does not', BROWSER, 'HEAD', false],
    ['fetch() does not', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: '*/*' }, 'GET', false],
    ['fetch() for HTML does not', { ...BROWSER, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, 'GET', false],
    ['an image does not', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, 'GET', false],
    ['a frame does not', { ...BROWSER, 'sec-fetch-dest': 'iframe' }, 'GET', false],
    ['a WebSocket does not', { ...BROWSER, upgrade: 'websocket' }, 'GET', false],
    [
      'a WebSocket with its own metadata does not',
      { 'sec-fetch-mode': 'websocket', upgrade: 'websocket' },
      'GET',
      false,
    ],
    ['a client with a token does not', { ...BROWSER, authorization: 'Bearer x' }, 'GET', false],
    ['an API client does not', { accept: 'application/json' }, 'GET', false],
    ['curl does not', { accept: '*/*' }, 'GET', false],
    ['a client without Accept does not', {}, 'GET', false],
    [
      'XMLHttpRequest of old libraries does not',
      { accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' },
      'GET',
      false,
    ],
    ['a page fetched ahead does not', { ...BROWSER, 'sec-purpose': 'prefetch;prerender' }, 'GET', false],
    ['a page fetched ahead by old browsers does not', { ...BROWSER, purpose: 'prefetch' }, 'GET', false],
    ['two values of one field do not', { ...BROWSER, 'sec-fetch-mode': ['navigate', 'navigate'] }, 'GET', false],
  ])('%s', (_, lines, method, expected) => {
    expect(loads(lines, method)).toBe(expected);
  });
});
