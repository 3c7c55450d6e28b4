// PEM (RFC 7468): the labelled blocks of a file, with any text between them.
import { decodeBase64 } from './base64';

/** One block; `bytes` is undefined when its body is not base64. */
export interface PemBlock {
  readonly label: string;
  readonly bytes: readonly number[] | undefined;
}

const BEGIN = '-----BEGIN ';
const DASHES = '-----';

/** The body without the white space that folds it. */
function unfold(body: string): string {
  const pieces: string[] = [];
  for (let index = 0; index < body.length; index++) {
    const code = body.charCodeAt(index);
    if (code !== 32 && code !== 9 && code !== 10 && code !== 13) pieces.push(body.charAt(index));
  }
  return pieces.join('');
}

/**
 * Finds every block of a PEM file, in order (RFC 7468 §3).
 * @returns empty when there is none; a block without its end line has undefined bytes and is the last
 */
export function readPem(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let position = text.indexOf(BEGIN);
  while (position >= 0) {
    const labelStart = position + BEGIN.length;
    const labelEnd = text.indexOf(DASHES, labelStart);
    if (labelEnd < 0) return blocks;
    const label = text.substring(labelStart, labelEnd);
    const bodyStart = labelEnd + DASHES.length;
    const end = text.indexOf('-----END ' + label + DASHES, bodyStart);
    if (end < 0) {
      blocks.push({ label, bytes: undefined });
      return blocks;
    }
    blocks.push({ label, bytes: decodeBase64(unfold(text.substring(bodyStart, end))) });
    position = text.indexOf(BEGIN, end + DASHES.length);
  }
  return blocks;
}
