// The part that judges a token in full. It is one function's body in the module, run when a token is not remembered.
import { extractBearer } from '../../src/core/bearer';
import { refuse, type Decision } from '../../src/core/decision';
import type { Judge } from '../../src/core/flow';
import type { KeySet, Settings } from '../../src/core/settings';
import type { DenyList } from '../../src/ports/deny-list';
import type { VerifiedToken } from '../../src/core/verified-token';
import { judgeRefusal } from '../../src/policy/judge';
import { answerAccess, answerAuthRequest, answerGateway, type Answer } from '../answer';
import { decide, judgeToken, type Worker } from '../driver';
import type { EngineObject, HttpRequest, NginxObject } from '../host';
import type { Loaded } from '../loaded';
import { EPOCH_END, EPOCH_PREFIX, TIME_END, type Memory } from '../memory';
import { judgeCaller, judgeRequest, metadataAnswer, plainAnswer, toAnswer, UNWIRED } from '../policy-judgement';
import { usePieces, type PolicyHead, type PolicyRules } from '../policy-pieces';
import { remember } from '../remember';
import type { Way } from '../request-facts';
import { logError, logNotices, logUnwired } from '../ports/log';
import { createSignatures } from '../ports/signatures';
import { text } from '../ports/text';
import { findZone, readyName } from '../ports/zones';
import type { ManagePart } from './manage';
import type { PolicyPart } from './policy';

declare const ngx: NginxObject;
declare const njs: EngineObject;
declare const process: { readonly pid: number };

/** What the module hands its parts. */
export interface Host {
  /** What lasts, once there is some. */
  memory: Memory | undefined;
  /** The parts, once they were opened. */
  judge: JudgePart | undefined;
  policy: PolicyPart | undefined;
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
  readonly head?: PolicyHead;
  readonly denied: string;
}

function parseReady(epoch: string): Loaded | undefined {
  const zone = findZone('jwtverify_keys');
  const source = zone === undefined ? undefined : zone.get(readyName(epoch));
  if (typeof source !== 'string') return undefined;
  const ready = JSON.parse(source) as Ready;
  const judge: Judge = { settings: ready.settings, keySets: ready.keySets, text };
  const cache = ready.settings.cache;
  const head = ready.head;
  const rules =
    head === undefined || zone === undefined
      ? undefined
      : usePieces(zone, head, njs.engine === 'QuickJS' ? {} : undefined);
  return {
    judge,
    rules,
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
  if (memory !== undefined && memory.entry.length === EPOCH_END && isGood(memory.goodUntil)) {
    return isWhole(memory.loaded) ? memory.loaded : undefined;
  }
  const zone = findZone('jwtverify');
  const entry = zone === undefined ? undefined : zone.get(EPOCH_PREFIX + String(process.pid));
  // With a deny list's file everything is looked at: it counts at once.
  if (typeof entry !== 'string' || entry.length !== EPOCH_END || !isGood(timeOf(entry))) return undefined;
  const epoch = entry.slice(TIME_END);
  const known = memory === undefined ? undefined : memory.loaded;
  const loaded = known !== undefined && known.epoch === epoch ? known : parseReady(epoch);
  // A policy whose pieces were dropped is compiled anew.
  if (loaded === undefined || !isWhole(loaded)) return undefined;
  hold(host, loaded, entry);
  return loaded;
}

function isWhole(loaded: Loaded | undefined): boolean {
  return loaded === undefined || loaded.rules === undefined || loaded.rules.isWhole();
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
    const isKnown = known !== undefined && known.epoch !== '' && known.epoch === checked.loaded.epoch;
    const loaded = isKnown && isWhole(known) ? known : checked.loaded;
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
  tell: (verified: VerifiedToken) => void,
): Worker | undefined {
  const judge = loaded.judge;
  if (judge === undefined) return undefined;
  return {
    judge,
    signatures: loaded.signatures,
    denyList: denyListOf(loaded),
    remember: (verified) => {
      tell(verified);
      remember(request, authorization, loaded, host.memory, verified, now());
    },
    renew: (issuer) =>
      host
        .openManage(host)
        .renew(request, judge, issuer)
        .then((checked) => {
          if (checked === undefined) return undefined;
          if (checked.entry !== '') hold(host, checked.loaded, checked.entry);
          return workerFor(host, request, authorization, checked.loaded, tell);
        }),
  };
}

/** Judges the token alone. @param tell told of the verified token when it is allowed */
function judgeWith(
  host: Host,
  loaded: Loaded,
  request: HttpRequest,
  tell: (verified: VerifiedToken) => void,
): Decision | Promise<Decision> {
  const authorization = authorizationOf(request);
  const worker = workerFor(host, request, authorization, loaded, tell);
  return worker === undefined ? refuse('settings_invalid') : judgeToken(worker, authorization, now);
}

/** Judges by a policy: the request first, then the token where the rule takes one. */
function judgeByPolicy(
  host: Host,
  loaded: Loaded,
  rules: PolicyRules,
  request: HttpRequest,
  way: Way,
): Answer | Promise<Answer> {
  const head = rules.head;
  const asked = judgeRequest(request, way, rules);
  if (typeof asked === 'string') {
    logUnwired(UNWIRED[asked]);
    return plainAnswer(refuse('settings_invalid'));
  }
  // INVARIANT: what an index said that has lost a node meanwhile counts for nothing.
  if (!rules.isWhole()) return plainAnswer(refuse('internal_error'));
  if (asked.kind === 'metadata') return metadataAnswer(head, way);
  if (asked.kind === 'decided') return toAnswer(head, way, asked.judgement, '', undefined);
  const rule = asked.rule;
  let verified: VerifiedToken | undefined;
  function conclude(decision: Decision): Answer {
    const identity = verified === undefined ? undefined : verified.identity;
    if (!decision.allowed) return toAnswer(head, way, judgeRefusal(head.policy, rule, decision), '', undefined);
    // INVARIANT: without an identity no rule was asked.
    if (identity === undefined) return plainAnswer(refuse('internal_error'));
    const judgement = judgeCaller(request, way, head, rule, identity, decision.claims, now());
    return toAnswer(head, way, judgement, bearerOf(authorizationOf(request)), undefined);
  }
  const decision = judgeWith(host, loaded, request, (token) => {
    verified = token;
  });
  return 'then' in decision ? decision.then(conclude) : conclude(decision);
}

/** The one bearer token of a request; empty when there is none. */
function bearerOf(authorization: readonly string[]): string {
  const bearer = extractBearer(authorization);
  return bearer.ok ? bearer.value : '';
}

function judgeAll(host: Host, loaded: Loaded, request: HttpRequest, way: Way): Answer | Promise<Answer> {
  const rules = loaded.rules;
  if (rules !== undefined) return judgeByPolicy(host, loaded, rules, request, way);
  // INVARIANT: settings with a policy are never judged by without its rules.
  if (loaded.judge !== undefined && loaded.judge.settings.policy !== undefined) {
    return plainAnswer(refuse('internal_error'));
  }
  const decision = judgeWith(host, loaded, request, () => undefined);
  return 'then' in decision ? decision.then(plainAnswer) : plainAnswer(decision);
}

function handle(
  request: HttpRequest,
  host: Host,
  way: Way,
  answer: (request: HttpRequest, answer: Answer) => void,
): Promise<void> | undefined {
  let unsaid: readonly string[] = [];
  function judge(loaded: Loaded): Answer | Promise<Answer> {
    unsaid = loaded.unsaid;
    return judgeAll(host, loaded, request, way);
  }
  return decide(
    () => {
      const loaded = load(host, request);
      return 'then' in loaded ? loaded.then(judge) : judge(loaded);
    },
    (judged) => {
      if (judged.decision.reason === 'algorithm_unavailable') logNotices(unsaid, true);
      answer(request, judged);
    },
    logError,
    plainAnswer(refuse('internal_error')),
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
  return handle(request, host, 'auth', answerAuthRequest);
}

/** `js_content` for a gateway that asks from outside: the exact status and problem details. */
export function authorizer(request: HttpRequest, host: Host): Promise<void> | undefined {
  return handle(request, host, 'authorizer', answerGateway);
}

/** `js_access` (njs 0.9.9): lets the request pass or answers it, and sets `js_var` variables. */
export function access(request: HttpRequest, host: Host): Promise<void> | undefined {
  return handle(request, host, 'access', answerAccess);
}
