// Compiled settings in the shared dictionary `jwtverify` (njs 0.8.0), since njs starts every request with empty modules.
import type { SettingsAnswer } from '../../src/core/settings';
import type { SettingsSource } from '../../src/ports/host';
import type { SharedDictionary } from '../host';
import { stampOf } from './deny-file';
import { findZone } from './zones';

const ENTRY = 'settings';

/** What settings were compiled from: names and paths with what stood there, `names[i]` belonging to `values[i]`. */
interface Origin {
  readonly names: string[];
  readonly values: (string | null)[];
  readonly paths: string[];
  readonly stamps: string[];
}

interface Entry {
  readonly origin: Origin;
  readonly answer: SettingsAnswer;
}

/** A source that notes what it was asked for. A file's stamp is taken before it is read: a change in between counts. */
function record(source: SettingsSource, origin: Origin): SettingsSource {
  return {
    environment: (name) => {
      const value = source.environment(name);
      origin.names.push(name);
      origin.values.push(value ?? null);
      return value;
    },
    readFile: (path) => {
      origin.paths.push(path);
      origin.stamps.push(stampOf(path));
      return source.readFile(path);
    },
  };
}

/** INVARIANT: an entry is used only while everything that it was compiled from is as it was then. */
function isCurrent(origin: Origin, source: SettingsSource): boolean {
  return (
    origin.names.every((name, index) => (source.environment(name) ?? null) === origin.values[index]) &&
    origin.paths.every((path, index) => stampOf(path) === origin.stamps[index])
  );
}

function recall(dictionary: SharedDictionary, source: SettingsSource): SettingsAnswer | undefined {
  try {
    const text = dictionary.get(ENTRY);
    if (typeof text !== 'string') return undefined;
    const entry = JSON.parse(text) as Entry;
    return isCurrent(entry.origin, source) ? entry.answer : undefined;
  } catch (error) {
    // Not an entry of ours: compiling anew replaces it.
    return undefined;
  }
}

/** Settings that are to be kept once they are compiled to the end. */
export interface Compilation {
  readonly source: SettingsSource;
  /** Returns what it is given. */
  readonly keep: (answer: SettingsAnswer) => SettingsAnswer;
}

/**
 * The settings that some worker compiled from the same environment and files, or what to compile them with.
 * @param source where settings come from
 */
export function recallSettings(source: SettingsSource): SettingsAnswer | Compilation {
  const dictionary = findZone('jwtverify_keys');
  if (dictionary === undefined) return { source, keep: (answer) => answer };
  const known = recall(dictionary, source);
  if (known !== undefined) return known;
  const origin: Origin = { names: [], values: [], paths: [], stamps: [] };
  return {
    source: record(source, origin),
    keep: (answer) => {
      try {
        dictionary.set(ENTRY, JSON.stringify({ origin, answer }));
      } catch (error) {
        // The dictionary is full: the next request compiles again.
      }
      return answer;
    },
  };
}
