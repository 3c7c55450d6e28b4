// The part that reads settings, fetches keys, and answers the operator: run when something has to be checked.
import { PREFLIGHT_FIELDS, PUBLIC_FIELDS } from '../../src/answer/problem-details';
import { answerBroker } from '../../src/broker/answer-broker';
import { acceptedIssuers, areReady } from '../../src/token/accepted-issuers';
import { createTrust, type Trust } from '../../src/token/flow';
import type { Policy } from '../../src/model/policy';
import type { Settings } from '../../src/model/settings';
import { answerDeny } from './deny-list';
import { broken, finish, type DatedSnapshot } from '../store/epoch';
import { answerHealth } from './health';
import { answerMetrics } from './metrics';
import type { HttpRequest, SharedDictionary } from '../njs';
import { findTooLong, formatForwarding, LONGEST_NAME } from '../answer/forward-lines';
import { askLocation, gatherKeys, remotesOf, remoteSources } from '../store/issuer-keys';
import { noteInForce } from './in-force';
import { isDue, readKeys, renewKeys } from '../store/key-store';
import { send, sendDocument, sendPass } from '../answer/send';
import { text } from '../ports/text';
import { refuseDocument, refuseUnplain } from './refuse-document';
import { linesForLogin } from '../ports/request-lines';
import { findZone, put } from '../ports/shared-dictionaries';
import { note, readSettings, type Read } from '../store/settings';

/** `js_periodic` counts as present when it ran within this many seconds. */
const PERIODIC_ALIVE = 150;

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** Whether `js_periodic` refreshes the keys. */
function isPeriodic(zone: SharedDictionary, now: number): boolean {
  return now - Number(zone.get('periodic')) < PERIODIC_ALIVE;
}

function checkWith(request: HttpRequest, read: Read): DatedSnapshot | Promise<DatedSnapshot> {
  const answer = read.answer;
  note(answer);
  if (!answer.ok) return broken();
  const settings = answer.settings;
  const remote = remoteSources(settings);
  const rules = read.rules;
  if (remote.length === 0) return finish(request, { settings, keySets: createTrust(settings, text).keySets, rules });
  const zone = findZone('jwtverify_keys');
  if (zone === undefined) return askLocation(request, read, settings, '');
  const now = seconds();
  const times = settings.times;
  const due = isPeriodic(zone, now) ? [] : remote.filter((source) => isDue(readKeys(zone, source, now), times, now));
  if (due.length === 0)
    return finish(request, { settings, keySets: gatherKeys(settings, read, zone, seconds()), rules });
  return Promise.all(due.map((source) => renewKeys(zone, source, times, 'due', false))).then(() =>
    finish(request, { settings, keySets: gatherKeys(settings, read, zone, seconds()), rules }),
  );
}

function noted(dated: DatedSnapshot): DatedSnapshot {
  noteInForce(dated.snapshot);
  return dated;
}

/** Checks settings, keys and the deny list. */
export function check(request: HttpRequest): DatedSnapshot | Promise<DatedSnapshot> {
  const read = readSettings();
  const dated = 'then' in read ? read.then((late) => checkWith(request, late)) : checkWith(request, read);
  return 'then' in dated ? dated.then(noted) : noted(dated);
}

/** Whether the dictionary has other keys than a judge knows. */
function hasNewer(zone: SharedDictionary, trust: Trust): boolean {
  const now = seconds();
  return trust.keySets.some((keySet, index) => {
    const sources = remotesOf(trust.settings, index);
    let revision = 0;
    for (let place = 0; place < sources.length; place++) {
      const source = sources[place];
      if (source !== undefined) revision += readKeys(zone, source, now).revision;
    }
    return revision !== keySet.revision;
  });
}

/**
 * Fetches keys for a token that needs them, or waits for them, within bounds.
 * @param issuer the one whose keys to fetch; undefined for the first keys of all issuers without keys
 * @returns undefined when there are no new ones
 */
export function renew(
  request: HttpRequest,
  trust: Trust,
  issuer: number | undefined,
): Promise<DatedSnapshot | undefined> {
  const zone = findZone('jwtverify_keys');
  const settings = trust.settings;
  if (zone === undefined) {
    // nginx fetches again only when its copy of this answer is too old.
    return issuer === undefined
      ? Promise.resolve(undefined)
      : Promise.resolve(readSettings()).then((read) => askLocation(request, read, settings, '&fresh=1'));
  }
  const occasion = issuer === undefined ? 'first' : 'unknown';
  const waits: Promise<void>[] = [];
  for (let index = 0; index < trust.keySets.length; index++) {
    const sources = remotesOf(settings, index);
    const keySet = trust.keySets[index];
    const isAwaited = issuer === undefined ? keySet !== undefined && !keySet.ready : index === issuer;
    for (let place = 0; isAwaited && place < sources.length; place++) {
      const source = sources[place];
      if (source !== undefined) waits.push(renewKeys(zone, source, settings.times, occasion, true));
    }
  }
  return Promise.all(waits).then(() => (hasNewer(zone, trust) ? check(request) : undefined));
}

/** Answers whether tokens can be judged, with the state of the keys; fetches missing first keys. */
export function health(request: HttpRequest): Promise<void> {
  if (refuseUnplain(request)) return Promise.resolve();
  return Promise.resolve(check(request))
    .then((dated) => {
      const trust = dated.snapshot.trust;
      if (trust === undefined || areReady(trust.settings, trust.keySets)) return dated;
      return renew(request, trust, undefined).then((renewed) => renewed ?? dated);
    })
    .then((dated) => {
      answerHealth(request, dated.snapshot, findZone('jwtverify_keys'), seconds());
    });
}

/** Answers with the metrics. */
export function metrics(request: HttpRequest): Promise<void> {
  if (refuseUnplain(request)) return Promise.resolve();
  return Promise.resolve(check(request)).then((dated) => {
    answerMetrics(request, dated.snapshot.trust);
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

/** Answers an operator who lists or changes denied entries. */
export function deny(request: HttpRequest): Promise<void> {
  if (refuseUnplain(request)) return Promise.resolve();
  return Promise.resolve(readSettings()).then((read) => {
    const settings = read.answer.ok ? read.answer.settings : undefined;
    answerDeny(request, settings === undefined ? undefined : acceptedIssuers(settings).map((issuer) => issuer.issuer));
  });
}

/**
 * What the settings in force say, to `say`; 503 when they are broken.
 * INVARIANT: it asks nobody for keys: a proxy that is an issuer may trust itself, and would wait for itself.
 */
function tellSettings(request: HttpRequest, say: (settings: Settings) => void): Promise<void> {
  return Promise.resolve(readSettings()).then((read) => {
    note(read.answer);
    if (read.answer.ok) say(read.answer.settings);
    else refuseDocument(request, 503, 'the settings have problems, which the error log lists');
  });
}

/** What the policy in force says, to `say`; 404 without a policy. */
function tellPolicy(request: HttpRequest, say: (policy: Policy, settings: Settings) => void): Promise<void> {
  return tellSettings(request, (settings) => {
    if (settings.policy === undefined) refuseDocument(request, 404, 'there is no policy');
    else say(settings.policy, settings);
  });
}

/** Answers with the metadata document (RFC 9728 §3.2). */
export function metadata(request: HttpRequest): Promise<void> {
  return tellPolicy(request, (policy) => {
    if (policy.metadata === undefined) {
      refuseDocument(request, 404, 'the policy has no `metadata`');
      return;
    }
    if (refuseUnplain(request, policy.metadata.path)) return;
    const isQuestion = request.method === 'OPTIONS';
    const fields = isQuestion ? PREFLIGHT_FIELDS : PUBLIC_FIELDS;
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index];
      if (field !== undefined) request.headersOut[field.name] = field.value;
    }
    if (isQuestion) {
      request.return(204);
      return;
    }
    request.headersOut['Content-Type'] = 'application/json';
    sendPass(request, policy.metadata.body);
  });
}

/** Answers the operator with the lines that send the policy's headers, and no client's own, to backends. */
export function forward(request: HttpRequest): Promise<void> {
  return tellPolicy(request, (policy, settings) => {
    if (refuseUnplain(request)) return;
    const tooLong = findTooLong(policy);
    request.headersOut['Content-Type'] = 'text/plain';
    const taken = { places: settings.tokenPlaces, signsIn: settings.login !== undefined };
    // `js_access` is what to use where njs has it.
    const isAsked = request.jsVarNames === undefined || request.args['auth_request'] !== undefined;
    if (tooLong === undefined) send(request, 200, formatForwarding(policy, taken, isAsked));
    else
      send(
        request,
        500,
        `# nginx supports header names of up to ${LONGEST_NAME} characters; \`${tooLong}\` is longer.\n`,
      );
  });
}

/**
 * Answers with a document of the issuer that this proxy is.
 * @returns false where the request is for the part that signs people in
 */
export function broker(request: HttpRequest): Promise<boolean> {
  let isOfDesk = false;
  return tellSettings(request, (settings) => {
    if (settings.broker === undefined) {
      refuseDocument(request, 404, 'the policy has no `broker`');
      return;
    }
    const document = answerBroker(settings.broker, linesForLogin(request, 'sign_in', undefined));
    if (document === undefined) isOfDesk = true;
    else sendDocument(request, document);
  }).then(() => !isOfDesk);
}

export { introspect } from '../store/introspection';
