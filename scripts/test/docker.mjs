// A container engine for the tests: the one that answers, or one of our own for as long as the tests run.
import { spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE, findProgram, installOnHost, prepareSuites, SUITES, suiteBaseTar, withLock } from '../suites.mjs';

const RUN = '/run/jwtverify-docker';
const PULL_SECONDS = 20;
const START_SECONDS = 60;

/**
 * Runs a command quietly; resolves to its exit code and output.
 * @param {readonly string[]} command
 * @param {number} [seconds] after which it is ended
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function run(command, seconds = 600) {
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
  // Not the `timeout` of `spawn`: where the program is missing, its timer keeps this process alive to the end.
  const timer = setTimeout(() => child.kill(), seconds * 1000);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  const code = await new Promise((done) => {
    child.on('error', () => done(127));
    child.on('close', (status) => done(status ?? 128));
  });
  clearTimeout(timer);
  return { code, output };
}

async function engineAnswers() {
  return (await run(['docker', 'version', '--format', '{{.Server.Version}}'], 20)).code === 0;
}

async function hasCompose() {
  return (
    (await run(['docker', 'compose', 'version'])).code === 0 || (await run(['docker-compose', 'version'])).code === 0
  );
}

/** The Debian packages that are missing for an engine and compose. */
export async function missingDockerPackages() {
  const missing = [];
  if (findProgram('docker') === undefined || (findProgram('dockerd') === undefined && !(await engineAnswers()))) {
    // Where the kernel has AppArmor, the engine wants its parser.
    missing.push('docker.io', 'apparmor');
  }
  if (!(await hasCompose())) {
    missing.push('docker-compose');
  }
  return missing;
}

/**
 * Runs `work` while a container engine answers that has a base image of each suite.
 * @template Value
 * @param {string} log the file for the engine's own log, where it is ours
 * @param {(line: string) => void} say
 * @param {() => Promise<Value>} work
 * @returns {Promise<Value>}
 */
export async function withDocker(log, say, work) {
  const missing = await missingDockerPackages();
  if (missing.length > 0) {
    say(`docker: installing ${missing.join(', ')}`);
    await installOnHost(missing, `${log}.apt`);
    if (findProgram('docker') === undefined) {
      await installOnHost(['docker-cli'], `${log}.apt`);
    }
  }
  if (await engineAnswers()) {
    await prepareImages(say);
    return await work();
  }
  // One engine at a time has the folder of images; another run waits here until this one ends.
  await mkdir(CACHE, { recursive: true });
  return await withLock(join(CACHE, 'docker.lock'), async () => {
    const stop = await startEngine(log, say);
    try {
      await prepareImages(say);
      return await work();
    } finally {
      await stop();
    }
  });
}

/**
 * Starts an engine with a socket and folders of its own, and points DOCKER_HOST at it.
 * @param {string} log
 * @param {(line: string) => void} say
 * @returns {Promise<() => Promise<void>>} what ends it
 */
async function startEngine(log, say) {
  say(`docker: no engine answers; starting one (its log: ${log})`);
  await rm(RUN, { recursive: true, force: true });
  await mkdir(RUN, { recursive: true });
  const socket = `unix://${RUN}/docker.sock`;
  const file = openSync(log, 'w');
  // A session of its own, so that Ctrl-C leaves it up for the containers to be removed; it ends when this process does.
  const engine = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'TERM', findProgram('dockerd') ?? 'dockerd'],
      ...['--host', socket, '--data-root', join(CACHE, 'docker')],
      ...['--exec-root', join(RUN, 'exec'), '--pidfile', join(RUN, 'docker.pid')],
    ],
    { detached: true, stdio: ['ignore', file, file] },
  );
  /** @type {Promise<void>} */
  const ended = new Promise((done) => {
    engine.once('error', () => done());
    engine.once('exit', () => done());
  });
  let gone = false;
  void ended.then(() => (gone = true));
  const before = process.env['DOCKER_HOST'];
  const stop = async () => {
    if (before === undefined) {
      delete process.env['DOCKER_HOST'];
    } else {
      process.env['DOCKER_HOST'] = before;
    }
    engine.kill('SIGTERM');
    const timer = setTimeout(() => engine.kill('SIGKILL'), 30_000);
    await ended;
    clearTimeout(timer);
  };
  process.env['DOCKER_HOST'] = socket;
  const deadline = Date.now() + START_SECONDS * 1000;
  while (!(await engineAnswers())) {
    if (gone || Date.now() > deadline) {
      await stop();
      throw new Error(`the container engine did not start; see ${log}`);
    }
    await new Promise((done) => setTimeout(done, 250));
  }
  return stop;
}

/**
 * Sees to `debian:<suite>-slim` for each suite: the one that is there, else pulled, else made with debootstrap.
 * @param {(line: string) => void} say
 */
async function prepareImages(say) {
  let canPull = true;
  for (const suite of SUITES) {
    const image = `debian:${suite}-slim`;
    if ((await run(['docker', 'image', 'inspect', image])).code === 0) {
      continue;
    }
    canPull &&= (await run(['docker', 'pull', '--quiet', image], PULL_SECONDS)).code === 0;
    if (canPull) {
      continue;
    }
    say(`docker: no registry answers; ${image} is made with debootstrap`);
    if (!existsSync(suiteBaseTar(suite))) {
      await prepareSuites([suite], say);
    }
    const imported = await run(['docker', 'import', '--change', 'CMD ["bash"]', suiteBaseTar(suite), image]);
    if (imported.code !== 0) {
      throw new Error(`cannot import ${image}: ${imported.output}`);
    }
  }
}
