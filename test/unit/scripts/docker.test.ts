// A program that is missing must not keep the test run alive after its last line.
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const MODULE = pathToFileURL('scripts/test/docker.mjs').href;

/** Runs a script in a Node of its own. @returns its output, and whether it ended by itself within ten seconds */
function runScript(script: string): Promise<{ output: string; ended: boolean }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((done) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.on('close', (_code, signal) => {
      clearTimeout(timer);
      done({ output, ended: signal === null });
    });
  });
}

function tell(command: readonly string[], seconds: number): string {
  return `import { run } from ${JSON.stringify(MODULE)};
    console.log(JSON.stringify(await run(${JSON.stringify(command)}, ${seconds.toString()})));`;
}

test('ends at once where the program is missing', async () => {
  const { output, ended } = await runScript(tell(['no-such-program-of-jwtverify'], 600));
  expect(JSON.parse(output)).toEqual({ code: 127, output: '' });
  expect(ended).toBe(true);
});

test('ends a program that takes too long', async () => {
  const { output, ended } = await runScript(tell(['sleep', '600'], 1));
  expect(JSON.parse(output)).toEqual({ code: 128, output: '' });
  expect(ended).toBe(true);
});

test('gives the output and the code of a program', async () => {
  const { output } = await runScript(tell(['sh', '-c', 'echo out; exit 3'], 60));
  expect(JSON.parse(output)).toEqual({ code: 3, output: 'out\n' });
});
