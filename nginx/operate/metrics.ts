// `jwtverify.metrics`: what all workers counted, and the state of keys and dictionaries, in Prometheus' text
// format. Without the dictionary `jwtverify_metrics` there are no counts.
import type { BrokerEvent } from '../../src/model/broker-event';
import {
  BUILD_INFO,
  DICTIONARY_ENTRIES,
  DICTIONARY_FREE,
  DICTIONARY_SIZE,
  FETCH_FAILURES,
  INTROSPECTIONS,
  ISSUER_KEYS,
  ISSUER_READY,
  KEY_FETCHES,
  KEYS_FETCHED,
  READY,
  REQUESTS,
  SESSION_REFRESHES,
  SIGN_INS,
  SIGN_OUTS,
  TOKENS,
} from '../../src/metrics/families';
import { createBrokerSamples, sampleBroker } from '../../src/metrics/broker-samples';
import { createLoginSamples } from '../../src/metrics/login-samples';
import { formatMetrics, METRICS_TYPE, sample, type Sample } from '../../src/metrics/text-format';
import { VERSION } from '../../src/model/version';
import { areReady } from '../../src/token/accepted-issuers';
import type { Trust } from '../../src/token/flow';
import { send } from '../answer/send';
import type { HttpRequest, NginxObject, NumberDictionary } from '../njs';
import * as names from '../ports/counts';
import { findZone } from '../ports/shared-dictionaries';
import { readKeys } from '../store/key-store';
import { refuseDocument } from './refuse-document';

declare const ngx: NginxObject;

const DECLARE = 'js_shared_dict_zone zone=' + names.METRICS_ZONE + ':1m type=number;';
const NOTHING_COUNTED = '# Nothing is counted without: ' + DECLARE + '\n';
const DICTIONARIES = ['jwtverify', 'jwtverify_keys', 'jwtverify_deny', 'jwtverify_ended', names.METRICS_ZONE];
/** An entry that shows whether the dictionary counts. */
const PROBE = 'probe';
/** The most counts that are read; the dictionary's size is the real bound. */
const MOST = 100000;

/** Whether a dictionary can count; one of texts cannot. */
function canCount(zone: NumberDictionary): boolean {
  try {
    zone.incr(PROBE, 0);
    return true;
  } catch {
    // A full one counts what it has.
    return zone.keys(1).length > 0;
  }
}

function readCounts(zone: NumberDictionary): readonly Sample[] {
  const samples = [sample(TOKENS, ['new'], 0), sample(TOKENS, ['remembered'], 0)];
  const entries = zone.keys(MOST);
  for (let index = 0; index < entries.length; index++) {
    const name = entries[index] ?? '';
    const number = Number(zone.get(name) ?? 0);
    const kind = name.slice(0, 2);
    const rest = name.slice(2);
    const blank = rest.indexOf(' ');
    const words = [rest.slice(0, blank), rest.slice(blank + 1)];
    const isRemembered = kind === names.PASSED_REMEMBERED;
    if (isRemembered) samples.push(sample(TOKENS, ['remembered'], number));
    if (isRemembered || kind === names.ALLOWED) samples.push(sample(REQUESTS, ['allow', '', rest], number));
    else if (kind === names.DENIED) samples.push(sample(REQUESTS, ['deny'].concat(words), number));
    else if (kind === names.SHADOWED) samples.push(sample(REQUESTS, ['shadow'].concat(words), number));
    else if (kind === names.TOKEN) samples.push(sample(TOKENS, [rest], number));
    else if (kind === names.SIGNED_IN) samples.push(sample(SIGN_INS, [rest], number));
    else if (kind === names.REFRESHED) samples.push(sample(SESSION_REFRESHES, [rest], number));
    else if (kind === names.SIGNED_OUT) samples.push(sample(SIGN_OUTS, words, number));
    else if (kind === names.BROKERED) samples.push(sampleBroker(words[0] as BrokerEvent, words[1] ?? '', number));
    else if (kind === names.INTROSPECTED) samples.push(sample(INTROSPECTIONS, [rest], number));
    else if (kind === names.FETCHED) samples.push(sample(KEY_FETCHES, words.slice().reverse(), number));
  }
  return samples;
}

function describeIssuers(trust: Trust, now: number): readonly Sample[] {
  const samples: Sample[] = [];
  const zone = findZone('jwtverify_keys');
  trust.settings.issuers.forEach((issuer, index) => {
    const label = [issuer.issuer];
    const keySet = trust.keySets[index];
    samples.push(sample(ISSUER_READY, label, keySet?.ready === true ? 1 : 0));
    samples.push(sample(ISSUER_KEYS, label, keySet?.keys.length ?? 0));
    const remotes = issuer.sources.remotes;
    for (let place = 0; zone !== undefined && place < remotes.length; place++) {
      const source = remotes[place];
      if (source === undefined) continue;
      const state = readKeys(zone, source, now);
      if (state.goodAt > 0) samples.push(sample(KEYS_FETCHED, label, state.goodAt));
      samples.push(sample(FETCH_FAILURES, label, state.failures));
    }
  });
  return samples;
}

function describeDictionaries(): readonly Sample[] {
  const samples: Sample[] = [];
  for (let index = 0; index < DICTIONARIES.length; index++) {
    const name = DICTIONARIES[index] ?? '';
    const zone = ngx.shared?.[name];
    if (zone === undefined) continue;
    samples.push(sample(DICTIONARY_SIZE, [name], zone.capacity));
    samples.push(sample(DICTIONARY_FREE, [name], zone.freeSpace()));
    samples.push(sample(DICTIONARY_ENTRIES, [name], zone.size()));
  }
  return samples;
}

/** Answers with the metrics. @param trust undefined when the settings are broken */
export function answerMetrics(request: HttpRequest, trust: Trust | undefined): void {
  const zone = names.findMetricsZone();
  if (zone !== undefined && !canCount(zone)) {
    refuseDocument(request, 500, 'counts need `type=number`: ' + DECLARE);
    return;
  }
  const ready = trust !== undefined && areReady(trust.settings, trust.keySets);
  const desk = trust?.settings.broker?.desk;
  const version = request.variables['nginx_version'] ?? '';
  const samples = [sample(BUILD_INFO, ['nginx', version, VERSION], 1), sample(READY, [], ready ? 1 : 0)]
    .concat(zone === undefined ? [] : readCounts(zone))
    .concat(zone === undefined || trust?.settings.login === undefined ? [] : createLoginSamples())
    .concat(zone === undefined || desk === undefined ? [] : createBrokerSamples(desk))
    .concat(trust === undefined ? [] : describeIssuers(trust, Math.floor(Date.now() / 1000)))
    .concat(describeDictionaries());
  request.headersOut['Content-Type'] = METRICS_TYPE;
  request.headersOut['Cache-Control'] = 'no-store';
  send(request, 200, formatMetrics(samples) + (zone === undefined ? NOTHING_COUNTED : ''));
}
