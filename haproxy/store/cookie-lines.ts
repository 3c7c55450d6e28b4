// Cookie lines that were read before: which session one has, and what is left of it for a backend. A browser sends the same line
// again and again, and reading it takes longer than all else.
import { findChunks, findNames } from '../../src/login/chunks';
import { findSession, type FoundSession } from '../../src/login/find-session';
import { loginCookies } from '../../src/login/login-in-progress';
import { createTwoGenerations } from '../../src/memory/two-generations';
import type { Login } from '../../src/model/login';
import { withoutCookies } from '../../src/token/places/cookies';
import { forgetWhenFull } from '../ports/memory-limit';
import { text } from '../ports/text';

/** What the Cookie lines of a request are. */
export interface CookieLines {
  /** The values of all lines. */
  readonly lines: readonly string[];
  /** Without the cookies of login; undefined when they have none. */
  readonly rest: readonly string[] | undefined;
  readonly found: FoundSession;
  /** The form in which the session is remembered; empty without one. */
  readonly field: string;
}

/** @noSelf */
export interface CookieReader {
  /** Reads the lines of a request. */
  read(lines: readonly string[]): CookieLines;
  /** The same for one line, as nearly every request has. */
  readOne(line: string): CookieLines;
}

/** Before the sealed text. INVARIANT: no header has a line feed, so nobody can name a remembered session in one. */
const MARK = 'session\n';
/** The number of lines, and their length together. */
const MOST = 2000;
const MOST_LENGTH = 4194304;
/** Of a session's first cookie, what comes before the end of its nonce: a number, a dot, the key's mark. */
const NONCE_END = 26;

const find = string.find;
const sub = string.sub;

export function createCookieReader(login: Login): CookieReader {
  const known = createTwoGenerations<CookieLines>(MOST, {
    most: MOST_LENGTH,
    weigh: ({ lines }: CookieLines) => lines[0]?.length ?? 0,
  });
  const beginning = login.cookie.name + '=';
  forgetWhenFull(() => {
    known.clear();
  });

  function read(lines: readonly string[]): CookieLines {
    const names = [...findChunks(lines, login.cookie.name), ...findNames(lines, loginCookies(login.cookie))];
    const found = findSession(login, lines, text);
    return {
      lines,
      rest: names.length === 0 ? undefined : withoutCookies(lines, names),
      found,
      field: found.kind === 'sealed' ? MARK + found.value : '',
    };
  }

  /** INVARIANT: the key only finds an entry; the whole line is compared. */
  function readOne(line: string): CookieLines {
    const [, end] = find(line, beginning, 1, true);
    if (end === undefined) return read([line]);
    const key = sub(line, end + 1, end + NONCE_END);
    const present = known.recall(key);
    if (present !== undefined && present.lines[0] === line) return present;
    const made = read([line]);
    known.remember(key, made);
    return made;
  }

  return { read, readOne };
}
