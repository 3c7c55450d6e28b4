// What each engine must do with text for the core: HAProxy's Lua holds bytes, njs and Node hold UTF-16.
import type { Json } from '../codec/json';

/**
 * Text primitives. Decoded text is opaque outside `src/codec`: bytes in Lua, UTF-16 in JavaScript.
 * @noSelf
 */
export interface Text {
  /** Whether every character of `value` is one of `A-Z a-z 0-9 - _` (RFC 4648 §5); true for the empty string. */
  isBase64UrlAlphabet(value: string): boolean;
  /** Decodes base64url into text; undefined unless `segment` is unpadded, canonical and strict UTF-8 (RFC 3629). */
  decodeBase64Url(segment: string): string | undefined;
  /** Whether a control character (U+0000 to U+001F, U+007F) stands in `text`. */
  hasControl(text: string): boolean;
  /** Whether every character of `value` is one of U+0021 to U+007E; true for the empty string. */
  isVisibleAscii(value: string): boolean;
  /** The text of one Unicode scalar value (0 to 0x10FFFF, no surrogate). */
  fromCodePoint(codePoint: number): string;
  /**
   * Parses JSON with what the engine has, where that is sure to be what `parseJson` would give; undefined otherwise, and
   * then `parseJson` reads it itself. Engines without such a thing leave it out.
   */
  readonly parseCanonicalJson?: (source: string) => Json | undefined;
}
