// What becomes of each option of OAuth2-Proxy.
import type { ProxyOptions } from '../desk/oauth2-proxy-options';
import type { Note } from './migration';

export type Members = Record<string, unknown>;

export interface Work {
  readonly options: ProxyOptions;
  readonly notes: Note[];
  readonly seen: Set<string>;
}

/** The first value of an option, which counts as read. */
export function one(work: Work, name: string, words: string): string | undefined {
  return all(work, name, words)[0];
}

export function all(work: Work, name: string, words: string): readonly string[] {
  const values = work.options.get(name) ?? [];
  if (values.length > 0 && !work.seen.has(name)) {
    work.seen.add(name);
    work.notes.push({ kind: 'translated', option: name, words });
  }
  return values;
}

export const isOn = (work: Work, name: string, words: string): boolean => one(work, name, words) === 'true';

export function lacks(work: Work, option: string, words: string): void {
  work.seen.add(option);
  work.notes.push({ kind: 'no equal', option, words });
}
