// The njs module: what `js_import` brings into an nginx configuration.
import { compileSettings } from '../src/core/compile-settings';
import { refuse, type Decision } from '../src/core/decision';
import { describeProblems } from '../src/core/problem';
import { answerAccess, answerAuthRequest, answerGateway } from './answer';
import { decide, judgeToken, type Worker } from './driver';
import type { EngineObject, HttpRequest } from './host';
import { logError, logNotices, logProblems } from './ports/log';
import { settingsSource } from './ports/settings-source';
import { createSignatures } from './ports/signatures';
import { text } from './ports/text';

declare const njs: EngineObject;

/** The first njs whose WebCrypto has Ed25519: 0.9.7. */
const ED25519_SINCE = 0x000907;
/** The first njs that sees a value given as `env NAME=value;`: 0.8.8. */
const ENV_VALUES_SINCE = 0x000808;

/** `worker` is undefined when the settings are broken. */
interface Loaded {
  readonly worker: Worker | undefined;
}

/** Lasts from request to request in a worker on QuickJS; njs starts every request with `undefined` here. */
let loaded: Loaded | undefined;

function load(): Loaded {
  const signatures = createSignatures(njs.version_number >= ED25519_SINCE);
  const answer = compileSettings(settingsSource, text, signatures.algorithms);
  if (answer.ok) {
    logNotices(describeProblems(answer.notices));
    return { worker: { judge: { settings: answer.settings, text }, signatures } };
  }
  const hint = 'njs ' + njs.version + ' sees no value given as `env NAME=value;`: put it into the environment of nginx';
  logProblems(describeProblems(answer.problems).concat(njs.version_number >= ENV_VALUES_SINCE ? [] : [hint]));
  return { worker: undefined };
}

/** The Authorization field values, in order, one for each header line. */
function authorizationOf(request: HttpRequest): readonly string[] {
  return request.rawHeadersIn.filter((field) => field[0].toLowerCase() === 'authorization').map((field) => field[1]);
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function judgeRequest(request: HttpRequest): Decision | Promise<Decision> {
  if (loaded === undefined) loaded = load();
  if (loaded.worker === undefined) return refuse('settings_invalid');
  return judgeToken(loaded.worker, authorizationOf(request), now);
}

function handle(
  request: HttpRequest,
  answer: (request: HttpRequest, decision: Decision) => void,
): Promise<void> | undefined {
  return decide(
    () => judgeRequest(request),
    (decision) => {
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
