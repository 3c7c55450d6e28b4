// What a command prints: results on standard output, warnings and errors on standard error, colours on a terminal only.
import { isatty } from 'node:tty';
import pc from 'picocolors';

export interface Output {
  readonly line: (text: string) => void;
  /** Text with line ends of its own, as a file holds it. */
  readonly text: (text: string) => void;
  /** One JSON document. */
  readonly json: (value: unknown) => void;
  /** What takes long, on a terminal only, until the next line. */
  readonly progress: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly error: (text: string) => void;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** What removes a line of progress from a terminal: carriage return, and `EL` of ECMA-48 §8.3.41. */
const REMOVED = '\r\x1b[2K';

/** The stream decides, not `CI` or `FORCE_COLOR`: what is read by a program stays plain. */
const isColored = (stream: NodeJS.WriteStream & { readonly fd: number }): boolean =>
  isatty(stream.fd) && (process.env['NO_COLOR'] ?? '') === '';

/** A JWT, which somebody gave in the place of a file's name or of a header line. */
const TOKEN = /\beyJ[\w-]{5,}\.[\w-]*(\.[\w-]*){0,3}/g;

/** INVARIANT: no message repeats a token. */
const withoutTokens = (text: string): string => text.replaceAll(TOKEN, '(a token, not shown)');

export function createOutput(): Output {
  const colors = pc.createColors(isColored(process.stdout));
  const warnings = pc.createColors(isColored(process.stderr));
  let isBusy = false;
  const finish = (): void => {
    if (isBusy) process.stderr.write(REMOVED);
    isBusy = false;
  };
  const write = (stream: NodeJS.WriteStream, text: string): void => {
    finish();
    stream.write(text);
  };
  return {
    line: (text) => {
      write(process.stdout, `${text}\n`);
    },
    text: (text) => {
      write(process.stdout, text);
    },
    json: (value) => {
      write(process.stdout, `${JSON.stringify(value, undefined, 2)}\n`);
    },
    progress: (text) => {
      if (!isatty(process.stderr.fd)) return;
      finish();
      process.stderr.write(warnings.dim(`${text} ...`));
      isBusy = true;
    },
    warn: (text) => {
      write(process.stderr, `${warnings.yellow('warning')}: ${withoutTokens(text)}\n`);
    },
    error: (text) => {
      write(process.stderr, `${warnings.red('error')}: ${withoutTokens(text)}\n`);
    },
    red: colors.red,
    green: colors.green,
    dim: colors.dim,
  };
}
