// The table of metrics in docs/operations.md.
import { code, fill, table } from './sections.mjs';

/**
 * @typedef {{ name: string, type: string, help: string, labels: readonly string[], proxies: string }} Family
 * @param {string} text docs/operations.md as it is
 * @param {readonly Family[]} families
 */
export function writeMetrics(text, families) {
  const rows = families.map(({ name, type, help, labels, proxies }) => [
    code(name),
    type,
    labels.map(code).join(', '),
    proxies,
    help,
  ]);
  return fill(text, 'metrics', table(['metric', 'type', 'labels', 'proxies', 'value'], rows));
}
