// `part:judge`, as the build puts it into the module: a function whose body is the whole part.
import type { JudgePart } from './judge';

export function openJudge(): JudgePart;
