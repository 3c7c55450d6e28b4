// The build of the njs module.
import { expect, test } from 'vitest';
import { finishModule } from '../../../scripts/build-nginx.mjs';

const LINE = 200;

/** A bundle whose texts are at another place of a line for each number. */
function bundleWith(length: number): string {
  const texts = Array.from({ length: 40 }, () => `"${'x'.repeat(length)}", "@build@", "@version@"`);
  return `var text = [${texts.join(', ')}];\nvar main_default = { text };\nexport {\n  main_default as default\n};\n`;
}

test('wherever its lines end, the module has its own name and version in each place', async () => {
  for (let length = 0; length < LINE; length++) {
    const code = (await finishModule(bundleWith(length))).replaceAll('\\\n', '');
    const name = /\/\/ Build ([\w-]{8})\n/.exec(code)?.[1] ?? 'none';
    expect(code.split(`"${name}"`).length, `texts of ${length} characters`).toBe(41);
    expect(code).not.toMatch(/@build@|@version@/);
  }
});
