// Claims that must equal a part of the request: a segment of its path, its host, a header.
// INVARIANT: this depends on the request, so nothing that is remembered with a token may hold the outcome.
import { asArray, asNumber, type Json } from '../codec/json';
import { lowerAscii } from '../codec/percent';
import type { Text } from '../codec/text';
import type { RequestComparison } from '../model/demands';
import { isCompared } from './headers';
import { isFileAlias } from '../request/path-segment';
import { readPath, type RequestFacts, type RequestedResource } from '../request/request-target';

/** Characters that some backend reads as the end of a segment or decodes again; the first is an encoded slash. */
const AMBIGUOUS: readonly string[] = ['\u0001', '%', ';', '?', '#', '\\'];

/** What is compared. */
export interface ComparedRequest {
  readonly resource: RequestedResource;
  readonly facts: RequestFacts;
}

/** Whether each segment is where the client wrote it: some backends count `//` and dot segments, which rules resolve. */
function isAsSent(request: ComparedRequest, count: number, text: Text): boolean {
  const raw = (readPath(request.facts, text) ?? '').split('/');
  const last = raw[raw.length - 1] === '' ? 2 : 1;
  return raw.length - last === count;
}

/** A segment of the path, decoded; undefined when there is none, or when backends could read another one. */
function readSegment(request: ComparedRequest, place: number, text: Text): string | undefined {
  const segments = request.resource.segments;
  const segment = segments?.[place - 1];
  if (segments === undefined || segment === undefined || !isAsSent(request, segments.length, text)) return undefined;
  return isFileAlias(segment) || AMBIGUOUS.some((character) => segment.indexOf(character) >= 0) ? undefined : segment;
}

/** The value of a header; undefined unless it has exactly one line, in one spelling, of ASCII. */
function readHeader(facts: RequestFacts, header: string, text: Text): string | undefined {
  let found: string | undefined;
  for (let index = 0; facts.fields !== undefined && index < facts.fields.length; index++) {
    const field = facts.fields[index];
    if (field === undefined || !isCompared(field[0], [header], text)) continue;
    // A second line, or `X_Tenant` beside `X-Tenant`: some backends read one of them, others the other.
    if (found !== undefined || lowerAscii(field[0], text) !== header) return undefined;
    found = field[1];
  }
  return found === undefined || found === '' || !text.isVisibleAscii(found.split(' ').join('')) ? undefined : found;
}

/** Whether a claim, or a member of its list, is this text; a number is compared as the token spells it. */
function isOneOf(claim: Json, part: string | undefined, ignoreCase: boolean, text: Text): boolean {
  if (part === undefined) return false;
  const items = asArray(claim)?.items ?? [claim];
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    const value = typeof item === 'string' ? item : asNumber(item)?.text;
    if (value === undefined || text.hasControl(value)) continue;
    if ((ignoreCase ? lowerAscii(value, text) : value) === part) return true;
  }
  return false;
}

/** Whether a claim equals each named part of the request. */
export function equalsRequest(claim: Json, parts: RequestComparison, request: ComparedRequest, text: Text): boolean {
  if (parts.segment !== undefined) {
    const segment = readSegment(request, parts.segment, text);
    if (!isOneOf(claim, segment, parts.ignoreCase === true, text)) return false;
  }
  if (parts.host === true) {
    const host = request.resource.host;
    if (!isOneOf(claim, host === '' ? undefined : host, true, text)) return false;
  }
  return parts.header === undefined || isOneOf(claim, readHeader(request.facts, parts.header, text), false, text);
}
