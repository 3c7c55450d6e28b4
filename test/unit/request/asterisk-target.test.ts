// OPTIONS for the server as a whole, in each form in which it reaches a proxy (RFC 9112 §3.2.4).
import { describe, expect, test } from 'vitest';
import { text } from '../../../nginx/ports/text';
import { readResource } from '../../../src/request/request-target';

function read(method: string, target: string): unknown {
  const facts = { method, target, hosts: ['api.example'], preflight: false };
  const answer = readResource(facts, { allow: [], ignoreCase: false }, false, text);
  return answer.ok ? (answer.value.segments ?? '*') : answer.reason;
}

describe('OPTIONS for the server as a whole', () => {
  test.each(['*', 'http://api.example', 'https://api.example'])('is %s', (target) => {
    expect(read('OPTIONS', target)).toBe('*');
  });

  test('has no query, and a path is a path', () => {
    expect(read('OPTIONS', 'http://api.example?x')).toBe('target_malformed');
    expect(read('OPTIONS', 'http://api.example/')).toEqual([]);
    expect(read('OPTIONS', '/')).toEqual([]);
  });

  test('is for no other method', () => {
    expect(read('GET', '*')).toBe('target_malformed');
    expect(read('GET', 'http://api.example')).toEqual([]);
    expect(read('GET', 'http://api.example?/admin')).toBe('target_malformed');
    expect(read('GET', 'http://api.example/?/admin')).toEqual([]);
  });
});
