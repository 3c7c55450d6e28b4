// Builds dist/haproxy/jwtverify.lua: the core and HAProxy's part of it as one Lua file that needs nothing else.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import * as tstl from 'typescript-to-lua';
import { banner, nameVersion } from './banner.mjs';
import { shrinkLua } from './shrink-lua.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const NAME = 'jwtverify.lua';

/**
 * Builds the file. Whatever the compilers say, errors or warnings, ends the build.
 * @param {string} [directory] where it goes
 * @returns {string} the path of the file
 */
export function buildHaproxy(directory = join(ROOT, 'dist/haproxy')) {
  /** @type {string | undefined} */
  let bundle;
  const answer = tstl.transpileProject(join(ROOT, 'haproxy/tsconfig.json'), undefined, (path, text) => {
    if (path.endsWith(NAME)) bundle = text;
  });
  if (answer.diagnostics.length > 0) {
    throw new Error(ts.formatDiagnostics(answer.diagnostics, diagnosticsHost()));
  }
  if (bundle === undefined) throw new Error(`the compiler wrote no ${NAME}`);
  const target = join(directory, NAME);
  rmSync(target, { force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(target, `${banner('--')}\n${shrinkLua(nameVersion(bundle))}`);
  return target;
}

/** @returns {ts.FormatDiagnosticsHost} */
function diagnosticsHost() {
  return {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => ROOT,
    getNewLine: () => '\n',
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    buildHaproxy();
  } catch (problem) {
    console.error(problem instanceof Error ? problem.message : problem);
    process.exitCode = 1;
  }
}
