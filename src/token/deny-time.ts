// The time beside an entry of a deny list, before which a subject's tokens were issued: seconds since the epoch (RFC 7519 §2).

/** Characters of a time: from the year 2001 on, and far from milliseconds. */
const FEWEST_DIGITS = 10;
const MOST_DIGITS = 11;

/** A time in words of an operator, which may be followed by a remark; undefined for anything else. */
export function readDenyTime(written: string): number | undefined {
  const word = written.split('\t').join(' ').split(' ')[0] ?? '';
  if (word.length < FEWEST_DIGITS || word.length > MOST_DIGITS || word.charAt(0) === '0') return undefined;
  let time = 0;
  for (let index = 0; index < word.length; index++) {
    const digit = '0123456789'.indexOf(word.charAt(index));
    if (digit < 0) return undefined;
    time = time * 10 + digit;
  }
  return time;
}

/**
 * Whether a token was issued before a time, as far as anybody knows.
 * INVARIANT: a token that does not say when it was issued was issued before, and a time that cannot be read is never over.
 * @param issued `iat` of the token; `auth_time` does not count (docs/decisions/0025)
 */
export function isIssuedBefore(issued: number | undefined, written: string): boolean {
  const time = readDenyTime(written);
  return time === undefined || issued === undefined || !(issued >= time);
}
