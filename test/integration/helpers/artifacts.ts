// Vitest's global set-up: both artifacts are built from these sources once for a whole run, and every test file has them.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildHaproxy } from '../../../scripts/build-haproxy.mjs';
import { buildNginx } from '../../../scripts/build-nginx.mjs';

/** The paths of the built files. */
export interface Artifacts {
  readonly lua: string;
  readonly js: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    artifacts: Artifacts;
  }
}

/** Another build's files, for `scripts/compare-artifacts.mjs`. */
const GIVEN = process.env['JWTVERIFY_ARTIFACTS'];

/** Builds; what the compilers refuse ends the run. @returns what removes the files */
export default async function setup(project: TestProject): Promise<() => void> {
  if (GIVEN !== undefined) {
    project.provide('artifacts', { lua: join(GIVEN, 'haproxy/jwtverify.lua'), js: join(GIVEN, 'nginx/jwtverify.js') });
    return () => undefined;
  }
  const directory = mkdtempSync(join(tmpdir(), 'jwtverify-'));
  const remove = (): void => {
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', remove);
  const js = join(directory, 'jwtverify.js');
  cpSync(await buildNginx(), js);
  project.provide('artifacts', { lua: buildHaproxy(directory), js });
  return remove;
}
