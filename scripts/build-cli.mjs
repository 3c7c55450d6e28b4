// Builds the command: dist/cli/jwtverify.mjs, which Node runs, and beside it parts that a command loads when it needs them.
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { banner, nameVersion } from './banner.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const outfile = `${root}dist/cli/jwtverify.mjs`;

/** Packages that are CommonJS ask for Node's own modules by `require`. */
const REQUIRE = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";

/** Parts are beside the entry, since modules look for the artifacts from where they are. */
const isPart = (name) => /^part-[A-Z0-9]+\.mjs$/.test(name);

/** Tests build side by side: a reader finds the old file or the new one, never half of one. */
async function replace(path, code, mode) {
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, code, { mode });
  await rename(unfinished, path);
}

/** @returns {Promise<string>} the path of the entry */
export async function buildCli() {
  const folder = dirname(outfile);
  const result = await build({
    absWorkingDir: root,
    entryPoints: { jwtverify: 'cli/main.ts' },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    chunkNames: 'part-[hash]',
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    charset: 'utf8',
    legalComments: 'inline',
    logLevel: 'warning',
    banner: { js: REQUIRE },
  });
  if (result.warnings.length > 0) throw new Error('esbuild warned; see above');
  await mkdir(folder, { recursive: true });
  const parts = result.outputFiles.filter(({ path }) => isPart(basename(path)));
  for (const { path, text } of parts) await replace(path, nameVersion(text), 0o644);
  const entry = result.outputFiles.find(({ path }) => path === outfile);
  await replace(outfile, `#!/usr/bin/env node\n${banner()}\n${nameVersion(entry?.text ?? '')}`, 0o755);
  const names = parts.map(({ path }) => basename(path));
  const old = readdirSync(folder).filter((name) => isPart(name) && !names.includes(name));
  for (const name of old) await rm(join(folder, name), { force: true });
  return outfile;
}

/**
 * Copies the command with its parts.
 * @param {string} cli what `buildCli` returned
 * @param {string} folder where it will be
 */
export function copyCli(cli, folder) {
  mkdirSync(folder, { recursive: true });
  cpSync(cli, join(folder, basename(cli)));
  for (const name of readdirSync(dirname(cli)).filter(isPart)) cpSync(join(dirname(cli), name), join(folder, name));
}
