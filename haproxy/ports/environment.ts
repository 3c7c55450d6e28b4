// The source of HAProxy's settings: its process's environment (`setenv`, `presetenv`) and files, read before `chroot`.
import type { FileAnswer, SettingsSource } from '../../src/ports/host';
import { hasLibrary } from './lua-libraries';
import { SIGNS } from './signatures/signing';

/** More than any key file holds; longer files are not read. */
const MAX_FILE_BYTES = 2 * 1024 * 1024;

/** A file, whose `read` also returns the error. */
interface ReadableFile {
  read(bytes: number): LuaMultiReturn<[content: string | undefined, reason: string | undefined]>;
}

/** The problem where no file can be read at all. */
export const NO_IO = "Lua's library `io` is missing; add it to `tune.lua.openlibs`";

/** The reason without the path, which the caller names: `/x.pem: No such file or directory` becomes the last part. */
export function shorten(reason: string | undefined, path: string): string {
  if (reason === undefined) return 'unknown error';
  return string.sub(reason, 1, path.length + 2) === path + ': ' ? string.sub(reason, path.length + 3) : reason;
}

function readFile(path: string): FileAnswer {
  if (!hasLibrary('io')) return { ok: false, problem: NO_IO };
  const [file, openReason] = io.open(path, 'rb');
  if (file === undefined) return { ok: false, problem: shorten(openReason, path) };
  const [content, readReason] = (file as unknown as ReadableFile).read(MAX_FILE_BYTES);
  file.close();
  if (readReason !== undefined) return { ok: false, problem: shorten(readReason, path) };
  // At the end of a file there is neither content nor a reason: it is empty, as a deny list may be.
  return { ok: true, text: content ?? '' };
}

const asked = new LuaTable<string, boolean>();

/** Whether a variable has been asked for: a setting, or what the policy names. */
export function wasAsked(name: string): boolean {
  return asked.has(name);
}

export const environmentSource: SettingsSource = {
  environment: (name) => {
    asked.set(name, true);
    return os.getenv(name);
  },
  readFile,
  readsForms: true,
  signsIn: true,
  signs: SIGNS,
};

/** The variables that the process was started with, as Linux shows them: `NAME=VALUE`, each with a zero byte at its end. */
const ENVIRON = '/proc/self/environ';

/** Their names; none where they cannot be read. */
export function listVariables(): readonly string[] {
  const names: string[] = [];
  const answer = readFile(ENVIRON);
  if (!answer.ok) return names;
  for (const [name] of string.gmatch('\0' + answer.text, '\0([%w_]+)=')) if (name !== undefined) names.push(name);
  return names;
}
