// The settings for this engine, compiled or recalled, and the log of their problems.
import { compileSettings } from '../../src/settings/environment';
import { findMisspelledVariables } from '../../src/settings/unknown-names';
import { describeProblems } from '../../src/model/problem';
import type { SettingsAnswer } from '../../src/model/settings';
import type { SettingsSource } from '../../src/ports/host';
import type { EngineObject } from '../njs';
import { addProblems, findMisspelledDictionaries, findMissingForLogin } from './dictionaries';
import { logNotices, logProblems } from '../ports/log';
import type { PolicyRules } from './policy-store';
import { recallSettings } from './settings-store';
import { listVariables, settingsSource } from '../ports/environment';
import { createSignatures, probeEd25519 } from '../ports/signatures';
import { text } from '../ports/text';
import { findZone } from '../ports/shared-dictionaries';

declare const njs: EngineObject;

/** The first njs whose WebCrypto may have Ed25519: 0.9.7. */
const ED25519_SINCE = 0x000907;
/** The first njs that sees a value given as `env NAME=value;`: 0.8.8. */
const ENV_VALUES_SINCE = 0x000808;

/** Settings, and whether this engine's build has Ed25519. */
export interface Read {
  readonly answer: SettingsAnswer;
  readonly hasEd25519: boolean;
  /** The policy's, whose place in the settings has none; undefined without a policy. */
  readonly rules: PolicyRules | undefined;
}

/** Where no dictionary keeps them: these last on QuickJS. */
let kept: Read | undefined;
let isNoted = false;
/** Notices that were not logged, since nothing would remember it. */
let unsaid: readonly string[] = [];

function compile(source: SettingsSource, hasEd25519: boolean): SettingsAnswer {
  return compileSettings(source, text, createSignatures(hasEd25519).algorithms);
}

/** Whether it matters if the engine has Ed25519: some key may be for it, or every problem is to be listed. */
function hangsOnEd25519(answer: SettingsAnswer): boolean {
  if (!answer.ok) return true;
  return answer.settings.issuers.some(
    (issuer) => issuer.sources.remotes.length > 0 || issuer.sources.configured?.algorithms.indexOf('EdDSA') !== -1,
  );
}

function probe(answer: SettingsAnswer): boolean | Promise<boolean> {
  const may = njs.version_number >= ED25519_SINCE;
  return may && hangsOnEd25519(answer) ? probeEd25519() : may;
}

function readOwnSettings(): Read | Promise<Read> {
  if (kept !== undefined) return kept;
  const recalled = recallSettings(settingsSource);
  const source = 'keep' in recalled ? recalled.source : settingsSource;
  const first = 'keep' in recalled ? compile(source, njs.version_number >= ED25519_SINCE) : recalled.answer;
  function keep(hasEd25519: boolean): Read {
    if (!('keep' in recalled)) return { answer: recalled.answer, hasEd25519, rules: recalled.rules };
    const isAsAssumed = hasEd25519 || njs.version_number < ED25519_SINCE;
    const fresh = recalled.keep(isAsAssumed ? first : compile(source, false));
    const read = { answer: fresh.answer, hasEd25519, rules: fresh.rules };
    if (findZone('jwtverify_keys') === undefined) kept = read;
    return read;
  }
  const probed = probe(first);
  return typeof probed === 'boolean' ? keep(probed) : probed.then(keep);
}

/** The settings that are in force. */
export function readSettings(): Read | Promise<Read> {
  const variables = findMisspelledVariables(listVariables(), (name) => settingsSource.environment(name));
  const problems = findMisspelledDictionaries().concat(variables);
  const read = readOwnSettings();
  const add = (own: Read): Read => {
    const all = problems.concat(findMissingForLogin(own.answer));
    return all.length === 0 ? own : Object.assign({}, own, { answer: addProblems(own.answer, all) });
  };
  return 'then' in read ? read.then(add) : add(read);
}

/** Logs the settings' problems or notices; once where something remembers it. */
export function note(answer: SettingsAnswer): void {
  if (isNoted && (answer.ok || findZone('jwtverify_keys') === undefined)) return;
  isNoted = true;
  if (answer.ok) {
    unsaid = logNotices(describeProblems(answer.notices), false);
    return;
  }
  const hint = 'njs ' + njs.version + ' cannot read the value of `env NAME=value;`: set it in the environment of nginx';
  logProblems(describeProblems(answer.problems).concat(njs.version_number >= ENV_VALUES_SINCE ? [] : [hint]));
}

/** The notices that explain a refusal for a missing algorithm, and were not logged yet. */
export function unsaidNotices(): readonly string[] {
  return unsaid;
}
