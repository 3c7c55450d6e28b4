// Which spellings of a backend are one server.
import { describe, expect, test } from 'vitest';
import { findBackend, mayShare, type Backend } from '../../../../nginx/operate/backends';

const HTTP = [
  {
    words: ['upstream', 'api'],
    block: [
      { words: ['server', '10.0.0.1:8080', 'weight=2'], block: undefined },
      { words: ['server', 'b'], block: undefined },
    ],
  },
];

function backendOf(target: string): Backend {
  const found = findBackend(HTTP, [{ words: ['proxy_pass', target], block: undefined }]);
  if (found === undefined) throw new Error('no backend');
  return found;
}

const share = (one: string, other: string): boolean => mayShare(backendOf(one), backendOf(other));

describe('two backends', () => {
  test.each([
    ['http://api', 'http://API/x'],
    ['http://api', 'http://10.0.0.1:8080'],
    ['http://b', 'https://b:80'],
    ['http://localhost:3001', 'http://127.0.0.1:3001/'],
    ['http://[::1]:3001', 'http://LOCALHOST:3001'],
    ['http://unix:/run/a', 'http://unix:/run/a:/x'],
    ['http://$any', 'http://c'],
    ['$any', 'http://c'],
  ])('may be one server: %s and %s', (one, other) => {
    expect([share(one, other), share(other, one)]).toEqual([true, true]);
  });

  test.each([
    ['http://api', 'http://c'],
    ['http://b', 'https://b'],
    ['http://b:81', 'http://b'],
    ['http://unix:/run/a', 'http://unix:/run/A'],
  ])('are different servers: %s and %s', (one, other) => {
    expect([share(one, other), share(other, one)]).toEqual([false, false]);
  });

  test.each([
    ['http://b', true],
    ['http://$b', true],
    ['http://b$request_uri', true],
    ['http://b:80${request_uri}', true],
    ['http://unix:/run/a', true],
    ['http://b/', false],
    ['http://b$uri', true],
    ['http://unix:/run/a:/', false],
  ])('are sent the path as the client wrote it, or perhaps: %s: %s', (target, isRaw) => {
    expect(backendOf(target).isRaw).toBe(isRaw);
  });
});
