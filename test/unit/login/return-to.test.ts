import { describe, expect, test } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { readAuthority } from '../../../src/login/authority';
import { checkReturn, type ReturnTerms } from '../../../src/login/return-to';
import { BAD_RETURNS, GOOD_RETURNS } from '../../contract/return-to';

const TERMS: ReturnTerms = {
  hosts: [
    { host: 'partner.example', port: '' },
    { host: '.zoo.example', port: '' },
    { host: 'dev.example', port: '8443' },
  ],
  secure: true,
  prefix: '/oauth2',
  paths: { allow: [], ignoreCase: false },
};
const OWN = readAuthority('app.example', true, text);
const check = (rd: string, terms = TERMS): string | undefined => checkReturn(rd, OWN, terms, text);

/** Where a browser goes from login's callback. */
const hostOf = (location: string): string => new URL(location, 'https://app.example/oauth2/callback').host;

describe('where one may return to', () => {
  test.each(GOOD_RETURNS)('$rd leads to $to', ({ rd, to }) => {
    expect(check(rd)).toBe(to);
  });

  test.each(BAD_RETURNS)('$rd leads nowhere', ({ rd }) => {
    expect(check(rd)).toBeUndefined();
  });

  test('another host is no path, whatever spellings a policy allows', () => {
    const allow = [
      'encoded_slash',
      'encoded_delimiter',
      'encoded_twice',
      'repeated_slash',
      'backslash',
      'parameter',
    ] as const;
    const wide = { ...TERMS, paths: { allow, ignoreCase: true } };
    for (const rd of [
      '//evil.example',
      '///evil.example',
      '/\\evil.example',
      '/a/..//evil.example',
      '//oauth2/sign_out',
    ]) {
      expect(check(rd, wide)).toBeUndefined();
    }
    expect(check('/a//b', wide)).toBe('/a//b');
  });

  test('the corpus has 60 attacks and more', () => {
    expect(BAD_RETURNS.length).toBeGreaterThan(60);
  });

  test('a browser never leaves the listed hosts, whatever pieces an address is made of', () => {
    const pieces = [
      '/',
      '//',
      '\\',
      '.',
      '..',
      '@',
      ':',
      '?',
      '#',
      '%2f',
      '%5c',
      '%2e',
      '\t',
      ' ',
      'https:',
      'http://',
    ];
    const names = [
      'https://',
      'evil.example',
      'app.example',
      '.zoo.example',
      'a.zoo.example',
      '443',
      'x',
      ';',
      '[',
      ']',
    ];
    const all = [...pieces, ...names];
    const allowed = /^(app\.example|partner\.example|([a-z0-9_-]+\.)+zoo\.example|dev\.example:8443)$/;
    let accepted = 0;
    let seed = 1;
    const next = (): number => (seed = (seed * 48_271) % 2_147_483_647);
    for (let count = 0; count < 60_000; count += 1) {
      let rd = '';
      for (let length = 1 + (next() % 7); length > 0; length -= 1) rd += all[next() % all.length] ?? '';
      const to = check(rd);
      if (to === undefined) continue;
      accepted += 1;
      expect(hostOf(to), rd).toMatch(allowed);
    }
    expect(accepted).toBeGreaterThan(100);
  });

  test('plain HTTP and any port lead somewhere only where the operator says so', () => {
    const plain = { ...TERMS, secure: false, hosts: [{ host: 'dev.example', port: '*' }] };
    expect(checkReturn('http://app.example/a', readAuthority('app.example', false, text), plain, text)).toBe('/a');
    expect(check('http://dev.example:8080/a', plain)).toBe('http://dev.example:8080/a');
    expect(check('https://dev.example/a', plain)).toBe('https://dev.example/a');
    expect(check('http://dev.example:8080/a')).toBeUndefined();
  });

  test('a path that the policy allows is one to return to', () => {
    const terms: ReturnTerms = { ...TERMS, paths: { allow: ['encoded_slash'], ignoreCase: false } };
    expect(check('/files/a%2Fb')).toBeUndefined();
    expect(check('/files/a%2Fb', terms)).toBe('/files/a%2Fb');
    expect(check('/oauth2%2Fstart', terms)).toBeUndefined();
  });

  test('without a good Host header only paths lead somewhere, and listed hosts', () => {
    expect(checkReturn('https://app.example/', undefined, TERMS, text)).toBeUndefined();
    expect(checkReturn('/app1', undefined, TERMS, text)).toBe('/app1');
    expect(checkReturn('https://partner.example/', undefined, TERMS, text)).toBe('https://partner.example/');
  });
});
