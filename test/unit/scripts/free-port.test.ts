// A port for a test is nobody else's, whatever other tests run at the same time.
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';

const MODULE = new URL('../../../scripts/test/free-port.mjs', import.meta.url).href;
const COUNT = 400;

/** Takes many ports in a process of its own, which holds them until it gets a signal to end. */
function takePorts(): { readonly ports: Promise<readonly number[]>; readonly end: () => void } {
  const script = `import { freePort } from '${MODULE}';
    const ports = [];
    while (ports.length < ${COUNT}) ports.push(await freePort());
    console.log(ports.join(' '));
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ports = new Promise<readonly number[]>((done) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      if (text.endsWith('\n')) done(text.trim().split(' ').map(Number));
    });
    child.once('close', () => {
      done([]);
    });
  });
  return { ports, end: () => child.stdin.end() };
}

// Out of 22,000 ports two processes that did not know of each other would take one twice, but for 1 time in 1,000.
test('two processes never get the same port', async () => {
  const takers = [takePorts(), takePorts()];
  const ports = (await Promise.all(takers.map((taker) => taker.ports))).flat();
  for (const taker of takers) taker.end();
  expect(ports).toHaveLength(2 * COUNT);
  expect(new Set(ports).size).toBe(2 * COUNT);
});
