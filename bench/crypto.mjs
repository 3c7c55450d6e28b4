// `npm run bench:crypto [rounds] [signing]`: what a signature costs in plain TypeScript and in luaossl, on each engine. Medians of
// processor time; the engines take turns. Writes bench/results/crypto.json and bench/results/crypto.md, but with `signing`,
// which measures only what signs: then it prints, also the port of the product in units of luaossl alone.
import { spawnSync } from 'node:child_process';
import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';
import * as tstl from 'typescript-to-lua';
import { prepareSuites, suitePath } from '../scripts/suites.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TURNS = 9;

/** Signing input of a common access token: 600 characters. */
const INPUT = `eyJhbGciOiJub25lIn0.${'eyJzdWIiOiJtZSJ9'.repeat(37)}`.slice(0, 600);

/**
 * @param {string} algorithm
 * @param {string} type
 * @param {import('node:crypto').KeyPairKeyObjectResult} pair
 * @param {number} times verifications in one measurement
 */
function makeCase(algorithm, type, { publicKey, privateKey }, times) {
  const bits = Number(algorithm.slice(2));
  const modulusLength = (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const options = {
    key: privateKey,
    dsaEncoding: /** @type {const} */ ('ieee-p1363'),
    ...(algorithm.startsWith('PS') ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: bits / 8 } : {}),
  };
  const signature = sign(type === 'Ed25519' ? null : `sha${bits}`, Buffer.from(INPUT), options);
  return {
    name: type === 'RSA' ? `${algorithm}, ${modulusLength * 8} bits` : algorithm,
    algorithm,
    type,
    spki: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    modulusLength,
    signingInput: INPUT,
    signature: signature.toString('base64url'),
    pkcs8: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    times,
  };
}

function makeCases() {
  const rsa = (/** @type {number} */ modulusLength) => generateKeyPairSync('rsa', { modulusLength });
  const ec = (/** @type {string} */ namedCurve) => generateKeyPairSync('ec', { namedCurve });
  return [
    makeCase('RS256', 'RSA', rsa(2048), 3),
    makeCase('PS256', 'RSA', rsa(2048), 3),
    makeCase('RS256', 'RSA', rsa(3072), 2),
    makeCase('RS256', 'RSA', rsa(4096), 1),
    makeCase('RS256', 'RSA', rsa(8192), 1),
    makeCase('ES256', 'P-256', ec('P-256'), 3),
    makeCase('ES384', 'P-384', ec('P-384'), 2),
    makeCase('ES512', 'P-521', ec('P-521'), 1),
    makeCase('EdDSA', 'Ed25519', generateKeyPairSync('ed25519'), 3),
  ];
}

/** @param {readonly object[]} cases */
function writeLua(cases) {
  const lines = cases.map((one) => {
    const members = Object.entries(one).map(([name, value]) => `["${name}"]=${JSON.stringify(value)}`);
    return `{${members.join(',')}}`;
  });
  return `return {${lines.join(',\n')}}\n`;
}

function bundleLua() {
  let bundle = '';
  const answer = tstl.transpileProject(join(ROOT, 'bench/lua/tsconfig.json'), undefined, (path, text) => {
    if (path.endsWith('crypto.lua')) bundle = text;
  });
  if (answer.diagnostics.length > 0) {
    const host = {
      getCanonicalFileName: (/** @type {string} */ name) => name,
      getCurrentDirectory: () => ROOT,
      getNewLine: () => '\n',
    };
    throw new Error(ts.formatDiagnostics(answer.diagnostics, host));
  }
  return bundle;
}

async function bundleNode() {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: ['bench/node/crypto.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  return result.outputFiles[0]?.text ?? '';
}

/** @param {readonly string[]} command */
function run(command, cwd = '/') {
  const { status, stdout, stderr } = spawnSync(command[0] ?? '', command.slice(1), { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`\`${command.join(' ')}\` ended with ${status}: ${stderr}`);
  return stdout;
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

const rounds = process.argv[2] ?? '3';
const isSigning = process.argv[3] === 'signing';
await prepareSuites(['bookworm', 'trixie', 'sid'], () => undefined);
const cases = makeCases();
const program = { lua: bundleLua(), node: await bundleNode() };

const directories = [];
function prepare(/** @type {string} */ parent, /** @type {Record<string, string>} */ files) {
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'bench-'));
  directories.push(directory);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  return directory;
}

function luaEngine(/** @type {string} */ suite, /** @type {string} */ command) {
  const directory = prepare(join(suitePath(suite), 'srv'), {
    'program.lua': program.lua,
    'cases.lua': writeLua(cases),
  });
  const inside = `/srv/${basename(directory)}`;
  const versionOf = `${command} -v 2>&1`;
  return {
    name: `${run(['chroot', suitePath(suite), 'sh', '-c', versionOf]).split('  ')[0]} (${suite})`,
    measure: () =>
      run([
        'chroot',
        suitePath(suite),
        command,
        `${inside}/program.lua`,
        `${inside}/cases.lua`,
        rounds,
        isSigning ? 'signing' : '',
      ]),
  };
}

function nodeEngine() {
  const directory = prepare(tmpdir(), { 'program.mjs': program.node, 'cases.json': JSON.stringify(cases) });
  return {
    name: `Node ${process.versions.node}`,
    measure: () => run([process.execPath, 'program.mjs', 'cases.json', rounds], directory),
  };
}

/** @type {Map<string, Map<string, number[]>>} */
const results = new Map();
try {
  const engines = [
    luaEngine('bookworm', 'lua5.3'),
    luaEngine('trixie', 'lua5.4'),
    luaEngine('sid', 'lua5.4'),
    ...(isSigning ? [] : [nodeEngine()]),
  ];
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const { name, measure } of engines) {
      const byCase = results.get(name) ?? new Map();
      results.set(name, byCase);
      for (const line of measure().trim().split('\n')) {
        const [label = '', value = ''] = line.split('\t');
        if (label !== 'version') byCase.set(label, [...(byCase.get(label) ?? []), Number(value)]);
      }
    }
  }
} finally {
  for (const directory of directories) rmSync(directory, { recursive: true });
}

const names = [...results.keys()];
const labels = [...(results.get(names[0] ?? '')?.keys() ?? [])];
const round = (/** @type {number} */ value) => Number(value.toPrecision(3));
const summary = labels.map((label) => ({
  label,
  milliseconds: Object.fromEntries(
    names.flatMap((name) => {
      const values = results.get(name)?.get(label);
      return values === undefined ? [] : [[name, { median: round(median(values)), least: round(Math.min(...values)) }]];
    }),
  ),
}));
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`;
const date = new Date().toISOString().slice(0, 10);
const head = { date, machine, turns: TURNS, rounds: Number(rounds), engines: names };
const rows = summary.map(({ label, milliseconds }) => {
  const cells = names.map((name) => {
    const cell = milliseconds[name];
    return cell === undefined ? '' : `${cell.median} (${cell.least})`;
  });
  return `| ${[label, ...cells].join(' | ')} |`;
});
const text = `# What a signature costs

Measured by \`npm run bench:crypto\` on ${date}: ${machine}. Milliseconds of processor time for one verification, or one signature, of a token of
600 characters: the median of ${TURNS * Number(rounds)} measurements, and the least of them. The key is ready but where "first
key" says so: then that and what all keys of its curve share are computed.

| | ${names.join(' | ')} |
|---|${names.map(() => '---').join('|')}|
${rows.join('\n')}
`;
console.log(text);
if (isSigning) {
  for (const name of names) {
    for (const [label, values] of results.get(name) ?? []) {
      const alone = results.get(name)?.get(label.replace(/^the port/, 'luaossl alone'));
      if (alone === undefined || !label.startsWith('the port')) continue;
      // Neighbours in time.
      const ratio = median(values.map((value, at) => value / (alone[at] ?? NaN)));
      console.log(`${name}, ${label}: ${ratio.toFixed(2)} times luaossl alone`);
    }
  }
} else {
  mkdirSync(join(ROOT, 'bench/results'), { recursive: true });
  writeFileSync(join(ROOT, 'bench/results/crypto.json'), `${JSON.stringify({ ...head, summary }, null, 2)}\n`);
  writeFileSync(join(ROOT, 'bench/results/crypto.md'), text);
}
