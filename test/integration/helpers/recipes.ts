// The configurations of docs/recipes.md, each found by a line of its own.
import { blocksOf, type Block } from './docs-blocks';
import { startBlock, type Running } from './docs-runner';
import type { SuiteName } from './suite';

const BLOCKS = blocksOf('docs/recipes.md');

/** The one configuration in which a line stands, with a part of it replaced. */
export function recipe(line: string, part = '', by = ''): Block {
  const [found, ...others] = BLOCKS.filter(({ text }) => text.includes(line));
  if (found === undefined || others.length > 0) throw new Error(`docs/recipes.md has \`${line}\` not once`);
  if (!found.text.includes(part)) throw new Error(`\`${part}\` is not beside \`${line}\``);
  return { ...found, text: found.text.replace(part, by) };
}

export async function run<Told>(
  block: Block,
  suite: SuiteName,
  use: (running: Running) => Promise<Told>,
  changes: Readonly<Record<string, string>> = {},
): Promise<Told> {
  const running = await startBlock(block, suite, changes);
  try {
    return await use(running);
  } finally {
    await running.stop();
  }
}
