// The deny list's file (OAUTH_DENY_PATH): one entry a line, such as `jti:VALUE`. A faulty line is logged.
import fs from 'fs';
import type { Settings } from '../../src/model/settings';
import { acceptedIssuers } from '../../src/token/accepted-issuers';
import { createDenyFaults } from '../../src/token/deny-line';
import { logDenyFaults } from './log';
import { text } from './text';

export interface DenyFile {
  /** A line feed before and after each entry, a blank between it and its time; empty without entries. */
  readonly text: string;
  /** Identifies the state of the file; empty without a file. */
  readonly stamp: string;
}

/** Milliseconds between two times of a file system that has fractions of a second, and of one that has none. */
const TICK = 50;
const COARSE_TICK = 2000;

/** Identifies the state of a file; empty when there is no such file. */
export function stampOf(path: string): string {
  try {
    const stats = fs.statSync(path);
    return [stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(' ');
  } catch {
    return '';
  }
}

/**
 * The stamp to keep with a file's content. A file that was changed very lately gets a stamp that no file ever has, since
 * another change of the same length could leave the same stamp.
 */
export function settle(stamp: string): string {
  const changed = Number(stamp.split(' ')[3] ?? 0);
  const age = Date.now() - changed;
  const tick = changed % 1000 === 0 ? COARSE_TICK : TICK;
  return age > -tick && age < tick ? stamp + ' unsettled' : stamp;
}

/**
 * Reads the deny list. It stamps the file first, so that a change in between counts.
 * @param settings without a path when the operator has no list
 */
export function readDenyFile(settings: Settings): DenyFile {
  const path = settings.denyPath;
  if (path === undefined) return { text: '', stamp: '' };
  const stamp = stampOf(path);
  const kept = settle(stamp);
  const content = String(fs.readFileSync(path, 'utf8'));
  const faults = createDenyFaults({ text, issuers: acceptedIssuers(settings).map((issuer) => issuer.issuer) });
  const entries = content
    .split('\n')
    .map((line) => faults.read(line))
    .filter((entry) => entry !== '');
  logDenyFaults(path, stamp, faults.describe());
  return { text: entries.length === 0 ? '' : '\n' + entries.join('\n') + '\n', stamp: kept };
}
