// Where a browser may return to after sign-in and sign-out: this host, and the hosts that the operator lists. Whatever two
// readers could take for different addresses is refused (RFC 9700 §4.11, open redirectors).
import { lowerAscii } from '../codec/percent';
import { decodeFully } from '../codec/percent-forms';
import type { Text } from '../codec/text';
import type { ReturnHost } from '../model/login';
import type { PathTerms } from '../model/policy';
import { canonicalizePath } from '../request/canonical-path';
import { formatAuthority, readAuthority, type Authority } from './authority';

/** It travels in a cookie and in URLs. */
const MAX_LENGTH = 2048;

export interface ReturnTerms {
  readonly hosts: readonly ReturnHost[];
  /** Whether only https is allowed. */
  readonly secure: boolean;
  /** Login's own paths, which nobody returns to: `/oauth2`. */
  readonly prefix: string;
  readonly paths: PathTerms;
}

/** Whether a host that the operator lists covers another: `.a.example` all below it, and not itself. */
function covers(listed: ReturnHost, authority: Authority): boolean {
  if (listed.port !== '*' && listed.port !== authority.port) return false;
  if (listed.host.charAt(0) !== '.') return listed.host === authority.host;
  const start = authority.host.length - listed.host.length;
  return start > 0 && authority.host.substring(start) === listed.host;
}

/** The end of a path: its query, its fragment, or its own end. */
function endOfPath(target: string): number {
  const query = target.indexOf('?');
  const fragment = target.indexOf('#');
  if (query < 0) return fragment < 0 ? target.length : fragment;
  return fragment < 0 || query < fragment ? query : fragment;
}

/** RFC 3986 §5.2.4: a browser resolves them, and what is left could begin with two slashes. */
function hasDotSegment(path: string): boolean {
  return path.split('/').some((segment) => segment === '.' || segment === '..');
}

/** Whether a path is one of login's own. */
function isOwnPath(path: string, terms: ReturnTerms, text: Text): boolean {
  const prefix = lowerAscii(terms.prefix + '/', text);
  return lowerAscii(path + '/', text).substring(0, prefix.length) === prefix;
}

/** Whether a path of this host leads to login itself, in any spelling, or is none that a proxy here lets through. */
function leadsNowhere(path: string, terms: ReturnTerms, text: Text): boolean {
  const segments = canonicalizePath(path, terms.paths, text);
  if (!segments.ok || isOwnPath('/' + segments.value.join('/'), terms, text)) return true;
  // Where the policy allows `%2F` rules match it as it is, and nginx's locations match a slash.
  return isOwnPath(decodeFully(path, text) ?? path, terms, text);
}

/** A path on this host, with query and fragment. */
function checkPath(target: string, terms: ReturnTerms, text: Text): string | undefined {
  const path = target.substring(0, endOfPath(target));
  if (path.charAt(1) === '/' || hasDotSegment(path)) return undefined;
  return leadsNowhere(path, terms, text) ? undefined : target;
}

/** A URL on this host or on a listed one. */
function checkUrl(url: string, own: Authority | undefined, terms: ReturnTerms, text: Text): string | undefined {
  const colon = url.indexOf('://');
  const scheme = lowerAscii(url.substring(0, colon), text);
  if (scheme !== 'https' && (scheme !== 'http' || terms.secure)) return undefined;
  const rest = url.substring(colon + 3);
  const slash = rest.indexOf('/');
  const end = endOfPath(rest);
  const start = slash < 0 || slash > end ? end : slash;
  const authority = readAuthority(rest.substring(0, start), scheme === 'https', text);
  if (authority === undefined) return undefined;
  const target = rest.charAt(start) === '/' ? rest.substring(start) : '/' + rest.substring(start);
  const isOwn = own !== undefined && own.host === authority.host && own.port === authority.port;
  if (isOwn && (scheme === 'https') === terms.secure) return checkPath(target, terms, text);
  if (!terms.hosts.some((listed) => covers(listed, authority))) return undefined;
  return hasDotSegment(target.substring(0, endOfPath(target)))
    ? undefined
    : scheme + '://' + formatAuthority(authority) + target;
}

/**
 * Checks where a browser may return to.
 * @param wanted a path with its query, or a URL, as a request asks for it
 * @param own the host of the request; undefined when its Host header is malformed
 * @returns what a Location field may have; undefined for anything but an address of the operator's own
 */
export function checkReturn(
  wanted: string,
  own: Authority | undefined,
  terms: ReturnTerms,
  text: Text,
): string | undefined {
  if (wanted === '' || wanted.length > MAX_LENGTH) return undefined;
  // Browsers drop tabs and line breaks, and read `\` as `/` (URL Standard §4.4).
  if (!text.isVisibleAscii(wanted) || wanted.indexOf('\\') >= 0) return undefined;
  if (wanted.charAt(0) === '/') return checkPath(wanted, terms, text);
  return wanted.indexOf('://') > 0 ? checkUrl(wanted, own, terms, text) : undefined;
}
