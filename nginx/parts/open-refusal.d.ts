// `part:refusal`, as the build puts it into the module: a function whose body is the whole part; it is opened once.
import type { Host, RefusalPart } from './parts';

export function openRefusal(host: Host): RefusalPart;
