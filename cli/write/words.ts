// Words of a configuration.
import { failure } from '../desk/failure';

/** What neither proxy's configuration has to quote. */
const WORD = /^[A-Za-z0-9/._:[\]@%+~-]+$/;

const PORT = /(?:^|:)([1-9]\d{0,4})$/;
const MOST = 65_535;

const hasPort = (value: string): boolean => Number(PORT.exec(value)?.[1] ?? Infinity) <= MOST;

/** @throws a failure for what is neither a port nor an address with one */
export function checkListen(value: string): string {
  checkWord('--listen', value);
  if (/^(?:(?:[A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\]):)?\d+$/.test(value) && hasPort(value)) return value;
  throw failure(
    `--listen: \`${value}\` is not a port from 1 to ${String(MOST)}, or an address and a port, as 127.0.0.1:8080`,
  );
}

/** What is wrong with a backend; undefined: nothing. */
export const findFaultyBackend = (value: string): string | undefined =>
  /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):\d+$/.test(value) && hasPort(value)
    ? undefined
    : 'a backend is host and port, as 127.0.0.1:3001';

/** @throws a failure for what is not host and port */
export function checkBackend(value: string): string {
  const fault = findFaultyBackend(value);
  if (fault === undefined) return value;
  throw failure(`--backend: ${fault}`);
}

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
