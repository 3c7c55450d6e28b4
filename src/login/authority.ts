// Host and port of a URL or of a Host header, for the addresses that login sends a browser to.
import type { Text } from '../codec/text';
import type { Login } from '../model/login';
import { canonicalizeHost } from '../request/canonical-host';
import type { RequestLines } from '../token/places/request-lines';

export interface Authority {
  /** Canonical: small letters, no final dot. */
  readonly host: string;
  /** Digits without leading zeros; empty where the scheme's own port is meant. */
  readonly port: string;
}

const DIGITS = '0123456789';
const MOST_DIGITS = 5;

/** A port as it is written; undefined when it is none. */
function readPort(written: string, secure: boolean): string | undefined {
  if (written === '' || written.length > MOST_DIGITS) return undefined;
  for (let index = 0; index < written.length; index++) {
    if (DIGITS.indexOf(written.charAt(index)) < 0) return undefined;
  }
  if (written.charAt(0) === '0') return undefined;
  return written === (secure ? '443' : '80') ? '' : written;
}

/**
 * Reads an authority, strictly: no credentials, no escapes, no empty port.
 * @param secure whether the scheme is https
 */
export function readAuthority(value: string, secure: boolean, text: Text): Authority | undefined {
  if (!text.isVisibleAscii(value)) return undefined;
  const host = canonicalizeHost(value, text);
  if (host === undefined) return undefined;
  const bracket = value.indexOf(']');
  const colon = value.indexOf(':', bracket < 0 ? 0 : bracket);
  if (colon < 0) return { host, port: '' };
  const port = readPort(value.substring(colon + 1), secure);
  return port === undefined ? undefined : { host, port };
}

/** The authority as URLs have it. */
export function formatAuthority(authority: Authority): string {
  return authority.port === '' ? authority.host : authority.host + ':' + authority.port;
}

/** The host of a request; undefined unless it has one good Host header. */
export function ownAuthority(request: RequestLines, login: Login, text: Text): Authority | undefined {
  const hosts = request.lines('host');
  return hosts.length === 1 ? readAuthority(hosts[0] ?? '', login.cookie.secure, text) : undefined;
}

/** The URL of this host, without a path. */
export function originOf(authority: Authority, login: Login): string {
  return (login.cookie.secure ? 'https://' : 'http://') + formatAuthority(authority);
}
