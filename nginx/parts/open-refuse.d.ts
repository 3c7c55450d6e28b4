// `part:refuse`, as the build puts it into the module: a function whose body is the whole part; it is opened once.
import type { Host, RefusePart } from '../judge/parts';

export function openRefuse(host: Host): RefusePart;
