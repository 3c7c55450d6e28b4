// Builds dist/nginx/jwtverify.js: one module that njs 0.7.9 and everything after it loads.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { banner } from './banner.mjs';
import { findUnsupportedSyntax } from './njs-syntax.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const outfile = `${root}dist/nginx/jwtverify.js`;

/** What njs 0.7.9 cannot read: esbuild lowers it or fails. FACTS: what each njs accepts. */
const supported = {
  'array-spread': false,
  'async-generator': false,
  bigint: false,
  class: false,
  'default-argument': false,
  destructuring: false,
  'dynamic-import': false,
  'for-await': false,
  'for-of': false,
  generator: false,
  'import-meta': false,
  'logical-assignment': false,
  'new-target': false,
  'object-rest-spread': false,
  'optional-catch-binding': false,
  'optional-chain': false,
  'regexp-unicode-property-escapes': false,
  'top-level-await': false,
};

const EXPORT_AT_END = /export \{\n {2}(\w+) as default\n\};\n$/;

/** njs 0.7.9 refuses `export { x as default }`, which is all that esbuild writes. */
function rewriteExport(code) {
  if (!EXPORT_AT_END.test(code)) throw new Error('the bundle does not end in one default export');
  return code.replace(EXPORT_AT_END, 'export default $1;\n');
}

export async function buildNginx() {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['nginx/main.ts'],
    tsconfig: 'nginx/tsconfig.json',
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2020',
    supported,
    external: ['fs'],
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
  });
  if (result.warnings.length > 0) throw new Error('esbuild warned; see above');
  const code = `${banner()}\n${rewriteExport(result.outputFiles[0].text)}`;
  const unsupported = findUnsupportedSyntax(code);
  if (unsupported.length > 0) throw new Error(`njs 0.7.9 cannot load this:\n${unsupported.join('\n')}`);
  await mkdir(dirname(outfile), { recursive: true });
  // Tests build side by side: a reader finds the old file or the new one, never half of one.
  const unfinished = `${outfile}.${process.pid}`;
  await writeFile(unfinished, code);
  await rename(unfinished, outfile);
  return outfile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await buildNginx());
}
