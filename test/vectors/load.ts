// Reads the vectors and the groups of settings, as they are committed.
import { readFileSync, readdirSync } from 'node:fs';

export interface Expected {
  readonly allowed: boolean;
  readonly status: number;
  readonly reason: string;
  readonly challenge: string;
  readonly scopes: string;
  readonly subject?: string;
  /** Some of the claim variables; null where there must be none of this name. */
  readonly variables?: Readonly<Record<string, string | number | null>>;
}

export interface Vector {
  readonly id: string;
  readonly comment: string;
  readonly settings: string;
  readonly authorization: readonly string[];
  /** Seconds since the epoch. */
  readonly now: number;
  readonly expected: Expected;
  /** Algorithms without which an engine answers `without` instead. */
  readonly needs?: readonly string[];
  readonly without?: Expected;
  /** The answer would be another a second earlier or later. */
  readonly exact?: boolean;
  /** False where no HTTP header line of usual size can carry it. */
  readonly wire?: boolean;
}

export interface SettingsGroup {
  readonly comment: string;
  /** `{directory}` is replaced by the directory of the files. */
  readonly environment: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly broken?: boolean;
}

export interface Topic {
  readonly topic: string;
  readonly comment: string;
  readonly vectors: readonly Vector[];
}

const HERE = new URL('./', import.meta.url);

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, HERE), 'utf8')) as unknown;
}

/** The names of the files of vectors. */
export function listTopicFiles(): readonly string[] {
  return readdirSync(HERE).filter(
    (name) => name.endsWith('.json') && !name.startsWith('settings.') && !name.includes('schema.'),
  );
}

export function readTopics(): readonly Topic[] {
  return listTopicFiles().map((name) => read(name) as Topic);
}

export function readGroups(): Readonly<Record<string, SettingsGroup>> {
  return (read('settings.json') as { groups: Record<string, SettingsGroup> }).groups;
}

/** What an engine with these algorithms is expected to answer. */
export function expectedOf(vector: Vector, algorithms: readonly string[]): Expected {
  const lacking = (vector.needs ?? []).some((name) => !algorithms.includes(name));
  return lacking && vector.without !== undefined ? vector.without : vector.expected;
}
