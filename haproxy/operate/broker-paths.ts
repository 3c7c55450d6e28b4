// Which addresses of the broker the conditions of its services leave to other lines.
import { readCondition, wordsInBraces, type Literal } from './conditions';
import type { Placed } from './login-lines';

/** The paths that a condition lets through. */
interface Paths {
  readonly exact: readonly string[];
  readonly below: readonly string[];
}

/** `others`: it does not look at the path. `unknown`: nobody knows here which paths it lets through. */
type Reading = { readonly kind: 'paths'; readonly paths: Paths } | { readonly kind: 'others' | 'unknown' };

const UNKNOWN: Reading = { kind: 'unknown' };
/** The fetches by which a condition looks at the path. */
const OF_PATH: readonly string[] = ['^path', '^url', '^base', '^capture', '^var', '^lua'];

/** Reads a fetch with its patterns. */
function readFetch(words: readonly string[]): Reading {
  const [fetch = ''] = words;
  if (!OF_PATH.some((pattern) => string.match(fetch, pattern)[0] !== undefined)) return { kind: 'others' };
  let method = fetch === 'path' ? 'str' : fetch === 'path_beg' ? 'beg' : '';
  const patterns: string[] = [];
  for (let index = 1; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '-m') {
      method = fetch === 'path' ? (words[index + 1] ?? '') : '';
      index += 1;
    } else if (word !== '-i' && string.sub(word, 1, 1) === '-') return UNKNOWN;
    else if (word !== '-i') patterns.push(word);
  }
  if (method === 'str') return { kind: 'paths', paths: { exact: patterns, below: [] } };
  return method === 'beg' ? { kind: 'paths', paths: { exact: [], below: patterns } } : UNKNOWN;
}

/** Reads a literal: its own text, or every `acl` line of its name. */
function readLiteral({ section }: Placed, { name, isNegated }: Literal): Reading {
  const inBraces = wordsInBraces(name);
  const acl = section.acls.get(name);
  if (inBraces === undefined && acl?.lines.some((line) => !line.isCertain) === true) return UNKNOWN;
  const texts = inBraces === undefined ? (acl?.lines.map((line) => line.words) ?? []) : [inBraces];
  const exact: string[] = [];
  const below: string[] = [];
  let isOther = false;
  for (const words of texts) {
    const reading = readFetch(words);
    if (reading.kind === 'unknown') return UNKNOWN;
    isOther = isOther || reading.kind === 'others';
    if (reading.kind === 'paths') {
      exact.push(...reading.paths.exact);
      below.push(...reading.paths.below);
    }
  }
  if (exact.length === 0 && below.length === 0) return { kind: 'others' };
  return isNegated || isOther ? UNKNOWN : { kind: 'paths', paths: { exact, below } };
}

/** The paths that a service answers; undefined: perhaps all. Where other things decide too, they are taken to hold. */
function pathsOf(service: Placed): Paths | undefined {
  const { words, certain } = service.line.line;
  const condition = certain < words.length ? undefined : readCondition(service.section.acls, words, 3);
  if (condition?.kind !== 'any') return undefined;
  const exact: string[] = [];
  const below: string[] = [];
  for (const suite of condition.suites) {
    const readings = suite.map((literal) => readLiteral(service, literal)).filter(({ kind }) => kind !== 'others');
    const [reading] = readings;
    if (readings.length !== 1 || reading?.kind !== 'paths') return undefined;
    exact.push(...reading.paths.exact);
    below.push(...reading.paths.below);
  }
  return { exact, below };
}

/**
 * The addresses that no service answers.
 * @param needed whole paths
 * @returns none where a condition may let every path through
 */
export function findUnanswered(services: readonly Placed[], needed: readonly string[]): readonly string[] {
  const all: Paths[] = [];
  for (const service of services) {
    const paths = pathsOf(service);
    if (paths === undefined) return [];
    all.push(paths);
  }
  const isAnswered = (path: string): boolean =>
    all.some(
      ({ exact, below }) => exact.includes(path) || below.some((start) => string.sub(path, 1, start.length) === start),
    );
  return needed.filter((path) => !isAnswered(path));
}
