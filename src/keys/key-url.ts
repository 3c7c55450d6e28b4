// Where an issuer's keys are: a JWK set's URL, or a discovery document (OpenID Connect Discovery 1.0 §4, RFC 8414 §3).
import { asObject, findMember } from '../codec/json';
import { parseJson } from '../codec/json-parse';
import type { Text } from '../ports/text';

/** A source of keys that is fetched. */
export interface RemoteKeys {
  readonly kind: 'jwks' | 'discovery';
  readonly url: string;
  /** What the discovery document must call itself; the configured issuer. */
  readonly issuer: string;
  /** Whether plain `http://` is allowed, which the operator must have said in so many words. */
  readonly allowHttp: boolean;
}

const WELL_KNOWN = '/.well-known/openid-configuration';
const MAX_URL_LENGTH = 2048;
/** What `checkKeyUrl` says of a URL that the operator has to allow in so many words. */
export const PLAIN_HTTP = 'is a plain http:// URL; set OAUTH_ALLOW_HTTP=1 if you mean it';

/** The URL of an issuer's discovery document: a slash at the issuer's end is dropped first (OpenID Discovery §4.1). */
export function discoveryUrl(issuer: string): string {
  const end = issuer.length - 1;
  const base = issuer.charAt(end) === '/' ? issuer.substring(0, end) : issuer;
  return base + WELL_KNOWN;
}

function startsWith(value: string, prefix: string): boolean {
  return value.substring(0, prefix.length) === prefix;
}

/**
 * Whether keys may be fetched from a URL.
 * @returns what is wrong with it, in words that follow its name; undefined when nothing is
 */
export function checkKeyUrl(url: string, allowHttp: boolean, text: Text): string | undefined {
  if (url.length > MAX_URL_LENGTH) return 'is longer than 2048 characters';
  if (text.hasControl(url) || url.indexOf(' ') >= 0) return 'holds white space';
  const plain = startsWith(url, 'http://');
  if (!plain && !startsWith(url, 'https://')) return 'is not an https:// URL';
  if (plain && !allowHttp) return PLAIN_HTTP;
  const rest = url.substring(plain ? 7 : 8);
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.substring(0, slash);
  if (authority === '' || authority.indexOf('@') >= 0) return 'has no host, or credentials before it';
  return url.indexOf('#') >= 0 ? 'has a fragment' : undefined;
}

/** A discovery document's `jwks_uri`, or why it cannot be used. */
export function readDiscovery(
  body: string,
  source: RemoteKeys,
  text: Text,
): { readonly ok: true; readonly url: string } | { readonly ok: false; readonly problem: string } {
  const document = asObject(parseJson(body, text));
  if (document === undefined) return { ok: false, problem: 'the discovery document is not a JSON object' };
  // OpenID Connect Discovery 1.0 §4.3: it must be the configured issuer, to the letter.
  if (findMember(document, 'issuer') !== source.issuer) {
    return { ok: false, problem: 'the discovery document is of another issuer' };
  }
  const url = findMember(document, 'jwks_uri');
  if (typeof url !== 'string') return { ok: false, problem: 'the discovery document has no jwks_uri' };
  const fault = checkKeyUrl(url, source.allowHttp, text);
  return fault === undefined ? { ok: true, url } : { ok: false, problem: 'its jwks_uri ' + fault };
}
