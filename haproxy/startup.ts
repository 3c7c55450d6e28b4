// Reads the settings before traffic flows, and stops HAProxy when they are broken.
// docs/decisions/0003-haproxy-settings-when.md says when this runs, and why.
import { compileSettings } from '../src/settings/compile-settings';
import { describeProblems, type Problem } from '../src/core/problem';
import type { VerificationKey } from '../src/core/key';
import type { Settings } from '../src/core/settings';
import { createKeyStore, keepKeys } from './key-store';
import { log } from './log';
import { openDenyList } from './ports/deny-map';
import { environmentSource } from './ports/environment';
import { hmacBackend } from './ports/hmac';
import { createLuaosslBackend } from './ports/luaossl';
import type { SignatureBackend } from './ports/signature-backend';
import { createSignatures, type PreparedSignatures } from './ports/signatures';
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

const PUBLIC_KEY_SETTINGS = ['OAUTH_PUBKEY_PATH', 'OAUTH_JWKS_PATH'] as const;

/** The setting that the operator gave public keys with, to name it in a problem. */
function publicKeySetting(): string | undefined {
  return PUBLIC_KEY_SETTINGS.find((name) => environmentSource.environment(name) !== undefined);
}

function luaosslMissing(setting: string): Problem {
  const message =
    'public keys need luaossl for ' +
    _VERSION +
    ' and Lua\'s library `package` (Debian: `apt-get install lua-luaossl`); `require "openssl.pkey"` finds none';
  return { setting, message };
}

/** The setting that keys are fetched by; undefined when none are. */
function remoteSetting(settings: Settings): string | undefined {
  if (settings.policy !== undefined) return 'OAUTH_POLICY';
  for (const issuer of settings.issuers) {
    if (issuer.source.kind !== 'static') return issuer.source.kind === 'jwks' ? 'OAUTH_JWKS_URL' : 'OAUTH_ISSUER';
  }
  return undefined;
}

/** Every key that the configuration holds. */
function configuredKeys(settings: Settings): readonly VerificationKey[] {
  const keys: VerificationKey[] = [];
  for (const issuer of settings.issuers) {
    if (issuer.source.kind === 'static') keys.push(...issuer.source.keySet.keys);
  }
  return keys;
}

/** Reads everything once: the environment, the files that it names, the keys in them. */
export function start(): Startup {
  const luaossl = createLuaosslBackend();
  const backends: SignatureBackend[] = luaossl === undefined ? [hmacBackend] : [luaossl, hmacBackend];
  const signatures = createSignatures(backends);
  const compiled = compileSettings(environmentSource, text, signatures.algorithms, true);
  const setting = publicKeySetting() ?? (compiled.ok ? remoteSetting(compiled.settings) : undefined);
  const problems: Problem[] = compiled.ok ? [] : [...compiled.problems];
  if (luaossl === undefined && setting !== undefined) problems.push(luaosslMissing(setting));
  if (compiled.ok) {
    const unusable = signatures.prepare(configuredKeys(compiled.settings));
    for (const message of unusable) problems.push({ setting: setting ?? 'OAUTH_HMAC_SECRET', message });
    if (problems.length === 0) {
      return { ok: true, settings: compiled.settings, signatures, notices: compiled.notices };
    }
  }
  return { ok: false, problems };
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

/** Tells the operator what is odd but not wrong; once, whatever the number of Lua states. */
export function logNotices(notices: readonly Problem[]): void {
  if (core.thread > 1) return;
  for (const line of describeProblems(notices)) log.notice(line);
}
