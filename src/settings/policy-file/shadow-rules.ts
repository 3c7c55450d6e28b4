// A notice for what is in shadow mode, which protects nothing.
import type { Mode, Rule } from '../../model/policy';
import { remark, type Reader } from './reader';

/** More names would fill the log. */
const MAX_NAMES = 8;

function namesOf(rules: readonly Rule[], mode: Mode): string {
  const names = rules.filter((rule) => rule.mode === mode).map((rule) => '`' + rule.name + '`');
  const more = names.length > MAX_NAMES ? ' and ' + (names.length - MAX_NAMES).toString() + ' more' : '';
  return names.slice(0, MAX_NAMES).join(', ') + more;
}

/**
 * Notes a policy in shadow mode, or the rules that are.
 * @param mode the policy's own
 * @param rules in the order of the file
 */
export function remarkShadow(reader: Reader, mode: Mode, rules: readonly Rule[]): void {
  const what = 'what would be refused passes, and is logged and counted';
  if (mode === 'enforce') {
    const names = namesOf(rules, 'shadow');
    if (names !== '') remark(reader, '/rules', names + ': in shadow mode; ' + what);
    return;
  }
  const enforced = namesOf(rules, 'enforce');
  const others = enforced === '' ? '' : ' but by ' + enforced;
  remark(reader, '/mode', 'is `shadow`: no request is refused' + others + '; ' + what);
}
