// Builds what Lua runs, of both versions.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tstl from 'typescript-to-lua';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const LUA = join(ROOT, 'test/engine/lua');
const luaBundles = new Map<string, string>();

function compileLua(entry: string): string {
  let bundle = '';
  const { options, fileNames } = tstl.parseConfigFileWithSystem(join(LUA, 'tsconfig.json'));
  const program = join(LUA, entry);
  // The programs stand apart: only the declarations of the project are shared.
  const declarations = fileNames.filter((name) => name.endsWith('.d.ts'));
  const answer = tstl.transpileFiles(
    [program, ...declarations],
    { ...options, luaBundle: 'bundle.lua', luaBundleEntry: program },
    (path, text) => {
      if (path.endsWith('bundle.lua')) bundle = text;
    },
  );
  if (answer.diagnostics.length > 0) {
    throw new Error(
      ts.formatDiagnostics(answer.diagnostics, {
        getCanonicalFileName: (name) => name,
        getCurrentDirectory: () => ROOT,
        getNewLine: () => '\n',
      }),
    );
  }
  return bundle;
}

/**
 * Bundles a program for Lua, once in a process.
 * @param entry a file of `lua/`
 */
export function bundleLua(entry: string): string {
  const bundle = luaBundles.get(entry) ?? compileLua(entry);
  luaBundles.set(entry, bundle);
  return bundle;
}
