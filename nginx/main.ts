// The njs module: what `js_import` brings into an nginx configuration.
import { compileSettings } from '../src/core/compile-settings';
import { refuse, type Decision } from '../src/core/decision';
import { createJudge } from '../src/core/flow';
import { describeProblems } from '../src/core/problem';
import type { SettingsAnswer } from '../src/core/settings';
import type { SettingsSource } from '../src/ports/host';
import { answerAccess, answerAuthRequest, answerGateway } from './answer';
import { decide, judgeToken, type Worker } from './driver';
import type { EngineObject, HttpRequest } from './host';
import { logError, logNotices, logProblems } from './ports/log';
import { recallSettings } from './ports/settings-memory';
import { settingsSource } from './ports/settings-source';
import { createSignatures, probeEd25519 } from './ports/signatures';
import { text } from './ports/text';

declare const njs: EngineObject;

/** The first njs whose WebCrypto may have Ed25519: 0.9.7. */
const ED25519_SINCE = 0x000907;
/** The first njs that sees a value given as `env NAME=value;`: 0.8.8. */
const ENV_VALUES_SINCE = 0x000808;

interface Loaded {
  /** Undefined when the settings are broken. */
  readonly worker: Worker | undefined;
  /** What explains a refusal for want of an algorithm, and was not said yet. */
  readonly unsaid: readonly string[];
}

/** Lasts from request to request in a worker on QuickJS; njs starts every request with `undefined` here. */
let loaded: Loaded | undefined;

function compile(source: SettingsSource, hasEd25519: boolean): SettingsAnswer {
  return compileSettings(source, text, createSignatures(hasEd25519).algorithms);
}

/** Whether it matters if the engine has Ed25519: some key is for it, or every problem is to be listed. */
function hangsOnEd25519(answer: SettingsAnswer): boolean {
  if (!answer.ok) return true;
  const source = answer.settings.issuers[0]?.source;
  return source === undefined || source.kind !== 'static' || source.keySet.algorithms.indexOf('EdDSA') >= 0;
}

/** Makes settings what requests are judged by, and says what is wrong with them. */
function use(answer: SettingsAnswer): Loaded {
  if (answer.ok) {
    const worker = { judge: createJudge(answer.settings, text), signatures: createSignatures(true) };
    loaded = { worker, unsaid: logNotices(describeProblems(answer.notices), false) };
    return loaded;
  }
  const hint = 'njs ' + njs.version + ' sees no value given as `env NAME=value;`: put it into the environment of nginx';
  logProblems(describeProblems(answer.problems).concat(njs.version_number >= ENV_VALUES_SINCE ? [] : [hint]));
  loaded = { worker: undefined, unsaid: [] };
  return loaded;
}

function load(): Loaded | Promise<Loaded> {
  const recalled = recallSettings(settingsSource);
  if ('ok' in recalled) return use(recalled);
  const source = recalled.source;
  const keep = recalled.keep;
  const answer = compile(source, njs.version_number >= ED25519_SINCE);
  if (njs.version_number < ED25519_SINCE || !hangsOnEd25519(answer)) return use(keep(answer));
  return probeEd25519().then((hasEd25519) => use(keep(hasEd25519 ? answer : compile(source, false))));
}

/** The Authorization field values, in order, one for each header line. */
function authorizationOf(request: HttpRequest): readonly string[] {
  return request.rawHeadersIn.filter((field) => field[0].toLowerCase() === 'authorization').map((field) => field[1]);
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function judgeWith(settings: Loaded, request: HttpRequest): Decision | Promise<Decision> {
  if (settings.worker === undefined) return refuse('settings_invalid');
  return judgeToken(settings.worker, authorizationOf(request), now);
}

function judgeRequest(request: HttpRequest): Decision | Promise<Decision> {
  const settings = loaded ?? load();
  if (!('then' in settings)) return judgeWith(settings, request);
  return settings.then((late) => judgeWith(late, request));
}

function handle(
  request: HttpRequest,
  answer: (request: HttpRequest, decision: Decision) => void,
): Promise<void> | undefined {
  return decide(
    () => judgeRequest(request),
    (decision) => {
      if (decision.reason === 'algorithm_unavailable' && loaded !== undefined) logNotices(loaded.unsaid, true);
      answer(request, decision);
    },
    logError,
  );
}

/** `js_content` of the location that `auth_request` asks: 200, 401 or 403. */
function auth(request: HttpRequest): Promise<void> | undefined {
  return handle(request, answerAuthRequest);
}

/** `js_content` for a gateway that asks from outside: the exact status and problem details. */
function authorizer(request: HttpRequest): Promise<void> | undefined {
  return handle(request, answerGateway);
}

/** `js_access` (njs 0.9.9): lets the request pass or answers it, and sets `js_var` variables. */
function access(request: HttpRequest): Promise<void> | undefined {
  return handle(request, answerAccess);
}

export default { auth, authorizer, access };
