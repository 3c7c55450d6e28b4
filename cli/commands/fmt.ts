// `jwtverify fmt`: a policy in its canonical form.
import { realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { EXIT, failure } from '../desk/failure';
import { readPolicyText } from '../ports/source';
import type { Output } from '../print/output';
import { formatPolicy } from '../write/policy-text';

/** No proxy reads a longer policy. */
const MAX_LENGTH = 1_048_576;

export interface FmtOptions {
  readonly write?: true | undefined;
  readonly check?: true | undefined;
  readonly json?: true | undefined;
}

function readPolicy(path: string): string {
  const file = readPolicyText(path);
  if (!file.ok) throw failure(`${path}: ${file.problem}`);
  if (file.text.length > MAX_LENGTH) throw failure(`${path}: is longer than 1 MB`);
  return file.text;
}

/** A proxy that reads the file at that moment finds the old text or the new one. A symbolic link stays one. */
function replace(path: string, content: string): void {
  const own = realpathSync(path);
  writeFileSync(`${own}.new`, content, { mode: statSync(own).mode });
  renameSync(`${own}.new`, own);
}

/** @returns the exit code: with `--check` a failure where a file is not in its form */
export function fmt(paths: readonly string[], options: FmtOptions, output: Output): number {
  if (options.check === true && options.write === true) throw failure('give --check or --write, not both');
  if (paths.length > 1 && options.check !== true && options.write !== true) {
    throw failure('several files need --check or --write');
  }
  const files = paths.map((path) => {
    const before = readPolicy(path);
    const after = formatPolicy(path, before);
    return { path, after, isFormatted: before === after };
  });
  const others = files.filter(({ isFormatted }) => !isFormatted);
  if (options.write === true) for (const { path, after } of others) replace(path, after);
  if (options.json === true) {
    output.json(
      files.map(({ path, isFormatted }) => ({ file: path, formatted: isFormatted || options.write === true })),
    );
  } else if (options.check === true || options.write === true) for (const { path } of others) output.line(path);
  else output.text(files[0]?.after ?? '');
  return options.check === true && others.length > 0 ? EXIT.failure : EXIT.fine;
}
