// `part:manage`, as the build puts it into the module: a function whose body is the whole part.
import type { ManagePart } from './manage';

export function openManage(): ManagePart;
