// `part:verify`, as the build puts it into the module: a function whose body is the whole part; it is opened once.
import type { Host, VerifyPart } from '../judge/parts';

export function openVerify(host: Host): VerifyPart;
