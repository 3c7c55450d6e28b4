// Five kinds of tests: `unit` needs Node alone; `engine`, `integration`, `stock` and `compose` need the prepared Debian suites.
import { defineConfig } from 'vitest/config';

const SETUP = ['test/setup/key-pairs.ts'];
const SUITES_FIRST = ['test/integration/helpers/prepare.ts'];
const SUITES_AND_ARTIFACTS_FIRST = [...SUITES_FIRST, 'test/integration/helpers/artifacts.ts'];

const STOCK = [
  ...['requests', 'article', 'starting', 'modes', 'keys-at-check', 'counted-tokens'].map((name) => `haproxy/${name}`),
  ...['algorithms', 'auth0', 'cache', 'deny', 'keys', 'login-client-key', 'settings', 'vectors'].map(
    (name) => `both/${name}`,
  ),
];

export default defineConfig({
  test: {
    // A test that is focused or skipped would hide the others; an empty project is a failure.
    allowOnly: false,
    passWithNoTests: false,
    // Each file is a process of its own: what a test file starts ends with it.
    pool: 'forks',
    // Real proxies and engines run beside the workers, on two cores; scripts/test.mjs says where there may be more.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: SETUP,
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts', 'test/vectors/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'engine',
          setupFiles: SETUP,
          include: ['test/engine/**/*.test.ts'],
          globalSetup: SUITES_FIRST,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'integration',
          setupFiles: SETUP,
          include: ['test/integration/**/*.test.ts'],
          globalSetup: SUITES_AND_ARTIFACTS_FIRST,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'stock',
          setupFiles: SETUP,
          // What HAProxy decides, once more where luaossl is not there: plain TypeScript checks the signatures.
          include: STOCK.map((name) => `test/integration/${name}.test.ts`),
          env: { JWTVERIFY_STOCK: '1' },
          globalSetup: SUITES_AND_ARTIFACTS_FIRST,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'compose',
          setupFiles: SETUP,
          include: ['test/compose/**/*.test.ts'],
          fileParallelism: false,
          globalSetup: SUITES_FIRST,
          testTimeout: 600_000,
          hookTimeout: 1_200_000,
        },
      },
    ],
  },
});
