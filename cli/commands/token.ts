// `jwtverify token decode`: what a token says. Nothing of it is verified, and the signature is not shown.
import { readFileSync } from 'node:fs';
import { asNumber, findMember, type JsonObject } from '../../src/codec/json';
import { formatJson } from '../../src/codec/json-format';
import { MAX_TOKEN_LENGTH } from '../../src/token/compact';
import { readSegment } from '../desk/claims';
import { EXIT, failure } from '../desk/failure';
import { readTime } from '../desk/time';
import { phraseFor } from '../ports/source';
import type { Output } from '../print/output';

export interface DecodeOptions {
  readonly at?: string | undefined;
  readonly json?: true | undefined;
}

/** Reads a token from a file, or from standard input for `-`. @throws a failure when it cannot be read or is too long */
export function readTokenFile(path: string): string {
  let content: string;
  try {
    content = readFileSync(path === '-' ? 0 : path, 'utf8').trim();
  } catch (error) {
    if (path.startsWith('eyJ')) throw failure('this is a token, not a file that holds one; `-` reads standard input');
    throw failure(path === '-' ? 'standard input has no token' : `the token file \`${path}\`: ${phraseFor(error)}`);
  }
  const token = content.replace(/^bearer +/i, '');
  if (token === '') throw failure('there is no token');
  if (token.length > MAX_TOKEN_LENGTH) throw failure(`the token is longer than ${String(MAX_TOKEN_LENGTH)} characters`);
  return token;
}

const TIMES = ['iat', 'nbf', 'auth_time', 'exp'] as const;

/** Each time claim as a date, and whether it is over. */
function describeTimes(claims: JsonObject, now: number): readonly string[] {
  return TIMES.flatMap((name) => {
    const value = asNumber(findMember(claims, name))?.value;
    if (value === undefined || Math.abs(value) > 8.64e12) return [];
    const distance = Math.round(Math.abs(value - now));
    const when = value <= now ? `${String(distance)} seconds ago` : `in ${String(distance)} seconds`;
    return [`${name}: ${new Date(value * 1000).toISOString()}, ${when}`];
  });
}

/** @returns the exit code */
export function decodeToken(path: string, options: DecodeOptions, output: Output): number {
  const segments = readTokenFile(path).split('.');
  if (segments.length === 5) throw failure('the token is encrypted (five segments); only its recipient can read it');
  if (segments.length !== 3) throw failure('the token is opaque: it is not three segments with a dot between');
  const [header, claims] = [readSegment(segments[0], 'header'), readSegment(segments[1], 'payload')];
  const [readHeader, readClaims] = [header, claims].map((object) => JSON.parse(formatJson(object)) as unknown);
  if (options.json === true) {
    output.json({ verified: false, header: readHeader, claims: readClaims });
    return EXIT.fine;
  }
  output.warn('the signature is not verified: anybody can write such a token');
  output.json(readHeader);
  output.json(readClaims);
  for (const line of describeTimes(claims, readTime(options.at))) output.line(output.dim(line));
  return EXIT.fine;
}
