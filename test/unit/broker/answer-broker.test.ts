// The addresses of the broker: their methods, their exact spelling, and what others may keep.
import { expect, test } from 'vitest';
import { answerBroker } from '../../../src/broker/answer-broker';

const BROKER = { documents: [{ path: '/a/oauth2/v1/certs', body: '{"keys":[]}' }] };
const ask = (method: string, target: string) => {
  const answer = answerBroker(BROKER, { method, target, lines: () => [], body: () => undefined });
  if (answer === undefined) throw new Error('no answer');
  return answer;
};

const KEPT: Readonly<Record<number, string>> = { 200: 'public, max-age=300', 404: 'no-store', 405: 'no-store' };
const BODIES: Readonly<Record<number, string>> = {
  200: '{"keys":[]}',
  204: '',
  404: '{"error":"not_found"}',
  405: '{"error":"method_not_allowed"}',
};

test.each([
  ['GET', '/a/oauth2/v1/certs', 200],
  ['HEAD', '/a/oauth2/v1/certs', 200],
  ['GET', '/a/oauth2/v1/certs?x=y', 200],
  ['GET', 'https://login.example/a/oauth2/v1/certs', 200],
  ['OPTIONS', '/a/oauth2/v1/certs', 204],
  ['POST', '/a/oauth2/v1/certs', 405],
  ['get', '/a/oauth2/v1/certs', 405],
  ['GET', '/oauth2/v1/certs', 404],
  ['GET', '/a/oauth2/v1/certs/', 404],
  ['GET', '/a/oauth2/v1/%63erts', 404],
  ['GET', '/a//oauth2/v1/certs', 404],
  ['GET', '*', 404],
])('%s %s is answered with %i', (method, target, status) => {
  const answer = ask(method, target);
  const field = (name: string) => answer.headers.find(([known]) => known === name)?.[1];
  expect(answer.status).toBe(status);
  expect(field('Access-Control-Allow-Origin')).toBe(status < 300 ? '*' : undefined);
  expect(field('Cache-Control')).toBe(KEPT[status]);
  expect(field('Allow')).toBe(status === 405 ? 'GET, HEAD, OPTIONS' : undefined);
  expect(answer.body).toBe(BODIES[status]);
});
