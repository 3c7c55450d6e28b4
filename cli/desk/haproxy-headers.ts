// Headers that name the caller to a backend, and that a client can send as well.
import { readCondition, type Condition } from '../../haproxy/operate/conditions';
import type { Section, SectionLine } from '../../haproxy/operate/sections';
import type { Finding } from './finding';
import { findingAt, judges, linesOf, type Scene } from './haproxy-scene';

const FROM_TOKEN = /var\(txn\.(?:oauth|authorized)/;

const isForAll = (condition: Condition | undefined): boolean =>
  condition?.kind === 'any' && condition.suites.some((suite) => suite.length === 0);

const isOfAllowed = ({ meaningOf }: Section, condition: Condition | undefined): boolean =>
  condition?.kind === 'any' &&
  condition.suites.every((suite) =>
    suite.some(({ name, isNegated }) => !isNegated && meaningOf(name).kind === 'allowed'),
  );

/** Whether a section refuses everybody who may not pass. */
function isStrict(section: Section): boolean {
  return section.rules.some(
    ({ kind, condition }) =>
      kind === 'refuse' &&
      condition?.kind === 'any' &&
      condition.suites.some(
        ([first, ...more]) =>
          first?.isNegated === true && more.length === 0 && section.meaningOf(first.name).kind === 'allowed',
      ),
  );
}

/** Whether a `del-header` line removes a header from every request. */
function removes(section: Section, { line: { words } }: SectionLine, name: string): boolean {
  if (words[0] !== 'http-request' || words[1] !== 'del-header') return false;
  const pattern = (words[2] ?? '').toLowerCase();
  const method = words[3] === '-m' ? (words[4] ?? '') : 'str';
  if (!isForAll(readCondition(section.acls, words, words[3] === '-m' ? 5 : 3))) return false;
  switch (method) {
    case 'beg':
      return name.startsWith(pattern);
    case 'end':
      return name.endsWith(pattern);
    case 'sub':
      return name.includes(pattern);
    case 'reg':
      try {
        return new RegExp(pattern, 'i').test(name);
      } catch {
        return true;
      }
    default:
      return name === pattern;
  }
}

/** Whether a line of one of these sections removes a header from every request. */
export const isRemoved = (sections: readonly Section[], name: string): boolean =>
  sections.some((section) => linesOf(section).some((line) => removes(section, line, name)));

/** Finds each line that sets such a header for some requests only, or beside the client's own. */
export function findClientHeaders({ sections }: Scene): readonly Finding[] {
  const judging = sections.filter(judges);
  return sections.flatMap((section) =>
    section.lines.flatMap((one): readonly Finding[] => {
      const { words } = one.line;
      const [keyword, action = '', header = '', value = ''] = words;
      if (keyword !== 'http-request' || !/^(?:set|add)-header$/.test(action) || !FROM_TOKEN.test(value)) return [];
      const name = header.toLowerCase();
      const above = judges(section) ? [section] : [...judging, section];
      if (isRemoved(above, name)) return [];
      const mend = `; put \`http-request del-header ${header}\` above the action`;
      if (action === 'add-header') {
        const message = `\`add-header ${header}\` leaves the client's own header beside it${mend}`;
        return [findingAt(one.place, 'error', message)];
      }
      const condition = readCondition(section.acls, words, 4);
      const isMet = isForAll(condition) || (isOfAllowed(section, condition) && above.some(isStrict));
      if (isMet) return [];
      const message = `\`set-header ${header}\` has a condition: a client's own header reaches the backend where it does not hold${mend}`;
      return [findingAt(one.place, 'error', message)];
    }),
  );
}
