// The error log, each thing once for each worker where the engine can remember that it was said.
import type { EngineObject, NginxObject } from '../host';
import { findZone } from './zones';

declare const ngx: NginxObject;
declare const njs: EngineObject;
declare const process: { readonly pid: number };

/** nginx cuts a line of its error log at 2048 bytes. */
const LINE_LIMIT = 1800;

/**
 * Whether this worker says `line` for the first time; undefined where nothing remembers. The shared dictionary
 * `jwtverify` does, and on QuickJS what was compiled once is said once. njs starts every request afresh.
 */
function isFirst(line: string): boolean | undefined {
  const dictionary = findZone('jwtverify_keys');
  if (dictionary === undefined) return njs.engine === 'QuickJS' ? true : undefined;
  try {
    return dictionary.add('said:' + String(process.pid) + ':' + line, '1');
  } catch (error) {
    return undefined;
  }
}

function join(lines: readonly string[], write: (line: string) => void): void {
  let joined = '';
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (joined !== '' && joined.length + line.length > LINE_LIMIT) {
      write(joined);
      joined = '';
    }
    joined = joined === '' ? line : joined + '; ' + line;
  }
  if (joined !== '') write(joined);
}

/** Says why every request is refused, in one message unless nginx would cut it; never left out for want of memory. */
export function logProblems(lines: readonly string[]): void {
  join(lines, (line) => {
    if (isFirst(line) !== false) ngx.log(ngx.ERR, 'jwtverify: every request is refused: ' + line);
  });
}

/**
 * Says what the operator should know of settings that work.
 * @param urged whether it explains a refusal, and so is said even where it may be said again at every request
 * @returns the lines that were not said, since nothing would remember that they were
 */
export function logNotices(lines: readonly string[], urged: boolean): readonly string[] {
  return lines.filter((line) => {
    const first = isFirst(line);
    if (first === true || (first === undefined && urged)) ngx.log(ngx.WARN, 'jwtverify: ' + line);
    return first === undefined && !urged;
  });
}

/** Says what the configuration lacks to judge a request; nginx itself adds which request it was. */
export function logUnwired(what: string): void {
  ngx.log(ngx.ERR, 'jwtverify: this request is refused: ' + what);
}

/** Says whom this request would have needed an answer of, and what came instead. */
export function logOutage(what: string): void {
  ngx.log(ngx.ERR, 'jwtverify: ' + what.slice(0, LINE_LIMIT));
}

/** Says for which reason a rule in shadow mode would have refused a request; nginx itself adds which request it was. */
export function logShadow(rule: string, reason: string): void {
  const what = rule === '' ? 'the policy' : 'the rule `' + rule + '`';
  ngx.log(ngx.WARN, 'jwtverify: shadow: ' + what + ' would refuse this request: ' + reason);
}

/**
 * Logs an error of this product by its kind and place.
 * INVARIANT: never its message, which may quote what it was working on.
 */
export function logError(error: unknown): void {
  const isError = error instanceof Error;
  const stack = isError && typeof error.stack === 'string' ? error.stack : '';
  const places = stack.split('\n').filter((line) => line.indexOf('    at ') === 0);
  const kind = isError ? error.name : typeof error;
  ngx.log(ngx.ERR, 'jwtverify: internal error: ' + kind + places.join('').slice(0, LINE_LIMIT));
}
