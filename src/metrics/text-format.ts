// Prometheus' text format, version 0.0.4.
import { FAMILIES } from './families';
import type { Family } from './family';

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** One number with its name and labels. */
export interface Sample {
  /** The name of the family. */
  readonly name: string;
  /** Name and labels as the format has them. */
  readonly series: string;
  readonly value: number;
}

/** A label's value between quotes. */
function escapeLabel(value: string): string {
  return value.split('\\').join('\\\\').split('"').join('\\"').split('\n').join('\\n');
}

/** A sample. @param values one for each label of the family */
export function sample(family: Family, values: readonly string[], value: number): Sample {
  const pairs = family.labels.map((label, index) => label + '="' + escapeLabel(values[index] ?? '') + '"');
  const labels = pairs.length === 0 ? '' : '{' + pairs.join(',') + '}';
  return { name: family.name, series: family.name + labels, value };
}

/** The number of two samples of one series. */
export function mergeValues(family: Family, one: number, other: number): number {
  if (family.merge === 'sum') return one + other;
  return (family.merge === 'least') === one < other ? one : other;
}

function lineOf(series: string, value: number): string {
  return series + ' ' + value.toString();
}

/** The lines of samples, without anything else; a line feed is in none. */
export function writeSamples(samples: readonly Sample[]): readonly string[] {
  return samples.map((one) => lineOf(one.series, one.value));
}

/** The lines of one family, in order; a series of several samples has one. */
function linesOf(family: Family, samples: readonly Sample[]): readonly string[] {
  const values: Record<string, number | undefined> = {};
  const series: string[] = [];
  for (let index = 0; index < samples.length; index++) {
    const one = samples[index];
    if (one?.name !== family.name) continue;
    const before = values[one.series];
    if (before === undefined) series.push(one.series);
    values[one.series] = before === undefined ? one.value : mergeValues(family, before, one.value);
  }
  series.sort();
  return series.map((name) => lineOf(name, values[name] ?? 0));
}

/** The whole answer: families in their order, each with its sentence and type. */
export function formatMetrics(samples: readonly Sample[]): string {
  let answer = '';
  for (let index = 0; index < FAMILIES.length; index++) {
    const family = FAMILIES[index];
    if (family === undefined) continue;
    const lines = linesOf(family, samples);
    if (lines.length === 0) continue;
    answer += '# HELP ' + family.name + ' ' + family.help + '\n# TYPE ' + family.name + ' ' + family.type + '\n';
    answer += lines.join('\n') + '\n';
  }
  return answer;
}
