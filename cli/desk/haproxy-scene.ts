// A configuration of HAProxy as the checks at the desk see it.
import type { Section, SectionLine } from '../../haproxy/operate/sections';
import type { Configuration } from '../../haproxy/ports/configuration';
import type { Settings } from '../../src/model/settings';
import type { Finding } from './finding';

export interface Scene {
  readonly configuration: Configuration;
  readonly sections: readonly Section[];
  readonly hasPolicy: boolean;
  /** Undefined where they are not known here, or broken. */
  readonly settings: Settings | undefined;
}

/** The lines of a section, those of its `defaults` first. */
export const linesOf = (section: Section): readonly SectionLine[] =>
  section.base === undefined ? section.lines : [...linesOf(section.base), ...section.lines];

/** Whether an action of ours judges requests in a section. */
export const judges = (section: Section): boolean =>
  [section, section.base].some((one) => one?.rules.some(({ kind }) => kind === 'judge') === true);

/** A finding about a line, whose place is `FILE:NUMBER`. */
export function findingAt(place: string, severity: Finding['severity'], message: string): Finding {
  const colon = place.lastIndexOf(':');
  return { severity, file: place.slice(0, colon), line: Number(place.slice(colon + 1)), place: '', message };
}

/** The number of a line, for a message. */
export const numberOf = (place: string): string => place.slice(place.lastIndexOf(':') + 1);
