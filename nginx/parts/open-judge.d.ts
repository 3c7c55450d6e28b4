// `part:judge`, as the build puts it into the module: a function whose body is the whole part; it is opened once.
import type { Host, JudgePart } from './parts';

export function openJudge(host: Host): JudgePart;
