// Builds what the engines run: one JavaScript bundle for Node, njs and QuickJS, one Lua bundle for both Luas.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import * as tstl from 'typescript-to-lua';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What njs 0.7.9 cannot read is lowered or an error. */
const SUPPORTED = {
  'array-spread': false,
  'async-generator': false,
  bigint: false,
  class: false,
  'default-argument': false,
  destructuring: false,
  'for-of': false,
  generator: false,
  'logical-assignment': false,
  'object-rest-spread': false,
  'optional-catch-binding': false,
  'optional-chain': false,
};

/** @param entry a file of this directory */
export async function bundleJavaScript(entry: string): Promise<string> {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: [`test/engine/${entry}`],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2020',
    supported: SUPPORTED,
    external: ['fs'],
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
  });
  return result.outputFiles[0]?.text ?? '';
}

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
