// `part:broker`, as the build puts it into the module: a function whose body is the whole part; it is opened once.
import type { BrokerPart, Host } from '../judge/parts';

export function openBroker(host: Host): BrokerPart;
