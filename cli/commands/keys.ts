// `jwtverify keys`: the keys that a file has, or that an issuer publishes now, and why some cannot be used.
import { EXIT } from '../desk/failure';
import { listKeys, readKeySource, thumbprintOf, type ListedKey } from '../desk/key-list';
import type { Output } from '../print/output';

export interface KeysOptions {
  readonly allowHttp?: true | undefined;
  readonly json?: true | undefined;
}

/** A key as it is shown. */
interface KeyRow {
  readonly kid: string;
  readonly type: string;
  /** Algorithms that the proxies accept with it. */
  readonly algorithms: readonly string[];
  readonly use: string;
  /** Bits. */
  readonly size: number | undefined;
  /** The thumbprint (RFC 7638). */
  readonly thumbprint: string;
  /** Why the proxies cannot use it; empty where they can. */
  readonly problem: string;
}

const SIZES: Readonly<Record<string, number>> = { 'P-256': 256, 'P-384': 384, 'P-521': 521, Ed25519: 256 };

function rowOf({ kid, type, use, problem, key }: ListedKey): KeyRow {
  if (key === undefined) return { kid, type, algorithms: [], use, size: undefined, thumbprint: '', problem };
  const size = key.type === 'RSA' ? key.modulusLength * 8 : SIZES[key.type];
  return { kid, type, algorithms: key.algorithms, use, size, thumbprint: thumbprintOf(key), problem };
}

const HEAD = ['kid', 'type', 'size', 'use', 'algorithms', 'thumbprint'] as const;

function printTable(rows: readonly KeyRow[], output: Output): void {
  const cells = rows.map(({ kid, type, size, use, algorithms, thumbprint, problem }) =>
    problem === ''
      ? [kid, type, String(size ?? ''), use, algorithms.join(' '), thumbprint]
      : [kid, type, '', use, `unusable: ${problem}`, ''],
  );
  const widths = HEAD.map((name, column) => Math.max(name.length, ...cells.map((row) => (row[column] ?? '').length)));
  const format = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  output.line(output.dim(format(HEAD)));
  cells.forEach((row, index) => {
    output.line(rows[index]?.problem === '' ? format(row) : output.red(format(row)));
  });
}

/** @returns the exit code: a failure where no key can be used */
export async function showKeys(source: string, options: KeysOptions, output: Output): Promise<number> {
  output.progress(`asking ${source} for its keys`);
  const rows = listKeys(await readKeySource(source, options.allowHttp === true), source).map(rowOf);
  if (options.json === true) output.json(rows);
  else printTable(rows, output);
  return rows.some(({ problem }) => problem === '') ? EXIT.fine : EXIT.failure;
}
