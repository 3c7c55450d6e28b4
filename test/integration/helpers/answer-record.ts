// Takes down what a proxy answered, where `JWTVERIFY_ANSWERS` names a file: `scripts/compare-artifacts.mjs` compares two builds.
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { HttpAnswer, HttpRequest } from './suite';

const FILE = process.env['JWTVERIFY_ANSWERS'];
const DAY = 86_400;

/** A token that was signed for this run alone, by what it claims; any other as it is. */
function settleToken(token: string): string {
  const [, payload = ''] = token.split('.');
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iat?: unknown; exp?: unknown };
    const { iat, exp } = claims;
    if (typeof iat !== 'number' || Math.abs(iat - Date.now() / 1000) > DAY) return token;
    return JSON.stringify({ ...claims, iat: 0, exp: typeof exp === 'number' ? exp - iat : exp });
  } catch {
    return token;
  }
}

/** What differs from run to run by itself: ports, work directories, times. */
function settle(text: string): string {
  return text
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/jwtverify-\w+/g, 'DIRECTORY')
    .replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, settleToken)
    .replaceAll(/"date":"[^"]*"/g, '"date":""');
}

/** The order of different headers means nothing (RFC 9110 §5.3). */
function inOrder({ status, headers, body }: HttpAnswer): HttpAnswer {
  return { status, headers: Object.fromEntries(Object.entries(headers).sort()), body };
}

/** @param where the proxy, its version and its engine */
export function recordAnswer(where: string, wanted: Omit<HttpRequest, 'port'>, answer: HttpAnswer): void {
  if (FILE === undefined) return;
  // The configuration is that of the test: the same request to another one is another question.
  const test = expect.getState().currentTestName ?? '';
  const asked = settle(JSON.stringify({ where, test, ...wanted }));
  const key = createHash('sha256').update(asked).digest('base64url').slice(0, 16);
  const row = { key, where, test, path: wanted.path ?? '', answer: settle(JSON.stringify(inOrder(answer))) };
  appendFileSync(FILE, `${JSON.stringify(row)}\n`);
}
