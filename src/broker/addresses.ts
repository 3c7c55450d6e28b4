// The addresses of the broker, for the lines of a proxy's configuration.
import type { Broker } from '../model/broker';

/** Where people, devices and servers of audiences come to, below the path of the issuer. */
const VISITED: readonly string[] = ['/', '/authorize', '/pair', '/token'];
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
