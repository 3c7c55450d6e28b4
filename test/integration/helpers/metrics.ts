// Reads Prometheus' text format in tests, and has the policy whose requests they count.
import { ISSUERS } from './haproxy-policy-server';

/** A rule for each way in which a request can end. */
export const COUNTED = {
  issuers: ISSUERS,
  rules: [
    { name: 'open', paths: ['/open'], access: 'public' },
    { name: 'write', paths: ['/write'], require: { scopes: ['write'] } },
    { name: 'tried', paths: ['/tried'], require: { scopes: ['write'] }, mode: 'shadow' },
    { name: 'read', paths: ['/read'] },
  ],
};

/** Every sample by its name and labels, as they are written. @throws when a line is none of the format's */
export function readMetrics(text: string): Readonly<Record<string, number>> {
  const samples: Record<string, number> = {};
  for (const line of text.split('\n')) {
    if (line === '' || /^# (?:HELP|TYPE) \w+ \S/.test(line)) continue;
    const [, series, value] =
      /^(\w+(?:\{\w+="(?:[^"\\\n]|\\["\\n])*"(?:,\w+="(?:[^"\\\n]|\\["\\n])*")*\})?) (\S+)$/.exec(line) ?? [];
    if (series === undefined || value === undefined) throw new Error(`not a sample: ${line}`);
    if (series in samples) throw new Error(`twice: ${series}`);
    samples[series] = Number(value);
  }
  return samples;
}

/** The samples whose name begins so. */
export function pick(samples: Readonly<Record<string, number>>, ...names: readonly string[]): Record<string, number> {
  const isWanted = (series: string): boolean => names.includes(series.split('{')[0] ?? '');
  return Object.fromEntries(Object.entries(samples).filter(([series]) => isWanted(series)));
}
