// Debian's Prometheus and its `promtool`, unpacked once into one suite: what they say of metrics is what operators will see.
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { APT, CACHE, runInside, withLock } from '../../../scripts/suites.mjs';
import { runIn, suiteRoot, type SuiteName } from './suite';

/** Bookworm's package has both programs. They need nothing but the C library. */
export const PROMETHEUS_SUITE: SuiteName = 'bookworm';
const PLACE = '/srv/prometheus';
export const PROMETHEUS = `${PLACE}/usr/bin/prometheus`;
const PROMTOOL = `${PLACE}/usr/bin/promtool`;

const UNPACK =
  'cd "$1"; apt-get download prometheus; dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin; rm prometheus_*.deb';

/** Unpacks it where that was not done yet. */
export async function preparePrometheus(): Promise<void> {
  const root = suiteRoot(PROMETHEUS_SUITE);
  await withLock(join(CACHE, 'prometheus.lock'), async () => {
    if (existsSync(join(root, PROMTOOL))) return;
    const half = `${PLACE}.half`;
    const log = join(CACHE, 'prometheus.log');
    await writeFile(log, '');
    await rm(join(root, half), { recursive: true, force: true });
    await mkdir(join(root, half), { recursive: true });
    await runInside(log, root, [...APT, 'update']);
    await runInside(log, root, ['sh', '-euc', UNPACK, 'sh', half]);
    await rename(join(root, half), join(root, PLACE));
  });
}

/** What `promtool check metrics` says of a text; empty when all is well. */
export async function checkMetrics(metrics: string): Promise<string> {
  const encoded = Buffer.from(metrics).toString('base64');
  const script = `echo ${encoded} | base64 -d | ${PROMTOOL} check metrics`;
  const { code, output } = await runIn(PROMETHEUS_SUITE, ['sh', '-c', script]);
  return code === 0 ? '' : `${String(code)}: ${output}`;
}
