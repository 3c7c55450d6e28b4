// Files that a command leaves behind, or needs for a moment.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { failure } from '../desk/failure';
import { findInstalled, readOwnArtifact, type ProxyName } from '../ports/proxies';

/** Texts by their names in one folder. */
export type Files = Readonly<Record<string, string>>;

export const findExisting = (root: string, paths: readonly string[]): readonly string[] =>
  paths.filter((path) => existsSync(join(root, path)));

export function writeFiles(root: string, directory: string, files: Files): void {
  const folder = join(root, directory);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

/**
 * Has files for a moment, in a folder that everybody may read, as a proxy's workers have to.
 * @param files what is in it, perhaps by the folder's own path inside of the root
 * @param use gets the path of the folder, and its path inside of the root
 */
export function withFiles<T>(
  files: Files | ((inside: string) => Files),
  root: string,
  use: (outside: string, inside: string) => T,
): T {
  const parent = root === '' ? tmpdir() : join(root, 'tmp');
  mkdirSync(parent, { recursive: true });
  const outside = mkdtempSync(join(parent, 'jwtverify-'));
  chmodSync(outside, 0o755);
  const inside = root === '' ? outside : `/tmp/${basename(outside)}`;
  try {
    for (const [name, text] of Object.entries(typeof files === 'function' ? files(inside) : files)) {
      writeFileSync(join(outside, name), text);
    }
    return use(outside, inside);
  } finally {
    rmSync(outside, { recursive: true });
  }
}

/** The artifact of a proxy: where it is, or will be. */
export interface FoundModule {
  readonly path: string;
  /** What has to be written beside the configuration. */
  readonly files: Files;
  /** Runs what needs the file, which may not be where it will be yet. */
  readonly withModule: <T>(use: () => T) => T;
}

const OWN: Readonly<Record<ProxyName, string>> = { haproxy: 'jwtverify.lua', nginx: 'jwtverify.js' };

/** The artifact that is installed, or the one that came with this command, copied into the folder. */
export function findModule(proxy: ProxyName, root: string, given: string | undefined, directory: string): FoundModule {
  const path = given ?? findInstalled(proxy, root);
  if (path !== undefined) return { path, files: {}, withModule: (use) => use() };
  const text = readOwnArtifact(proxy);
  if (text === undefined)
    throw failure(`${OWN[proxy]} is neither installed nor beside this command: name it with --module`);
  const name = OWN[proxy];
  const own = join(directory, name);
  const isThere = existsSync(join(root, own));
  return {
    path: own,
    files: { [name]: text },
    withModule: (use) => {
      if (!isThere) writeFiles(root, directory, { [name]: text });
      try {
        return use();
      } catch (error) {
        if (!isThere) rmSync(join(root, own));
        throw error;
      }
    },
  };
}
