// What is remembered of a verified token, and under which epoch: shared by the module's few lines and its parts.
// The engine njs keeps nothing but texts from one request to the next, and those in a shared dictionary.
import type { Loaded } from './loaded';

/**
 * A remembered token: what judging it again takes. As an entry, its members stand in this order, a line feed between
 * each, under the whole Authorization field as the entry's name.
 */
export type Remembered = readonly [
  /** The epoch in which it was verified. */
  epoch: string,
  /** Milliseconds since the Unix epoch: good before this, and not before that. */
  until: number,
  from: number,
  scopes: string,
  subject: string,
  /** What it could be denied by, a tab between each; empty: nothing. */
  entries: string,
  /** The claims' variables as JSON, names and values in turn; empty where none were asked for. */
  variables: string,
  /** What a policy's rules and headers need to know of it (remembered-identity.ts); empty without a policy. */
  identity: string,
  /** The whole field, where a context's own memory has it under its end. */
  authorization?: string,
];

/** What lasts from request to request: on QuickJS in each of a worker's contexts, on njs nothing. */
export interface Memory {
  loaded: Loaded | undefined;
  /** The epoch's entry, and until when it is good, in milliseconds. */
  entry: string;
  goodUntil: number;
  /** Two generations of remembered tokens, by the end of their field: the older one is dropped when the younger is full. */
  young: Record<string, Remembered | undefined>;
  old: Record<string, Remembered | undefined>;
  /** Tokens of the younger generation, and the characters of their fields. */
  count: number;
  characters: number;
}

/**
 * The entry of a worker's epoch: a mark, the end of the second in which it was found to hold, and the epoch itself.
 * INVARIANT: the mark says whether a policy is in force, where a remembered token alone allows nothing.
 */
export const EPOCH_MARK = '=';
export const POLICY_MARK = '+';
/** Where the time ends: milliseconds, thirteen digits. */
export const TIME_END = 14;
/** Where the epoch ends, a SHA-256 of settings, keys and deny list cut to 132 bits; the deny list's file may follow. */
export const EPOCH_END = 36;
/** Characters of a field's end that find it in a context's memory: as many as the shortest signature has. */
const TAIL_LENGTH = 43;

/** INVARIANT: no field that names a remembered token begins like this, since that begins with `Bearer`, in any case. */
export const EPOCH_PREFIX = 'epoch:';

/** Characters that a generation may hold: nginx gives a context of QuickJS up that holds more than 4 MB. */
const MAX_CHARACTERS = 400000;

/** Keeps a token in a context's own memory, at most `size` of them. */
export function keep(memory: Memory, field: string, token: Remembered, size: number): void {
  const tail = field.slice(-TAIL_LENGTH);
  if (memory.young[tail] === undefined) memory.count += 1;
  memory.young[tail] = token;
  memory.characters += field.length + token[7].length;
  // Of the two generations each holds half.
  if (memory.count * 2 <= size && memory.characters < MAX_CHARACTERS) return;
  memory.old = memory.young;
  memory.young = {};
  memory.count = 0;
  memory.characters = 0;
}
