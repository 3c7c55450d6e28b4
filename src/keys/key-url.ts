// The URL of an issuer's keys: a JWK set's, or a discovery document's (OpenID Connect Discovery 1.0 §4, RFC 8414 §3).
import { asObject, findMember, type Json } from '../codec/json';
import { parseJson } from '../codec/json-parse';
import type { Text } from '../codec/text';
import type { RemoteKeys } from '../model/settings';
import { isDocumentOf } from './issuer-pattern';
import { quoteNames } from '../codec/printable';

const WELL_KNOWN = '/.well-known/openid-configuration';
const METADATA = '/.well-known/oauth-authorization-server';
const MAX_URL_LENGTH = 2048;
/** The problem of a URL that the operator must allow explicitly. */
export const PLAIN_HTTP = 'is a plain http:// URL; set OAUTH_ALLOW_HTTP=1 if you mean it';

/** The URL of an issuer's discovery document: a slash at the issuer's end is dropped first (OpenID Discovery §4.1). */
export function discoveryUrl(issuer: string): string {
  const end = issuer.length - 1;
  const base = issuer.charAt(end) === '/' ? issuer.substring(0, end) : issuer;
  return base + WELL_KNOWN;
}

/** The path of an absolute URL, with what follows it; empty where it has none. */
export function pathOfUrl(url: string): string {
  const scheme = url.indexOf('://');
  const rest = scheme < 0 ? url : url.substring(scheme + 3);
  const slash = rest.indexOf('/');
  return slash < 0 ? '' : rest.substring(slash);
}

/** The same document by the other name that servers without OpenID have for it, before the issuer's path (RFC 8414 §3.1). */
export function metadataUrl(issuer: string): string {
  const path = pathOfUrl(issuer);
  const origin = issuer.substring(0, issuer.length - path.length);
  const end = path.length - 1;
  return origin + METADATA + (path.charAt(end) === '/' ? path.substring(0, end) : path);
}

function startsWith(value: string, prefix: string): boolean {
  return value.substring(0, prefix.length) === prefix;
}

/**
 * Whether keys may be fetched from a URL.
 * @returns the problem, in words that follow the URL's name; undefined when there is none
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

/**
 * Whether a discovery document is that of an issuer (OpenID Connect Discovery 1.0 §4.3): it names exactly the configured one; for
 * a pattern of issuers the pattern, or one of its tenants.
 * @param named `issuer` of the document
 */
export function isOwnDocument(
  source: Pick<RemoteKeys, 'issuer' | 'tenancy'>,
  named: Json | undefined,
  text: Text,
): boolean {
  if (named === source.issuer) return true;
  return source.tenancy !== undefined && typeof named === 'string' && isDocumentOf(source.tenancy, named, text);
}

/** A discovery document's `jwks_uri`, or why it cannot be used. */
export function readDiscovery(
  body: string,
  source: RemoteKeys,
  text: Text,
): { readonly ok: true; readonly url: string } | { readonly ok: false; readonly problem: string } {
  const document = asObject(parseJson(body, text));
  if (document === undefined) return { ok: false, problem: 'the discovery document is not a JSON object' };
  const issuer = findMember(document, 'issuer');
  if (!isOwnDocument(source, issuer, text)) {
    const found = typeof issuer === 'string' ? quoteNames([issuer]) : 'nothing';
    const names = 'it names ' + found + ' instead of ' + quoteNames([source.issuer]);
    return { ok: false, problem: names + ': the discovery document belongs to another issuer' };
  }
  const url = findMember(document, 'jwks_uri');
  if (typeof url !== 'string') return { ok: false, problem: 'the discovery document has no jwks_uri' };
  const fault = checkKeyUrl(url, source.allowHttp, text);
  return fault === undefined ? { ok: true, url } : { ok: false, problem: 'its jwks_uri ' + fault };
}
