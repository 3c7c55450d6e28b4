// The part that reads settings, fetches keys, and answers the operator: run when something has to be looked at.
import hashes from 'crypto';
import { bindKeys } from '../../src/core/bind-keys';
import { compileSettings } from '../../src/core/compile-settings';
import { createJudge, type Judge } from '../../src/core/flow';
import { describeProblems } from '../../src/core/problem';
import type { KeySet, Settings, SettingsAnswer } from '../../src/core/settings';
import { isRefreshDue, type KeyState } from '../../src/keys/key-state';
import type { RemoteKeys } from '../../src/keys/key-url';
import type { SettingsSource } from '../../src/ports/host';
import { answerDeny } from '../deny-answer';
import { readDenyFile, type DenyFile } from '../ports/deny-file';
import { answerHealth } from '../health';
import type { EngineObject, HttpRequest, NginxObject, SharedDictionary } from '../host';
import { fetchKeys, readKeys, renewKeys } from '../key-store';
import type { Loaded } from '../loaded';
import { EPOCH_LENGTH, EPOCH_PREFIX } from '../memory';
import { createLocationClient } from '../ports/fetch';
import { logNotices, logProblems } from '../ports/log';
import { recallSettings } from '../ports/settings-memory';
import { settingsSource } from '../ports/settings-source';
import { createSignatures, probeEd25519 } from '../ports/signatures';
import { text } from '../ports/text';
import { findZone, put, readyName } from '../ports/zones';

declare const ngx: NginxObject;
declare const njs: EngineObject;
declare const process: { readonly pid: number };

/** The first njs whose WebCrypto may have Ed25519: 0.9.7. */
const ED25519_SINCE = 0x000907;
/** The first njs that sees a value given as `env NAME=value;`: 0.8.8. */
const ENV_VALUES_SINCE = 0x000808;
/** `js_periodic` is taken to be there when it ran within this many seconds. */
const PERIODIC_ALIVE = 150;

/** What requests are judged by, and the epoch's entry; the entry is empty where nothing may be remembered. */
export interface Checked {
  readonly loaded: Loaded;
  readonly entry: string;
}

/** What the module and the other part call. */
export interface ManagePart {
  check(request: HttpRequest): Checked | Promise<Checked>;
  renew(request: HttpRequest, judge: Judge, issuer: number | undefined): Promise<Checked | undefined>;
  health(request: HttpRequest): Promise<void>;
  refresh(): Promise<void>;
  deny(request: HttpRequest): void;
}

/** Settings, and whether this engine's build has Ed25519. */
interface Read {
  readonly answer: SettingsAnswer;
  readonly hasEd25519: boolean;
}

/** Where no dictionary keeps them: these last on QuickJS. */
let kept: Read | undefined;
let isNoted = false;
/** Notices that nothing would remember as said. */
let unsaid: readonly string[] = [];

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

function compile(source: SettingsSource, hasEd25519: boolean): SettingsAnswer {
  return compileSettings(source, text, createSignatures(hasEd25519).algorithms);
}

/** Whether it matters if the engine has Ed25519: some key may be for it, or every problem is to be listed. */
function hangsOnEd25519(answer: SettingsAnswer): boolean {
  if (!answer.ok) return true;
  return answer.settings.issuers.some(
    (issuer) => issuer.source.kind !== 'static' || issuer.source.keySet.algorithms.indexOf('EdDSA') >= 0,
  );
}

function probe(answer: SettingsAnswer): boolean | Promise<boolean> {
  const may = njs.version_number >= ED25519_SINCE;
  return may && hangsOnEd25519(answer) ? probeEd25519() : may;
}

function readSettings(): Read | Promise<Read> {
  if (kept !== undefined) return kept;
  const recalled = recallSettings(settingsSource);
  const source = 'ok' in recalled ? settingsSource : recalled.source;
  const first = 'ok' in recalled ? recalled : compile(source, njs.version_number >= ED25519_SINCE);
  function keep(hasEd25519: boolean): Read {
    if ('ok' in recalled) return { answer: recalled, hasEd25519 };
    const isAsAssumed = hasEd25519 || njs.version_number < ED25519_SINCE;
    const read = { answer: recalled.keep(isAsAssumed ? first : compile(source, false)), hasEd25519 };
    if (findZone('jwtverify_keys') === undefined) kept = read;
    return read;
  }
  const probed = probe(first);
  return typeof probed === 'boolean' ? keep(probed) : probed.then(keep);
}

/** Says what is wrong with settings, or what the operator should know of them; once where something remembers. */
function note(answer: SettingsAnswer): void {
  if (isNoted && (answer.ok || findZone('jwtverify_keys') === undefined)) return;
  isNoted = true;
  if (answer.ok) {
    unsaid = logNotices(describeProblems(answer.notices), false);
    return;
  }
  const hint = 'njs ' + njs.version + ' sees no value given as `env NAME=value;`: put it into the environment of nginx';
  logProblems(describeProblems(answer.problems).concat(njs.version_number >= ENV_VALUES_SINCE ? [] : [hint]));
}

const NOWHERE =
  'keys that are fetched need the shared dictionary `jwtverify_keys`, or a location that `$jwtverify_keys` names';

function broken(): Checked {
  const loaded: Loaded = {
    judge: undefined,
    signatures: createSignatures(false),
    unsaid: [],
    epoch: '',
    cacheSize: 0,
    cacheAge: 0,
    denied: '',
  };
  return { loaded, entry: '' };
}

function toLoaded(settings: Settings, keySets: readonly KeySet[], epoch: string, denied: string): Loaded {
  return {
    judge: { settings, keySets, text },
    signatures: createSignatures(true),
    unsaid,
    epoch,
    cacheSize: settings.cache.size,
    cacheAge: settings.cache.age,
    denied,
  };
}

/** The epoch changes whenever the settings, a key or the deny list's file do. */
function nameEpoch(settings: Settings, keySets: readonly KeySet[], deny: DenyFile): string {
  const whole = JSON.stringify([settings, keySets, deny.stamp]);
  return hashes.createHash('sha256').update(whole).digest('base64url').slice(0, EPOCH_LENGTH);
}

/** Makes what was found what this worker's requests are judged by, in this second. */
function finish(settings: Settings, keySets: readonly KeySet[]): Checked {
  const deny = readDenyFile(settings.denyPath);
  const zone = findZone('jwtverify');
  if (zone === undefined && njs.engine !== 'QuickJS') {
    return { loaded: toLoaded(settings, keySets, '', deny.text), entry: '' };
  }
  const epoch = nameEpoch(settings, keySets, deny);
  const file = settings.denyPath === undefined ? '' : settings.denyPath + '\n' + deny.stamp;
  const entry = epoch + seconds().toString() + file;
  if (zone !== undefined) share(zone, epoch, entry, { settings, keySets, denied: deny.text });
  return { loaded: toLoaded(settings, keySets, epoch, deny.text), entry };
}

/** Tells this worker's other requests. */
function share(zone: SharedDictionary, epoch: string, entry: string, ready: unknown): void {
  const name = EPOCH_PREFIX + String(process.pid);
  const before = zone.get(name);
  const keys = findZone('jwtverify_keys') ?? zone;
  const old = typeof before === 'string' ? before.slice(0, EPOCH_LENGTH) : '';
  if (old !== epoch && old !== '') keys.delete(readyName(old));
  if (!keys.has(readyName(epoch)) && !put(keys, readyName(epoch), JSON.stringify(ready))) return;
  put(zone, name, entry);
}

function bind(settings: Settings, read: Read, issuer: number, state: Pick<KeyState, 'keys' | 'revision'>): KeySet {
  const algorithms = createSignatures(read.hasEd25519).algorithms;
  return bindKeys(state.keys, settings.issuers[issuer]?.allowed, algorithms, state.revision);
}

/** Each issuer's keys: those that the configuration holds, and the present ones of those that are fetched. */
function gatherKeys(settings: Settings, read: Read, zone: SharedDictionary): readonly KeySet[] {
  const now = seconds();
  return settings.issuers.map((issuer, index) =>
    issuer.source.kind === 'static'
      ? issuer.source.keySet
      : bind(settings, read, index, readKeys(zone, issuer.source, now).state),
  );
}

/** Where an issuer's keys are fetched from; undefined when the configuration holds them. */
function remoteOf(settings: Settings, index: number): RemoteKeys | undefined {
  const source = settings.issuers[index]?.source;
  return source === undefined || source.kind === 'static' ? undefined : source;
}

function remoteSources(settings: Settings): readonly RemoteKeys[] {
  const sources: RemoteKeys[] = [];
  for (let index = 0; index < settings.issuers.length; index++) {
    const source = remoteOf(settings, index);
    if (source !== undefined) sources.push(source);
  }
  return sources;
}

/** Each issuer's keys out of the location that nginx itself fetches and caches; nothing is remembered between requests. */
function askLocation(request: HttpRequest, read: Read, settings: Settings, extra: string): Promise<Checked> {
  const location = request.variables['jwtverify_keys'];
  if (location === undefined || location === '') {
    logProblems([NOWHERE]);
    return Promise.resolve(broken());
  }
  function gather(index: number, keySets: readonly KeySet[]): Checked | Promise<Checked> {
    const issuer = settings.issuers[index];
    if (issuer === undefined) {
      return { loaded: toLoaded(settings, keySets, '', readDenyFile(settings.denyPath).text), entry: '' };
    }
    if (issuer.source.kind === 'static') return gather(index + 1, keySets.concat(issuer.source.keySet));
    const source = issuer.source;
    const client = createLocationClient(request, location ?? '', 'issuer=' + index.toString() + extra);
    // The location knows where the keys are: no discovery.
    const direct: RemoteKeys = { kind: 'jwks', url: source.url, issuer: source.issuer, allowHttp: source.allowHttp };
    return fetchKeys(direct, client).then((fetched) => {
      if (!fetched.ok) ngx.log(ngx.ERR, 'jwtverify: the keys at `' + (location ?? '') + '`: ' + fetched.problem);
      const state = { keys: fetched.ok ? fetched.keys : [], revision: 1 };
      return gather(index + 1, keySets.concat(bind(settings, read, index, state)));
    });
  }
  return Promise.resolve(gather(0, []));
}

/** Whether `js_periodic` looks after the keys. */
function isPeriodic(zone: SharedDictionary, now: number): boolean {
  return now - Number(zone.get('periodic')) < PERIODIC_ALIVE;
}

function checkWith(request: HttpRequest, read: Read): Checked | Promise<Checked> {
  const answer = read.answer;
  note(answer);
  if (!answer.ok) return broken();
  const settings = answer.settings;
  const remote = remoteSources(settings);
  if (remote.length === 0) return finish(settings, createJudge(settings, text).keySets);
  const zone = findZone('jwtverify_keys');
  if (zone === undefined) return askLocation(request, read, settings, '');
  const now = seconds();
  const due = isPeriodic(zone, now)
    ? []
    : remote.filter((source) => isRefreshDue(readKeys(zone, source, now).state, now));
  if (due.length === 0) return finish(settings, gatherKeys(settings, read, zone));
  return Promise.all(due.map((source) => renewKeys(zone, source, settings.times, 'due', false))).then(() =>
    finish(settings, gatherKeys(settings, read, zone)),
  );
}

/** Looks at settings, keys and the deny list. */
export function check(request: HttpRequest): Checked | Promise<Checked> {
  const read = readSettings();
  return 'then' in read ? read.then((late) => checkWith(request, late)) : checkWith(request, read);
}

/** Whether the dictionary has other keys than a judge knows. */
function hasNewer(zone: SharedDictionary, judge: Judge): boolean {
  const now = seconds();
  return judge.keySets.some((keySet, index) => {
    const source = remoteOf(judge.settings, index);
    return source !== undefined && readKeys(zone, source, now).state.revision !== keySet.revision;
  });
}

/**
 * Fetches keys for a token that needs them, or waits for them, within bounds.
 * @param issuer whose keys; undefined for the first keys of all that have none
 * @returns undefined when there are no others
 */
export function renew(request: HttpRequest, judge: Judge, issuer: number | undefined): Promise<Checked | undefined> {
  const zone = findZone('jwtverify_keys');
  const settings = judge.settings;
  if (zone === undefined) {
    // nginx asks again only once its copy of this very answer is too old.
    return issuer === undefined
      ? Promise.resolve(undefined)
      : Promise.resolve(readSettings()).then((read) => askLocation(request, read, settings, '&fresh=1'));
  }
  const occasion = issuer === undefined ? 'first' : 'unknown';
  const waits: Promise<void>[] = [];
  for (let index = 0; index < judge.keySets.length; index++) {
    const source = remoteOf(settings, index);
    const isAwaited = issuer === undefined ? judge.keySets[index]?.ready === false : index === issuer;
    if (source !== undefined && isAwaited) waits.push(renewKeys(zone, source, settings.times, occasion, true));
  }
  return Promise.all(waits).then(() => (hasNewer(zone, judge) ? check(request) : undefined));
}

/** Says whether tokens can be judged, and what of the keys is known; asks for first keys that are wanted. */
export function health(request: HttpRequest): Promise<void> {
  return Promise.resolve(check(request))
    .then((checked) => {
      const judge = checked.loaded.judge;
      if (judge === undefined || judge.keySets.every((keySet) => keySet.ready)) return checked;
      return renew(request, judge, undefined).then((renewed) => renewed ?? checked);
    })
    .then((checked) => {
      answerHealth(request, checked.loaded.judge, findZone('jwtverify_keys'), seconds());
    });
}

/** Fetches what is due; `js_periodic` calls it in one worker. */
export function refresh(): Promise<void> {
  const zone = findZone('jwtverify_keys');
  if (zone === undefined) return Promise.resolve();
  put(zone, 'periodic', seconds().toString());
  return Promise.resolve(readSettings()).then((read) => {
    const answer = read.answer;
    note(answer);
    if (!answer.ok) return undefined;
    const times = answer.settings.times;
    const all = remoteSources(answer.settings).map((source) => renewKeys(zone, source, times, 'due', false));
    return Promise.all(all).then(() => undefined);
  });
}

/** Answers the operator who asks what is denied, or denies something. */
export function deny(request: HttpRequest): void {
  answerDeny(request);
}
