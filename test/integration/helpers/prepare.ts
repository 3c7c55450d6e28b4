// Vitest's global set-up: the Debian suites stand before any test that runs in them.
import { prepareSuites, SUITES } from '../../../scripts/suites.mjs';

export default async function setup(): Promise<void> {
  await prepareSuites(SUITES, () => undefined);
}
