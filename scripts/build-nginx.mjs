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
const EXPORTS_AT_END = /export \{\n((?: {2}\w+(?: as \w+)?,?\n)+)\};\n$/;
const RENAMED = /(\w+) as (\w+)/g;
const MODULE_IMPORT = /^import (\w+) from "(fs|crypto)";$/gm;

const OPTIONS = {
  absWorkingDir: root,
  tsconfig: 'nginx/tsconfig.json',
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'neutral',
  target: 'es2020',
  supported,
  external: ['fs', 'crypto'],
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
};

/** The parts of the module: what each is called in an import, its entry, and the function that it becomes. */
const PARTS = {
  'part:judge': { entry: 'nginx/parts/judge.ts', opens: 'openJudge', as: 'judge' },
  'part:policy': { entry: 'nginx/parts/policy.ts', opens: 'openPolicy', as: 'policy' },
  'part:refusal': { entry: 'nginx/parts/refusal.ts', opens: 'openRefusal', as: 'refusal' },
  'part:manage': { entry: 'nginx/parts/manage.ts', opens: 'openManage', as: 'manage' },
};

async function bundle(options) {
  const result = await build({ ...OPTIONS, ...options });
  if (result.warnings.length > 0) throw new Error('esbuild warned; see above');
  return result.outputFiles[0].text;
}

/**
 * A part as one function: njs runs the top level of a module in every request, and a function that is not called costs
 * it nothing. The part's own top level becomes the function's body, its exports what the function returns, now and later.
 */
async function wrapPart({ entry, opens, as }) {
  const code = await bundle({ entryPoints: [entry] });
  const names = EXPORTS_AT_END.exec(code)?.[1];
  if (names === undefined) throw new Error(`${entry} does not end in plain exports`);
  const body = code
    .replace(EXPORTS_AT_END, `return {\n${names.replaceAll(RENAMED, '$2: $1')}};\n`)
    .replace(MODULE_IMPORT, (_, name, module) => `const ${name} = ${module}Module;`);
  // A function creates those within it as soon as it is entered: what only asks whether it was opened stands outside.
  return `import fsModule from 'fs';
import cryptoModule from 'crypto';
function ${as}Part() {\n${body}}
export function ${opens}(host) {
  if (host.${as} === undefined) host.${as} = ${as}Part();
  return host.${as};
}
`;
}

const parts = {
  name: 'parts',
  setup(builder) {
    builder.onResolve({ filter: /^part:/ }, ({ path }) => ({ path, namespace: 'part' }));
    // Each module of the engine is imported once for all.
    builder.onResolve({ filter: /^(fs|crypto)$/ }, ({ path, namespace }) =>
      namespace === 'once' ? { path, external: true } : { path, namespace: 'once' },
    );
    builder.onLoad({ filter: /.*/, namespace: 'once' }, ({ path }) => ({
      contents: `import ${path}Module from '${path}';\nexport default ${path}Module;\n`,
    }));
    builder.onLoad({ filter: /.*/, namespace: 'part' }, async ({ path }) => ({
      contents: await wrapPart(PARTS[path]),
      loader: 'js',
    }));
  },
};

/** njs 0.7.9 refuses `export { x as default }`, which is all that esbuild writes. */
function rewriteExport(code) {
  if (!EXPORT_AT_END.test(code)) throw new Error('the bundle does not end in one default export');
  return code.replace(EXPORT_AT_END, 'export default $1;\n');
}

export async function buildNginx() {
  const module = await bundle({ entryPoints: ['nginx/main.ts'], plugins: [parts] });
  const code = `${banner()}\n${rewriteExport(module)}`;
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
