// What an issuer publishes of itself: its keys (RFC 7517 §5), and where they are (OpenID Connect Discovery 1.0 §3).
import type { JsonObject } from '../codec/json';
import { formatJson } from '../codec/json-format';
import { pathOfUrl } from '../keys/key-url';
import type { PublicDocument } from '../model/broker';

const KEY_SET = '/oauth2/v1/certs';
const DISCOVERY = '/.well-known/openid-configuration';

/**
 * Writes the documents.
 * @param issuer a URL without a slash at its end, as tokens have it
 * @param keys public keys
 */
export function writeDocuments(issuer: string, keys: readonly JsonObject[]): readonly PublicDocument[] {
  const prefix = pathOfUrl(issuer);
  const keySet = formatJson({ kind: 'object', names: ['keys'], values: [{ kind: 'array', items: keys }] });
  const discovery = formatJson({
    kind: 'object',
    names: ['issuer', 'authorization_endpoint', 'jwks_uri'],
    // Nobody asks this issuer for an authorization (RFC 6749 §3.1), so the endpoint is empty.
    values: [issuer, '', issuer + KEY_SET],
  });
  return [
    { path: prefix + KEY_SET, body: keySet },
    { path: prefix + DISCOVERY, body: discovery },
  ];
}
