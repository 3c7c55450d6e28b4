// What the broker needs to know: the same for every request, until settings or keys change.
import { createClientContext } from '../login/context';
import type { ClientContext } from '../login/step';
import type { BrokerDesk, BrokerProvider } from '../model/broker';
import type { CountBroker } from '../model/broker-event';
import type { Hash } from '../ports/hash';
import type { Text } from '../codec/text';
import type { Trust } from '../token/step';

export interface BrokerContext {
  readonly desk: BrokerDesk;
  /** With the present keys of every provider. */
  readonly trust: Trust;
  readonly hash: Hash;
  readonly text: Text;
  readonly count: CountBroker;
}

/** @returns undefined where the broker signs nobody in */
export function createBrokerContext(trust: Trust, hash: Hash, count: CountBroker): BrokerContext | undefined {
  const desk = trust.settings.broker?.desk;
  return desk === undefined ? undefined : { desk, trust, hash, text: trust.text, count };
}

/** What the login at a provider needs to know. */
export function clientContextOf(context: BrokerContext, provider: BrokerProvider): ClientContext {
  return createClientContext(context.trust, provider.client, context.hash);
}

/** The provider of a name. */
export function findProvider(desk: BrokerDesk, name: string): BrokerProvider | undefined {
  return desk.providers.find((provider) => provider.name === name);
}
