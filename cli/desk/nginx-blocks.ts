// Blocks of nginx's configuration, and the directives in them.
import { findHttpBlocks, valueOf, type Directive } from '../../nginx/ports/configuration';

export type { Directive };
export type Block = readonly Directive[];

/** The directives of a name in a block itself. */
export const named = (block: Block, name: string): Block => block.filter(({ words }) => words[0] === name);

/** Every directive of a block and of those within it. */
export function everyDirective(block: Block): Block {
  return block.flatMap((one) => [one, ...everyDirective(one.block ?? [])]);
}

/** A block and those around it, the innermost first. */
export interface Placed {
  /** As it is written: `location /api/`. */
  readonly name: string;
  readonly blocks: readonly Block[];
}

/** The directives of a name that count in a block: its own, or those of the nearest block around it that has any. */
export function inherited(placed: Placed, name: string): Block {
  for (const block of placed.blocks) {
    const own = named(block, name);
    if (own.length > 0) return own;
  }
  return [];
}

/** Every location within a block. */
export function locationsOf(block: Block, around: readonly Block[]): readonly Placed[] {
  return named(block, 'location').flatMap((location) => {
    const own = location.block ?? [];
    const placed = { name: location.words.join(' '), blocks: [own, block, ...around] };
    return [placed, ...locationsOf(own, [block, ...around])];
  });
}

/** The names that `js_import` gives the module. */
export function importsOf(configuration: Block): readonly string[] {
  const { http, servers } = findHttpBlocks(configuration);
  const lines = [http, ...servers].flatMap((block) => named(block, 'js_import'));
  return lines.flatMap(({ words }) => {
    const path = words[2] === 'from' ? (words[3] ?? '') : (words[1] ?? '');
    const file = path.slice(path.lastIndexOf('/') + 1);
    if (!/^jwtverify.*\.js$/.test(file)) return [];
    return [words[2] === 'from' ? (words[1] ?? '') : file.slice(0, -3)];
  });
}

/** The function of the module that a location calls; undefined when it calls none. */
export function functionOf(placed: Placed, modules: readonly string[]): string | undefined {
  const value = valueOf(placed.blocks[0] ?? [], 'js_content');
  const [module = '', name] = (value ?? '').split('.');
  return modules.includes(module) ? name : undefined;
}

/** Whether a block, or one around it, asks about each request. */
export function isAsked(placed: Placed): boolean {
  const [asked] = inherited(placed, 'auth_request');
  const isOn = asked !== undefined && asked.words[1] !== 'off';
  return isOn || inherited(placed, 'js_access').length > 0;
}
