// The servers and locations of NGINX Plus whose requests need a token, and what it needs there.
import { failure } from './failure';
import { readDemand, type ClaimNames, type Demand } from './nginx-plus-claims';
import { chainOf, everyPlaced, inForce, nameOf, own, type Placed } from './nginx-text';

/** A server or a location where tokens are needed. */
export interface Context {
  readonly block: Placed;
  readonly server: Placed;
  /** `exact` and `prefix`: by the path. `other`: by an expression, or a name. */
  readonly kind: 'server' | 'exact' | 'prefix' | 'other';
  readonly path: string;
  /** Whether it needs no token, and yet has a backend, which locations beside it may share. */
  readonly isPublic: boolean;
  readonly demands: readonly Demand[];
  /** Variables of `auth_jwt_require` that a policy has no equal for. */
  readonly foreign: readonly string[];
}

/** Whether a token is needed in a block. */
export function isAsked(block: Placed): boolean {
  const [asked] = inForce(block, 'auth_jwt');
  return asked !== undefined && asked.words[1] !== 'off';
}

const locationsIn = (block: Placed): readonly Placed[] =>
  own(block, 'location').flatMap((one) => [one, ...locationsIn(one)]);

function readPath({ words }: Placed): Pick<Context, 'kind' | 'path'> {
  const [, first = '', second] = words;
  if (second === undefined)
    return first.startsWith('@') ? { kind: 'other', path: '' } : { kind: 'prefix', path: first };
  if (first === '=') return { kind: 'exact', path: second };
  return first === '^~' ? { kind: 'prefix', path: second } : { kind: 'other', path: '' };
}

/** The lines of every level count: more than NGINX Plus demands where an inner level has its own. */
function demandsOf(block: Placed, http: Placed, names: ClaimNames): Pick<Context, 'demands' | 'foreign'> {
  const variables = chainOf(block)
    .flatMap((one) => own(one, 'auth_jwt_require'))
    .flatMap(({ words }) => words.slice(1).filter((word) => !word.startsWith('error=')));
  const read = [...new Set(variables)].map((variable) => ({ variable, demand: readDemand(http, variable, names) }));
  return {
    demands: read.flatMap(({ demand }) => demand ?? []),
    foreign: read.flatMap(({ variable, demand }) => (demand === undefined ? [variable] : [])),
  };
}

export const isForwarded = ({ block }: Placed): boolean => block.some((one) => /^\w+_pass$/.test(nameOf(one)));

/** Whether clients reach a backend by a location's path without a token. */
function isOpen(block: Placed): boolean {
  const isInner = own(block, 'internal').length > 0 || readPath(block).kind === 'other';
  return !isAsked(block) && isForwarded(block) && !isInner;
}

/** Every context, the server itself first. */
export function readContexts(http: Placed, names: ClaimNames): readonly Context[] {
  return own(http, 'server').flatMap((server) => {
    const whole: Context = {
      block: server,
      server,
      kind: 'server',
      path: '/',
      isPublic: false,
      ...demandsOf(server, http, names),
    };
    const all = locationsIn(server);
    const asked = all
      .filter((block) => isAsked(block))
      .map((block): Context => ({
        block,
        server,
        isPublic: false,
        ...readPath(block),
        ...demandsOf(block, http, names),
      }));
    if (asked.length === 0 && !isAsked(server)) return [];
    const open = all
      .filter((block) => isOpen(block))
      .map((block): Context => ({ block, server, isPublic: true, ...readPath(block), demands: [], foreign: [] }));
    return [whole, ...asked, ...open];
  });
}

/** What all asked contexts have alike, by its name in the configuration; undefined where none has it. @throws a failure */
export function agreedOn(contexts: readonly Context[], name: string): readonly (readonly string[])[] {
  const asked = contexts.filter(({ block }) => isAsked(block));
  const lists = asked.map(({ block }) => JSON.stringify(inForce(block, name).map(({ words }) => words.slice(1))));
  const [first = '[]', ...others] = [...new Set(lists)];
  if (others.length > 0)
    throw failure(`\`${name}\` differs between locations, and a policy has one for all; nothing is written`);
  return JSON.parse(first) as string[][];
}

/** Whether nginx may serve a request by another location than that of its path, so that a rule by path would be another one. */
export function changesLocation(http: Placed): boolean {
  const all = everyPlaced(http);
  const isOpenPage = (path: string): boolean =>
    all.some((one) => nameOf(one) === 'location' && one.words[1] === '=' && one.words[2] === path && !isAsked(one));
  return all.some((one) => {
    const { words } = one;
    const last = words.at(-1) ?? '';
    if (nameOf(one) === 'rewrite')
      return !['break', 'redirect', 'permanent'].includes(words[3] ?? '') && !/^https?:/.test(words[2] ?? '');
    if (nameOf(one) === 'try_files') return !/^[=@]/.test(last);
    if (nameOf(one) === 'merge_slashes') return last === 'off';
    return nameOf(one) === 'error_page' && last.startsWith('/') && !isOpenPage(last);
  });
}
