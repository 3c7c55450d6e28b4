// Words of a configuration.
import { failure } from '../desk/failure';

/** What neither proxy's configuration has to quote. */
const WORD = /^[A-Za-z0-9/._:[\]@%+~-]+$/;

/** @throws a failure for a word that would end another one, or begin a comment, a block or a variable */
export function checkWord(option: string, value: string): string {
  if (WORD.test(value)) return value;
  throw failure(`${option}: \`${value}\` has characters that a configuration would have to quote`);
}

/**
 * A word of HAProxy's configuration, in strong quotes where it needs them.
 * @throws a failure for one that not even they can hold
 */
export function quoteWord(name: string, value: string): string {
  if (WORD.test(value)) return value;
  if (/['\x00-\x1f]/.test(value))
    throw failure(`${name}: \`${value}\` has characters that no word of HAProxy can have`);
  return `'${value}'`;
}
