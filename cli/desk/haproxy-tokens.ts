// What expressions of HAProxy read of a bearer token by its own converters, `jwt_verify` and those beside it.
import { splitLine } from '../../haproxy/ports/configuration-line';

/** `left`: seconds until a claim's time; `past`: seconds since then. */
export type TokenValue =
  | { readonly kind: 'token' | 'now' }
  | { readonly kind: 'header' | 'claim' | 'left' | 'past'; readonly name: string }
  | { readonly kind: 'verified'; readonly algorithm: string; readonly key: string };

/** What variables are set to, each by one rule without a condition. */
export type Definitions = ReadonlyMap<string, string>;

const SETS = /\bset-var(?:-fmt)?\(([\w.]+)[,)]/g;

/** Finds them in all lines. A variable that is set in several ways is left out. */
export function readDefinitions(lines: readonly string[]): Definitions {
  const found = new Map<string, string>();
  const unsure = new Set<string>();
  for (const line of lines) {
    const { words, certain } = splitLine(line);
    for (const [, name = ''] of words.join(' ').matchAll(SETS)) {
      const isPlain = words.length === 3 && certain === 3 && words[1] === `set-var(${name})`;
      const value = words[2] ?? '';
      if (!isPlain || (found.has(name) && found.get(name) !== value)) unsure.add(name);
      found.set(name, value);
    }
  }
  for (const name of unsure) found.delete(name);
  return found;
}

/** Definitions within definitions, at most. */
const DEPTH = 8;
const PLACES = /^(?:http_auth_bearer(?:\(\))?|(?:req\.)?f?hdr\(authorization\),(?:word|field)\(2, \))$/i;
const QUERIES = /^(.*),jwt_(header|payload)_query\(\$\.([\w-]+)(?:, ?int)?\)$/;
const VERIFIES = /^(.*),jwt_verify\(([^,()]+), ?([^,()]+)\)$/;
const DIFFERENCE = /^(.*),sub\(([\w.]+)\)$/;

/** What an expression reads; undefined where it reads something else, or nobody can say. */
export function readTokenValue(expression: string, definitions: Definitions, depth = 0): TokenValue | undefined {
  if (depth > DEPTH) return undefined;
  const read = (inner: string): TokenValue | undefined => readTokenValue(inner, definitions, depth + 1);
  const [, variable] = /^var\(([\w.]+)\)$/.exec(expression) ?? [];
  if (variable !== undefined) return read(definitions.get(variable) ?? '');
  if (PLACES.test(expression)) return { kind: 'token' };
  if (/^date(?:\(\))?$/.test(expression)) return { kind: 'now' };
  const [, queried, part, name = ''] = QUERIES.exec(expression) ?? [];
  if (queried !== undefined) {
    const kind = part === 'header' ? 'header' : 'claim';
    return read(queried)?.kind === 'token' ? { kind, name } : undefined;
  }
  const [, verified, algorithm = '', key = ''] = VERIFIES.exec(expression) ?? [];
  if (verified !== undefined)
    return read(verified)?.kind === 'token' ? { kind: 'verified', algorithm, key } : undefined;
  const [, minuend, subtrahend = ''] = DIFFERENCE.exec(expression) ?? [];
  if (minuend === undefined) return undefined;
  const [one, other] = [read(minuend), read(`var(${subtrahend})`)];
  if (one?.kind === 'claim' && other?.kind === 'now') return { kind: 'left', name: one.name };
  if (one?.kind === 'now' && other?.kind === 'claim') return { kind: 'past', name: other.name };
  return undefined;
}

/** What a rule refuses, that jwtverify refuses by itself. */
export type Guard =
  | { readonly kind: 'signature'; readonly algorithm: string; readonly key: string }
  | { readonly kind: 'algorithm' | 'issuer' | 'audience'; readonly values: readonly string[] }
  | { readonly kind: 'time' };

const MEMBERS: Readonly<Record<string, 'issuer' | 'audience'>> = { iss: 'issuer', aud: 'audience' };

/** The patterns of a comparison as texts; undefined where it is another one. */
function equals(words: readonly string[]): readonly string[] | undefined {
  const rest = words[1] === '-m' && words[2] === 'str' ? words.slice(3) : words.slice(1);
  return rest.length === 0 || rest.some((word) => word.startsWith('-')) ? undefined : rest;
}

/** The words of a comparison of numbers, without `-m int`. */
const numbersIn = (words: readonly string[]): string =>
  (words[1] === '-m' && words[2] === 'int' ? words.slice(3) : words.slice(1)).join(' ');

/** Ways to say that a token has expired: that no time is left, or that some has passed. */
const OVER: Readonly<Record<'left' | 'past', readonly string[]>> = {
  left: ['lt 0', 'le 0', 'lt 1'],
  past: ['gt 0', 'ge 0'],
};
/** Ways to say that one has not. */
const FRESH: Readonly<Record<'left' | 'past', readonly string[]>> = {
  left: ['gt 0', 'ge 0', 'ge 1'],
  past: ['lt 0', 'le 0'],
};

function readTimeGuard(value: TokenValue, words: readonly string[], isNegated: boolean): Guard | undefined {
  if ((value.kind !== 'left' && value.kind !== 'past') || (value.name !== 'exp' && value.name !== 'nbf'))
    return undefined;
  const isExpiry = value.name === 'exp';
  const ways = isExpiry === isNegated ? FRESH : OVER;
  return ways[value.kind].includes(numbersIn(words)) ? { kind: 'time' } : undefined;
}

/**
 * What is refused where a term holds, or where it does not.
 * @param words from the fetch on
 * @param isNegated whether the request is refused where it does not hold
 * @returns undefined for what jwtverify does not do by itself
 */
export function readGuard(words: readonly string[], isNegated: boolean, definitions: Definitions): Guard | undefined {
  const value = readTokenValue(words[0] ?? '', definitions);
  if (value === undefined) return undefined;
  const time = readTimeGuard(value, words, isNegated);
  if (time !== undefined) return time;
  if (!isNegated) return undefined;
  if (value.kind === 'verified') {
    const isOne = ['1', '-m int 1', '-m bool', '-m bool 1', '-m bool true'].includes(words.slice(1).join(' '));
    return isOne ? { kind: 'signature', algorithm: value.algorithm, key: value.key } : undefined;
  }
  const values = equals(words);
  if (values === undefined) return undefined;
  if (value.kind === 'header') return value.name === 'alg' ? { kind: 'algorithm', values } : undefined;
  const member = value.kind === 'claim' ? MEMBERS[value.name] : undefined;
  return member === undefined ? undefined : { kind: member, values };
}
