// `part:policy`, as the build puts it into the module: a function whose body is the whole part; it is opened once.
import type { Host, PolicyPart } from './parts';

export function openPolicy(host: Host): PolicyPart;
