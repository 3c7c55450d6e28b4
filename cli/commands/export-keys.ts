// `jwtverify keys export` and `keys convert`: the public keys of an issuer, or of a file, in the form that is wanted.
import { EXIT, failure } from '../desk/failure';
import { isPem, listKeys, readKeySource } from '../desk/key-list';
import type { Output } from '../print/output';
import { isUsable, writeKeys, type KeyForm } from '../write/key-text';

export interface ExportOptions {
  readonly to?: KeyForm | undefined;
  readonly kid?: string | undefined;
  readonly allowHttp?: true | undefined;
  readonly json?: true | undefined;
}

interface Source {
  readonly name: string;
  readonly content: string;
}

function print({ name, content }: Source, form: KeyForm, options: ExportOptions, output: Output): number {
  const listed = listKeys(content, name).filter(({ kid }) => options.kid === undefined || kid === options.kid);
  for (const { kid, problem } of listed) {
    if (problem !== '') output.warn(`the key ${kid === '' ? 'without a kid' : `\`${kid}\``} is left out: ${problem}`);
  }
  const usable = listed.filter(isUsable);
  if (usable.length === 0) {
    throw failure(
      options.kid === undefined ? 'there is no key that can be used' : `no usable key has the kid \`${options.kid}\``,
    );
  }
  if (form === 'jwk' && usable.length > 1)
    throw failure('there are several keys: choose one with --kid, or write a set with --to jwks');
  const written = writeKeys(usable, form);
  if (options.json === true && form === 'pem') output.json({ pem: written });
  else output.text(written);
  return EXIT.fine;
}

/** Prints the keys of a source. @returns the exit code */
export async function exportKeys(source: string, options: ExportOptions, output: Output): Promise<number> {
  output.progress(`asking ${source} for its keys`);
  const content = await readKeySource(source, options.allowHttp === true);
  return print({ name: source, content }, options.to ?? 'jwks', options, output);
}

/** Prints the keys of a file in the other form. @returns the exit code */
export async function convertKeys(source: string, options: ExportOptions, output: Output): Promise<number> {
  if (/^https?:\/\//.test(source)) throw failure('a URL is for `keys export`');
  const content = await readKeySource(source, false);
  return print({ name: source, content }, options.to ?? (isPem(content) ? 'jwks' : 'pem'), options, output);
}
