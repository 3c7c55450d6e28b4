// The headers of a client that never reach a backend, in any spelling.
import { lowerAscii } from '../codec/percent';
import type { Text } from '../codec/text';

/** Headers by which some backends override the method of the request line. */
export const METHOD_OVERRIDES: readonly string[] = [
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-original-method',
  'x-forwarded-method',
];

/** Headers by which some backends override the path of the request line. */
export const PATH_OVERRIDES: readonly string[] = [
  'x-original-url',
  'x-original-uri',
  'x-rewrite-url',
  'script-name',
  'path-info',
  'x-script-name',
  'x-original-path',
  'x-forwarded-uri',
  'x-forwarded-path',
  'x-forwarded-prefix',
  'x-envoy-original-path',
  'x-waws-unencoded-url',
];

/** Headers by which some backends override `Host` (RFC 7239 §5.3); removed where rules name hosts. */
export const HOST_OVERRIDES: readonly string[] = [
  'x-forwarded-host',
  'forwarded',
  'x-host',
  'x-original-host',
  'x-forwarded-server',
  'x-http-host-override',
];

/** Headers of the connection or of the request itself: no header of a token may replace them, and no rule compares them. */
export const RESERVED_HEADERS: readonly string[] = [
  'authorization',
  'connection',
  'content-length',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * A header's name as backends compare it that make a variable of it (RFC 3875 §4.1.18): in small letters, and one `-`
 * for every character that is neither letter nor digit.
 */
export function normalizeHeaderName(name: string, text: Text): string {
  const lower = lowerAscii(name, text);
  const pieces: string[] = [];
  for (let index = 0; index < lower.length; index++) {
    const code = lower.charCodeAt(index);
    const isPlain = (code >= 48 && code <= 57) || (code >= 97 && code <= 122);
    pieces.push(isPlain ? lower.charAt(index) : '-');
  }
  return pieces.join('');
}

/** Whether a client's header is removed. @param removals `Policy.removals` */
export function isRemoved(name: string, removals: readonly string[], text: Text): boolean {
  let normalized: string | undefined;
  for (let index = 0; index < removals.length; index++) {
    const removal = removals[index] ?? '';
    // Normalizing keeps the length, and costs more than most headers are worth.
    if (removal.length !== name.length) continue;
    normalized ??= normalizeHeaderName(name, text);
    if (removal === normalized) return true;
  }
  return false;
}

/** Whether a header line is of a header that rules compare, in any spelling. @param compared `Policy.comparedHeaders` */
export function isCompared(name: string, compared: readonly string[], text: Text): boolean {
  return isRemoved(name, compared, text);
}

/** Each spelling of a normalized name with `-` or `_`, for hosts that can only remove headers by name. */
export function spellHeader(normalized: string): readonly string[] {
  const parts = normalized.split('-');
  let spellings = [parts[0] ?? ''];
  for (let index = 1; index < parts.length; index++) {
    const longer: string[] = [];
    for (let place = 0; place < spellings.length; place++) {
      const start = spellings[place] ?? '';
      longer.push(start + '-' + (parts[index] ?? ''), start + '_' + (parts[index] ?? ''));
    }
    spellings = longer;
  }
  return spellings;
}

/** Whether a policy may give a header this name: letters, digits and `-` (RFC 9110 §5.1). */
export function isHeaderName(name: string, text: Text): boolean {
  return name !== '' && name.indexOf('_') < 0 && normalizeHeaderName(name, text) === lowerAscii(name, text);
}
