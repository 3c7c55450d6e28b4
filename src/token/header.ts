// The JOSE header (RFC 7515 §4): which algorithm and key the token claims, and that it demands nothing more.
import { asObject, findMember, type JsonObject } from '../codec/json';
import { isWithin, type JsonBounds } from '../codec/json-cost';
import { parseJson } from '../codec/json-parse';
import type { Text } from '../codec/text';
import { findAlgorithm, type Algorithm } from '../model/algorithm';
import { fail, succeed, type Outcome } from '../answer/outcome';
import type { TokenType } from '../model/policy';
import type { TwoGenerations } from '../memory/two-generations';

/** The members of a header that the core uses. It never reads embedded keys and key URLs (`jwk`, `jku`, `x5u`, `x5c`). */
export interface Header {
  readonly algorithm: Algorithm;
  readonly kid: string | undefined;
  readonly type: TokenType;
}

/** RFC 7519 §5.1, RFC 9068 §2.1, Back-Channel Logout 1.0 §2.4; compared without regard to case and without `application/` (RFC 7515 §4.1.9). */
function readType(type: string | undefined): TokenType | undefined {
  if (type === undefined) return 'absent';
  const name = type.toLowerCase();
  if (name === 'jwt' || name === 'application/jwt') return 'jwt';
  if (name === 'at+jwt' || name === 'application/at+jwt') return 'at+jwt';
  return name === 'logout+jwt' || name === 'application/logout+jwt' ? 'logout+jwt' : undefined;
}

function readAlgorithm(header: JsonObject): Outcome<Algorithm> {
  const name = findMember(header, 'alg');
  if (typeof name !== 'string') return fail('header_malformed');
  if (name.toLowerCase() === 'none') return fail('algorithm_none');
  const algorithm = findAlgorithm(name);
  return algorithm === undefined ? fail('algorithm_unsupported') : succeed(algorithm);
}

/** Good headers that came before. An issuer's tokens differ in little but their `kid`, so a few are enough. */
export type HeaderMemory = TwoGenerations<Outcome<Header>>;

/** Longer segments are not kept. */
const LONGEST_KEPT = 512;

/** Longer segments are looked at before they are parsed; characters of base64url, which are the same on every engine. */
const SHORT = 1024;
/** A chain of certificates whose `/` are escaped, or whose lines are, keeps them. */
const BOUNDS: JsonBounds = { commas: 256, opens: 64, escapes: 768, blanks: 512 };

/** The header as an object; undefined for none, and for one that costs more to parse than any real one. */
function parseHeader(segment: string, text: Text): JsonObject | undefined {
  const source = text.decodeBase64Url(segment);
  if (source === undefined || (segment.length > SHORT && !isWithin(source, BOUNDS))) return undefined;
  return asObject(parseJson(source, text));
}

/**
 * Reads the header segment.
 * @returns `header_malformed`, `algorithm_none`, `algorithm_unsupported`, `critical_unsupported` or `type_refused`
 */
function readHeader(segment: string, text: Text): Outcome<Header> {
  const header = parseHeader(segment, text);
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
  // RFC 8725 §3.11: a token made for another use (logout, DPoP proof) is not an access token.
  const known = readType(type);
  return known === undefined ? fail('type_refused') : succeed({ algorithm: algorithm.value, kid, type: known });
}

/**
 * `readHeader` with a memory: the same segment always has the same content.
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
