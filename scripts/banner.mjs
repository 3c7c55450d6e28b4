// The banner at the head of each artifact: name, version, licence.
import { readFileSync } from 'node:fs';

const { name, version, description, license } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

/**
 * The banner's one line.
 * @param {string} [comment] what begins a comment in the artifact's language
 */
export function banner(comment = '//') {
  return `${comment} ${name} ${version}: ${description}. Licence: ${license}`;
}

/**
 * Writes the version into an artifact (src/model/version.ts).
 * @param {string} code
 */
export function nameVersion(code) {
  return code.replaceAll('@version@', version);
}
