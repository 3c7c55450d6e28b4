// `inner:broker`, as the build puts it into the part that verifies: a function whose body is the whole part; it is opened once.
import type { BrokerPart, Host } from './parts';

export function openBroker(host: Host): BrokerPart;
