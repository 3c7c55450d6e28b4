// `part:again`, as the build puts it into the module: a function whose body is the whole part; it is opened once.
import type { AgainPart, Host } from '../judge/parts';

export function openAgain(host: Host): AgainPart;
