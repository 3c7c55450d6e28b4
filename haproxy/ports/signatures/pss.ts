// RSASSA-PSS (RFC 8017 §8.1.2) on top of the bare RSA operation: luaossl cannot ask OpenSSL for this padding.

/** Hashes bytes into bytes. */
export type Hash = (data: string) => string;

/** The bytes of `left` with those of `right` exclusive-ored in; `right` may be longer. */
function exclusiveOr(left: string, right: string): string {
  const pieces: string[] = [];
  for (let start = 1; start <= left.length; start += 64) {
    const end = Math.min(start + 63, left.length);
    const ones = [...string.byte(left, start, end)];
    const others = [...string.byte(right, start, end)];
    for (let index = 0; index < ones.length; index++) {
      ones[index] = (ones[index] ?? 0) ^ (others[index] ?? 0);
    }
    pieces.push(string.char(...ones));
  }
  return pieces.join('');
}

/** RFC 8017 §B.2.1: MGF1 with the signature's hash (RFC 7518 §3.5). */
function generateMask(seed: string, length: number, hash: Hash): string {
  let mask = '';
  for (let counter = 0; mask.length < length; counter++) {
    mask += hash(seed + string.char(0, 0, (counter >>> 8) & 255, counter & 255));
  }
  return string.sub(mask, 1, length);
}

/**
 * Checks an encoded message, EMSA-PSS-VERIFY (RFC 8017 §9.1.2); the salt is as long as the hash (RFC 7518 §3.5).
 * @param encoded the result of the RSA operation, as long as the modulus
 * @param modulusBits bits of the modulus
 * @param messageHash hash of the signing input
 */
export function verifyEncoded(encoded: string, modulusBits: number, messageHash: string, hash: Hash): boolean {
  const hashLength = messageHash.length;
  const bits = modulusBits - 1;
  const length = Math.ceil(bits / 8);
  // RFC 8017 §8.1.2 step 2c: with 8k+1 bits the first byte is outside of the encoded message.
  const outside = encoded.length - length;
  const message = string.sub(encoded, outside + 1);
  if (outside > 1 || (outside === 1 && string.byte(encoded) !== 0)) return false;
  // Steps 3 and 4.
  if (length < 2 * hashLength + 2 || string.byte(message, length) !== 0xbc) return false;
  const maskedLength = length - hashLength - 1;
  const masked = string.sub(message, 1, maskedLength);
  const tag = string.sub(message, maskedLength + 1, maskedLength + hashLength);
  // Step 6: the bits above the message's are zero.
  const unused = 8 * length - bits;
  if (string.byte(masked) >= 2 ** (8 - unused)) return false;
  const block = exclusiveOr(masked, generateMask(tag, maskedLength, hash));
  const first = string.byte(block) & (255 >>> unused);
  const start = maskedLength - hashLength;
  // Step 10: zeros, then one 0x01, then the salt.
  const padding = string.char(first) + string.sub(block, 2, start);
  if (padding !== string.rep(string.char(0), start - 1) + string.char(1)) return false;
  const salt = string.sub(block, start + 1);
  return hash(string.rep(string.char(0), 8) + messageHash + salt) === tag;
}
