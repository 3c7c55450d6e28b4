// What is remembered of a verified token, and under which epoch: shared by the module's few lines and its parts.
// Texts, since a text is the only thing that the engine njs keeps from one request to the next, in a shared dictionary.
import type { Loaded } from './loaded';

/** A remembered token: what judging it again takes. */
export interface Remembered {
  /** The whole Authorization field: scheme, token and all. */
  readonly authorization: string;
  /** The epoch in which it was verified. */
  readonly epoch: string;
  /** Seconds since the epoch (of Unix): good before this, */
  readonly until: number;
  /** and not before this. */
  readonly from: number;
  readonly scopes: string;
  readonly subject: string;
  /** What it could be denied by, a tab between each; empty: nothing. */
  readonly entries: string;
  /** The claims' variables as JSON: names and values in turn. */
  readonly variables: string;
}

/** What lasts from request to request: on QuickJS in each of a worker's contexts, on njs nothing. */
export interface Memory {
  loaded: Loaded | undefined;
  /** The epoch entry, and when it was found good. */
  entry: string;
  checkedAt: number;
  /** Two generations of remembered tokens: the older one is dropped when the younger is full. */
  young: Record<string, Remembered | undefined>;
  old: Record<string, Remembered | undefined>;
  count: number;
}

/** Characters of an epoch: a SHA-256 of settings, keys and deny list, cut to 132 bits. */
export const EPOCH_LENGTH = 22;
/** Characters of an epoch entry without a deny list: the epoch, and the second in which it was found to hold. */
export const ENTRY_LENGTH = 32;
/** Characters of a field's end that name its entry; the whole field is compared. At least a HS256's signature. */
export const TAIL_LENGTH = 43;

/** INVARIANT: entries of tokens, of workers and of everything else in a dictionary begin with letters of their own. */
export const TOKEN_PREFIX = 't';
export const EPOCH_PREFIX = 'e';

/** Keeps a token in a context's own memory, at most `size` of them. */
export function keep(memory: Memory, tail: string, token: Remembered, size: number): void {
  if (memory.young[tail] === undefined) memory.count += 1;
  memory.young[tail] = token;
  // Of the two generations each holds half.
  if (memory.count * 2 <= size) return;
  memory.old = memory.young;
  memory.young = {};
  memory.count = 0;
}
