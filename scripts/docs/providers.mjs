// docs/providers.md: the policy of each provider out of its file in examples/policies/.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The link to a file, the words behind it, and the block that has the file's text. */
const POLICY = /(\]\(\.\.\/(examples\/policies\/[\w-]+\.json)\)[^\n]*\n\n```json\n)[\s\S]*?(\n```\n)/g;

/**
 * Writes the text of every file into the block below the link to it.
 * @param {string} root
 */
export function writeProviders(root) {
  const document = readFileSync(join(root, 'docs/providers.md'), 'utf8');
  return document.replaceAll(
    POLICY,
    (_, before, path, after) => before + readFileSync(join(root, path), 'utf8').trim() + after,
  );
}
