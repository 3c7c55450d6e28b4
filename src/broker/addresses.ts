// The addresses of the broker, for the lines of a proxy's configuration.
import type { Broker, BrokerAudience, BrokerDesk } from '../model/broker';

/** Where people, devices and servers of audiences come to, below the path of the issuer. */
const VISITED: readonly string[] = ['/', '/authorize', '/pair', '/token'];
const PAIR = '/pair';
const TOKEN = '/token';
export const CALLBACK = '/callback/';

export interface BrokerAddresses {
  /** Whole paths. */
  readonly exact: readonly string[];
  /** What paths begin with; undefined where nobody signs in. */
  readonly below: string | undefined;
}

/** All addresses that a broker answers. */
export function addressesOf(broker: Broker): BrokerAddresses {
  const documents = broker.documents.map((document) => document.path);
  const desk = broker.desk;
  if (desk === undefined) return { exact: documents, below: undefined };
  return { exact: VISITED.map((path) => desk.prefix + path).concat(documents), below: desk.prefix + CALLBACK };
}

/** Whether some audience has what a broker offers. */
function isSome(
  desk: BrokerDesk,
  has: (this: void, audience: Pick<BrokerAudience, 'admin' | 'delivery'>) => boolean,
): boolean {
  return desk.audiences.some((audience) => has(audience)) || (desk.others !== undefined && has(desk.others));
}

/** Whether some audience gets one-time codes, which are kept until they are over. */
export function givesCodes(broker: Broker): boolean {
  return broker.desk !== undefined && isSome(broker.desk, (audience) => audience.delivery === 'code');
}

/** Where providers send people to: whole paths. */
export function findCallbacks(broker: Broker): readonly string[] {
  const desk = broker.desk;
  return desk === undefined ? [] : desk.providers.map((provider) => desk.prefix + CALLBACK + provider.name);
}

/** The whole paths that somebody comes to: devices need an admin service, and one-time codes an audience that gets them. */
export function findNeeded(broker: Broker): readonly string[] {
  const exact = addressesOf(broker).exact;
  const desk = broker.desk;
  if (desk === undefined) return exact;
  const idle: string[] = [];
  if (!isSome(desk, (audience) => audience.admin !== undefined)) idle.push(desk.prefix + PAIR);
  if (!givesCodes(broker)) idle.push(desk.prefix + TOKEN);
  return exact.filter((path) => idle.indexOf(path) < 0).concat(findCallbacks(broker));
}
