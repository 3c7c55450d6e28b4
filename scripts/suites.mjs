// Prepares one root file system for each Debian suite, with the proxies' own packages and nothing else.
// `node scripts/suites.mjs [suite...]` prepares them; the tests import the functions.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';

/** @typedef {'bookworm' | 'trixie' | 'sid'} SuiteName */

/** @type {readonly SuiteName[]} */
export const SUITES = ['bookworm', 'trixie', 'sid'];

const PACKAGES = [
  'haproxy',
  'nginx',
  'libnginx-mod-http-js',
  'njs',
  'caddy',
  'lua5.3',
  'lua5.4',
  'lua-luaossl',
  'faketime',
  'openssl',
  'ca-certificates',
  'curl',
  'socat',
];

// Backends whose reading of a request decides what a gateway must take away: WSGI, Rack, and one that speaks h2c.
// They run in one suite and answer the proxies of all.
/** @type {Partial<Record<SuiteName, readonly string[]>>} */
const BACKENDS = { trixie: ['apache2', 'gunicorn', 'puma'] };

/** Where everything is kept that takes long to make. */
export const CACHE = process.env['JWTVERIFY_CACHE'] ?? '/var/cache/jwtverify';

/** @type {readonly string[]} */
export const APT = ['apt-get', '-q', '-y', '-o', 'Dpkg::Use-Pty=0'];

// A hung connection is given up and tried again. A mirror may be frozen at a day longer ago than sid's index is valid
// for; its signature is checked all the same, and nothing but tests runs on these systems.
const APT_SETTINGS = `Acquire::Retries "3";
Acquire::http::Timeout "60";
Acquire::Check-Valid-Until "false";
`;

// The recipe names the folder: a changed list is a new root file system, not a patched one.
const RECIPE = createHash('sha256')
  .update(JSON.stringify([APT_SETTINGS, PACKAGES, BACKENDS]))
  .digest('hex')
  .slice(0, 8);

/**
 * Where a suite's root file system is once it is prepared.
 * @param {SuiteName} suite
 */
export function suitePath(suite) {
  return join(CACHE, `${suite}-${RECIPE}`);
}

/**
 * Where the suite's bare system (debootstrap and nothing else) is as a tar, for a container's base image.
 * @param {SuiteName} suite
 */
export function suiteBaseTar(suite) {
  return join(CACHE, `${suite}-base.tar`);
}

/**
 * The versions of a prepared suite in one line; undefined while it is not ready.
 * @param {SuiteName} suite
 * @returns {string | undefined}
 */
export function suiteVersions(suite) {
  const stamp = `${suitePath(suite)}.ready`;
  if (!existsSync(stamp) || !existsSync(suitePath(suite)) || !existsSync(suiteBaseTar(suite))) {
    return undefined;
  }
  return readFileSync(stamp, 'utf8').trim();
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
let cancelled = false;

/** Ends whatever is being prepared; the promise of `prepareSuites` rejects. The next run begins that part anew. */
export function cancelPreparation() {
  cancelled = true;
  for (const child of running) {
    child.kill('SIGKILL');
  }
}

/**
 * Runs a command to its end with its output in `log`; resolves to the exit code.
 * @param {string} log
 * @param {readonly string[]} command
 */
async function run(log, command) {
  if (cancelled) {
    throw new Error('interrupted');
  }
  const child = spawn(command[0] ?? '', command.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...proxySettings(),
      PATH: searchPath(),
      LC_ALL: 'C.UTF-8',
      DEBIAN_FRONTEND: 'noninteractive',
      HOME: '/root',
    },
  });
  running.add(child);
  const collected = /** @type {Buffer[]} */ ([]);
  child.stdout.on('data', (chunk) => collected.push(chunk));
  child.stderr.on('data', (chunk) => collected.push(chunk));
  const code = await new Promise((done) => {
    child.on('error', (error) => {
      collected.push(Buffer.from(`${error.message}\n`));
      done(127);
    });
    child.on('close', (status) => done(status ?? 128));
  });
  running.delete(child);
  if (cancelled) {
    throw new Error('interrupted');
  }
  await writeFile(log, Buffer.concat([Buffer.from(`\n$ ${command.join(' ')}\n`), ...collected]), { flag: 'a' });
  return /** @type {number} */ (code);
}

/** What tells apt and debootstrap of a proxy on the way to the mirror. */
function proxySettings() {
  return Object.fromEntries(
    ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** The caller's PATH with the folders of the system's administration, which a plain user's often lacks. */
function searchPath() {
  return ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', process.env['PATH'] ?? '']
    .filter((folder) => folder !== '')
    .join(delimiter);
}

/**
 * The path of a program; undefined when it is not installed.
 * @param {string} name
 */
export function findProgram(name) {
  return searchPath()
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/**
 * Runs a step, and on failure again up to two times (a mirror's hiccup), then throws with the end of its output.
 * @param {string} log
 * @param {readonly string[]} command
 * @param {() => Promise<void>} [before] what makes the place clean for each try
 */
export async function runWithRetries(log, command, before) {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await before?.();
    if ((await run(log, command)) === 0) {
      return;
    }
    if (attempt < 3) {
      await new Promise((done) => setTimeout(done, 3000 * attempt));
    }
  }
  const tail = (await readFile(log, 'utf8')).split('\n').slice(-30).join('\n');
  throw new Error(`\`${command.join(' ')}\` failed three times; the end of ${log}:\n${tail}`);
}

/**
 * The command that runs another with mounts and processes of its own, so that an interrupted run leaves none behind.
 * @param {string} script
 * @param {readonly string[]} args
 */
export function apart(script, args) {
  return [
    // Whoever started it is gone: so is it, whatever way that ended.
    ...['setpriv', '--pdeathsig', 'KILL'],
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child=KILL',
    '--propagation=private',
    'sh',
    '-euc',
    script,
    'sh',
    ...args,
  ];
}

/**
 * Runs a command inside the root file system, with /proc there for as long as it runs.
 * @param {string} log
 * @param {string} root
 * @param {readonly string[]} command
 */
export async function runInside(log, root, command) {
  await runWithRetries(log, apart('mount -t proc proc "$1/proc"; exec chroot "$@"', [root, ...command]));
}

/**
 * Holds an exclusive lock on a file while `work` runs. The lock ends with this process, however that ends.
 * @template Value
 * @param {string} path
 * @param {() => Promise<Value>} work
 * @returns {Promise<Value>}
 */
export async function withLock(path, work) {
  const holder = spawn('flock', ['--exclusive', path, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  await new Promise((done, fail) => {
    holder.on('error', fail);
    holder.on('exit', () => fail(new Error(`cannot lock ${path}`)));
    holder.stdout.once('data', done);
  });
  try {
    return await work();
  } finally {
    const ended = new Promise((done) => holder.once('close', done));
    holder.stdin.end();
    await ended;
  }
}

/**
 * Installs Debian packages on this machine.
 * @param {readonly string[]} packages
 * @param {string} log the file for apt's output
 */
export async function installOnHost(packages, log) {
  await mkdir(CACHE, { recursive: true });
  await withLock(join(CACHE, 'apt.lock'), async () => {
    // A failed update (some other source of this machine's) is not the end: the lists that are there may do.
    await run(log, [...APT, 'update']);
    await runWithRetries(log, [
      ...APT,
      '-o',
      'DPkg::Lock::Timeout=300',
      'install',
      '--no-install-recommends',
      ...packages,
    ]);
  });
}

/**
 * Makes one suite's root file system from nothing: debootstrap, its tar, the packages, the stamp last.
 * @param {SuiteName} suite
 * @param {string} log
 */
async function build(suite, log) {
  const root = suitePath(suite);
  const half = `${root}.half`;
  const tar = suiteBaseTar(suite);
  const emptyHalf = async () => {
    await rm(half, { recursive: true, force: true });
    await mkdir(half, { recursive: true });
  };
  await rm(`${root}.ready`, { force: true });
  await rm(root, { recursive: true, force: true });
  await writeFile(log, '');
  await runWithRetries(log, apart('debootstrap --variant=minbase "$1" "$2"', [suite, half]), emptyHalf);
  await rm(join(half, 'debootstrap'), { recursive: true, force: true });
  await writeFile(join(half, 'etc/apt/apt.conf.d/80jwtverify'), APT_SETTINGS);
  await runInside(log, half, ['apt-get', 'clean']);
  await runWithRetries(log, ['tar', '-C', half, '--one-file-system', '-cf', `${tar}.half`, '.']);
  await rename(`${tar}.half`, tar);

  // No service starts while packages are installed.
  await writeFile(join(half, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  await runInside(log, half, [...APT, 'update']);
  await runInside(log, half, [...APT, 'install', '--no-install-recommends', ...PACKAGES, ...(BACKENDS[suite] ?? [])]);
  await runInside(log, half, ['apt-get', 'clean']);
  const versions = await readVersions(half);
  await rename(half, root);
  await writeFile(`${root}.ready.half`, `${versions}\n`);
  await rename(`${root}.ready.half`, `${root}.ready`);
}

/**
 * @param {string} root
 * @returns {Promise<string>}
 */
async function readVersions(root) {
  const log = `${root}.versions`;
  await rm(log, { force: true });
  await run(log, ['chroot', root, 'haproxy', '-vv']);
  await run(log, ['chroot', root, 'nginx', '-v']);
  await run(log, ['chroot', root, 'njs', '-v']);
  const text = await readFile(log, 'utf8');
  await rm(log, { force: true });
  const find = (/** @type {RegExp} */ pattern) => pattern.exec(text)?.[1] ?? 'unknown';
  const haproxy = find(/HAProxy version ([0-9.]+)/);
  const lua = find(/Built with Lua version : Lua ([0-9.]+)/);
  const nginx = find(/nginx version: nginx\/([0-9.]+)/);
  const njs = find(/njs -v\n([0-9.]+)/);
  return `haproxy ${haproxy} (Lua ${lua}), nginx ${nginx}, njs ${njs}`;
}

/**
 * Prepares suites, at once; those that stand are left as they are. Safe against other runs and earlier interrupted ones.
 * @param {readonly SuiteName[]} [suites]
 * @param {(line: string) => void} [say]
 */
export async function prepareSuites(suites = SUITES, say = (line) => console.log(line)) {
  const missing = suites.filter((suite) => suiteVersions(suite) === undefined);
  if (missing.length > 0) {
    if (process.getuid?.() !== 0) {
      throw new Error('preparing the Debian suites (debootstrap, chroot) needs root; run it as root');
    }
    await mkdir(CACHE, { recursive: true });
    if (findProgram('debootstrap') === undefined) {
      say('suites: installing debootstrap');
      await installOnHost(['debootstrap', 'debian-archive-keyring'], join(CACHE, 'host.log'));
    }
  }
  const outcomes = await Promise.allSettled(
    missing.map((suite) =>
      withLock(join(CACHE, `${suite}.lock`), async () => {
        // Another run may have made it while this one waited.
        if (suiteVersions(suite) === undefined) {
          say(`suites: making ${suite} (its log: ${join(CACHE, `${suite}.log`)})`);
          await build(suite, join(CACHE, `${suite}.log`));
        }
      }),
    ),
  );
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected').map((outcome) => outcome.reason);
  if (failures.length > 0) {
    throw new Error(failures.map((failure) => failure.message).join('\n'));
  }
  for (const suite of suites) {
    say(`${suite}: ${suiteVersions(suite)}`);
  }
}

if (basename(process.argv[1] ?? '') === 'suites.mjs') {
  const wanted = SUITES.filter((suite) => process.argv.length === 2 || process.argv.includes(suite));
  await prepareSuites(wanted).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
