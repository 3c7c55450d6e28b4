// ECDSA signatures: JWS writes r and s side by side (RFC 7518 §3.4), OpenSSL reads the DER of RFC 3279 §2.2.3.
const INTEGER = 0x02;
const SEQUENCE = 0x30;
/** The first byte of a length from 128 to 255. */
const LONG_FORM = 0x81;
const ZERO = string.char(0);

/** A DER INTEGER of unsigned bytes: no leading zeros but the one that keeps it positive. */
function writeInteger(bytes: string): string {
  let [stripped] = string.match(bytes, '^' + string.char(0) + '*(.*)$');
  if (stripped === undefined || stripped === '') stripped = string.char(0);
  if (string.byte(stripped) >= 0x80) stripped = string.char(0) + stripped;
  return string.char(INTEGER, stripped.length) + stripped;
}

/**
 * Turns `r || s` into DER. Values out of range are for OpenSSL to refuse.
 * @param signature an even number of bytes, at most 132 (P-521)
 */
export function toDer(signature: string): string {
  const half = signature.length / 2;
  const content = writeInteger(string.sub(signature, 1, half)) + writeInteger(string.sub(signature, half + 1));
  // X.690 §8.1.3: P-521's two integers can be longer than the short form of a length holds.
  const length = content.length < 0x80 ? string.char(content.length) : string.char(LONG_FORM, content.length);
  return string.char(SEQUENCE) + length + content;
}

/** The bytes of a DER INTEGER at a place, as many as `size`, and the place behind it; raises for anything else. */
function readInteger(der: string, start: number, size: number): LuaMultiReturn<[bytes: string, next: number]> {
  const [tag, length] = string.byte(der, start, start + 1);
  const zeros = size - (length ?? 0);
  // One byte more than `size` is the zero that keeps a number positive.
  if (tag !== INTEGER || zeros < -1) error('OpenSSL signed in another form', 0);
  const next = start + 2 + size - zeros;
  if (zeros < 0) return $multi(string.sub(der, start + 3, next - 1), next);
  return $multi(string.rep(ZERO, zeros) + string.sub(der, start + 2, next - 1), next);
}

/** Turns the DER of OpenSSL into `r || s`. @param length of the result in bytes */
export function fromDer(der: string, length: number): string {
  const size = length / 2;
  // X.690 §8.1.3: the longer form of a length has one byte more.
  const [r, next] = readInteger(der, string.byte(der, 2) === LONG_FORM ? 4 : 3, size);
  const [s, end] = readInteger(der, next, size);
  const joined = r + s;
  return end === der.length + 1 && joined.length === length ? joined : error('OpenSSL signed in another form', 0);
}
