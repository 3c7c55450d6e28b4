// Finds what of HAProxy's configuration keeps the broker from answering: the service for its addresses.
import type { Broker } from '../../src/model/broker';
import type { Problem } from '../../src/model/problem';
import { POLICY } from '../../src/settings/table';
import { writeBrokerLine } from '../ports/wanted-lines';
import { BELOW, findAll, isBelow } from './login-lines';
import type { Section } from './sections';

const SERVICE = 'lua.jwtbroker';

const isService = (words: readonly string[]): boolean =>
  words[0] === 'http-request' && words[1] === 'use-service' && words[2] === SERVICE;

/**
 * Finds a service that is missing, that cannot do its work, and one that has none.
 * @param broker undefined where this proxy is no issuer
 */
export function findBrokerFaults(sections: readonly Section[], broker: Broker | undefined): readonly Problem[] {
  const services = findAll(sections, isService);
  if (broker === undefined) {
    const message = 'has no effect, for the policy has no `broker`; add it, or remove the line';
    return services.map(({ line }) => ({ setting: line.place, message }));
  }
  if (services.length === 0) {
    const wanted = '`' + writeBrokerLine(broker) + '`';
    const judge = sections.flatMap(({ rules }) => rules).find(({ kind }) => kind === 'judge');
    const message = 'the policy has `broker`, and no line answers its addresses: put ' + wanted;
    return judge === undefined
      ? [{ setting: POLICY.name, message: message + ' into a frontend' }]
      : [{ setting: judge.place, message: message + ' above this line' }];
  }
  return services
    .filter((service) => isBelow(service))
    .map(({ line }) => ({
      setting: line.place,
      message: BELOW,
    }));
}
