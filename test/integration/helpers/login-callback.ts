// The moment between the issuer's answer and the callback that brings it: where attacks on sign-in are.
import { expect } from 'vitest';
import { formsOf, headerOf, valuesOf, type Answer, type Browser } from './login-browser';
import { COOKIE, type RunningLogin } from './login-gateway';

export const holdsSession = (login: RunningLogin, { jar }: Browser): boolean =>
  jar.read(new URL(login.origin)).has(COOKIE);

/** Begins a sign-in, and goes on until the issuer's answer, which is not opened yet. */
export async function stopBeforeCallback(
  login: RunningLogin,
  browser: Browser,
  user = 'test',
  path = '/app1/',
): Promise<string> {
  const form = await browser.open(`${login.origin}${path}`);
  const [action] = formsOf(form);
  const body = new URLSearchParams({ user, password: user, do: 'sign-in' }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  let answer = await browser.send(action?.action ?? '', { method: 'POST', headers, body });
  while (!headerOf(answer, 'location').startsWith(login.origin)) {
    answer = await browser.send(new URL(headerOf(answer, 'location'), answer.url).href);
  }
  return headerOf(answer, 'location');
}

/** Refused with a page that has a way out, and no session. */
export function expectNoSession(login: RunningLogin, answer: Answer, browser: Browser): void {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.body).toMatch(/<a [^>]*href="|<form/);
  expect(valuesOf(answer, 'set-cookie').filter((field) => field.startsWith(`${COOKIE}=`))).toEqual([]);
  expect(holdsSession(login, browser)).toBe(false);
}
