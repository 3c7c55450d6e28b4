// The remembered form of a verified token, with its epoch: shared by the module's few lines and its parts.
// The engine njs keeps nothing but texts from one request to the next, and those in a shared dictionary.
import type { RememberedTimes } from '../../../src/token/remembered-token';
import type { NumberDictionary } from '../../njs';
import { BUILD } from '../../ports/build-id';
import type { Snapshot } from '../snapshot';

/** A remembered token: the data for judging it again. Its times are in milliseconds since the Unix epoch. */
export interface RememberedToken extends RememberedTimes {
  /** The epoch in which it was verified. */
  readonly epoch: string;
  readonly scopes: string;
  readonly subject: string;
  /** The entries by which an operator could deny it in the dictionary, a tab between each; may be empty. */
  readonly denyEntries: string;
  /** The claims' variables as JSON, names and values in turn; empty where none were asked for. */
  readonly variables: string;
  /** The identity for a policy's rules and headers (identity.ts); empty without a policy. */
  readonly identity: string;
  /** The dictionary for counts, where a request with it is to be counted. */
  counts?: NumberDictionary | undefined;
  /** Requests that passed with it, after all members of its entry (passages.ts). */
  passages?: readonly string[] | undefined;
}

/** A remembered token in a context's own memory, which finds it under the end of its field. */
export interface KeptToken {
  /** The whole Authorization field. */
  readonly field: string;
  readonly token: RememberedToken;
}

/** What the cookies of a request have of login. */
export interface SessionCookies {
  /** The form in which the session is remembered; undefined where there is none, or not all of it. */
  readonly name: string | undefined;
  /** The other cookies; undefined: all of them. */
  readonly rest: string | undefined;
}

/** A whole line of cookies, what it has of login by the name of the session's cookie, and what is remembered of the session. */
export interface KeptLine {
  readonly line: string;
  readonly cookieName: string;
  readonly cookies: SessionCookies;
  /** The form in which the session is remembered. */
  readonly name: string | undefined;
  readonly token: RememberedToken;
}

/** The memory that lasts from request to request, in each of a worker's QuickJS contexts; njs has none. */
export interface ContextMemory {
  snapshot: Snapshot | undefined;
  /** The epoch's entry, and until when it is good, in milliseconds. */
  entry: string;
  goodUntil: number;
  /** Two generations of remembered tokens, by the end of their field: the older one is dropped when the younger is full. */
  young: Record<string, KeptToken | undefined>;
  old: Record<string, KeptToken | undefined>;
  /** Tokens of the younger generation, and the characters of their fields. */
  count: number;
  characters: number;
  /** Lines of cookies with a remembered session, by their end, and their characters. */
  lines: Record<string, KeptLine | undefined>;
  lineCharacters: number;
}

/**
 * The entry of a worker's epoch: a mark, the end of the second in which it was checked, and the epoch itself.
 * INVARIANT: the mark says whether the token that the Authorization header has is all that is asked for. Under a policy
 * a remembered token alone allows nothing, and with other places of a token it need not be the one of the request.
 */
export const EPOCH_MARK = '=';
export const POLICY_MARK = '+';
/** As the first mark, where the configuration has a dictionary for counts. */
export const COUNTED_MARK = '#';
/** Where the time ends: milliseconds, thirteen digits. */
export const TIME_END = 14;
/** Characters of an epoch: a SHA-256 of settings, keys and deny list, cut to 132 bits. */
export const EPOCH_LENGTH = 22;
/** Where the epoch ends; the deny list's file may follow. */
export const EPOCH_END = TIME_END + EPOCH_LENGTH;
/** Characters of a field's end that find it in a context's memory: as many as the shortest signature has. */
export const TAIL_LENGTH = 43;

/** INVARIANT: no field that names a remembered token begins like this, since that begins with `Bearer`, in any case. */
export const EPOCH_PREFIX = 'epoch:' + BUILD + ':';

/** Characters that a generation may hold: nginx drops a context of QuickJS that holds more than 4 MB. */
const MAX_CHARACTERS = 400000;

/** Keeps a token in a context's own memory, at most `size` of them. */
export function keep(memory: ContextMemory, field: string, token: RememberedToken, size: number): void {
  const tail = field.slice(-TAIL_LENGTH);
  if (memory.young[tail] === undefined) memory.count += 1;
  memory.young[tail] = { field, token };
  weigh(memory, field.length + token.identity.length, size);
}

/** Counts characters that a context's memory has more, and begins another generation where there are too many. */
export function weigh(memory: ContextMemory, characters: number, size: number): void {
  memory.characters += characters;
  // Of the two generations each holds half.
  if (memory.count * 2 <= size && memory.characters < MAX_CHARACTERS) return;
  memory.old = memory.young;
  memory.young = {};
  memory.count = 0;
  memory.characters = 0;
}

/** Members of every entry; passages may follow. */
export const MEMBERS = 8;

/**
 * A remembered token as the entry of a shared dictionary, whose name is the whole Authorization field.
 * INVARIANT: no member holds a line feed; scopes, subject and entries were checked for control characters, JSON escapes it.
 */
export function writeToken(token: RememberedToken): string {
  return membersOf(token).join('\n');
}

/** The members of an entry; passages are not among them. */
export function membersOf(token: RememberedToken): readonly string[] {
  return [
    token.epoch,
    token.until.toString(),
    token.from.toString(),
    token.scopes,
    token.subject,
    token.denyEntries,
    token.variables,
    token.identity,
  ];
}

/**
 * Reads the entry. The times stay texts: compared with a number they are numbers, without a call.
 * @returns undefined for anything else
 */
export function readToken(entry: string): RememberedToken | undefined {
  const members = entry.split('\n');
  if (members.length < MEMBERS) return undefined;
  return {
    epoch: members[0] ?? '',
    until: members[1] as unknown as number,
    from: members[2] as unknown as number,
    scopes: members[3] ?? '',
    subject: members[4] ?? '',
    denyEntries: members[5] ?? '',
    variables: members[6] ?? '',
    identity: members[7] ?? '',
    passages: members.length === MEMBERS ? undefined : members,
  };
}
