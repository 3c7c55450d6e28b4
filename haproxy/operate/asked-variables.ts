// Lines that set a variable that a check asks for. HAProxy has many ways to set one, and gets new ones: whatever has its name
// as an argument counts, but for what is known to read or to unset it.
import { ASKED } from './second-judgement';
import { FCGI_APP, type Section, type SectionLine } from './sections';
import { withoutQuotes } from './terms';
import type { ConfigurationLine } from '../ports/configuration';
import { splitLine } from '../ports/configuration-line';

/** Fetches, converters and actions that take the name of a variable, and do not set it. */
const READERS: readonly string[] = ['var', 'unset-var', 'concat', 'strcmp', 'secure_memcmp', 'hmac', 'jwt_verify']
  .concat(['add', 'sub', 'mul', 'div', 'mod', 'and', 'or', 'xor', 'cpl', 'neg', 'aes_gcm_dec'])
  .concat(['aes_cbc_dec', 'aes_cbc_enc', 'jwt_decrypt_secret', 'jwt_decrypt_jwk', 'jwt_decrypt_cert']);
const LATE = 'log-format';
/** By these HAProxy evaluates a `log-format` before the end of a request (3.1). */
const EARLY: readonly string[] = ['do-log', 'log-steps', 'log-profile'];

/** The name of what a place in a text is an argument of; empty where it is none. */
function findCaller(text: string, place: number): string {
  let depth = 0;
  for (let index = place - 1; index >= 0; index--) {
    const character = text.charAt(index);
    if (character === ')') depth += 1;
    if (character !== '(') continue;
    if (depth === 0) return string.match(text.substring(0, index), '([%w_-]*)$')[0] ?? '';
    depth -= 1;
  }
  return '';
}

/** Whether a text has a variable's name as an argument of something that may set it. */
function sets(text: string, name: string): boolean {
  let place = text.indexOf(name);
  while (place >= 0) {
    const before = place === 0 ? '' : text.charAt(place - 1);
    const after = text.charAt(place + name.length);
    const isWhole = string.match(after, '[%w_.]')[0] === undefined;
    if (isWhole && (before === '(' || before === ',')) {
      const caller = findCaller(text, place);
      if (caller !== '' && !READERS.includes(caller)) return true;
    }
    place = text.indexOf(name, place + 1);
  }
  return false;
}

function setsAsked(words: readonly string[]): boolean {
  return words.some((word) => {
    if (!word.includes('txn')) return false;
    const text = withoutQuotes(word);
    return ASKED.some((name) => sets(text, name));
  });
}

/** A line that sets such a variable. */
export interface Setting {
  readonly section: Section | undefined;
  readonly place: string;
}

/** Whether HAProxy evaluates formats of logs before a request is over. */
function logsEarly(lines: readonly ConfigurationLine[]): boolean {
  return lines.some(({ text }) => EARLY.some((word) => text.includes(word)));
}

/** Finds the first such line of each section, and those of `log-profile`, which is no section of rules. */
export function findSettings(sections: readonly Section[], lines: readonly ConfigurationLine[]): readonly Setting[] {
  const found: Setting[] = [];
  const isEarly = logsEarly(lines);
  const isSetting = ({ line: { words } }: SectionLine): boolean => (isEarly || words[0] !== LATE) && setsAsked(words);
  for (const section of sections) {
    // A `fcgi-app` is read when all rules are done.
    if (section.kind === FCGI_APP) continue;
    const line = section.lines.find((one) => isSetting(one));
    if (line !== undefined) found.push({ section, place: line.place });
  }
  for (const { place, text } of isEarly ? lines : []) {
    const { words } = splitLine(text);
    if (words[0] === 'on' && setsAsked(words)) found.push({ section: undefined, place });
  }
  return found;
}
