// What is remembered of a verified token, and under which epoch: shared by the module's few lines and its parts.
// The engine njs keeps nothing but texts from one request to the next, and those in a shared dictionary.
import type { Loaded } from './loaded';

/** A remembered token: what judging it again takes. */
export interface Remembered {
  /** The whole Authorization field: scheme, token and all. */
  readonly authorization: string;
  /** The epoch in which it was verified. */
  readonly epoch: string;
  /** Whole seconds since the Unix epoch: good before this, and not before that. */
  readonly until: number;
  readonly from: number;
  readonly scopes: string;
  readonly subject: string;
  /** What it could be denied by, a tab between each; empty: nothing. */
  readonly entries: string;
  /** The claims' variables as JSON, names and values in turn; empty where none were asked for. */
  readonly variables: string;
}

/** What lasts from request to request: on QuickJS in each of a worker's contexts, on njs nothing. */
export interface Memory {
  loaded: Loaded | undefined;
  /** The epoch's entry, and when it was found good. */
  entry: string;
  checkedAt: number;
  /** Two generations of remembered tokens: the older one is dropped when the younger is full. */
  young: Record<string, Remembered | undefined>;
  old: Record<string, Remembered | undefined>;
  /** Tokens of the younger generation, and the characters of their fields. */
  count: number;
  characters: number;
}

/** Characters of an epoch: a SHA-256 of settings, keys and deny list, cut to 132 bits. */
export const EPOCH_LENGTH = 22;
/** An epoch's entry is the epoch, the second in which it was found to hold and, with a deny list, its file's state. */
export const ENTRY_LENGTH = 32;
/** A token's entry begins with the epoch and two times of ten digits. */
export const TIMES_END = 42;
/** Characters of a field's end that name its entry (the whole field is compared); the shortest signature has as many. */
export const TAIL_LENGTH = 43;

/** INVARIANT: names of tokens, of epochs and of everything else in a dictionary begin with letters of their own. */
export const TOKEN_PREFIX = 't';
export const EPOCH_PREFIX = 'e';

/** Characters that a generation may hold: nginx gives a context of QuickJS up that holds more than 4 MB. */
const MAX_CHARACTERS = 400000;

/** Keeps a token in a context's own memory, at most `size` of them. */
export function keep(memory: Memory, tail: string, token: Remembered, size: number): void {
  if (memory.young[tail] === undefined) memory.count += 1;
  memory.young[tail] = token;
  memory.characters += token.authorization.length;
  // Of the two generations each holds half.
  if (memory.count * 2 <= size && memory.characters < MAX_CHARACTERS) return;
  memory.old = memory.young;
  memory.young = {};
  memory.count = 0;
  memory.characters = 0;
}
