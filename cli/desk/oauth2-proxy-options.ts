// The options of OAuth2-Proxy, wherever they are: flags, variables, its TOML file, values of its Helm chart, a compose file.
import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';
import { failure } from './failure';

/** Values by the name of the flag, in one spelling. */
export type ProxyOptions = ReadonlyMap<string, readonly string[]>;

/** What files and variables call by a plural. */
const SINGULAR: Readonly<Record<string, string>> = {
  'allowed-groups': 'allowed-group',
  'allowed-roles': 'allowed-role',
  'api-routes': 'api-route',
  'cookie-domains': 'cookie-domain',
  'email-domains': 'email-domain',
  'oidc-extra-audiences': 'oidc-extra-audience',
  'skip-auth-routes': 'skip-auth-route',
  'trusted-ips': 'trusted-ip',
  upstreams: 'upstream',
  'whitelist-domains': 'whitelist-domain',
};

/** Whose values are lists with a comma between. */
const LISTS: readonly string[] = [
  ...Object.values(SINGULAR).filter((name) => name !== 'api-route' && name !== 'skip-auth-route'),
  'extra-jwt-issuers',
];

/** The keys of `config` in the values of the Helm chart. */
const HELM: Readonly<Record<string, string>> = {
  clientID: 'client-id',
  clientSecret: 'client-secret',
  cookieSecret: 'cookie-secret',
  cookieName: 'cookie-name',
};

const PREFIX = 'OAUTH2_PROXY_';
const MAX_LENGTH = 1_048_576;

type Found = Map<string, string[]>;

function add(found: Found, name: string, value: unknown): void {
  const spelled = name.replaceAll('_', '-').toLowerCase();
  const flag = SINGULAR[spelled] ?? spelled;
  const texts = (Array.isArray(value) ? value : [value]).map((one) =>
    typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean' ? String(one) : '',
  );
  const values = LISTS.includes(flag) ? texts.flatMap((text) => text.split(',')) : texts;
  found.set(flag, [...(found.get(flag) ?? []), ...values.map((text) => text.trim()).filter((text) => text !== '')]);
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The command lines of OAuth2-Proxy in a file of supervisord or systemd, without the shell that starts them. */
function commandsOf(source: string): readonly string[] {
  const lines = [...source.matchAll(/^\s*(?:command|ExecStart)\s*=\s*(.*oauth2-proxy.*)$/gm)];
  return lines.map(([, line = '']) => {
    const [, , script] = /\b(?:ba|da)?sh\s+-l?c\s+(["'])(.*)\1/.exec(line) ?? [];
    return (script ?? line).replace(/^.*?oauth2-proxy\s+(?=-)/, '');
  });
}

/** `--name=value`, `--name value` and `--name` (true), and values of a chart by `--set`. */
function addWords(found: Found, words: readonly string[]): void {
  // The other words are Helm's own.
  const isHelm = words.includes('--set');
  words.forEach((word, index) => {
    const [, name = '', value] = /^--?([a-z][a-z0-9-]*)(?:=(.*))?$/s.exec(word) ?? [];
    const next = words[index + 1];
    const given = value ?? (next === undefined || next.startsWith('-') ? 'true' : next);
    if (name === 'set') {
      const [, key = '', set = ''] = /^([^=]+)=(.*)$/s.exec(given) ?? [];
      const [group = '', inner = ''] = key.split('.');
      addHelm(found, { [group]: { [inner]: set } });
    } else if (name !== '' && !isHelm) add(found, name, given);
  });
}

function addHelm(found: Found, values: Readonly<Record<string, unknown>>): void {
  const { config, extraArgs } = values;
  if (isMap(config)) {
    for (const [key, value] of Object.entries(config)) {
      const name = HELM[key];
      if (name !== undefined) add(found, name, value);
      if (key === 'configFile' && typeof value === 'string') addToml(found, value);
    }
  }
  if (isMap(extraArgs)) for (const [name, value] of Object.entries(extraArgs)) add(found, name, value);
  if (Array.isArray(extraArgs)) addWords(found, extraArgs.map(String));
}

/** Every variable, list of arguments and command of a document, however deep. */
function addDeep(found: Found, value: unknown): void {
  if (Array.isArray(value)) {
    for (const one of value) {
      if (typeof one === 'string') addVariable(found, one);
      else addDeep(found, one);
    }
  }
  if (!isMap(value)) return;
  const { name, value: own } = value;
  if (typeof name === 'string' && name.startsWith(PREFIX) && own !== undefined)
    add(found, name.slice(PREFIX.length), own);
  for (const [key, inner] of Object.entries(value)) {
    if (key.startsWith(PREFIX)) add(found, key.slice(PREFIX.length), inner ?? '');
    else if ((key === 'args' || key === 'command') && Array.isArray(inner)) addWords(found, inner.map(String));
    else addDeep(found, inner);
  }
}

function addVariable(found: Found, line: string): void {
  const [, name, value = ''] = /^(?:export )?OAUTH2_PROXY_([A-Z0-9_]+)=(.*)$/.exec(line.trim()) ?? [];
  if (name !== undefined) add(found, name, value.replaceAll(/^["']|["']$/g, ''));
}

function addToml(found: Found, source: string): void {
  for (const [name, value] of Object.entries(parseToml(source))) add(found, name, value);
}

/** Words of a shell, with quotes; a `\` at the end of a line continues it. */
const wordsOf = (source: string): readonly string[] =>
  (source.replaceAll('\\\n', ' ').match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []).map((word) =>
    word.replaceAll(/["']/g, ''),
  );

function addYaml(found: Found, source: string): boolean {
  const documents = parseAllDocuments(source, { merge: true });
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return false;
  const values = documents.map((document) => document.toJS({ maxAliasCount: 100 }) as unknown);
  if (!values.some(isMap)) return false;
  for (const value of values.filter(isMap)) {
    addHelm(found, value);
    addDeep(found, value);
  }
  return true;
}

function readInto(found: Found, source: string): void {
  const commands = commandsOf(source);
  if (commands.length > 0) {
    for (const command of commands) addWords(found, wordsOf(command));
  } else if (/^(?:\s*(?:#.*)?\n)*[a-z_]+\s*=/.test(source)) addToml(found, source);
  else if (!addYaml(found, source)) {
    for (const line of source.split('\n')) addVariable(found, line);
    addWords(found, wordsOf(source.replaceAll(/^\s*#.*$/gm, '')));
  }
}

/** A file, and what it says. */
export interface ProxySource {
  readonly path: string;
  readonly text: string;
}

function readSource({ path, text }: ProxySource): Found {
  if (text.length > MAX_LENGTH) throw failure(`${path}: is longer than 1 MB`);
  const found: Found = new Map();
  try {
    readInto(found, text);
  } catch (error) {
    throw failure(`${path}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'cannot be read'}`);
  }
  // The chart's own configuration file, unless the values have another, lets every email domain in.
  if (/^config:|extraArgs[.:]/m.test(text) && !found.has('email-domain') && !text.includes('configFile')) {
    found.set('email-domain', ['*']);
  }
  if (found.size === 0) throw failure(`${path}: has no option of OAuth2-Proxy, in any form`);
  return found;
}

/**
 * @param sources of which the last one that names an option counts
 * @throws a failure for what has none of its options
 */
export function readProxyOptions(sources: readonly ProxySource[]): ProxyOptions {
  const found = new Map(sources.flatMap((source) => [...readSource(source)]));
  if (!found.has('provider') && !found.has('client-id') && !found.has('oidc-issuer-url')) {
    throw failure(
      `${sources.map(({ path }) => path).join(', ')}: has neither \`provider\`, \`client-id\` nor \`oidc-issuer-url\` of OAuth2-Proxy, in any form`,
    );
  }
  return found;
}
