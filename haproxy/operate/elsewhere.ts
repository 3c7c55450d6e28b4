// Sections and files for whose checks the operator vouches.
import { splitSpaces } from '../../src/codec/words';
import { CHECKED_ELSEWHERE } from '../../src/settings/table';
import type { Problem } from '../../src/model/problem';
import { PROXIES, type Section } from './sections';

export const ELSEWHERE = CHECKED_ELSEWHERE.name;

/** One name; the kind is undefined where the setting has the name alone, as of a file. */
interface Excuse {
  readonly kind: string | undefined;
  readonly name: string;
}

/** A section's name as the setting has it. */
export function describeSection({ kind, name }: Section): string {
  return kind === name ? name : kind + ' ' + name;
}

/** Reads `frontend api`, or `api` alone. */
export function readExcuses(value: string | undefined): readonly Excuse[] {
  const words = splitSpaces(value ?? '');
  const excuses: Excuse[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const next = words[index + 1];
    if (PROXIES.includes(word) && next !== undefined) {
      excuses.push({ kind: word, name: next });
      index += 1;
    } else excuses.push({ kind: undefined, name: word });
  }
  return excuses;
}

export function isExcused(excuses: readonly Excuse[], section: Section): boolean {
  return excuses.some(({ kind, name }) => name === section.name && (kind === undefined || kind === section.kind));
}

/** Whether the operator vouches for a file that cannot be read again. */
export function isFileExcused(excuses: readonly Excuse[], path: string): boolean {
  return excuses.some(({ kind, name }) => kind === undefined && name === path);
}

function describeExcuse({ kind, name }: Excuse): string {
  return '`' + (kind === undefined ? name : kind + ' ' + name) + '`';
}

/**
 * What is wrong with the setting itself.
 * @param open the sections that need an excuse
 * @param judging the sections with an action of ours
 * @param hasUnread whether there are files that cannot be read again, in which a section may be
 */
export function findExcuseProblems(
  value: string | undefined,
  open: readonly Section[],
  judging: readonly Section[],
  hasUnread: boolean,
): readonly Problem[] {
  if (value === undefined) return [];
  const excuses = readExcuses(value);
  if (excuses.length === 0) return [{ setting: ELSEWHERE, message: 'is empty; name sections, or unset it' }];
  const problems: Problem[] = [];
  for (const excuse of excuses) {
    const isMeant = (section: Section): boolean => isExcused([excuse], section);
    const meant = judging.filter((section) => isMeant(section));
    if (meant.length > 1) {
      const names = meant.map((section) => '`' + describeSection(section) + '`').join(' and ');
      const message = 'names ' + describeExcuse(excuse) + ', which may be ' + names + '; write which of them is meant';
      problems.push({ setting: ELSEWHERE, message });
    } else if (!hasUnread && !open.some((section) => isMeant(section))) {
      const cause = 'names ' + describeExcuse(excuse) + ', where each action of jwtverify has its check';
      problems.push({ setting: ELSEWHERE, message: cause + '; remove the name' });
    }
  }
  return problems;
}
