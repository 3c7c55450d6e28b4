// Which keys HAProxy has loaded by itself: a `set-var` line of `global` runs a converter that names the file, so that the
// file is read with the configuration, and leaves a variable behind that tells that the line was in force.
// docs/decisions/0020-native-jwt-verify.md says why both are looked at.
import type { Problem } from '../src/core/problem';
import type { NativeKey } from '../src/core/settings';
import type { SettingsSource } from '../src/ports/host';

/** A key that the configuration names, and the variable that is set where it does. */
export interface NamedKey {
  readonly path: string;
  readonly spki: string;
  /** As in `proc.oauth_native`. */
  readonly variable: string;
}

/** A line: the variable and the file. */
interface NativeLine {
  readonly variable: string;
  readonly path: string;
}

/** The second argument, as it stands there without quotes around it. */
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
function readLines(source: SettingsSource): readonly NativeLine[] {
  const lines: NativeLine[] = [];
  // HAProxy names them in its own environment, with semicolons between them.
  for (const [file] of string.gmatch(source.environment('HAPROXY_CFGFILES') ?? '', '[^;]+')) {
    const answer = source.readFile(file ?? '');
    if (!answer.ok) continue;
    for (const [line] of string.gmatch(answer.text, '[^\r\n]+')) {
      const read = readLine(line ?? '');
      if (read !== undefined) lines.push(read);
    }
  }
  return lines;
}

function problemWith(message: string): Problem {
  return { setting: 'OAUTH_NATIVE_KEYS', message };
}

/**
 * Finds the line that names each key.
 * INVARIANT: a key without one is not used. HAProxy would read its file in a request, where that is not safe.
 * @param problems where the keys without one are noted
 */
export function findNamedKeys(
  keys: readonly NativeKey[],
  source: SettingsSource,
  problems: Problem[],
): readonly NamedKey[] {
  if (keys.length === 0) return [];
  const lines = readLines(source);
  const named: NamedKey[] = [];
  for (const { path, spki } of keys) {
    const line = lines.find((candidate) => candidate.path === path);
    if (line === undefined) {
      const wanted = '`set-var proc.oauth_native str(),jwt_verify(RS256,' + path + ')`';
      problems.push(problemWith('`' + path + '` is not loaded by HAProxy; put ' + wanted + ' into `global`'));
    } else if (lines.some(({ variable, path: other }) => variable === line.variable && other !== path)) {
      problems.push(problemWith('`' + line.variable + '` is set by lines for different files; name another in each'));
    } else {
      named.push({ path, spki, variable: line.variable });
    }
  }
  return named;
}
