// Builds dist/nginx/jwtverify.js: one module that njs 0.7.9 and everything after it loads.
import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { banner, nameVersion } from './banner.mjs';
import { findUnsupportedSyntax } from './njs-syntax.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const outfile = `${root}dist/nginx/jwtverify.js`;

/** What njs 0.7.9 cannot read (tried with its command line): esbuild lowers it, or fails. */
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

const EXPORT_AT_END = /export\{([\w$]+) as default\};\n$/;
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
  'part:verify': { entry: 'nginx/judge/verify.ts', opens: 'openVerify', as: 'verify' },
  'part:again': { entry: 'nginx/judge/again.ts', opens: 'openAgain', as: 'again' },
  'part:pass': { entry: 'nginx/judge/pass.ts', opens: 'openPass', as: 'pass' },
  'part:refuse': { entry: 'nginx/judge/refuse.ts', opens: 'openRefuse', as: 'refuse' },
  'part:broker': { entry: 'nginx/judge/broker.ts', opens: 'openBroker', as: 'broker' },
  'part:manage': { entry: 'nginx/operate/manage.ts', opens: 'openManage', as: 'manage' },
  // Within the part that imports it, so that the module itself has no more functions.
  'inner:audit': { entry: 'nginx/judge/audit.ts', opens: 'openAudit', as: 'audit' },
  'inner:ed25519': { entry: 'nginx/judge/ed25519.ts', opens: 'openEd25519', as: 'ed25519' },
  'inner:login': { entry: 'nginx/judge/login.ts', opens: 'openLogin', as: 'login' },
};

/**
 * Bundles for njs.
 * @param {import('esbuild').BuildOptions} options beside those that njs needs
 * @returns {Promise<string>}
 */
export async function bundle(options) {
  const result = await build({ ...OPTIONS, ...options });
  if (result.warnings.length > 0) throw new Error('esbuild warned; see above');
  return result.outputFiles[0].text;
}

/**
 * A part as one function: njs runs the top level of a module in every request, and a function that is not called costs
 * it nothing. The part's own top level becomes the function's body, its exports what the function returns, now and later.
 */
async function wrapPart({ entry, opens, as }) {
  const code = await bundle({ entryPoints: [entry], plugins: [innerParts] });
  const names = EXPORTS_AT_END.exec(code)?.[1];
  if (names === undefined) throw new Error(`${entry} does not end in plain exports`);
  const body = code
    .replace(EXPORTS_AT_END, `return {\n${names.replaceAll(RENAMED, '$2: $1')}};\n`)
    .replace(MODULE_IMPORT, (_, name, module) => `const ${name} = ${module}Module;`);
  // A function creates those within it as soon as it is entered: what only asks whether it was opened stands outside.
  return `function ${as}Part() {\n${body}}
export function ${opens}(host) {
  if (host.${as} === undefined) host.${as} = ${as}Part();
  return host.${as};
}
`;
}

/** Parts within a part: the engine's modules are those of the module around both. */
const innerParts = {
  name: 'inner-parts',
  setup(builder) {
    builder.onResolve({ filter: /^inner:/ }, ({ path }) => ({ path, namespace: 'part' }));
    builder.onLoad({ filter: /.*/, namespace: 'part' }, async ({ path }) => ({
      contents: await wrapPart(PARTS[path]),
      loader: 'js',
    }));
  },
};

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
      contents: `import fsModule from 'fs';\nimport cryptoModule from 'crypto';\n${await wrapPart(PARTS[path])}`,
      loader: 'js',
    }));
  },
};

/** njs 0.7.9 refuses `export { x as default }`, which is all that esbuild writes. */
function rewriteExport(code) {
  if (!EXPORT_AT_END.test(code)) throw new Error('the bundle does not end in one default export');
  return code.replace(EXPORT_AT_END, '\nexport default $1;\n');
}

/**
 * Shortens names and takes blanks away: QuickJS keeps the text of each function in each context, and so with each request
 * that waits for its backend (bench/notes.md). Lines stay short enough for the line that njs names in an error.
 */
async function shorten(code) {
  const { platform, format, target, charset } = OPTIONS;
  const shorter = { minifyIdentifiers: true, minifyWhitespace: true, lineLimit: 160 };
  const result = await transform(code, { platform, format, target, supported, charset, ...shorter });
  return result.code;
}

/**
 * Makes the module of a bundle, and names it after what is in it (nginx/ports/build-id.ts): before it is shortened, since
 * lines that are too long end within a text, and so within a place for the name.
 * @param {string} code
 * @returns {Promise<string>}
 */
export async function finishModule(code) {
  const places = nameVersion(code).split('@build@');
  if (places.length < 2) throw new Error('the bundle has no place for its name');
  const name = createHash('sha256').update(code).digest('base64url').slice(0, 8);
  return `${banner()}\n// Build ${name}\n${rewriteExport(await shorten(places.join(name)))}`;
}

/** @returns {Promise<readonly string[]>} the files whose code is in a bundle, or a part of the module, that begins at an entry */
async function listFiles(entry) {
  const result = await build({ ...OPTIONS, entryPoints: [entry], plugins: [parts, innerParts], metafile: true });
  const [output] = Object.values(result.metafile.outputs);
  const files = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return files.map(([file]) => file).filter((file) => !file.includes(':'));
}

/**
 * What the module is made of, for docs/architecture.md.
 * @returns {Promise<readonly { name: string, entry: string, files: readonly string[] }[]>} the module itself first, then
 *   each part
 */
export function listParts() {
  const entries = [['module', 'nginx/main.ts'], ...Object.entries(PARTS).map(([name, { entry }]) => [name, entry])];
  return Promise.all(entries.map(async ([name, entry]) => ({ name, entry, files: await listFiles(entry) })));
}

export async function buildNginx() {
  const code = await finishModule(await bundle({ entryPoints: ['nginx/main.ts'], plugins: [parts] }));
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
