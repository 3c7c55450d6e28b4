// Reads the settings before traffic flows, and stops HAProxy when they are broken.
// docs/decisions/0003-haproxy-settings-when.md says when this runs, and why.
import { ALGORITHMS } from '../../src/model/algorithm';
import { bindKeys } from '../../src/keys/bind-keys';
import { compileSettings } from '../../src/settings/environment';
import {
  DENY_PATH,
  HMAC_SECRET,
  HMAC_SECRET_FILE,
  ISSUER,
  JWKS_PATH,
  POLICY,
  PUBKEY_PATH,
} from '../../src/settings/table';
import { describeProblems, type Problem } from '../../src/model/problem';
import type { VerificationKey } from '../../src/model/key';
import type { IssuerSettings, Settings, SettingsAnswer } from '../../src/model/settings';
import { acceptedIssuers } from '../../src/token/accepted-issuers';
import { createKeyStore, keepKeys } from '../store/key-store';
import type { LanePlan } from '../ports/lane-map';
import { findNamedKeys, findUncleared } from '../ports/native-keys';
import { readConfiguration, type Configuration, type ReadConfiguration } from '../ports/configuration';
import { readCookieRoom } from './buffer-room';
import { findFaults } from './configuration-faults';
import { readConfigurationFile } from '../ports/configuration-file';
import { findDenyFaults, openDenyList, watchDenyList } from '../ports/deny-list';
import { environmentSource } from '../ports/environment';
import { isSharedList } from '../ports/shared-list';
import { hmacBackend } from '../ports/signatures/hmac';
import { createLuaosslBackend, LUAOSSL } from '../ports/signatures/luaossl';
import { createNativeBackend } from '../ports/signatures/native';
import { createPlainBackend } from '../ports/signatures/plain';
import type { SignatureBackend } from '../ports/signatures/signature-backend';
import { algorithmsOf, createSignatures, type PreparedSignatures } from '../ports/signatures/signatures';
import { text } from '../ports/text';
import { createRememberedTokens } from '../store/remembered-tokens';
import { openLane } from '../store/lane';
import { openEndedSessions } from '../store/ended-sessions';
import { openGenerator, type LoginParts } from '../store/login-host';
import type { Random } from '../ports/random';
import { createBrokerHost } from '../store/broker-host';
import { createLogin } from '../store/signing-in';
import { createRules, type Snapshot } from '../store/snapshot';

/** Settings that hold together, with what is needed to serve them. */
export interface GoodStart {
  readonly ok: true;
  readonly settings: Settings;
  readonly signatures: PreparedSignatures;
  readonly notices: readonly Problem[];
  /** Undefined where nobody signs in. */
  readonly login: LoginParts | undefined;
  /** Undefined where nobody needs it. */
  readonly random: Random | undefined;
  /** Whether plain TypeScript checks signatures with public keys, because luaossl is missing. */
  readonly lacksLuaossl: boolean;
  /** The lane; undefined where the operator wants none. */
  readonly plan: LanePlan | undefined;
}

export type Startup = GoodStart | { readonly ok: false; readonly problems: readonly Problem[] };

const KEY_SETTINGS = [PUBKEY_PATH.name, JWKS_PATH.name, HMAC_SECRET.name, HMAC_SECRET_FILE.name];

const ALL_ALGORITHMS = ALGORITHMS.map(({ name }) => name);

function issuerNames(settings: Settings): readonly string[] {
  return acceptedIssuers(settings).map(({ issuer }) => issuer);
}

/** The lines of the deny list that could deny nothing. */
function findDenyProblems(settings: Settings): readonly Problem[] {
  if (settings.denyPath === undefined) return [];
  const isPolicy = settings.policy !== undefined;
  const faults = isSharedList(settings.denyPath)
    ? ['is spelled as a list of jwtverify itself, so both would be one map; name a file']
    : findDenyFaults(settings.denyPath, issuerNames(settings));
  return faults.map((fault) => ({
    setting: isPolicy ? POLICY.name : DENY_PATH.name,
    message: (isPolicy ? '`deny_path`: ' : '') + fault,
  }));
}

/** Whether plain TypeScript may check signatures, and may have to for public keys that HAProxy itself does not use. */
function usesPlain(settings: Settings): boolean {
  if (settings.plainBudget === 0) return false;
  const native = settings.nativeKeys.map(({ spki }) => spki);
  return settings.issuers.some(
    ({ sources }) =>
      sources.remotes.length > 0 ||
      sources.configured?.keys.some(
        (key) => key.kind === 'public' && key.type !== 'Ed25519' && !native.includes(key.spki),
      ) === true,
  );
}

/** The setting that a problem with a key belongs to. */
function keySetting(settings: Settings): string {
  if (settings.policy !== undefined) return POLICY.name;
  return KEY_SETTINGS.find((name) => environmentSource.environment(name) !== undefined) ?? ISSUER.name;
}

/**
 * The issuer without the configured keys that this process cannot use (RFC 7517 §5).
 * @param unusable gets the problems of those
 */
function withoutUnusable(issuer: IssuerSettings, signatures: PreparedSignatures, unusable: string[]): IssuerSettings {
  const { configured, remotes } = issuer.sources;
  if (configured === undefined) return issuer;
  const usable: VerificationKey[] = [];
  for (const key of configured.keys) {
    const problems = signatures.prepare([key]);
    if (problems.length === 0) usable.push(key);
    else unusable.push(...problems);
  }
  if (unusable.length === 0) return issuer;
  const keySet = bindKeys(usable, issuer.allowed, signatures.algorithms, configured.revision);
  return { ...issuer, sources: { configured: keySet, remotes } };
}

/** Makes the configured keys ready. It ignores unusable ones; an issuer without a usable key is a problem. */
function prepareKeys(settings: Settings, signatures: PreparedSignatures, notices: Problem[]): SettingsAnswer {
  const setting = keySetting(settings);
  const problems: Problem[] = [];
  const issuers = settings.issuers.map((issuer) => {
    const unusable: string[] = [];
    const prepared = withoutUnusable(issuer, signatures, unusable);
    const { configured, remotes } = prepared.sources;
    const isLeft = remotes.length > 0 || (configured?.keys.length ?? 0) > 0;
    const start = isLeft ? 'a key is ignored: ' : 'no key can be used: ';
    for (const problem of unusable) (isLeft ? notices : problems).push({ setting, message: start + problem });
    return prepared;
  });
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, settings: { ...settings, issuers }, notices };
}

/** The backends that can check signatures in this process, the best first. */
function openBackends(
  settings: Settings,
  configuration: ReadConfiguration,
  problems: Problem[],
): readonly SignatureBackend[] {
  const luaossl = createLuaosslBackend();
  const backends: SignatureBackend[] = luaossl === undefined ? [] : [luaossl];
  const named = findNamedKeys(settings.nativeKeys, configuration, problems);
  if (named.length > 0 && luaossl === undefined) problems.push(...findUncleared());
  if (named.length > 0) backends.push(createNativeBackend(named));
  if (settings.plainBudget > 0) backends.push(createPlainBackend(settings.plainBudget));
  backends.push(hmacBackend);
  return backends;
}

/**
 * Compiles the settings and chooses the backends. Which algorithms there are depends on the settings, and what the settings
 * mean on the algorithms: they are compiled for all algorithms first, and again when some are missing.
 */
function compile(configuration: ReadConfiguration): {
  readonly answer: SettingsAnswer;
  readonly backends: readonly SignatureBackend[];
} {
  const answer = compileSettings(environmentSource, text, ALL_ALGORITHMS);
  if (!answer.ok) return { answer, backends: [] };
  const problems: Problem[] = [...findDenyProblems(answer.settings)];
  const backends = openBackends(answer.settings, configuration, problems);
  if (problems.length > 0) return { answer: { ok: false, problems }, backends };
  const algorithms = algorithmsOf(backends);
  if (algorithms.length === ALL_ALGORITHMS.length) return { answer, backends };
  return { answer: compileSettings(environmentSource, text, algorithms), backends };
}

/** Reads everything once: the environment, the files that it names, the keys in them. */
export function start(): Startup {
  const { environment } = environmentSource;
  let read: Configuration | undefined;
  const configuration: ReadConfiguration = () => {
    read ??= readConfiguration(environment('HAPROXY_CFGFILES') ?? '', readConfigurationFile);
    return read;
  };
  const { answer, backends } = compile(configuration);
  const settings = answer.ok ? answer.settings : undefined;
  const { findings: unchecked, plan } = findFaults(configuration, settings);
  if (!answer.ok) return { ok: false, problems: [...answer.problems, ...unchecked.problems] };
  if (unchecked.problems.length > 0) return { ok: false, problems: unchecked.problems };
  const signatures = createSignatures(backends);
  const prepared = prepareKeys(answer.settings, signatures, [...answer.notices, ...unchecked.notices]);
  if (!prepared.ok) return prepared;
  const random = openGenerator(prepared.settings);
  if (random !== undefined && 'message' in random) return { ok: false, problems: [random] };
  const { login: wanted } = prepared.settings;
  const isIn = wanted !== undefined && random !== undefined;
  const login = isIn ? { login: wanted, random, room: readCookieRoom(configuration().lines) } : undefined;
  const lacksLuaossl = !backends.some(({ name }) => name === LUAOSSL) && usesPlain(prepared.settings);
  return {
    ok: true,
    settings: prepared.settings,
    signatures,
    notices: prepared.notices,
    random,
    login,
    lacksLuaossl,
    plan,
  };
}

/** Makes everything ready that requests need, and begins to fetch keys. To be called while HAProxy starts. */
export function startService(startup: GoodStart): Snapshot {
  const { settings, signatures } = startup;
  const keys = createKeyStore(settings, signatures);
  const denyList = settings.denyPath === undefined ? undefined : openDenyList(settings.denyPath);
  if (settings.denyPath !== undefined && core.thread <= 1) watchDenyList(settings.denyPath, issuerNames(settings));
  keepKeys(keys);
  const ended = startup.login === undefined ? undefined : openEndedSessions();
  const memory = createRememberedTokens(settings.cache, denyList, ended);
  const places = settings.tokenPlaces;
  const { claimVariables: claimNames } = settings;
  const lane = openLane(startup.plan, keys);
  const { broker } = settings;
  const { random } = startup;
  const desk = broker?.desk === undefined || random === undefined ? undefined : createBrokerHost(random, keys);
  const snapshot = { keys, signatures, memory, claimNames, places, rules: createRules(settings), broker, desk, lane };
  return { ...snapshot, login: createLogin(startup.login, snapshot) };
}

/** Every problem on a line of its own, for the operator. */
export function formatProblems(problems: readonly Problem[]): string {
  const lines: string[] = ['jwtverify cannot start, because of its settings:'];
  for (const line of describeProblems(problems)) lines.push('jwtverify: ' + line);
  return lines.join('\n');
}
