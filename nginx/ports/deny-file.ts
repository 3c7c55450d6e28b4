// The deny list's file (OAUTH_DENY_PATH): one entry a line, such as `jti:VALUE`; what follows a space is the operator's.
import fs from 'fs';

export interface DenyFile {
  /** A line feed before and after each entry; empty without entries. */
  readonly text: string;
  /** What tells one state of the file from another; empty without a file. */
  readonly stamp: string;
}

/** What tells one state of a file from another; empty when there is no such file. */
export function stampOf(path: string): string {
  try {
    const stats = fs.statSync(path);
    return [stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(' ');
  } catch (error) {
    return '';
  }
}

function toEntry(line: string): string {
  const entry = line.split('\t').join(' ').split('\r').join(' ').trim().split(' ')[0] ?? '';
  return entry.charAt(0) === '#' ? '' : entry;
}

/**
 * Reads the deny list. Its stamp is taken first, so that a change in between counts.
 * @param path undefined when the operator has none
 */
export function readDenyFile(path: string | undefined): DenyFile {
  if (path === undefined) return { text: '', stamp: '' };
  const stamp = stampOf(path);
  const content = String(fs.readFileSync(path, 'utf8'));
  const entries = content
    .split('\n')
    .map(toEntry)
    .filter((entry) => entry !== '');
  return { text: entries.length === 0 ? '' : '\n' + entries.join('\n') + '\n', stamp };
}
