// Saves an issuer's public keys (a JWK set, RFC 7517) to a file, found the way any client finds them:
// through the discovery document (OpenID Connect Discovery 1.0 §4).
import { rename, writeFile } from 'node:fs/promises';

/**
 * @param {string} issuer the issuer's URL, exactly as its tokens name it
 * @param {string} path where the file goes; it appears whole or not at all
 * @throws {Error} when the issuer does not answer, names another issuer, or has no keys
 */
export async function saveKeys(issuer, path) {
  const discovery = await readJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (discovery.issuer !== issuer) {
    throw new Error(`the discovery document of \`${issuer}\` names another issuer`);
  }
  const keySet = await readJson(discovery.jwks_uri);
  if (!Array.isArray(keySet.keys) || keySet.keys.length === 0) {
    throw new Error(`\`${discovery.jwks_uri}\` holds no keys`);
  }
  await writeFile(`${path}.new`, `${JSON.stringify(keySet, undefined, 2)}\n`, { mode: 0o644 });
  await rename(`${path}.new`, path);
}

/** @param {string} url */
async function readJson(url) {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(5000) });
  if (!response.ok) {
    throw new Error(`\`${url}\` answers ${response.status}`);
  }
  return response.json();
}
