// Where HAProxy's settings come from: its process's environment (`setenv`, `presetenv`) and files, read before `chroot`.
import type { FileAnswer, SettingsSource } from '../../src/ports/host';
import { hasLibrary } from '../libraries';

/** More than any key file holds; what is longer is left unread. */
const MAX_FILE_BYTES = 2 * 1024 * 1024;

/** A file, whose `read` also says why it could not. */
interface ReadableFile {
  read(bytes: number): LuaMultiReturn<[content: string | undefined, reason: string | undefined]>;
}

/** The reason without the path, which the caller names: `/x.pem: No such file or directory` becomes the last part. */
function shorten(reason: string | undefined, path: string): string {
  if (reason === undefined) return 'unknown error';
  return string.sub(reason, 1, path.length + 2) === path + ': ' ? string.sub(reason, path.length + 3) : reason;
}

function readFile(path: string): FileAnswer {
  if (!hasLibrary('io')) return { ok: false, problem: "Lua's library `io` is missing; add it to `tune.lua.openlibs`" };
  const [file, openReason] = io.open(path, 'rb');
  if (file === undefined) return { ok: false, problem: shorten(openReason, path) };
  const [content, readReason] = (file as unknown as ReadableFile).read(MAX_FILE_BYTES);
  file.close();
  if (readReason !== undefined) return { ok: false, problem: shorten(readReason, path) };
  // At the end of a file there is neither content nor a reason: it is empty, as a deny list may be.
  return { ok: true, text: content ?? '' };
}

export const environmentSource: SettingsSource = {
  environment: (name) => os.getenv(name),
  readFile,
};
