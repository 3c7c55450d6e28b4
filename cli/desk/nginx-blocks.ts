// Blocks of nginx's configuration, and the directives in them.
import type { Directive } from '../../nginx/ports/configuration';

export type Block = readonly Directive[];

/** The directives of a name in a block itself. */
export const named = (block: Block, name: string): Block => block.filter(({ words }) => words[0] === name);

/** Every directive of a block and of those within it. */
export function everyDirective(block: Block): Block {
  return block.flatMap((one) => [one, ...everyDirective(one.block ?? [])]);
}
