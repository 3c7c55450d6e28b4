// `use-service lua.jwtverify_metrics`: the numbers of all Lua states in Prometheus' text format.
import type { BrokerEvent } from '../../src/model/broker-event';
import {
  BUILD_INFO,
  FETCH_FAILURES,
  INTROSPECTIONS,
  ISSUER_KEYS,
  ISSUER_READY,
  KEY_FETCHES,
  KEYS_FETCHED,
  LUA_MEMORY,
  LUA_STATES,
  PLAIN_COST,
  PLAIN_LIMIT,
  READY,
  REMEMBERED,
  REMEMBERED_LIMIT,
  REQUESTS,
  SESSION_REFRESHES,
  SIGN_INS,
  SIGN_OUTS,
  TOKENS,
} from '../../src/metrics/families';
import { createBrokerSamples, sampleBroker } from '../../src/metrics/broker-samples';
import { createLoginSamples } from '../../src/metrics/login-samples';
import { formatMetrics, sample, writeSamples, type Sample } from '../../src/metrics/text-format';
import type { BrokerDesk } from '../../src/model/broker';
import { VERSION } from '../../src/model/version';
import { counts, eachCount, splitName } from '../ports/counts';
import { areKeysReady } from '../store/key-store';
import type { Snapshot } from '../store/snapshot';
import { gatherNumbers, shareNumbers } from './gather';

function countRequests(samples: Sample[]): void {
  if (counts.passed > 0) samples.push(sample(REQUESTS, ['allow', '', ''], counts.passed));
  eachCount(counts.allowed, (rule, number) => {
    samples.push(sample(REQUESTS, ['allow', '', rule], number));
  });
  eachCount(counts.refused, (name, number) => {
    samples.push(sample(REQUESTS, ['deny', ...splitName(name)], number));
  });
  eachCount(counts.shadowed, (name, number) => {
    samples.push(sample(REQUESTS, ['shadow', ...splitName(name)], number));
  });
}

function describeFetches(samples: Sample[]): void {
  eachCount(counts.fetches, (name, number) => {
    const [result, issuer] = splitName(name);
    samples.push(sample(KEY_FETCHES, [issuer, result], number));
  });
  eachCount(counts.introspections, (result, number) => {
    samples.push(sample(INTROSPECTIONS, [result], number));
  });
}

function describeLogins(samples: Sample[]): void {
  for (const one of createLoginSamples()) samples.push(one);
  eachCount(counts.signIns, (result, number) => {
    samples.push(sample(SIGN_INS, [result], number));
  });
  eachCount(counts.refreshes, (result, number) => {
    samples.push(sample(SESSION_REFRESHES, [result], number));
  });
  eachCount(counts.signOuts, (name, number) => {
    samples.push(sample(SIGN_OUTS, splitName(name), number));
  });
}

function describeBroker(samples: Sample[], desk: BrokerDesk): void {
  for (const one of createBrokerSamples(desk)) samples.push(one);
  eachCount(counts.broker, (name, number) => {
    const [event, labels] = splitName(name);
    samples.push(sampleBroker(event as BrokerEvent, labels, number));
  });
}

function describeIssuers(samples: Sample[], { keys }: Snapshot): void {
  keys.trust.settings.issuers.forEach(({ issuer }, index) => {
    const keySet = keys.trust.keySets[index];
    const states = keys.remotes.filter((remote) => remote.issuer === index).map(({ state }) => state);
    samples.push(sample(ISSUER_READY, [issuer], keySet?.ready === true ? 1 : 0));
    samples.push(sample(ISSUER_KEYS, [issuer], keySet?.keys.length ?? 0));
    for (const { goodAt } of states) if (goodAt > 0) samples.push(sample(KEYS_FETCHED, [issuer], goodAt));
    for (const { failures } of states) samples.push(sample(FETCH_FAILURES, [issuer], failures));
  });
}

/** The numbers of this Lua state. */
function describeState(snapshot: Snapshot): readonly Sample[] {
  const { tokens, bounds, hits } = snapshot.memory;
  const { plainBudget } = snapshot.keys.trust.settings;
  const version = tostring(core.get_info()['Version'] ?? '');
  const samples = [
    sample(BUILD_INFO, ['HAProxy', version, VERSION], 1),
    sample(READY, [], areKeysReady(snapshot.keys) ? 1 : 0),
    sample(TOKENS, ['new'], counts.verified),
    sample(TOKENS, ['remembered'], hits),
    sample(REMEMBERED, [], tokens.count()),
    sample(REMEMBERED_LIMIT, [], bounds.size),
    sample(LUA_MEMORY, [], math.floor(collectgarbage('count') * 1024)),
    sample(PLAIN_COST, [], counts.plainCost),
    sample(PLAIN_LIMIT, [], plainBudget),
  ];
  countRequests(samples);
  describeFetches(samples);
  if (snapshot.login !== undefined) describeLogins(samples);
  const desk = snapshot.keys.trust.settings.broker?.desk;
  if (desk !== undefined) describeBroker(samples, desk);
  describeIssuers(samples, snapshot);
  return samples;
}

/** Adds the samples that one state wrote. */
function addLines(samples: Sample[], text: string): void {
  for (const [line] of string.gmatch(text, '[^\n]+')) {
    const [series, number] = string.match(line ?? '', '^(.*) (%S+)$');
    const [name] = string.match(series ?? '', '^([%w_]+)');
    const value = tonumber(number ?? '');
    if (series !== undefined && name !== undefined && value !== undefined) samples.push({ name, series, value });
  }
}

function describe(snapshot: Snapshot): string {
  return writeSamples(describeState(snapshot)).join('\n');
}

/** Lets other Lua states have the numbers of this one. To be called while HAProxy starts. */
export function shareMetrics(snapshot: Snapshot): void {
  shareNumbers(() => describe(snapshot));
}

/** The text for Prometheus. Suspends while other Lua states answer. */
export function describeMetrics(snapshot: Snapshot): string {
  const samples: Sample[] = [];
  const texts = gatherNumbers(() => describe(snapshot));
  let silent = 0;
  let answered = 0;
  for (const text of texts) {
    if (text === '') silent += 1;
    else answered += 1;
    addLines(samples, text);
  }
  samples.push(sample(LUA_STATES, ['answered'], answered), sample(LUA_STATES, ['silent'], silent));
  return formatMetrics(samples);
}
