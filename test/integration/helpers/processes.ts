// Processes of a proxy that runs: its workers, and the moment when only new ones are left.
import { existsSync, readFileSync } from 'node:fs';
import { eventually } from './keep-alive';

/** The processes that another one started and that are still there, by their ids. */
export function childrenOf(pid: number): readonly string[] {
  const place = `/proc/${String(pid)}/task/${String(pid)}/children`;
  const text = existsSync(place) ? readFileSync(place, 'utf8') : '';
  return text.split(' ').filter((word) => word.trim() !== '');
}

/** Has nginx read its configuration again, and waits until no old worker is left that could answer a request. */
export async function reloadWorkers(master: number): Promise<void> {
  const old = childrenOf(master);
  process.kill(master, 'SIGHUP');
  await eventually('new workers alone run', () => {
    const now = childrenOf(master);
    return now.length > 0 && !now.some((pid) => old.includes(pid));
  });
}
