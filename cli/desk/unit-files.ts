// The assignments of a unit of systemd, or of a file of supervisord: `key=value`, over several lines too.

export interface Assignment {
  readonly key: string;
  readonly value: string;
}

const COMMENT = /^\s*[#;]/;
const SECTION = /^\s*\[.*\]\s*$/;
/** systemd's keys may be indented; a variable or a flag that supervisord goes on with is no key. */
const ASSIGNMENT = /^\s*([A-Za-z]+)\s*=(.*)$/s;

/** systemd goes on after `\` at the end of a line, over comments; supervisord in lines that are indented. */
export function readAssignments(source: string): readonly Assignment[] {
  const assignments: { key: string; value: string }[] = [];
  let goesOn = false;
  for (const line of source.split(/\r?\n/)) {
    if (COMMENT.test(line)) continue;
    if (!goesOn && SECTION.test(line)) continue;
    const last = assignments.at(-1);
    const text = line.replace(/\\$/, '');
    const [, key, value = ''] = goesOn ? [] : (ASSIGNMENT.exec(text) ?? []);
    if (key !== undefined) assignments.push({ key, value: value.trim() });
    else if (last !== undefined && (goesOn || /^\s/.test(line))) last.value += ` ${text.trim()}`;
    goesOn = text !== line;
  }
  return assignments;
}
