// Reads a file of HAProxy's configuration once more. A pipe cannot be read again.
import type { FileAnswer } from '../../src/ports/host';
import { hasLibrary } from './lua-libraries';
import { NO_IO, shorten } from './environment';

function readAll(file: LuaFile): string | undefined {
  const [content] = file.read<['a']>('a');
  return content;
}

/** The output of a command; empty when no shell can be started. */
function askShell(this: void, command: string): string {
  const [shell] = io.popen(command, 'r');
  if (shell === undefined) return '';
  const answer = readAll(shell);
  shell.close();
  return answer ?? '';
}

/**
 * Whether a path leads to a pipe. INVARIANT: a shell checks this, since Lua cannot: opening a named pipe for reading waits
 * for a writer, and opening any file for writing wakes the processes that watch it, such as a unit that reloads HAProxy.
 * Where no shell can be started, false.
 */
function isPipe(path: string): boolean {
  const [quoted] = string.gsub(path, "'", "'\\''");
  const [ok, answer] = pcall(askShell, "[ -p '" + quoted + "' ] && echo pipe");
  return ok && answer === 'pipe\n';
}

/** Reads a whole file of the configuration, however long; never waits for a writer. */
export function readConfigurationFile(path: string): FileAnswer {
  if (!hasLibrary('io')) return { ok: false, problem: NO_IO };
  if (isPipe(path)) return { ok: false, problem: 'it is a pipe' };
  const [file, openReason] = io.open(path, 'rb');
  if (file === undefined) return { ok: false, problem: shorten(openReason, path) };
  const [size] = file.seek('end');
  file.seek('set');
  // A terminal, or a pipe that no shell could check.
  const content = size === undefined ? undefined : readAll(file);
  file.close();
  return content === undefined ? { ok: false, problem: 'it is not a regular file' } : { ok: true, text: content };
}
