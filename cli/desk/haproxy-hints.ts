// What makes a check no check, where HAProxy's start says only that there is none.
import type { Section, SectionLine } from '../../haproxy/operate/sections';
import type { Problem } from '../../src/model/problem';
import { numberOf, type Scene } from './haproxy-scene';

const REFUSES = /^(?:deny|reject|tarpit|silent-drop|auth|return)$/;
const AUTHORIZED = /var\(txn\.authorized\)/;

/** Why a line that asks whether a request may pass refuses nobody. */
function explain({ line: { words } }: SectionLine, isAbove: boolean): string | undefined {
  const condition = words.join(' ');
  if (/-m found\b/.test(condition)) return 'asks with `-m found`, which a refused request meets too; write `-m bool`';
  if (!condition.includes('-m bool') && !condition.includes(',bool')) return 'asks without `-m bool`';
  if (/ (?:if|unless) .*\bif\b/.test(condition)) return undefined;
  if (/ if \{ var\(txn\.authorized\) -m bool \}$/.test(condition)) return 'refuses those who may pass; write `unless`';
  return isAbove ? 'is above the action, where no variable is set; put it below' : undefined;
}

function hintIn(section: Section, place: string): string | undefined {
  const places = section.lines.map((one) => one.place);
  const action = places.indexOf(place);
  for (const [index, one] of section.lines.entries()) {
    const [keyword, verb = ''] = one.line.words;
    if (keyword !== 'http-request' || !REFUSES.test(verb) || !AUTHORIZED.test(one.line.words.join(' '))) continue;
    const hint = explain(one, index < action);
    if (hint !== undefined) return `. Line ${numberOf(one.place)} ${hint}`;
  }
  return undefined;
}

/** What to add to a problem of the start; empty where nothing more is known. */
export function hintFor({ setting, message }: Problem, { sections }: Scene): string {
  if (!message.includes('no check below it')) return '';
  const section = sections.find(({ lines }) => lines.some(({ place }) => place === setting));
  return section === undefined ? '' : (hintIn(section, setting) ?? '');
}
