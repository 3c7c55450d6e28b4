// The lines of HAProxy's own configuration.
import type { FileAnswer } from '../../src/ports/host';

/** A line that has words. */
export interface ConfigurationLine {
  /** `FILE:NUMBER`, as HAProxy names it in its own messages. */
  readonly place: string;
  readonly text: string;
}

/** A file that HAProxy was started with and that cannot be read again. */
export interface UnreadFile {
  readonly path: string;
  readonly problem: string;
}

export interface Configuration {
  readonly lines: readonly ConfigurationLine[];
  readonly unread: readonly UnreadFile[];
}

/** Gives the configuration, read when it is asked for the first time: reading starts a shell for each file. */
export type ReadConfiguration = (this: void) => Configuration;

/**
 * The files that HAProxy was started with; it names them in its own environment, separated by semicolons.
 * @param files the value of HAPROXY_CFGFILES
 */
export function readConfiguration(files: string, readFile: (this: void, path: string) => FileAnswer): Configuration {
  const lines: ConfigurationLine[] = [];
  const unread: UnreadFile[] = [];
  for (const [found] of string.gmatch(files, '[^;]+')) {
    const path = found ?? '';
    const answer = readFile(path);
    if (!answer.ok) {
      unread.push({ path, problem: answer.problem });
      continue;
    }
    let number = 0;
    for (const [line] of string.gmatch(answer.text, '([^\n]*)\n?')) {
      number += 1;
      if (line !== undefined && line !== '') lines.push({ place: path + ':' + tostring(number), text: line });
    }
  }
  return { lines, unread };
}
