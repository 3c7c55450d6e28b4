// The counts of the broker as samples.
import type { BrokerDesk } from '../model/broker';
import type { BrokerEvent } from '../model/broker-event';
import { BROKER_ADMIN, BROKER_EXCHANGES, BROKER_PAIRINGS, BROKER_SIGN_INS, BROKER_TOKENS } from './broker-families';
import type { Family } from './family';
import { sample, type Sample } from './text-format';

const FAMILIES: Readonly<Record<BrokerEvent, Family>> = {
  sign_in: BROKER_SIGN_INS,
  token: BROKER_TOKENS,
  pairing: BROKER_PAIRINGS,
  exchange: BROKER_EXCHANGES,
  admin: BROKER_ADMIN,
};

/** The sample of a count. @param labels their values, a blank between two */
export function sampleBroker(event: BrokerEvent, labels: string, count: number): Sample {
  return sample(FAMILIES[event], labels.split(' '), count);
}

/** Zero for what a broker counts that signs people in, so that a first failure is seen as an increase. */
export function createBrokerSamples(desk: BrokerDesk): readonly Sample[] {
  const samples: Sample[] = [];
  const start = (event: BrokerEvent, labels: readonly string[]): void => {
    labels.forEach((one) => samples.push(sampleBroker(event, one, 0)));
  };
  desk.providers.forEach((provider) => {
    start('sign_in', [provider.name + ' begun', provider.name + ' done']);
  });
  start('token', ['fragment', 'form_post', 'code', 'admin']);
  start('pairing', ['asked', 'done', 'unknown', 'failed']);
  start('exchange', ['done', 'invalid_request', 'invalid_grant', 'unsupported_grant_type']);
  start('admin', ['user known', 'user unknown', 'user failed', 'device known', 'device unknown', 'device failed']);
  return samples;
}
