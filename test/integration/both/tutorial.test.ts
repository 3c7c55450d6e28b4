// docs/tutorial.md, replayed line by line: the command on this machine, the proxies in each suite.
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { buildCli, copyCli } from '../../../scripts/build-cli.mjs';
import { readDocument } from '../helpers/docs-blocks';
import { freePort, makeWorkDirectory, suiteRoot, type SuiteName } from '../helpers/suite';

type ProxyName = 'haproxy' | 'nginx';

/** A command of the transcript, and the lines below it. */
interface Step {
  readonly command: string;
  readonly expected: readonly string[];
}

const BLOCK = /^```console(?: only=(\w+))?\n([\s\S]*?)^```$/gm;
const HERE = /<<'END'$/;

/** The steps of a block: a line with `$ ` begins one, and a text up to `END` belongs to its command. */
function stepsOf(block: string): readonly Step[] {
  const steps: { command: string; expected: string[]; isOpen: boolean }[] = [];
  for (const line of block.trimEnd().split('\n')) {
    const last = steps.at(-1);
    if (last?.isOpen === true) {
      last.command += `\n${line}`;
      last.isOpen = line !== 'END';
    } else if (line.startsWith('$ ')) steps.push({ command: line.slice(2), expected: [], isOpen: HERE.test(line) });
    else last?.expected.push(line);
  }
  return steps;
}

function transcriptFor(proxy: ProxyName): readonly Step[] {
  return [...readDocument('docs/tutorial.md').matchAll(BLOCK)].flatMap(([, only, block = '']) =>
    only === undefined || only === proxy ? stepsOf(block) : [],
  );
}

/** Whether lines are as the transcript has them; `...` is anything, also several lines where it is alone. */
function pattern(expected: readonly string[]): RegExp {
  const lines = expected.map((line) =>
    line === '...' ? '(?:.*\n)*?' : `${line.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('\\.\\.\\.', '.*')}\n`,
  );
  return new RegExp(`^${lines.join('')}$`);
}

/** Between the outputs of two commands. */
const MARK = '=== end of step';

/** One session of a shell, in which a folder of the suite is at the same place for the proxy and for the command. */
function replay(suite: SuiteName, folder: string, steps: readonly Step[]): Promise<string> {
  const bin = join(folder, 'bin');
  const write = (name: string, line: string): void => {
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  const inside = folder.slice(suiteRoot(suite).length);
  for (const proxy of ['haproxy', 'nginx']) {
    const command = `/usr/bin/env -C ${inside}/api /usr/sbin/${proxy}`;
    write(proxy, `exec chroot ${suiteRoot(suite)} ${command} "$@"`);
  }
  write('jwtverify', `exec '${process.execPath}' ${inside}/dist/cli/jwtverify.mjs "$@"`);
  write('node', `exec '${process.execPath}' "$@"`);
  const script = [`trap 'kill $(jobs -p)' EXIT`, ...steps.map(({ command }) => `${command}\necho "${MARK}"`)].join(
    '\n',
  );
  writeFileSync(join(folder, 'session.sh'), script);
  const session = `mount --bind ${suiteRoot(suite)}/srv /srv && cd ${inside}/api && exec bash ${inside}/session.sh 2>&1`;
  const env = {
    PATH: `${inside}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    TMPDIR: `${inside}/tmp`,
    HOME: folder,
    LC_ALL: 'C.UTF-8',
  };
  return new Promise((done) => {
    execFile('unshare', ['-m', 'sh', '-c', session], { env }, (_, stdout) => {
      done(stdout);
    });
  });
}

/** The oldest HAProxy, the oldest nginx that asks for changed keys at once, and the newest of both. */
const CASES = [
  { suite: 'bookworm', proxy: 'haproxy' },
  { suite: 'trixie', proxy: 'nginx' },
  { suite: 'sid', proxy: 'haproxy' },
  { suite: 'sid', proxy: 'nginx' },
] as const;

describe.concurrent('docs/tutorial.md', () => {
  let cli = '';
  beforeAll(async () => {
    cli = await buildCli();
  });

  test.each(CASES)(
    'is what happens with $proxy of $suite',
    async ({ suite, proxy }) => {
      const work = makeWorkDirectory(suite);
      const { lua, js } = inject('artifacts');
      for (const [name, built] of [
        ['haproxy/jwtverify.lua', lua],
        ['nginx/jwtverify.js', js],
      ] as const) {
        const path = join(work.outside, 'dist', name);
        mkdirSync(dirname(path), { recursive: true });
        cpSync(built, path);
      }
      copyCli(cli, join(work.outside, 'dist/cli'));
      for (const name of ['api', 'tmp']) mkdirSync(join(work.outside, name));
      const ports = { 9000: await freePort(), 3001: await freePort(), 8080: await freePort() };
      const place = (text: string): string =>
        Object.entries(ports)
          .reduce((all, [written, port]) => all.replaceAll(new RegExp(`\\b${written}\\b`, 'g'), String(port)), text)
          .replaceAll('/var/log/nginx', work.inside);
      const steps = transcriptFor(proxy).map(({ command, expected }) => ({
        // The backend of \`init\` is its own choice unless an option names it.
        command: place(command.replace(/^jwtverify init .*/, '$& --backend 127.0.0.1:3001')),
        expected: expected.map(place),
      }));
      const outputs = (await replay(suite, work.outside, steps)).split(`${MARK}\n`);
      const faults = steps.flatMap(({ command, expected }, index) => {
        const output = outputs[index] ?? '';
        return pattern(expected).test(output) ? [] : [{ command, expected: expected.join('\n'), output }];
      });
      const log = readFileSync(join(work.outside, 'api', `${proxy}.log`), 'utf8');
      expect(faults, log).toEqual([]);
      expect(outputs).toHaveLength(steps.length + 1);
    },
    120_000,
  );
});
