// The engines that run the vectors: where each is, and how it is started.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeWorkDirectory, runIn, type SuiteName } from '../integration/helpers/suite';
import { bundleJavaScript } from './bundle-javascript';
import { writeLua } from './lua-data';

/** Where a program runs. */
export interface Surroundings {
  readonly environment?: Readonly<Record<string, string>>;
  /** Files in the directory that it runs in. */
  readonly files?: Readonly<Record<string, string>>;
  /** A directory in it. */
  readonly directory?: string;
}

export interface Engine {
  readonly name: string;
  /** Runs a program of this directory on data. @returns what it printed, line by line */
  run(program: string, data: unknown, surroundings?: Surroundings): Promise<readonly string[]>;
}

function furnish(
  place: string,
  files: Readonly<Record<string, string>>,
  { files: more, directory }: Surroundings,
): void {
  for (const [name, content] of Object.entries({ ...files, ...more })) writeFileSync(join(place, name), content);
  if (directory !== undefined) mkdirSync(join(place, directory));
}

async function runInSuite(
  suite: SuiteName,
  command: readonly string[],
  files: Readonly<Record<string, string>>,
  surroundings: Surroundings,
): Promise<readonly string[]> {
  const { outside, inside } = makeWorkDirectory(suite);
  furnish(outside, files, surroundings);
  const { code, output } = await runIn(suite, command, { cwd: inside, env: surroundings.environment ?? {} });
  if (code !== 0) throw new Error(`\`${command.join(' ')}\` in ${suite} ended with ${code}: ${output.slice(-2000)}`);
  return output.trimEnd().split('\n');
}

function javascript(name: string, suite: SuiteName, options: readonly string[]): Engine {
  return {
    name,
    run: async (program, data, surroundings = {}) =>
      runInSuite(
        suite,
        ['njs', ...options, 'program.js', 'data.json'],
        {
          'program.js': await bundleJavaScript(`${program}.ts`),
          'data.json': JSON.stringify(data),
        },
        surroundings,
      ),
  };
}

function lua(name: string, suite: SuiteName, command: string): Engine {
  return {
    name,
    run: async (program, data, surroundings = {}) => {
      const { bundleLua } = await import('./build');
      const files = { 'program.lua': bundleLua(`${program}.ts`), 'data.lua': `return ${writeLua(data)}\n` };
      return runInSuite(suite, [command, 'program.lua', 'data.lua'], files, surroundings);
    },
  };
}

async function runOnNode(program: string, data: unknown, surroundings: Surroundings = {}): Promise<readonly string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'vectors-'));
  try {
    const files = { 'program.mjs': await bundleJavaScript(`${program}.ts`), 'data.json': JSON.stringify(data) };
    furnish(directory, files, surroundings);
    // Node before 20.20 warns that Ed25519 is experimental.
    const env = { NODE_NO_WARNINGS: '1', ...surroundings.environment };
    const child = spawn(process.execPath, ['program.mjs', 'data.json'], { cwd: directory, env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const code = await new Promise((done) => child.once('close', done));
    if (code !== 0) throw new Error(`node ended with ${String(code)}: ${output.slice(-2000)}`);
    return output.trimEnd().split('\n');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export const NODE: Engine = { name: 'Node', run: runOnNode };
export const NJS_ENGINES: readonly Engine[] = [
  javascript('njs 0.7.9', 'bookworm', []),
  javascript('njs 0.8.9', 'trixie', []),
  javascript('njs 1.0.2', 'sid', []),
  javascript('QuickJS', 'sid', ['-n', 'QuickJS', '-m']),
];
export const LUA_ENGINES: readonly Engine[] = [
  lua('Lua 5.3', 'bookworm', 'lua5.3'),
  lua('Lua 5.4', 'trixie', 'lua5.4'),
  lua('Lua 5.4 of sid', 'sid', 'lua5.4'),
];
