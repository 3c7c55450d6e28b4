// The real token of the article, and its key in each form that Auth0 gives it out.
import { readFileSync } from 'node:fs';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/auth0/${name}`, import.meta.url), 'utf8');

export const AUTH0_TOKEN = fixture('token.jwt').trim();
export const AUTH0_KEYS = {
  'pubkey.pem': fixture('pubkey.pem'),
  'certificate.pem': fixture('certificate.pem'),
  'jwks.json': fixture('jwks.json'),
};
export const DAY_OF_THE_TOKEN = '2018-11-07 00:00:00';

/** The token with the middle character of one segment changed. */
export function changeSegment(index: number): string {
  const segments = AUTH0_TOKEN.split('.');
  const segment = segments[index] ?? '';
  const middle = Math.floor(segment.length / 2);
  segments[index] = segment.slice(0, middle) + (segment[middle] === 'A' ? 'B' : 'A') + segment.slice(middle + 1);
  return segments.join('.');
}
