// Compiled settings in the shared dictionary `jwtverify` (njs 0.8.0), since njs starts every request with empty modules.
import type { Settings, SettingsAnswer } from '../../src/model/settings';
import type { SettingsSource } from '../../src/ports/host';
import { POLICY } from '../../src/settings/table';
import { BUILD } from '../ports/build-id';
import type { EngineObject, SharedDictionary } from '../njs';
import { arePiecesWhole, keepPieces, usePieces, type PolicyHead, type PolicyRules } from './policy-store';
import { describePolicy, useWhole, writePieces } from './policy-writer';
import { settle, stampOf } from '../ports/deny-list';
import { logNotices } from '../ports/log';
import { findZone } from '../ports/shared-dictionaries';

declare const njs: EngineObject;

const FULL =
  ': its rules do not fit into the shared dictionary `jwtverify_keys`, so every request reads them all; ' +
  'make the dictionary larger';

const ENTRY = 'settings:' + BUILD;
/** Which build compiled last. */
const LAST = 'build';

/** The sources of compiled settings: names and paths with their content; `names[i]` belongs to `values[i]`. */
interface Origin {
  readonly names: string[];
  readonly values: (string | null)[];
  readonly paths: string[];
  readonly stamps: string[];
}

interface Entry {
  readonly origin: Origin;
  readonly answer: SettingsAnswer;
  readonly head: PolicyHead | undefined;
}

/** Settings whose policy, if there is one, is kept apart from its rules. */
export interface Kept {
  readonly answer: SettingsAnswer;
  readonly rules: PolicyRules | undefined;
}

/** A source that records each read. It stamps a file before it reads it, so that a change in between counts. */
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
      origin.stamps.push(settle(stampOf(path)));
      return source.readFile(path);
    },
    signsIn: source.signsIn === true,
    signs: source.signs ?? [],
  };
}

/** INVARIANT: an entry is used only while everything that it was compiled from is as it was then. */
function isCurrent(origin: Origin, source: SettingsSource): boolean {
  return (
    origin.names.every((name, index) => (source.environment(name) ?? null) === origin.values[index]) &&
    origin.paths.every((path, index) => stampOf(path) === origin.stamps[index])
  );
}

function withPolicy(settings: Settings, head: PolicyHead): Settings {
  return {
    issuers: settings.issuers,
    tokenFrom: settings.tokenFrom,
    tokenPlaces: settings.tokenPlaces,
    clockSkew: settings.clockSkew,
    times: settings.times,
    cache: settings.cache,
    denyPath: settings.denyPath,
    claimVariables: settings.claimVariables,
    plainBudget: settings.plainBudget,
    nativeKeys: settings.nativeKeys,
    policy: head.policy,
    login: settings.login,
    broker: settings.broker,
  };
}

/** Pieces that a context of QuickJS may keep; njs keeps nothing. */
function usePiecesOf(dictionary: SharedDictionary, head: PolicyHead): PolicyRules {
  return usePieces(dictionary, head, njs.engine === 'QuickJS' ? keepPieces() : undefined);
}

function recall(dictionary: SharedDictionary, source: SettingsSource): Kept | undefined {
  try {
    const text = dictionary.get(ENTRY);
    if (typeof text !== 'string') return undefined;
    const entry = JSON.parse(text) as Entry;
    if (!isCurrent(entry.origin, source)) return undefined;
    const head = entry.head;
    if (head === undefined) return { answer: entry.answer, rules: undefined };
    // Compiling again brings dropped pieces back.
    if (!arePiecesWhole(dictionary, head.stamp)) return undefined;
    return { answer: entry.answer, rules: usePiecesOf(dictionary, head) };
  } catch (error) {
    // Not an entry of this module: compiling again replaces it.
    return undefined;
  }
}

/** Moves a policy's rules out of settings into the dictionary, where there is one and they fit. */
function splitPolicy(answer: SettingsAnswer, dictionary: SharedDictionary | undefined): Kept {
  if (!answer.ok || answer.settings.policy === undefined) return { answer, rules: undefined };
  const policy = answer.settings.policy;
  const head = describePolicy(policy, answer.settings.tokenPlaces, answer.settings.login?.cookie.name);
  const rest: SettingsAnswer = { ok: true, settings: withPolicy(answer.settings, head), notices: answer.notices };
  const written = dictionary === undefined ? 'full' : writePieces(dictionary, head.stamp, policy);
  if (dictionary !== undefined && written === 'whole') return { answer: rest, rules: usePiecesOf(dictionary, head) };
  if (dictionary !== undefined && written === 'full') logNotices([POLICY.name + FULL], true);
  return { answer: rest, rules: useWhole(head, policy) };
}

/** Drops the entry of the build before this one, since no other worker will need it for long. */
function dropOlder(dictionary: SharedDictionary): void {
  const last = dictionary.get(LAST);
  if (last === BUILD) return;
  dictionary.delete(typeof last === 'string' ? 'settings:' + last : 'settings');
  dictionary.set(LAST, BUILD);
}

/** Settings that are to be kept once they are compiled to the end. */
export interface Compilation {
  readonly source: SettingsSource;
  readonly keep: (answer: SettingsAnswer) => Kept;
}

/**
 * The settings that some worker compiled from the same environment and files, or what to compile them with.
 * @param source where settings come from
 */
export function recallSettings(source: SettingsSource): Kept | Compilation {
  const dictionary = findZone('jwtverify_keys');
  if (dictionary === undefined) return { source, keep: (answer) => splitPolicy(answer, undefined) };
  const known = recall(dictionary, source);
  if (known !== undefined) return known;
  const origin: Origin = { names: [], values: [], paths: [], stamps: [] };
  return {
    source: record(source, origin),
    keep: (answer) => {
      const kept = splitPolicy(answer, dictionary);
      const head = kept.rules === undefined ? undefined : kept.rules.head;
      try {
        if (head === undefined || arePiecesWhole(dictionary, head.stamp)) {
          dropOlder(dictionary);
          dictionary.set(ENTRY, JSON.stringify({ origin, answer: kept.answer, head }));
        }
      } catch (error) {
        // The dictionary is full: the next request compiles again.
      }
      return kept;
    },
  };
}
