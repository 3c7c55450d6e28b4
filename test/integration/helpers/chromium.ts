// A real browser: Debian's headless Chromium in a root file system of its own, driven by playwright-core. It needs no display.
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { APT, apart, CACHE, runInside, runWithRetries, suiteBaseTar, withLock } from '../../../scripts/suites.mjs';
import { suiteRoot, type SuiteName } from './suite';

const SUITE: SuiteName = 'trixie';
const PACKAGES = ['chromium-headless-shell', 'fonts-dejavu-core'];
const PROGRAM = '/usr/bin/chromium-headless-shell';
const RECIPE = createHash('sha256')
  .update(JSON.stringify([SUITE, PACKAGES]))
  .digest('hex')
  .slice(0, 8);
const ROOT = join(CACHE, `chromium-${RECIPE}`);
const MOUNTED = 'mount -t proc proc "$1/proc"; exec chroot "$@"';
const START_TIME = 30_000;

/** Makes the root file system where it is not there yet: the suite's bare system, and the browser. */
export async function prepareChromium(): Promise<void> {
  if (existsSync(ROOT)) return;
  suiteRoot(SUITE);
  await mkdir(CACHE, { recursive: true });
  await withLock(join(CACHE, 'chromium.lock'), async () => {
    if (existsSync(ROOT)) return;
    const half = `${ROOT}.half`;
    const log = join(CACHE, 'chromium.log');
    await writeFile(log, '');
    const empty = async (): Promise<void> => {
      await rm(half, { recursive: true, force: true });
      await mkdir(half, { recursive: true });
    };
    await runWithRetries(log, ['tar', '-C', half, '-xf', suiteBaseTar(SUITE)], empty);
    await runInside(log, half, [...APT, 'update']);
    await runInside(log, half, [...APT, 'install', '--no-install-recommends', ...PACKAGES]);
    await runInside(log, half, ['apt-get', 'clean']);
    await rename(half, ROOT);
  });
}

export interface Chromium {
  readonly browser: Browser;
  stop(): Promise<void>;
}

/** Starts the browser, to which every name below `.example` is this machine. */
export async function startChromium(): Promise<Chromium> {
  const profile = mkdtempSync(join(ROOT, 'tmp/profile-'));
  const [program = '', ...words] = apart(MOUNTED, [
    ROOT,
    PROGRAM,
    // Root has no other way; the pages are the test's own.
    '--no-sandbox',
    '--disable-dev-shm-usage',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--host-resolver-rules=MAP *.example 127.0.0.1',
    '--ignore-certificate-errors',
    '--remote-debugging-port=0',
    `--user-data-dir=/tmp/${basename(profile)}`,
    'about:blank',
  ]);
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/tmp', LC_ALL: 'C.UTF-8' };
  const child = spawn(program, words, { cwd: '/', env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((done) =>
    child.once('close', () => {
      done();
    }),
  );
  let output = '';
  const address = new Promise<string>((done, fail) => {
    const timer = setTimeout(() => {
      fail(new Error(`Chromium is not ready in ${String(START_TIME)} ms: ${output}`));
    }, START_TIME);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const found = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      done(found);
    });
    void ended.then(() => {
      clearTimeout(timer);
      fail(new Error(`Chromium has ended: ${output}`));
    });
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    rmSync(profile, { recursive: true, force: true });
  };
  try {
    return { browser: await chromium.connectOverCDP(await address), stop };
  } catch (problem) {
    await stop();
    throw problem;
  }
}
