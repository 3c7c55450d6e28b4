// A machine as it comes from Debian's installer, with Node and nothing else: a bare root file system of its own,
// which a test may install into and throw away.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suiteBaseTar } from '../../../scripts/suites.mjs';
import { SUITES, type SuiteName } from './suite';

const PROJECT = join(import.meta.dirname, '..', '..', '..');
const TRUSTED = '/etc/ssl/certs/ca-certificates.crt';
const NOBODY = '65534:65534';

export interface FreshMachine {
  /** Where its root is on this machine. */
  readonly root: string;
  /** Starts a command in the project's folder there. */
  start(user: 'root' | 'nobody', command: readonly string[]): Command;
  /** Makes the project there, with all that was built in it, belong to the plain user. */
  giveProjectToNobody(): void;
  remove(): void;
}

export interface Command {
  output(): string;
  /** Sends a signal to its whole process group, as a terminal does. */
  signal(name: NodeJS.Signals): void;
  readonly exitCode: Promise<number | null>;
}

/** The suite whose libraries this machine's Node can run with: its own, or the newest on any other system. */
export function suiteForNode(): SuiteName {
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  return SUITES.find((suite) => suite === codename) ?? 'sid';
}

/** Unpacks the suite's bare system and puts this machine's Node, and a copy of the project, into it. */
export function makeFreshMachine(suite: SuiteName): FreshMachine {
  const root = mkdtempSync(join(tmpdir(), 'jwtverify-fresh-'));
  execFileSync('tar', ['-C', root, '-xf', suiteBaseTar(suite)]);
  execFileSync('chmod', ['755', root]);
  copyNode(root);
  if (existsSync(TRUSTED)) {
    mkdirSync(join(root, dirname(TRUSTED)), { recursive: true });
    cpSync(TRUSTED, join(root, 'etc/trusted.pem'));
  }
  copyProject(join(root, 'srv/jwtverify'));
  const running = new Set<ChildProcess>();
  return {
    root,
    start: (user, command) => startCommand(root, user, command, running),
    giveProjectToNobody: () => {
      giveToNobody(join(root, 'srv/jwtverify'));
    },
    remove: () => {
      running.forEach((child) => {
        signalGroup(child, 'SIGKILL');
      });
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** This machine's Node with the libraries that the bare system lacks, and npm; Debian's where it is Debian's own. */
function copyNode(root: string): void {
  const linked = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  if (linked.includes('libnode.so')) {
    for (const words of [['update'], ['install', '-y', '--no-install-recommends', 'nodejs', 'npm']]) {
      execFileSync('chroot', [root, 'apt-get', '-q', ...words], { stdio: 'ignore' });
    }
    return;
  }
  for (const [, library = ''] of linked.matchAll(/ => (\/\S+)/g)) {
    if (!existsSync(join(root, library))) {
      mkdirSync(join(root, dirname(library)), { recursive: true });
      cpSync(library, join(root, library), { dereference: true });
    }
  }
  cpSync(process.execPath, join(root, 'usr/bin/node'));
  const npm = realpathSync(execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim());
  cpSync(dirname(dirname(npm)), join(root, 'usr/lib/node_modules/npm'), { recursive: true });
  execFileSync('ln', ['-s', '../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/bin/npm')]);
}

/** What a clone holds: no installed packages and nothing built. */
function copyProject(target: string): void {
  const left = ['node_modules', 'dist', '.git', '.cache'].map((name) => join(PROJECT, name));
  cpSync(PROJECT, target, { recursive: true, filter: (path) => !left.includes(path) });
  giveToNobody(target);
}

function giveToNobody(folder: string): void {
  execFileSync('chown', ['-R', NOBODY, folder]);
}

function startCommand(
  root: string,
  user: 'root' | 'nobody',
  command: readonly string[],
  running: Set<ChildProcess>,
): Command {
  const home = user === 'root' ? '/root' : '/tmp/home';
  const settings = [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    `HOME=${home}`,
    'npm_config_update_notifier=false',
    ...(existsSync(join(root, 'etc/trusted.pem')) ? ['NODE_EXTRA_CA_CERTS=/etc/trusted.pem'] : []),
  ];
  const userspec = user === 'root' ? '0:0' : NOBODY;
  const inside = ['env', '-i', '-C', '/srv/jwtverify', ...settings, ...command];
  const child = spawn('chroot', [`--userspec=${userspec}`, root, ...inside], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const exitCode = new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => {
      running.delete(child);
      done(code);
    });
  });
  return {
    output: () => output,
    signal: (name) => {
      signalGroup(child, name);
    },
    exitCode,
  };
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid ?? 0), name);
  } catch {
    // Its group is gone.
  }
}

/** Replaces a piece of a file that must be there once. */
export function replaceIn(path: string, from: string, to: string): void {
  const parts = readFileSync(path, 'utf8').split(from);
  if (parts.length !== 2) {
    throw new Error(`${path} must hold \`${from}\` once`);
  }
  writeFileSync(path, parts.join(to));
}
