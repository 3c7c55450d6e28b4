// The one host that rules judge: in small letters, without port and final dot (RFC 9110 §4.2.3, RFC 3986 §3.2.2).
import { lowerAscii } from '../codec/percent';
import type { Text } from '../codec/text';

const MAX_HOST_LENGTH = 255;

function isDigits(value: string): boolean {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** Letters, digits, `-` and `_`: the characters of names in use. */
function isLabelCode(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 122) || code === 45 || code === 95;
}

/** Whether a name in small letters is made of labels with one dot between each. */
function isName(name: string): boolean {
  const labels = name.split('.');
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index] ?? '';
    if (label === '' || label.length > 63) return false;
    for (let place = 0; place < label.length; place++) {
      if (!isLabelCode(label.charCodeAt(place))) return false;
    }
  }
  return true;
}

/** RFC 3986 §3.2.2: hexadecimal digits, colons and dots between brackets; an address's other spellings are other hosts. */
function isAddress(literal: string): boolean {
  for (let index = 0; index < literal.length; index++) {
    const code = literal.charCodeAt(index);
    const isHex = (code >= 48 && code <= 57) || (code >= 97 && code <= 102);
    if (!isHex && code !== 58 && code !== 46) return false;
  }
  return literal !== '';
}

/** Whether a canonical host, or a pattern for hosts, is covered: `*.a.example` covers `b.a.example` and `*.b.a.example`. */
export function coversHost(pattern: string, host: string): boolean {
  if (pattern === host) return true;
  const end = pattern.substring(1);
  const start = host.length - end.length;
  return pattern.charAt(0) === '*' && start > 0 && host.substring(start) === end;
}

/** A name without its final dot, where it has one. */
function withoutFinalDot(name: string): string {
  return name.charAt(name.length - 1) === '.' ? name.substring(0, name.length - 1) : name;
}

/**
 * Makes the value of a Host header, or a target's authority, canonical. The port is left out.
 * @returns undefined when it is not well-formed
 */
export function canonicalizeHost(value: string, text: Text): string | undefined {
  if (value === '' || value.length > MAX_HOST_LENGTH) return undefined;
  const host = lowerAscii(value, text);
  if (host.charAt(0) === '[') {
    const end = host.indexOf(']');
    const rest = host.substring(end + 1);
    if (end < 0 || !isAddress(host.substring(1, end))) return undefined;
    return rest === '' || (rest.charAt(0) === ':' && isDigits(rest.substring(1)))
      ? host.substring(0, end + 1)
      : undefined;
  }
  const colon = host.indexOf(':');
  const name = withoutFinalDot(colon < 0 ? host : host.substring(0, colon));
  if (colon >= 0 && !isDigits(host.substring(colon + 1))) return undefined;
  return isName(name) ? name : undefined;
}
