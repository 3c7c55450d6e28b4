// Options of OAuth2-Proxy as they are found, by the layer that they are in.
import { parse as parseToml } from 'smol-toml';

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

/** Options that no restriction depends on: their values may be elsewhere. */
export const SECRETS: readonly string[] = ['client-id', 'client-secret', 'cookie-secret', 'redis-password'];
/** Options that name a file with more options; `env-file` is Docker's. */
export const FILES: readonly string[] = ['config', 'alpha-config', 'env-file'];

export const PREFIX = 'OAUTH2_PROXY_';
/** How an option is called that stands for a file, or for an object of Kubernetes, that is not here. */
export const ELSEWHERE = 'what is in ';

export type Found = Map<string, string[]>;

/** Options by where they are; a flag is stronger than a variable, and that than a file. */
export interface Layers {
  readonly file: Found;
  readonly variables: Found;
  readonly flags: Found;
}

export function add(found: Found, name: string, value: unknown): void {
  const spelled = name.replaceAll('_', '-').toLowerCase();
  const flag = SINGULAR[spelled] ?? spelled;
  const texts = (Array.isArray(value) ? value : [value]).map((one) =>
    typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean' ? String(one) : '',
  );
  const values = LISTS.includes(flag) ? texts.flatMap((text) => text.split(',')) : texts;
  found.set(flag, [...(found.get(flag) ?? []), ...values.map((text) => text.trim()).filter((text) => text !== '')]);
}

export const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Remembers what has more options. */
export function addElsewhere(layers: Layers, place: string): void {
  if (place !== '') layers.file.set(ELSEWHERE + place, []);
}

/** A variable by what follows `OAUTH2_PROXY_`. @param value null or undefined where it comes from elsewhere */
export function addNamed(layers: Layers, name: string, value: unknown): void {
  if (value !== null && value !== undefined) add(layers.variables, name, value);
  else if (!SECRETS.includes(name.replaceAll('_', '-').toLowerCase())) addElsewhere(layers, PREFIX + name);
}

/** `OAUTH2_PROXY_NAME=value`, and without a value one that comes from elsewhere. */
export function addVariable(layers: Layers, line: string): void {
  const [, name, value] = /^(?:export |ENV |--env=)?OAUTH2_PROXY_([A-Z0-9_]+)(?:=(.*))?$/s.exec(line.trim()) ?? [];
  if (name !== undefined) addNamed(layers, name, value?.replaceAll(/^["']|["']$/g, ''));
}

export function addToml({ file }: Layers, source: string): void {
  for (const [name, value] of Object.entries(parseToml(source))) add(file, name, value);
}

/** Words of a shell, with quotes; a `\` at the end of a line continues it. */
export const wordsOf = (source: string): readonly string[] =>
  (source.replaceAll(/\\\r?\n/g, ' ').match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []).map((word) =>
    word.replaceAll(/["']/g, ''),
  );
