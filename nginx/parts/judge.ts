// The part that judges a token in full. It is one function's body in the module, run when a token is not remembered.
import { refuse, type Decision } from '../../src/core/decision';
import type { Judge } from '../../src/core/flow';
import type { KeySet, Settings } from '../../src/core/settings';
import type { DenyList } from '../../src/ports/deny-list';
import { answerAccess, answerAuthRequest, answerGateway } from '../answer';
import { decide, judgeToken, type Worker } from '../driver';
import type { EngineObject, HttpRequest, NginxObject } from '../host';
import type { Loaded } from '../loaded';
import { EPOCH_END, EPOCH_PREFIX, TIME_END, type Memory } from '../memory';
import { remember } from '../remember';
import { logError, logNotices } from '../ports/log';
import { createSignatures } from '../ports/signatures';
import { text } from '../ports/text';
import { findZone, readyName } from '../ports/zones';
import type { ManagePart } from './manage';

declare const ngx: NginxObject;
declare const njs: EngineObject;
declare const process: { readonly pid: number };

/** What the module hands its parts. */
export interface Host {
  /** What lasts, once there is some. */
  memory: Memory | undefined;
  /** The parts, once they were opened. */
  judge: JudgePart | undefined;
  manage: ManagePart | undefined;
  readonly openManage: (host: Host) => ManagePart;
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** What the part that manages wrote for this epoch. */
interface Ready {
  readonly settings: Settings;
  readonly keySets: readonly KeySet[];
  readonly denied: string;
}

function parseReady(epoch: string): Loaded | undefined {
  const zone = findZone('jwtverify_keys');
  const source = zone === undefined ? undefined : zone.get(readyName(epoch));
  if (typeof source !== 'string') return undefined;
  const ready = JSON.parse(source) as Ready;
  const judge: Judge = { settings: ready.settings, keySets: ready.keySets, text };
  const cache = ready.settings.cache;
  return {
    judge,
    signatures: createSignatures(true),
    unsaid: [],
    epoch,
    cacheSize: cache.size,
    cacheAge: cache.age,
    denied: ready.denied,
  };
}

/** What an epoch that was looked at in this second is judged by; undefined when it has to be looked at. */
function findReady(host: Host): Loaded | undefined {
  const memory = host.memory;
  if (memory !== undefined && memory.entry.length === EPOCH_END && isGood(memory.goodUntil)) return memory.loaded;
  const zone = findZone('jwtverify');
  const entry = zone === undefined ? undefined : zone.get(EPOCH_PREFIX + String(process.pid));
  // With a deny list's file everything is looked at: it counts at once.
  if (typeof entry !== 'string' || entry.length !== EPOCH_END || !isGood(timeOf(entry))) return undefined;
  const epoch = entry.slice(TIME_END);
  const known = memory === undefined ? undefined : memory.loaded;
  const loaded = known !== undefined && known.epoch === epoch ? known : parseReady(epoch);
  if (loaded !== undefined) hold(host, loaded, entry);
  return loaded;
}

function timeOf(entry: string): number {
  return Number(entry.slice(1, TIME_END));
}

/** INVARIANT: what was found good holds for the rest of that second, and not after the clock was set back. */
function isGood(until: number): boolean {
  return Date.now() < until && Date.now() >= until - 1000;
}

/** Keeps what requests are judged by where module state lasts. */
function hold(host: Host, loaded: Loaded, entry: string): void {
  if (njs.engine !== 'QuickJS') return;
  const memory = host.memory;
  if (memory === undefined) {
    host.memory = { loaded, entry, goodUntil: timeOf(entry), young: {}, old: {}, count: 0, characters: 0 };
    return;
  }
  memory.loaded = loaded;
  memory.entry = entry;
  memory.goodUntil = timeOf(entry);
}

function load(host: Host, request: HttpRequest): Loaded | Promise<Loaded> {
  const ready = findReady(host);
  if (ready !== undefined) return ready;
  const known = host.memory === undefined ? undefined : host.memory.loaded;
  function use(checked: { readonly loaded: Loaded; readonly entry: string }): Loaded {
    // Imported keys are kept as long as nothing has changed.
    const loaded =
      known !== undefined && known.epoch !== '' && known.epoch === checked.loaded.epoch ? known : checked.loaded;
    if (checked.entry !== '') hold(host, loaded, checked.entry);
    return loaded;
  }
  const checked = host.openManage(host).check(request);
  return 'then' in checked ? checked.then(use) : use(checked);
}

/** The Authorization field values, in order, one for each header line. */
function authorizationOf(request: HttpRequest): readonly string[] {
  return request.rawHeadersIn.filter((field) => field[0].toLowerCase() === 'authorization').map((field) => field[1]);
}

function denyListOf(loaded: Loaded): DenyList | undefined {
  const denials = ngx.shared === undefined ? undefined : ngx.shared['jwtverify_deny'];
  if (denials === undefined && loaded.denied === '') return undefined;
  return {
    holds: (entry) => (denials !== undefined && denials.has(entry)) || loaded.denied.indexOf('\n' + entry + '\n') >= 0,
  };
}

function workerFor(
  host: Host,
  request: HttpRequest,
  authorization: readonly string[],
  loaded: Loaded,
): Worker | undefined {
  const judge = loaded.judge;
  if (judge === undefined) return undefined;
  return {
    judge,
    signatures: loaded.signatures,
    denyList: denyListOf(loaded),
    remember: (verified) => {
      remember(request, authorization, loaded, host.memory, verified, now());
    },
    renew: (issuer) =>
      host
        .openManage(host)
        .renew(request, judge, issuer)
        .then((checked) => {
          if (checked === undefined) return undefined;
          if (checked.entry !== '') hold(host, checked.loaded, checked.entry);
          return workerFor(host, request, authorization, checked.loaded);
        }),
  };
}

function judgeWith(host: Host, loaded: Loaded, request: HttpRequest): Decision | Promise<Decision> {
  const authorization = authorizationOf(request);
  const worker = workerFor(host, request, authorization, loaded);
  return worker === undefined ? refuse('settings_invalid') : judgeToken(worker, authorization, now);
}

function handle(
  request: HttpRequest,
  host: Host,
  answer: (request: HttpRequest, decision: Decision) => void,
): Promise<void> | undefined {
  let unsaid: readonly string[] = [];
  function judge(loaded: Loaded): Decision | Promise<Decision> {
    unsaid = loaded.unsaid;
    return judgeWith(host, loaded, request);
  }
  return decide(
    () => {
      const loaded = load(host, request);
      return 'then' in loaded ? loaded.then(judge) : judge(loaded);
    },
    (decision) => {
      if (decision.reason === 'algorithm_unavailable') logNotices(unsaid, true);
      answer(request, decision);
    },
    logError,
  );
}

/** What the module calls. */
export interface JudgePart {
  auth(request: HttpRequest, host: Host): Promise<void> | undefined;
  authorizer(request: HttpRequest, host: Host): Promise<void> | undefined;
  access(request: HttpRequest, host: Host): Promise<void> | undefined;
}

/** `js_content` of the location that `auth_request` asks: 200, 401 or 403. */
export function auth(request: HttpRequest, host: Host): Promise<void> | undefined {
  return handle(request, host, answerAuthRequest);
}

/** `js_content` for a gateway that asks from outside: the exact status and problem details. */
export function authorizer(request: HttpRequest, host: Host): Promise<void> | undefined {
  return handle(request, host, answerGateway);
}

/** `js_access` (njs 0.9.9): lets the request pass or answers it, and sets `js_var` variables. */
export function access(request: HttpRequest, host: Host): Promise<void> | undefined {
  return handle(request, host, answerAccess);
}
