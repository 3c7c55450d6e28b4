// Path patterns of rules: `*` within one segment, `**` for any number of segments.
import { lowerAscii } from '../codec/percent';
import type { PathTerms } from '../model/policy';
import { refusalFor } from '../answer/reason';
import type { Text } from '../codec/text';
import { decodeSegment, hidesDots, isFileAlias } from '../request/path-segment';

/** One step of a pattern. */
export type PatternStep =
  | { readonly kind: 'name'; readonly name: string }
  /** `*`: any one segment. */
  | { readonly kind: 'star' }
  /** `a*b`: a segment with this beginning and end; the star may match nothing. */
  | { readonly kind: 'glob'; readonly prefix: string; readonly suffix: string }
  /** `**`: any number of segments, none included. */
  | { readonly kind: 'deep' };

export type PatternAnswer =
  { readonly ok: true; readonly steps: readonly PatternStep[] } | { readonly ok: false; readonly problem: string };

function fault(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

interface Piece {
  readonly ok: true;
  readonly name: string;
}

function readPiece(
  piece: string,
  terms: PathTerms,
  text: Text,
): Piece | { readonly ok: false; readonly problem: string } {
  const name = decodeSegment(piece, terms, text, true);
  if (!name.ok) return fault('can never match: ' + refusalFor(name.reason).sentence + ' (' + name.reason + ')');
  return { ok: true, name: terms.ignoreCase ? lowerAscii(name.value, text) : name.value };
}

type StepAnswer = { readonly ok: true; readonly step: PatternStep } | { readonly ok: false; readonly problem: string };

function readStep(segment: string, terms: PathTerms, text: Text): StepAnswer {
  if (segment === '**') return { ok: true, step: { kind: 'deep' } };
  if (segment === '*') return { ok: true, step: { kind: 'star' } };
  const pieces = segment.split('*');
  if (pieces.length > 2) return fault('has more than one `*` in a segment; write `**` alone between slashes');
  const first = readPiece(pieces[0] ?? '', terms, text);
  if (!first.ok) return first;
  const second = pieces[1];
  if (second !== undefined) {
    const last = readPiece(second, terms, text);
    return last.ok ? { ok: true, step: { kind: 'glob', prefix: first.name, suffix: last.name } } : last;
  }
  if (hidesDots(first.name)) return fault('can never match: dot segments are resolved before rules are matched');
  if (isFileAlias(first.name) && terms.allow.indexOf('file_alias') < 0) {
    return fault('can never match: ' + refusalFor('path_alias').sentence + ' (path_alias)');
  }
  return { ok: true, step: { kind: 'name', name: first.name } };
}

/**
 * Reads a pattern.
 * @returns its steps, or what is wrong with it in words that follow it
 */
export function parsePathPattern(pattern: string, terms: PathTerms, text: Text): PatternAnswer {
  if (pattern.charAt(0) !== '/') return fault('does not begin with `/`');
  if (pattern.indexOf('?') >= 0) return fault('has a query; rules match the path alone');
  const segments = pattern.split('/');
  const steps: PatternStep[] = [];
  for (let index = 1; index < segments.length; index++) {
    const segment = segments[index] ?? '';
    if (segment === '') {
      if (index < segments.length - 1) return fault('has two slashes in a row');
      continue;
    }
    const answer = readStep(segment, terms, text);
    if (!answer.ok) return answer;
    const last = steps[steps.length - 1];
    if (answer.step.kind === 'deep' && last?.kind === 'deep') {
      return fault('has `**` twice in a row');
    }
    steps.push(answer.step);
  }
  return { ok: true, steps };
}
