// Builds dist/cli/jwtverify.mjs: the command as one file that Node runs.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { banner, nameVersion } from './banner.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const outfile = `${root}dist/cli/jwtverify.mjs`;

/** Packages that are CommonJS ask for Node's own modules by `require`. */
const REQUIRE = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";

export async function buildCli() {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['cli/main.ts'],
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
  const code = `#!/usr/bin/env node\n${banner()}\n${nameVersion(result.outputFiles[0].text)}`;
  await mkdir(dirname(outfile), { recursive: true });
  // Tests build side by side: a reader finds the old file or the new one, never half of one.
  const unfinished = `${outfile}.${process.pid}`;
  await writeFile(unfinished, code, { mode: 0o755 });
  await rename(unfinished, outfile);
  return outfile;
}
