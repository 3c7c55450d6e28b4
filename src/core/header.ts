// The JOSE header (RFC 7515 §4): which algorithm and key the token claims, and that it demands nothing more.
import { asObject, findMember, type JsonObject } from '../codec/json';
import { parseJson } from '../codec/json-parse';
import type { Text } from '../ports/text';
import { findAlgorithm, type Algorithm } from './algorithm';
import { fail, succeed, type Outcome } from './outcome';
import type { TokenType } from './policy';
import type { TokenCache } from './token-cache';

/** What the core uses of a header. Embedded keys and key URLs (`jwk`, `jku`, `x5u`, `x5c`) are never looked at. */
export interface Header {
  readonly algorithm: Algorithm;
  readonly kid: string | undefined;
  readonly type: TokenType;
}

/** RFC 7519 §5.1, RFC 9068 §2.1; compared without regard to case and without `application/` (RFC 7515 §4.1.9). */
function readType(type: string | undefined): TokenType | undefined {
  if (type === undefined) return 'absent';
  const name = type.toLowerCase();
  if (name === 'jwt' || name === 'application/jwt') return 'jwt';
  return name === 'at+jwt' || name === 'application/at+jwt' ? 'at+jwt' : undefined;
}

function readAlgorithm(header: JsonObject): Outcome<Algorithm> {
  const name = findMember(header, 'alg');
  if (typeof name !== 'string') return fail('header_malformed');
  if (name.toLowerCase() === 'none') return fail('algorithm_none');
  const algorithm = findAlgorithm(name);
  return algorithm === undefined ? fail('algorithm_unsupported') : succeed(algorithm);
}

/** Good headers that came before. An issuer's tokens differ in little but their `kid`, so a few are enough. */
export type HeaderMemory = TokenCache<Outcome<Header>>;

/** Longer segments are not kept. */
const LONGEST_KEPT = 512;

/**
 * Reads the header segment.
 * @returns `header_malformed`, `algorithm_none`, `algorithm_unsupported`, `critical_unsupported` or `type_refused`
 */
function readHeader(segment: string, text: Text): Outcome<Header> {
  const source = text.decodeBase64Url(segment);
  const header = source === undefined ? undefined : asObject(parseJson(source, text));
  if (header === undefined) return fail('header_malformed');
  const algorithm = readAlgorithm(header);
  if (!algorithm.ok) return algorithm;
  const kid = findMember(header, 'kid');
  if (kid !== undefined && typeof kid !== 'string') return fail('header_malformed');
  const type = findMember(header, 'typ');
  if (type !== undefined && typeof type !== 'string') return fail('header_malformed');
  // RFC 7515 §4.1.11: no extension is understood here, so any that is demanded refuses. RFC 7797 §6: `b64` is one.
  if (findMember(header, 'crit') !== undefined || findMember(header, 'b64') !== undefined) {
    return fail('critical_unsupported');
  }
  // RFC 8725 §3.11: a token made for another use (logout, DPoP proof) is no access token.
  const known = readType(type);
  return known === undefined ? fail('type_refused') : succeed({ algorithm: algorithm.value, kid, type: known });
}

/**
 * `readHeader` with a memory: what a segment says never changes.
 * @param kept undefined where nothing lasts from request to request
 */
export function recallHeader(segment: string, text: Text, kept: HeaderMemory | undefined): Outcome<Header> {
  if (kept === undefined || segment.length > LONGEST_KEPT) return readHeader(segment, text);
  // INVARIANT: the dot keeps segments apart from what an engine's objects inherit (`constructor`).
  const place = '.' + segment;
  const known = kept.recall(place);
  if (known !== undefined) return known;
  const header = readHeader(segment, text);
  if (header.ok) kept.remember(place, header);
  return header;
}
