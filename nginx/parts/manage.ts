// The part that reads settings, fetches keys, and answers the operator: run when something has to be looked at.
import { createJudge, type Judge } from '../../src/core/flow';
import type { Policy } from '../../src/core/policy';
import { isRefreshDue } from '../../src/keys/key-state';
import { answerDeny } from '../deny-answer';
import { broken, finish, type Checked } from '../epoch';
import { answerHealth } from '../health';
import type { HttpRequest, SharedDictionary } from '../host';
import { findTooLong, formatForwarding, LONGEST_NAME } from '../forwarding';
import { askLocation, gatherKeys, remoteOf, remoteSources } from '../issuer-keys';
import { readKeys, renewKeys } from '../key-store';
import { text } from '../ports/text';
import { findZone, put } from '../ports/zones';
import { note, readSettings, type Read } from '../read-settings';

/** `js_periodic` is taken to be there when it ran within this many seconds. */
const PERIODIC_ALIVE = 150;

function seconds(): number {
  return Math.floor(Date.now() / 1000);
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
  const rules = read.rules;
  if (remote.length === 0) return finish({ settings, keySets: createJudge(settings, text).keySets, rules });
  const zone = findZone('jwtverify_keys');
  if (zone === undefined) return askLocation(request, read, settings, '');
  const now = seconds();
  const due = isPeriodic(zone, now)
    ? []
    : remote.filter((source) => isRefreshDue(readKeys(zone, source, now).state, now));
  if (due.length === 0) return finish({ settings, keySets: gatherKeys(settings, read, zone, seconds()), rules });
  return Promise.all(due.map((source) => renewKeys(zone, source, settings.times, 'due', false))).then(() =>
    finish({ settings, keySets: gatherKeys(settings, read, zone, seconds()), rules }),
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
    const keySet = judge.keySets[index];
    const isAwaited = issuer === undefined ? keySet !== undefined && !keySet.ready : index === issuer;
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

/** What the policy in force says, to `say`; 503 when settings are broken, 404 without a policy. */
function tellPolicy(request: HttpRequest, say: (policy: Policy) => void): Promise<void> {
  return Promise.resolve(readSettings()).then((read) => {
    note(read.answer);
    if (!read.answer.ok) request.return(503);
    else if (read.answer.settings.policy === undefined) request.return(404);
    else say(read.answer.settings.policy);
  });
}

/** Answers with the document that tells clients where to get a token (RFC 9728 §3.2). */
export function metadata(request: HttpRequest): Promise<void> {
  return tellPolicy(request, (policy) => {
    if (policy.metadata === undefined) {
      request.return(404);
      return;
    }
    request.headersOut['Content-Type'] = 'application/json';
    request.return(200, policy.metadata.body);
  });
}

/** Answers the operator with the lines that hand the policy's headers, and no client's own, to backends. */
export function forward(request: HttpRequest): Promise<void> {
  return tellPolicy(request, (policy) => {
    const tooLong = findTooLong(policy);
    request.headersOut['Content-Type'] = 'text/plain';
    if (tooLong === undefined) request.return(200, formatForwarding(policy));
    else
      request.return(
        500,
        `# nginx takes names of headers up to ${LONGEST_NAME} characters, and \`${tooLong}\` has more.\n`,
      );
  });
}

export { introspect } from '../introspect';
