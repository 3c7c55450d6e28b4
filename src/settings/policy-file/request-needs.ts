// What conditions ask of requests: a path segment, the host, a header that a claim must equal.
import { asNumber, type JsonObject } from '../../codec/json';
import type { RequestComparison } from '../../model/demands';
import { isHeaderName, normalizeHeaderName, RESERVED_HEADERS } from '../../policy/headers';
import type { PatternStep } from '../../policy/path-pattern';
import { complain, member, readString, type Place, type Reader } from './reader';

export const COMPARISONS: readonly string[] = ['equals_path_segment', 'equals_host', 'equals_header'];
/** The canonical path has no more. */
const MAX_SEGMENT = 100;

interface Wanted<Value> {
  readonly pointer: string;
  readonly value: Value;
}

/** Collected while rules are compiled. */
export interface RequestNeeds {
  readonly ignoreCase: boolean;
  usesHosts: boolean;
  readonly headers: Wanted<string>[];
  /** Of the rule that is compiled. */
  segments: Wanted<number>[];
}

function readSegment(reader: Reader, object: Place<JsonObject>, needs: RequestNeeds): number | undefined {
  const place = member(object, 'equals_path_segment');
  if (place === undefined) return undefined;
  const value = asNumber(place.value)?.value ?? 0;
  if (Math.floor(value) !== value || value < 1 || value > MAX_SEGMENT) {
    complain(
      reader,
      place.pointer,
      'is not a whole number from 1 to ' + MAX_SEGMENT.toString() + '; 1 is the first segment',
    );
    return undefined;
  }
  needs.segments.push({ pointer: place.pointer, value });
  return value;
}

function readHost(reader: Reader, object: Place<JsonObject>, needs: RequestNeeds): true | undefined {
  const place = member(object, 'equals_host');
  if (place === undefined) return undefined;
  if (place.value !== true) complain(reader, place.pointer, 'can only be true; leave it out otherwise');
  needs.usesHosts = true;
  return true;
}

function readHeader(reader: Reader, object: Place<JsonObject>, needs: RequestNeeds): string | undefined {
  const place = member(object, 'equals_header');
  const name = place === undefined ? undefined : readString(reader, place);
  if (place === undefined || name === undefined) return undefined;
  const normalized = normalizeHeaderName(name, reader.text);
  if (!isHeaderName(name, reader.text)) {
    complain(reader, place.pointer, 'is not a header name; use letters, digits and `-`');
  } else if (normalized === 'host') {
    complain(reader, place.pointer, 'is the host; write {"equals_host": true}');
  } else if (RESERVED_HEADERS.indexOf(normalized) >= 0) {
    complain(reader, place.pointer, 'is a header of the connection or of credentials; compare another');
  }
  needs.headers.push({ pointer: place.pointer, value: normalized });
  return normalized;
}

/**
 * The parts of the request that a claim must equal; undefined when a condition names none.
 * @param needs undefined where no request is known: for the tokens of an issuer
 */
export function readComparison(
  reader: Reader,
  object: Place<JsonObject>,
  needs: RequestNeeds | undefined,
): RequestComparison | undefined {
  const used = COMPARISONS.filter((name) => member(object, name) !== undefined);
  if (used.length === 0) return undefined;
  if (needs === undefined) {
    const message =
      '`' +
      (used[0] ?? '') +
      '` depends on the request, a token of this issuer does not; write it into `require` of rules';
    complain(reader, object.pointer, message);
    return undefined;
  }
  const segment = readSegment(reader, object, needs);
  return {
    segment,
    ignoreCase: segment !== undefined && needs.ignoreCase ? true : undefined,
    host: readHost(reader, object, needs),
    header: readHeader(reader, object, needs),
  };
}

/** The step that a segment is matched by; `many` after a `**`, undefined when the pattern ends before it. */
function stepAt(pattern: readonly PatternStep[], segment: number): PatternStep | 'many' | undefined {
  for (let index = 0; index < pattern.length && index < segment; index++) {
    if (pattern[index]?.kind === 'deep') return 'many';
  }
  return pattern[segment - 1];
}

/** Notes segments that the rule's paths cannot have, or that are the same in all of them. */
export function checkSegments(
  reader: Reader,
  needs: RequestNeeds,
  paths: readonly (readonly PatternStep[])[] | undefined,
): void {
  for (let index = 0; paths !== undefined && index < needs.segments.length; index++) {
    const wanted = needs.segments[index];
    if (wanted === undefined) continue;
    const steps = paths.map((pattern) => stepAt(pattern, wanted.value));
    const what = 'segment ' + wanted.value.toString();
    if (steps.some((step) => step === undefined)) {
      complain(
        reader,
        wanted.pointer,
        'is more than some path of the rule has: it has no ' + what + ', so nobody could pass',
      );
    } else if (steps.every((step) => step !== 'many' && step?.kind === 'name') && steps.length > 0) {
      complain(
        reader,
        wanted.pointer,
        what + ' is fixed in the paths of the rule; the first segment is 1: count to the `*`',
      );
    }
  }
  needs.segments = [];
}

/** The headers that rules compare, each once; notes those that the policy itself removes or sets. */
export function listHeaders(
  reader: Reader,
  needs: RequestNeeds,
  removals: readonly string[],
): readonly string[] | undefined {
  const names: string[] = [];
  for (let index = 0; index < needs.headers.length; index++) {
    const wanted = needs.headers[index];
    if (wanted === undefined) continue;
    if (removals.indexOf(wanted.value) >= 0) {
      complain(
        reader,
        wanted.pointer,
        'is a header that this policy removes from every request; compare another, or leave it out of `forward`',
      );
    }
    if (names.indexOf(wanted.value) < 0) names.push(wanted.value);
  }
  return names.length === 0 ? undefined : names;
}
