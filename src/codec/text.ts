// The text primitives that each engine must offer the core: strings are bytes in HAProxy's Lua, UTF-16 in njs and Node.
import type { Json } from './json';

/**
 * Text primitives. Decoded text is opaque outside `src/codec`: bytes in Lua, UTF-16 in JavaScript.
 * @noSelf
 */
export interface Text {
  /** Whether every character of `value` is one of `A-Z a-z 0-9 - _` (RFC 4648 §5); true for the empty string. */
  isBase64UrlAlphabet(value: string): boolean;
  /** Decodes base64url into text; undefined unless `segment` is unpadded, canonical and strict UTF-8 (RFC 3629). */
  decodeBase64Url(segment: string): string | undefined;
  /** Whether `text` has a control character (U+0000 to U+001F, U+007F). */
  hasControl(text: string): boolean;
  /** Whether every character of `value` is one of U+0021 to U+007E; true for the empty string. */
  isVisibleAscii(value: string): boolean;
  /** Whether every character of `value` is unreserved: `A-Z a-z 0-9 - . _ ~` (RFC 3986 §2.3); true for the empty string. */
  isUnreserved(value: string): boolean;
  /** The text of one Unicode scalar value (0 to 0x10FFFF, no surrogate). */
  fromCodePoint(codePoint: number): string;
  /**
   * Parses JSON with the engine's own parser, where its result is certainly that of `parseJson`; undefined otherwise, and
   * then `parseJson` reads the text itself. Engines without such a parser leave this out.
   */
  readonly parseCanonicalJson?: (source: string) => Json | undefined;
  /**
   * Decodes a JSON string (RFC 8259 §7) by the engine's own parser. Engines without one leave it out.
   * @param quoted with its quotes, and without raw control characters
   * @returns undefined for one with a faulty escape or half a character
   */
  readonly decodeJsonString?: (quoted: string) => string | undefined;
}
