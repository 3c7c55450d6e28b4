// `part:pass`, as the build puts it into the module: a function whose body is the whole part; it is opened once.
import type { Host, PassPart } from '../judge/parts';

export function openPass(host: Host): PassPart;
