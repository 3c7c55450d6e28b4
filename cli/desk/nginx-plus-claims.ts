// What variables of NGINX Plus say of a token's claims, and what a map over one of them lets pass.
import { everyPlaced, nameOf, own, type Placed } from './nginx-text';

/** A condition of a policy, without what it is about. */
export type ClaimCondition = Readonly<Record<string, readonly (string | number | boolean)[]>>;

export interface Demand {
  /** The claim, as a policy names it. */
  readonly path: string;
  readonly condition: ClaimCondition;
}

/** The variables of a configuration that hold claims, with the path of each. */
export type ClaimNames = ReadonlyMap<string, string>;

const pointerOf = (names: readonly string[]): string =>
  names.length === 1 && /^\w+$/.test(names[0] ?? '')
    ? (names[0] ?? '')
    : names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Those of `auth_jwt_claim_set`. */
export function readClaimNames(top: Placed): ClaimNames {
  const sets = everyPlaced(top).filter((one) => nameOf(one) === 'auth_jwt_claim_set');
  return new Map(sets.map(({ words }) => [words[1] ?? '', pointerOf(words.slice(2))]));
}

/** The claim of a variable; undefined for any other variable. */
export function claimOf(variable: string, names: ClaimNames): string | undefined {
  const set = names.get(variable);
  if (set !== undefined) return set;
  return /^\$jwt_claim_(\w+)$/.exec(variable)?.[1];
}

/** Every variable about tokens in a text. */
export function tokenVariables(text: string, names: ClaimNames): readonly string[] {
  const found = [...text.matchAll(/\$\{?(\w+)\}?/g)].map(([, name = '']) => `$${name}`);
  return found.filter((name) => names.has(name) || /^\$jwt_(?:claim_|header_|payload)/.test(name));
}

export const findMap = (http: Placed, variable: string): Placed | undefined =>
  own(http, 'map').find(({ words }) => words[2] === variable);

/** As a claim may have it: a text, or what is written alike. */
function typesOf(value: string): readonly (string | number | boolean)[] {
  if (value === 'true' || value === 'false') return [value, value === 'true'];
  return /^(?:0|[1-9]\d{0,14})$/.test(value) ? [value, Number(value)] : [value];
}

const TEXT = String.raw`(?:[\w @:/.-]|\\[.\-/+])+`;
const WHOLE = new RegExp(`^\\^(?:\\((?:\\?:)?)?(${TEXT}(?:\\|${TEXT})*)\\)?\\$$`);
const MEMBER = new RegExp(`^\\((?:\\?:)?\\^\\|,\\)(${TEXT})\\((?:\\?:)?,\\|\\$\\)$`);
const BEGIN = new RegExp(`^\\^(${TEXT})$`);

const plain = (text: string): string => text.replaceAll(/\\(.)/g, '$1');

/** What a key of a map stands for; undefined for an expression of another kind. */
function readKey(key: string): { readonly kind: 'any' | 'prefix'; readonly values: readonly string[] } | undefined {
  if (!key.startsWith('~')) return { kind: 'any', values: [key.replace(/^\\/, '')] };
  const expression = key.replace(/^~\*?/, '');
  const isGroup = /^\^\(/.test(expression);
  const [, whole] = WHOLE.exec(expression) ?? [];
  // Without a group `^a|b$` is two expressions.
  if (whole !== undefined && (isGroup || !whole.includes('|')))
    return { kind: 'any', values: whole.split('|').map(plain) };
  const [, member] = MEMBER.exec(expression) ?? [];
  if (member !== undefined) return { kind: 'any', values: [plain(member)] };
  const [, begin] = BEGIN.exec(expression) ?? [];
  return begin === undefined ? undefined : { kind: 'prefix', values: [plain(begin)] };
}

const passes = (value: string): boolean => value !== '' && value !== '0';

/** What a map lets pass; undefined where a policy has no equal. */
function readMap(map: Placed): ClaimCondition | undefined {
  const entries = map.block.filter((one) => nameOf(one) !== 'volatile');
  if (entries.some(({ words }) => words.length !== 2 || words[0] === 'hostnames' || words[0] === 'include'))
    return undefined;
  const open = entries.filter(({ words }) => passes(words[1] ?? ''));
  if (open.length === 0 || open.some((one) => nameOf(one) === 'default' || (one.words[1] ?? '').includes('$')))
    return undefined;
  const keys = open.map((one) => readKey(nameOf(one)));
  const closed = entries.filter((one) => !open.includes(one) && nameOf(one) !== 'default').map(nameOf);
  // An exception is first to match beside an expression, and may be one itself.
  if (closed.length > 0 && [...closed, ...open.map(nameOf)].some((key) => key.startsWith('~'))) return undefined;
  const kinds = new Set(keys.map((key) => key?.kind));
  const [kind] = kinds;
  if (kind === undefined || kinds.size > 1) return undefined;
  const values = keys.flatMap((key) => key?.values ?? []);
  if (values.includes('')) return undefined;
  return { [kind]: kind === 'prefix' ? values : values.flatMap(typesOf) };
}

/**
 * What a variable of `auth_jwt_require` demands: it must be neither empty nor `0`.
 * @returns undefined where a policy has no equal
 */
export function readDemand(http: Placed, variable: string, names: ClaimNames): Demand | undefined {
  const claim = claimOf(variable, names);
  if (claim !== undefined) return { path: claim, condition: { none: ['', '0', 0] } };
  const map = findMap(http, variable);
  const path = claimOf(map?.words[1] ?? '', names);
  const condition = map === undefined ? undefined : readMap(map);
  return path === undefined || condition === undefined ? undefined : { path, condition };
}
