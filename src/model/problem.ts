// Problems of the settings, in the operator's words: all of them at once.

/** One problem. */
export interface Problem {
  /** The setting, by the name that the operator typed. */
  readonly setting: string;
  /** The fault and its remedy; never a file's content or a secret. */
  readonly message: string;
}

/** One line for each problem, numbered when there are several; the host puts its own name before each. */
export function describeProblems(problems: readonly Problem[]): readonly string[] {
  const lines: string[] = [];
  for (let index = 0; index < problems.length; index++) {
    const problem = problems[index];
    if (problem === undefined) continue;
    const place = problems.length > 1 ? '(' + (index + 1).toString() + ' of ' + problems.length.toString() + ') ' : '';
    lines.push(place + problem.setting + ': ' + problem.message);
  }
  return lines;
}
