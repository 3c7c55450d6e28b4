// The keys that HAProxy itself has loaded: a `set-var` line of `global` runs a converter that names the file, so that
// HAProxy reads the file with the configuration, and sets a variable that proves that the line ran.
// docs/decisions/0020-native-jwt-verify.md has the reason for checking both.
import type { Problem } from '../../src/model/problem';
import type { NativeKey } from '../../src/model/settings';
import { NATIVE_KEYS } from '../../src/settings/table';
import type { Configuration, ReadConfiguration } from './configuration';
import { writeNativeLine } from './wanted-lines';

/** A key that the configuration names, and the variable that its line sets. */
export interface NamedKey {
  readonly path: string;
  readonly spki: string;
  /** As in `proc.oauth_native`. */
  readonly variable: string;
}

/** The first release of each branch whose converter leaves no error of a signature to TLS; before 3.1 others never do. */
const FIRST_CLEAN: Readonly<Record<string, number | undefined>> = { '2.6': 19, '2.8': 11, '3.0': 4 };
const ALL_CLEAN = 3.1;

/** A line: the variable and the file. */
interface NativeLine {
  readonly variable: string;
  readonly path: string;
}

/** The second argument, without quotes around it. */
function readPath(parameters: string): string | undefined {
  const [path] = string.match(parameters, '^%s*[A-Z0-9]+%s*,["\']?([^"\',%s]+)["\']?$');
  return path;
}

/** A line `set-var proc.NAME str(),jwt_verify(ALGORITHM,PATH)`; undefined for any other. */
function readLine(line: string): NativeLine | undefined {
  const [variable, expression] = string.match(line, '^%s*set%-var%s+(proc%.[%w_.]+)%s+(.+)$');
  const [parameters] = string.match(expression ?? '', '^str%([^()]*%),jwt_verify%(([^()]*)%)%s*$');
  const path = readPath(parameters ?? '');
  return variable === undefined || path === undefined ? undefined : { variable, path };
}

/** Every such line of the files that HAProxy was started with. */
function readLines(configuration: Configuration): readonly NativeLine[] {
  const lines: NativeLine[] = [];
  for (const { text } of configuration.lines) {
    const read = readLine(text);
    if (read !== undefined) lines.push(read);
  }
  return lines;
}

/** Whether the converter of this HAProxy clears OpenSSL's queue of errors when it finds a signature bad. */
export function clearsErrors(version: string): boolean {
  const [branch, patch] = string.match(version, '^(%d+%.%d+)%.?(%d*)');
  if (branch === undefined) return false;
  if ((tonumber(branch) ?? 0) >= ALL_CLEAN) return true;
  const first = FIRST_CLEAN[branch];
  return first !== undefined && (tonumber(patch) ?? 0) >= first;
}

function problemWith(message: string): Problem {
  return { setting: NATIVE_KEYS.name, message };
}

/**
 * The problem of a HAProxy whose converter must not check the signatures of strangers: the error that a forged one leaves
 * behind ends the next TLS connection of the thread that has to wait.
 */
export function findUncleared(): readonly Problem[] {
  const version = tostring(core.get_info()['Version']);
  if (clearsErrors(version)) return [];
  const cause =
    '`jwt_verify` of HAProxy ' + version + ' closes a TLS connection of another client for each forged token';
  const mend = '; install `lua-luaossl`, use HAProxy 2.6.19, 2.8.11, 3.0.4, 3.1 or later, or unset this setting';
  return [problemWith(cause + mend)];
}

/**
 * Finds the line that names each key.
 * INVARIANT: a key without one is not used. HAProxy would read its file in a request, where that is not safe.
 * @param problems where the keys without one are noted
 */
export function findNamedKeys(
  keys: readonly NativeKey[],
  configuration: ReadConfiguration,
  problems: Problem[],
): readonly NamedKey[] {
  if (keys.length === 0) return [];
  const found = configuration();
  const lines = readLines(found);
  const named: NamedKey[] = [];
  for (const { path, spki } of keys) {
    const line = lines.find((candidate) => candidate.path === path);
    if (line === undefined) {
      const wanted = '`' + writeNativeLine(path, 1) + '`';
      const [unread] = found.unread;
      const mend = 'put ' + wanted + ' into `global`';
      const where = unread === undefined ? '' : ' of a regular file: `' + unread.path + '` cannot be read again';
      problems.push(problemWith('`' + path + '` is not loaded by HAProxy; ' + mend + where));
    } else if (lines.some(({ variable, path: other }) => variable === line.variable && other !== path)) {
      problems.push(problemWith('`' + line.variable + '` is set by lines for different files; name another in each'));
    } else {
      named.push({ path, spki, variable: line.variable });
    }
  }
  return named;
}
