// The policy that judges as `auth_jwt` of NGINX Plus did: a rule for each location by path, with what its `auth_jwt_require`
// lines demand. INVARIANT: a request for a location is judged by demands that include those of the location.
import { failure } from '../desk/failure';
import type { Demand } from '../desk/nginx-plus-claims';
import { isAsked, isForwarded, type Context } from '../desk/nginx-plus-contexts';
import { own, type Placed } from '../desk/nginx-text';

const PLAIN = /^\/[A-Za-z0-9/_.~-]*$/;

export interface Rules {
  readonly rules: readonly object[];
  /** Locations of which a rule cannot say what they demand; those that are public stay so. */
  readonly refused: readonly Context[];
  /** Whether one rule is for all paths. */
  readonly isSingle: boolean;
}

/** The location that nginx chooses for a path among those by path; the server where it has none. */
function findLocation(path: string, contexts: readonly Context[]): Context | undefined {
  const exact = contexts.find((one) => one.kind === 'exact' && one.path === path);
  if (exact !== undefined) return exact;
  return contexts
    .filter((one) => (one.kind === 'prefix' || one.kind === 'server') && path.startsWith(one.path))
    .sort(
      (one, other) =>
        other.path.length - one.path.length || Number(one.kind === 'server') - Number(other.kind === 'server'),
    )[0];
}

/**
 * The location of the path that a policy takes for the same one: with or without the slash at its end. nginx itself redirects
 * from the path without it where the location has a backend.
 */
function findSibling(context: Context, contexts: readonly Context[]): Context | undefined {
  const { kind, path, block } = context;
  if (kind !== 'exact' && (kind !== 'prefix' || !path.endsWith('/') || path === '/')) return undefined;
  if (kind === 'prefix' && isForwarded(block)) return undefined;
  const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
  const found = findLocation(other, contexts);
  return found === context || found === undefined || !isAsked(found.block) ? undefined : found;
}

const patternOf = ({ kind, path }: Context): string =>
  kind === 'exact' ? path : path.endsWith('/') ? `${path}**` : `${path}*/**`;

/** Demands as requirements; undefined where two of them are about one claim. */
function requireOf(demands: readonly Demand[]): object | undefined {
  const claims: Record<string, object> = {};
  for (const { path, condition } of demands) {
    const text = JSON.stringify(condition);
    if (claims[path] !== undefined && JSON.stringify(claims[path]) !== text) return undefined;
    claims[path] = condition;
  }
  return claims;
}

/** The names of a server, as a policy's rules can have them; undefined where requests for other names get there too. */
function hostsOf(server: Placed): readonly string[] | undefined {
  const names = own(server, 'server_name').flatMap(({ words }) => words.slice(1));
  const isPlain = names.length > 0 && names.every((name) => /^(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/.test(name));
  return isPlain ? names.map((name) => name.toLowerCase()) : undefined;
}

interface Draft {
  readonly path: string;
  /** Undefined: the path needs no token. */
  readonly claims: object | undefined;
}

/** The rule of a context; undefined where a policy has no equal. */
function draftOf(context: Context, contexts: readonly Context[], fixed: readonly string[]): Draft | undefined {
  const sibling = findSibling(context, contexts);
  if (!PLAIN.test(context.path)) return undefined;
  const path = context.kind === 'server' ? '/**' : patternOf(context);
  // What an expression chooses is judged by the rule of its path, which must not be a public one.
  const isChosen = contexts.some(({ kind }) => kind === 'other');
  if (context.isPublic) return sibling === undefined && !isChosen ? { path, claims: undefined } : undefined;
  const demands = [...context.demands, ...(sibling?.demands ?? [])].filter((one) => !fixed.includes(one.path));
  const claims = requireOf(demands);
  const isForeign = context.foreign.length > 0 || (sibling?.foreign ?? []).length > 0;
  return isForeign || claims === undefined ? undefined : { path, claims };
}

/** Exact paths first, then the longest, as nginx chooses. */
const inOrder = (one: Context, other: Context): number =>
  Number(other.kind === 'exact') - Number(one.kind === 'exact') || other.path.length - one.path.length;

function rulesOfServer(
  contexts: readonly Context[],
  hosts: readonly string[] | undefined,
  fixed: readonly string[],
): Rules {
  const [server] = contexts;
  const others = contexts.filter(({ kind }) => kind === 'other');
  const byPath = contexts.filter(({ kind }) => kind === 'exact' || kind === 'prefix').sort(inOrder);
  const hasRoot = byPath.some(
    ({ kind, path, isPublic }) => kind === 'prefix' && path === '/' && !(isPublic && others.length > 0),
  );
  // What no location has is the server's own, and so is what is chosen by an expression or a name.
  const isNeeded = server !== undefined && !hasRoot && (isAsked(server.block) || others.length > 0);
  const drafts: Draft[] = [];
  const refused: Context[] = [];
  for (const context of isNeeded ? [...byPath, server] : byPath) {
    const draft = draftOf(context, contexts, fixed);
    if (draft === undefined) refused.push(context);
    else drafts.push(draft);
  }
  // The rule of its path has the demands of the server for certain, and no others.
  for (const context of others)
    if (context.demands.length > (server?.demands.length ?? 0) || context.foreign.length > 0) refused.push(context);
  const isSingle =
    new Set(drafts.map(({ claims }) => JSON.stringify(claims ?? null))).size === 1 && refused.length === 0;
  const kept = isSingle ? drafts.slice(-1).map(({ claims }) => ({ path: '/**', claims })) : drafts;
  const rules = kept.map(({ path, claims }) => ({
    ...(hosts === undefined ? {} : { hosts }),
    paths: [path],
    ...(claims === undefined ? { access: 'public' } : {}),
    ...(claims === undefined || Object.keys(claims).length === 0 ? {} : { require: { claims } }),
  }));
  return { rules, refused, isSingle: isSingle && hosts === undefined };
}

/**
 * @param fixed claims that the issuers of the policy compare already
 * @throws a failure where rules of two servers cannot be told apart
 */
export function writeRules(contexts: readonly Context[], fixed: readonly string[]): Rules {
  const servers = [...new Set(contexts.map(({ server }) => server))];
  const each = servers.map((server) => contexts.filter((one) => one.server === server));
  const single = each.map((own_) => rulesOfServer(own_, undefined, fixed));
  const texts = new Set(single.map(({ rules }) => JSON.stringify(rules)));
  const refused = single.flatMap((one) => one.refused);
  const [first] = single;
  if (first !== undefined && texts.size === 1)
    return { rules: first.rules, refused, isSingle: single.every(({ isSingle }) => isSingle) };
  const named = each.map((own_, index) => {
    const hosts = hostsOf(servers[index] ?? own_[0]?.server ?? failServers());
    if (hosts === undefined) return failServers();
    return rulesOfServer(own_, hosts, fixed);
  });
  return { rules: named.flatMap(({ rules }) => rules), refused: named.flatMap((one) => one.refused), isSingle: false };
}

function failServers(): never {
  throw failure(
    'servers demand different things of tokens, and a `server_name` of theirs is no plain name; nothing is written',
  );
}
