// Finds what of HAProxy's configuration keeps the broker from answering: the service for its addresses.
import { CALLBACK, findCallbacks, findNeeded } from '../../src/broker/addresses';
import type { Broker } from '../../src/model/broker';
import type { Problem } from '../../src/model/problem';
import { POLICY } from '../../src/settings/table';
import { writeBrokerLine } from '../ports/wanted-lines';
import { findUnanswered } from './broker-paths';
import { BELOW, findAll, isBelow } from './login-lines';
import type { Section } from './sections';

const SERVICE = 'lua.jwtbroker';

const isBrokerService = (words: readonly string[]): boolean =>
  words[0] === 'http-request' && words[1] === 'use-service' && words[2] === SERVICE;

/**
 * Finds a service that is missing, that cannot do its work, that leaves addresses out, and one that has no work.
 * @param broker undefined where this proxy is no issuer
 */
export function findBrokerFaults(sections: readonly Section[], broker: Broker | undefined): readonly Problem[] {
  const services = findAll(sections, isBrokerService);
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
  const problems: Problem[] = services
    .filter((service) => isBelow(service))
    .map(({ line }) => ({ setting: line.place, message: BELOW }));
  const [left] = findUnanswered(services, findNeeded(broker));
  const place = services[0]?.line.place;
  if (left !== undefined && place !== undefined) {
    const message = 'leaves out `' + left + '` of the broker; write `' + writeBrokerLine(broker) + '`';
    problems.push({ setting: place, message });
  }
  return problems;
}

/**
 * Whether a section answers those who come back from a provider, with the code of their sign-in.
 * @param broker undefined where the policy is not known
 */
export function answersCallbacks(section: Section, broker: Broker | undefined): boolean {
  const services = findAll([section], isBrokerService);
  if (broker === undefined) return services.some(({ line }) => line.line.words.some((word) => word.includes(CALLBACK)));
  const callbacks = findCallbacks(broker);
  return services.length > 0 && findUnanswered(services, callbacks).length < callbacks.length;
}
