// `part:manage`, as the build puts it into the module: a function whose body is the whole part; it is opened once.
import type { Host, ManagePart } from '../judge/parts';

export function openManage(host: Host): ManagePart;
