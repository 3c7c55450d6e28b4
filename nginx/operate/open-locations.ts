// Open locations beside judged ones: nginx chooses a location by the path that it has decoded and resolved, and
// `proxy_pass` without a path hands on the path as the client wrote it. So `/admin/..%2fpublic/x` is answered by the open
// location `/public/`, and a backend that both share may read it as a path below `/admin/`.
import { findHttpBlocks, valueOf, type Directive } from '../ports/configuration';
import { findBackend, mayShare, type Backend } from './backends';

/** Who is let in, as a block inherits it. */
interface Access {
  /** Whether jwtverify is asked. */
  readonly isAsked: boolean;
  /** Whether one of several checks is enough. */
  readonly isAny: boolean;
  /** Whether some address is let in. */
  readonly hasAllowed: boolean;
}

/** A location that clients reach: by its path, or by its name out of another one. */
interface Handing {
  /** As it is written after `location`. */
  readonly name: string;
  readonly block: readonly Directive[];
  readonly isJudged: boolean;
}

const OPEN: Access = { isAsked: false, isAny: false, hasAllowed: false };
/** Blocks in a location that may hand on by themselves. */
const CONDITIONS: readonly string[] = ['if', 'limit_except'];

/** The access that a block gives: by its own lines, or by those around it. */
function accessOf(block: readonly Directive[], around: Access): Access {
  const asked = valueOf(block, 'auth_request');
  const isHandled = valueOf(block, 'js_access') !== undefined;
  const satisfy = valueOf(block, 'satisfy');
  const allowed = valueOf(block, 'allow');
  const hasOwn = allowed !== undefined || valueOf(block, 'deny') !== undefined;
  return {
    isAsked: isHandled || (asked === undefined ? around.isAsked : asked !== 'off'),
    isAny: satisfy === undefined ? around.isAny : satisfy === 'any',
    hasAllowed: hasOwn ? allowed !== undefined : around.hasAllowed,
  };
}

/** Under `satisfy any` an address that `allow` names needs no token. */
function isJudged(access: Access): boolean {
  return access.isAsked && !(access.isAny && access.hasAllowed);
}

/** Every location within a block, those that only nginx itself asks for left out. */
function locationsOf(block: readonly Directive[], around: Access): readonly Handing[] {
  let found: readonly Handing[] = [];
  for (let index = 0; index < block.length; index++) {
    const directive = block[index];
    if (directive?.block === undefined || directive.words[0] !== 'location') continue;
    const access = accessOf(directive.block, around);
    const name = directive.words.slice(1).join(' ');
    const isInternal = valueOf(directive.block, 'internal') !== undefined;
    if (!isInternal) found = found.concat({ name, block: directive.block, isJudged: isJudged(access) });
    found = found.concat(locationsOf(directive.block, access));
  }
  return found;
}

/** The named locations to which a block leads by `try_files` and `error_page`. */
function namesIn(block: readonly Directive[]): readonly string[] {
  return block
    .filter((one) => one.words[0] === 'try_files' || one.words[0] === 'error_page')
    .map((one) => one.words[one.words.length - 1] ?? '');
}

/** The backends of a location: its own, and those of its conditions. */
function backendsOf(http: readonly Directive[], block: readonly Directive[]): readonly Backend[] {
  const inner = block.filter((one) => CONDITIONS.indexOf(one.words[0] ?? '') >= 0).map((one) => one.block ?? []);
  const found: Backend[] = [];
  [block].concat(inner).forEach((one) => {
    const backend = findBackend(http, one);
    if (backend !== undefined) found.push(backend);
  });
  return found;
}

/** Whether a client gets into a location without a token: by its path, or by its name out of an open location. */
function isOpen(handing: Handing, handings: readonly Handing[], shared: readonly string[]): boolean {
  if (handing.isJudged) return false;
  if (handing.name.charAt(0) !== '@') return true;
  const callers = handings.filter((other) => !other.isJudged && other.name.charAt(0) !== '@');
  const isInherited = shared.indexOf(handing.name) >= 0;
  return callers.some((one) => isInherited || namesIn(one.block).indexOf(handing.name) >= 0);
}

/** The open locations of each server whose backend a judged location of that server has too, as they are written. */
export function findOpenLocations(configuration: readonly Directive[]): readonly string[] {
  let open: readonly string[] = [];
  const blocks = findHttpBlocks(configuration);
  const around = accessOf(blocks.http, OPEN);
  for (let index = 0; index < blocks.servers.length; index++) {
    const server = blocks.servers[index] ?? [];
    const handings = locationsOf(server, accessOf(server, around));
    const shared = namesIn(blocks.http).concat(namesIn(server));
    let judged: readonly Backend[] = [];
    handings
      .filter((handing) => handing.isJudged)
      .forEach((handing) => {
        judged = judged.concat(backendsOf(blocks.http, handing.block));
      });
    const leads = (backend: Backend): boolean => backend.isRaw && judged.some((other) => mayShare(backend, other));
    open = open.concat(
      handings
        .filter((handing) => isOpen(handing, handings, shared) && backendsOf(blocks.http, handing.block).some(leads))
        .map((handing) => handing.name),
    );
  }
  return open;
}
