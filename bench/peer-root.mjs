// Debian sid with TeslaGov's C module beside what the tests have: a copy of the suite's root file system, made once.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { apart, APT, CACHE, runInside, runWithRetries, suitePath, withLock } from '../scripts/suites.mjs';

const PACKAGES = ['libnginx-mod-http-auth-jwt'];
const COPY = 'tar -C "$1" --one-file-system --exclude=./srv -cf - . | tar -C "$2" -xf -';

/** Where it is; changed lists of packages make another. */
export function peerRoot() {
  const recipe = createHash('sha256').update(JSON.stringify(PACKAGES)).digest('hex').slice(0, 4);
  return join(CACHE, `bench-${basename(suitePath('sid'))}-${recipe}`);
}

/**
 * Makes it, from the suite sid, where it is not there.
 * @param {(line: string) => void} say
 */
export async function preparePeerRoot(say) {
  await withLock(join(CACHE, 'bench.lock'), async () => {
    const root = peerRoot();
    if (existsSync(root)) {
      return;
    }
    const log = join(CACHE, 'bench.log');
    say(`making a root file system with ${PACKAGES.join(' ')}`);
    const half = `${root}.half`;
    await writeFile(log, '');
    await runWithRetries(log, apart(COPY, [suitePath('sid'), half]), async () => {
      await rm(half, { recursive: true, force: true });
      await mkdir(half, { recursive: true });
    });
    await runInside(log, half, [...APT, 'update']);
    await runInside(log, half, [...APT, 'install', '--no-install-recommends', ...PACKAGES]);
    await runInside(log, half, ['apt-get', 'clean']);
    await rename(half, root);
  });
}
