// Reads the settings before traffic flows, and stops HAProxy when they are broken.
// docs/decisions/0003-haproxy-settings-when.md says when this runs, and why.
import { ALGORITHMS } from '../src/core/algorithm';
import { compileSettings } from '../src/settings/compile-settings';
import { describeProblems, type Problem } from '../src/core/problem';
import type { VerificationKey } from '../src/core/key';
import type { Settings, SettingsAnswer } from '../src/core/settings';
import { createKeyStore, keepKeys } from './key-store';
import { log } from './log';
import { findNamedKeys } from './native-lines';
import { openDenyList } from './ports/deny-map';
import { environmentSource } from './ports/environment';
import { hmacBackend } from './ports/hmac';
import { createLuaosslBackend } from './ports/luaossl';
import { createNativeBackend } from './ports/native';
import { createPlainBackend } from './ports/plain';
import type { SignatureBackend } from './ports/signature-backend';
import { algorithmsOf, createSignatures, type PreparedSignatures } from './ports/signatures';
import { text } from './ports/text';
import { createMemory } from './remembered';
import { createRules, type Service } from './service';

/** Settings that hold together, with what is needed to serve them. */
export interface GoodStart {
  readonly ok: true;
  readonly settings: Settings;
  readonly signatures: PreparedSignatures;
  readonly notices: readonly Problem[];
}

export type Startup = GoodStart | { readonly ok: false; readonly problems: readonly Problem[] };

const KEY_SETTINGS = ['OAUTH_PUBKEY_PATH', 'OAUTH_JWKS_PATH', 'OAUTH_HMAC_SECRET'] as const;

const ALL_ALGORITHMS = ALGORITHMS.map(({ name }) => name);

/** Every key that the configuration holds. */
function configuredKeys(settings: Settings): readonly VerificationKey[] {
  const keys: VerificationKey[] = [];
  for (const issuer of settings.issuers) {
    if (issuer.source.kind === 'static') keys.push(...issuer.source.keySet.keys);
  }
  return keys;
}

/** Which setting a problem with a key is about. */
function keySetting(settings: Settings): string {
  if (settings.policy !== undefined) return 'OAUTH_POLICY';
  return KEY_SETTINGS.find((name) => environmentSource.environment(name) !== undefined) ?? 'OAUTH_ISSUER';
}

/** What can check signatures in this process, the best first. */
function openBackends(settings: Settings, problems: Problem[]): readonly SignatureBackend[] {
  const luaossl = createLuaosslBackend();
  const backends: SignatureBackend[] = luaossl === undefined ? [] : [luaossl];
  const named = findNamedKeys(settings.nativeKeys, environmentSource, problems);
  if (named.length > 0) backends.push(createNativeBackend(named));
  if (settings.plainBudget > 0) backends.push(createPlainBackend(settings.plainBudget));
  backends.push(hmacBackend);
  return backends;
}

/**
 * Compiles the settings and chooses the backends. Which algorithms there are depends on the settings, and what the settings
 * mean on the algorithms: they are compiled for all algorithms first, and again when some are missing.
 */
function compile(): { readonly answer: SettingsAnswer; readonly backends: readonly SignatureBackend[] } {
  const answer = compileSettings(environmentSource, text, ALL_ALGORITHMS);
  if (!answer.ok) return { answer, backends: [] };
  const problems: Problem[] = [];
  const backends = openBackends(answer.settings, problems);
  if (problems.length > 0) return { answer: { ok: false, problems }, backends };
  const algorithms = algorithmsOf(backends);
  if (algorithms.length === ALL_ALGORITHMS.length) return { answer, backends };
  return { answer: compileSettings(environmentSource, text, algorithms), backends };
}

/** Reads everything once: the environment, the files that it names, the keys in them. */
export function start(): Startup {
  const { answer, backends } = compile();
  if (!answer.ok) return answer;
  const signatures = createSignatures(backends);
  const problems = signatures
    .prepare(configuredKeys(answer.settings))
    .map((message) => ({ setting: keySetting(answer.settings), message }));
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, settings: answer.settings, signatures, notices: answer.notices };
}

/** Makes everything ready that requests need, and begins to fetch keys. To be called while HAProxy starts. */
export function startService(startup: GoodStart): Service {
  const { settings, signatures } = startup;
  const keys = createKeyStore(settings, signatures);
  const denyList = settings.denyPath === undefined ? undefined : openDenyList(settings.denyPath);
  keepKeys(keys);
  const memory = createMemory(settings.cache, denyList);
  return { keys, signatures, memory, claimNames: settings.claimVariables, rules: createRules(settings) };
}

/** Every problem on a line of its own, as the operator reads it. */
export function formatProblems(problems: readonly Problem[]): string {
  const lines: string[] = ['jwtverify cannot start, because of its settings:'];
  for (const line of describeProblems(problems)) lines.push('jwtverify: ' + line);
  return lines.join('\n');
}

/** Tells the operator what checks signatures, and what is odd but not wrong; once, whatever the number of Lua states. */
export function logStart(startup: GoodStart): void {
  if (core.thread > 1) return;
  log.notice('signatures are checked by ' + startup.signatures.summary);
  for (const line of describeProblems(startup.notices)) log.notice(line);
}
