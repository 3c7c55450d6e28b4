// The parts of documents that come out of the table of settings, each between the marks of a section.
import { code, rewrite, table } from './sections.mjs';

/**
 * @typedef {object} Description
 * @property {{ name: string, key: string }} setting
 * @property {'both' | 'HAProxy' | 'neither'} readers
 * @property {string} value
 * @property {string} otherwise
 */

/** @param {string} name */
const anchorOf = (name) => `#${name.toLowerCase()}`;

/** Where a policy has a setting: `keys.jwks_url` of an issuer. @param {string} key a JSON pointer */
function describeKey(key) {
  if (key === '') return '';
  const [, list = '', ...rest] = key.split('/');
  return list === 'issuers' ? `${code(rest.slice(1).join('.'))} of an issuer` : code(list);
}

/** README.md: what each setting is. @param {readonly Description[]} descriptions */
function writeOverview(descriptions) {
  const rows = descriptions.map(({ setting: { name }, readers, value, otherwise }) => [
    `[${code(name)}](docs/settings.md${anchorOf(name)})`,
    readers === 'HAProxy' ? `HAProxy: ${value}` : value,
    otherwise,
  ]);
  return table(['setting', 'value', 'default'], rows);
}

/** docs/settings.md: besides, where a policy has it and which proxies read it. @param {readonly Description[]} descriptions */
function writeReference(descriptions) {
  const rows = descriptions.map(({ setting: { name, key }, readers, value, otherwise }) => [
    `[${code(name)}](${anchorOf(name)})`,
    value,
    otherwise,
    describeKey(key),
    readers,
  ]);
  return table(['setting', 'value', 'default', 'in a policy', 'read by'], rows);
}

/** The `env` lines that nginx needs. @param {readonly Description[]} descriptions */
function writeEnvironmentLines(descriptions) {
  return descriptions
    .filter(({ readers }) => readers === 'both')
    .map(({ setting }) => `env ${setting.name};`)
    .join('\n');
}

/** The lines of a configuration that name settings and nothing else. */
const ENVIRONMENT_LINES = /^env OAUTH_.*;$(?:\nenv OAUTH_.*;$)*/m;

/**
 * A configuration with the `env` lines that nginx needs in place of those that it has.
 * @param {readonly Description[]} descriptions
 * @param {string} now
 */
function replaceEnvironmentLines(descriptions, now) {
  if (!ENVIRONMENT_LINES.test(now)) throw new Error('no line `env OAUTH_...;` in the section `env lines`');
  return now.replace(ENVIRONMENT_LINES, writeEnvironmentLines(descriptions));
}

/**
 * What writes each section, by the name in its marks.
 * @type {Readonly<Record<string, (descriptions: readonly Description[], now: string) => string>>}
 */
const PARTS = {
  'overview of the settings': writeOverview,
  'table of the settings': writeReference,
  'env lines': replaceEnvironmentLines,
};

/**
 * Writes every section that a document has anew.
 * @param {string} document its text
 * @param {readonly Description[]} descriptions
 */
export function writeSettings(document, descriptions) {
  return Object.entries(PARTS).reduce(
    (text, [name, write]) =>
      text.includes(`<!-- begin ${name}:`) ? rewrite(text, name, (now) => write(descriptions, now)) : text,
    document,
  );
}
