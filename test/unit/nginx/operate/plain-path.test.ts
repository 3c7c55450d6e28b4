// Which paths nginx reads as they were sent.
import { expect, test } from 'vitest';
import { isPlainPath } from '../../../../nginx/operate/plain-path';

test.each(['/', '/ready', '/ready?x=%2e%2e//', '/.well-known/a', '/a/..b/c.', '/a;b', '/...', '/ready/'])(
  '`%s` is plain',
  (target) => {
    expect(isPlainPath(target)).toBe(true);
  },
);

test.each(
  [
    '',
    'ready',
    '*',
    '//ready',
    '/a//b',
    '/%72eady',
    '/a/../ready',
    '/./ready',
    '/ready/.',
    '/a/..',
    '/a\\b',
    '/a#b',
  ].concat('http://x/ready'),
)('`%s` is not', (target) => {
  expect(isPlainPath(target)).toBe(false);
});
