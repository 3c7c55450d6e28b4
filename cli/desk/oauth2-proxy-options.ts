// The options of OAuth2-Proxy, wherever they are: flags, variables, its TOML file, values of its Helm chart, a compose file, a
// unit of systemd, a file of supervisord. INVARIANT: what may have more of them, and is not here, is an option of its own.
import { basename } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { failure } from './failure';
import {
  add,
  addElsewhere,
  addNamed,
  addToml,
  addVariable,
  ELSEWHERE,
  FILES,
  isMap,
  PREFIX,
  textOf,
  wordsOf,
  type Found,
  type Layers,
} from './oauth2-proxy-found';
import { readAssignments } from './unit-files';

const HELM_SET = /^--set(?:-string|-json|-file|-literal)?(?:=|$)/;
/** Helm's flags whose values are in a file, or in a form that is not read. */
const HELM_FILES: readonly string[] = ['f', 'values', 'set-file', 'set-json', 'set-literal'];
const MAX_LENGTH = 1_048_576;

/** Values by the name of the flag, in one spelling. */
export type ProxyOptions = ReadonlyMap<string, readonly string[]>;

/** The keys of `config` in the values of the Helm chart; others are called as the option is. */
const HELM: Readonly<Record<string, string>> = {
  clientID: 'client-id',
  // Who may sign in with Google.
  google: 'google-group',
};
/** Keys that are no options. */
const HELM_OWN: readonly string[] = [
  ...['annotations', 'configFile', 'existingConfig', 'existingSecret', 'forceLegacyConfig', 'requiredSecretKeys'],
];

const isProxy = (command: string): boolean => /oauth2[-_]proxy/.test(command);

/** The command line of OAuth2-Proxy, without the shell that starts it. */
function withoutShell(line: string): string {
  const [, , script] = /\b(?:ba|da)?sh\s+-l?c\s+(["'])(.*)\1/.exec(line) ?? [];
  return (script ?? line).replace(/^.*?oauth2[-_]proxy\s+(?=-)/, '');
}

/** A unit of systemd, or a file of supervisord. @returns false of anything else */
function addUnit(layers: Layers, source: string): boolean {
  const assignments = readAssignments(source);
  const commands = assignments.filter(({ key, value }) => /^(?:command|ExecStart)$/.test(key) && isProxy(value));
  for (const { value } of commands) addWords(layers, wordsOf(withoutShell(value)));
  if (commands.length === 0) return false;
  for (const { key, value } of assignments) {
    // Commas and blanks are between variables.
    if (/^environment$/i.test(key)) {
      for (const [one] of value.matchAll(
        /(?:"OAUTH2_PROXY_[^"]*"|OAUTH2_PROXY_[A-Z0-9_]+=(?:"[^"]*"|'[^']*'|[^\s,"']*))/g,
      ))
        addVariable(layers, one.replace(/^"(.*)"$/, '$1'));
    } else if (key === 'EnvironmentFile') addElsewhere(layers, value.replace(/^-/, ''));
  }
  return true;
}

/** `--name=value`, `--name value` and `--name` (true), variables before them, and values of a chart by `--set`. */
function addWords(layers: Layers, words: readonly string[]): void {
  // The other words are Helm's own.
  const isHelm = words[0] === 'helm' || words.some((word) => HELM_SET.test(word));
  words.forEach((word, index) => {
    const [, name = '', value] = /^--?([a-z][a-z0-9-]*)(?:=(.*))?$/s.exec(word) ?? [];
    const next = words[index + 1];
    const given = value ?? (next === undefined || next.startsWith('-') ? 'true' : next);
    if (name === 'set' || name === 'set-string') addSet(layers, given);
    else if (isHelm && HELM_FILES.includes(name)) addElsewhere(layers, given);
    else if (name === '' || isHelm) addVariable(layers, word);
    // The variable itself is a word of its own, or the next one.
    else if (name !== 'e' && name !== 'env') add(layers.flags, name, given);
    else if (value !== undefined) addVariable(layers, value);
  });
}

/** Helm's `--set a.b=c,d.e={f,g}`. */
function addSet(layers: Layers, given: string): void {
  for (const one of given.split(/(?<!\\),(?=[A-Za-z][\w.[\]-]*=)/)) {
    const [, key = '', set = ''] = /^([^=]+)=(.*)$/s.exec(one) ?? [];
    const [group = '', inner = ''] = key.split('.');
    const value = set.replace(/^\{(.*)\}$/s, '$1');
    addHelm(layers, group.startsWith('extraArgs[') ? { extraArgs: [value] } : { [group]: { [inner]: value } });
  }
}

/** Whether a part of the chart is there; `--set` gives texts. */
const isEnabled = (part: unknown): boolean => isMap(part) && (part['enabled'] === true || part['enabled'] === 'true');

/** Values of the Helm chart. */
function addHelm(layers: Layers, values: Readonly<Record<string, unknown>>): void {
  const { config, extraArgs, authenticatedEmailsFile, htpasswdFile, alphaConfig } = values;
  if (isMap(config)) {
    for (const [key, value] of Object.entries(config)) {
      const name = HELM[key] ?? key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      if (key === 'configFile' && typeof value === 'string') addToml(layers, value);
      else if (key === 'existingConfig') addElsewhere(layers, textOf(value));
      else if (!HELM_OWN.includes(key)) add(layers.file, name, isMap(value) ? value['groups'] : value);
    }
  }
  if (isEnabled(authenticatedEmailsFile)) add(layers.file, 'authenticated-emails-file', 'of the chart');
  if (isEnabled(htpasswdFile)) add(layers.file, 'htpasswd-file', 'of the chart');
  if (isEnabled(alphaConfig)) addElsewhere(layers, 'alphaConfig');
  if (isMap(extraArgs)) for (const [name, value] of Object.entries(extraArgs)) add(layers.flags, name, value);
  if (Array.isArray(extraArgs)) addWords(layers, extraArgs.map(String));
}

/** The values of a Secret of Kubernetes. */
const decoded = (data: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(textOf(value), 'base64').toString()]),
  );

/** Every variable, list of arguments and command of a document, however deep. */
function addDeep(layers: Layers, value: unknown): void {
  if (Array.isArray(value)) {
    for (const one of value) {
      if (typeof one === 'string') addVariable(layers, one);
      else addDeep(layers, one);
    }
  }
  if (!isMap(value)) return;
  const { name, value: own, kind, data } = value;
  if (typeof name === 'string' && name.startsWith(PREFIX)) addNamed(layers, name.slice(PREFIX.length), own);
  for (const [key, inner] of Object.entries(value)) {
    if (key.startsWith(PREFIX)) addNamed(layers, key.slice(PREFIX.length), inner);
    else if (kind === 'Secret' && inner === data && isMap(data)) addDeep(layers, decoded(data));
    else if ((key === 'args' || key === 'command') && Array.isArray(inner)) addWords(layers, inner.map(String));
    else if ((key === 'args' || key === 'command') && typeof inner === 'string') addWords(layers, wordsOf(inner));
    else if (key === 'env_file' || key === 'envFrom') addOthers(layers, inner);
    else addDeep(layers, inner);
  }
}

/** The files of `env_file` in a compose file, and the objects of `envFrom` in a pod. */
function addOthers(layers: Layers, value: unknown): void {
  for (const one of [value].flat()) {
    if (!isMap(one)) {
      addElsewhere(layers, textOf(one));
      continue;
    }
    for (const inner of [one['path'], one['configMapRef'], one['secretRef']])
      addElsewhere(layers, textOf(isMap(inner) ? inner['name'] : inner));
  }
}

function addYaml(layers: Layers, source: string): boolean {
  const documents = parseAllDocuments(source, { merge: true });
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return false;
  const values = documents.map((document) => document.toJS({ maxAliasCount: 100 }) as unknown);
  if (!values.some(isMap)) return false;
  for (const value of values.filter(isMap)) {
    addHelm(layers, value);
    addDeep(layers, value);
  }
  return true;
}

function readInto(layers: Layers, source: string): void {
  if (addUnit(layers, source)) return;
  if (/^(?:\s*(?:#.*)?\n)*[a-z_]+\s*=/.test(source)) addToml(layers, source);
  else if (!addYaml(layers, source)) addWords(layers, wordsOf(source.replaceAll(/^\s*#.*$/gm, '')));
}

/** A file, and what it says. */
export interface ProxySource {
  readonly path: string;
  readonly text: string;
}

/** Values of the chart; its own configuration file lets every email domain in. */
const isChart = ({ text }: ProxySource): boolean => /^config:|extraArgs[.:[]/m.test(text);

function readSource(source: ProxySource): Found {
  const { path, text } = source;
  if (text.length > MAX_LENGTH) throw failure(`${path}: is longer than 1 MB`);
  const layers: Layers = { file: new Map(), variables: new Map(), flags: new Map() };
  try {
    readInto(layers, text);
  } catch (error) {
    throw failure(`${path}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'cannot be read'}`);
  }
  const found = new Map([...layers.file, ...layers.variables, ...layers.flags]);
  for (const name of FILES) {
    for (const file of found.get(name) ?? []) found.set(ELSEWHERE + file, []);
    found.delete(name);
  }
  if (found.size === 0 && !isChart(source)) throw failure(`${path}: has no option of OAuth2-Proxy, in any form`);
  return found;
}

/**
 * @param sources of which the last one that names an option counts
 * @throws a failure for what has none of its options
 */
export function readProxyOptions(sources: readonly ProxySource[]): ProxyOptions {
  const all = new Map(sources.flatMap((source) => [...readSource(source)]));
  const files = sources.map(({ path }) => basename(path));
  const isHere = (name: string): boolean =>
    name.startsWith(ELSEWHERE) && files.includes(basename(name.slice(ELSEWHERE.length)));
  const found = new Map([...all].filter(([name]) => !isHere(name)));
  const hasFile = sources.some(({ text }) => /configFile|existingConfig/.test(text));
  if (sources.some(isChart) && !hasFile && !found.has('email-domain')) found.set('email-domain', ['*']);
  if (!found.has('provider') && !found.has('client-id') && !found.has('oidc-issuer-url')) {
    throw failure(
      `${sources.map(({ path }) => path).join(', ')}: has neither \`provider\`, \`client-id\` nor \`oidc-issuer-url\` of OAuth2-Proxy, in any form`,
    );
  }
  return found;
}
