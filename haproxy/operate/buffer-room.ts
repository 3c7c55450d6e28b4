// The room that HAProxy's buffer has for the cookies of a session: a request with more of them gets HAProxy's own 400, and an
// answer that sets more its own 500.
import { CHUNK_LENGTH, MOST_CHUNKS } from '../../src/login/chunks';
import type { CookieRoom } from '../../src/login/step';
import type { ConfigurationLine } from '../ports/configuration';
import { splitLine } from '../ports/configuration-line';
import { MAKE_ROOM } from '../ports/wanted-lines';

const BUFFER = 'tune.bufsize';
export const REWRITE = 'tune.maxrewrite';
/** HAProxy's own values. */
const USUAL_BUFFER = 16384;
const USUAL_REWRITE = 1024;
/** What comes out of the environment counts as enough. */
const ENOUGH = 1048576;
/** For the rest of a request: its target, and all other headers. */
const REST = 4096;
/** Name and separators of a cookie. */
const NAME_LENGTH = 64;

/** The last value of a setting of `global`; undefined where there is none. */
function readNumber(lines: readonly ConfigurationLine[], name: string): number | undefined {
  let value: number | undefined;
  for (const { text } of lines) {
    if (!text.includes(name)) continue;
    const { words, certain } = splitLine(text);
    if (words[0] === name) value = certain < 2 ? ENOUGH : (tonumber(words[1]) ?? ENOUGH);
  }
  return value;
}

/** The room for headers that HAProxy adds to a message. */
export function readRewrite(lines: readonly ConfigurationLine[]): number {
  return readNumber(lines, REWRITE) ?? USUAL_REWRITE;
}

/** The room for a session in a request. */
export function readCookieRoom(lines: readonly ConfigurationLine[]): CookieRoom {
  const buffer = readNumber(lines, BUFFER) ?? USUAL_BUFFER;
  // HAProxy makes a larger value half of the buffer.
  const rewrite = math.min(readRewrite(lines), math.floor(buffer / 2));
  const most = math.floor((buffer - rewrite - REST) / (CHUNK_LENGTH + NAME_LENGTH));
  return {
    most: math.max(0, math.min(MOST_CHUNKS, most)),
    mend: MAKE_ROOM + ', or let the issuer send fewer groups',
  };
}
