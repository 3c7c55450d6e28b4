// The contract suites on HAProxy's adapters inside real HAProxy, where its converters do the work.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectContract } from '../contract/expectations';
import type { Question } from '../contract/case';
import { SURROUNDINGS } from '../contract/settings-source';
import { bundleLua } from '../engine/build';
import { writeLua } from '../engine/lua-data';
import { freePort, makeWorkDirectory, request, startIn, SUITES, waitForPort, type SuiteName } from './suite';

/** Runs the questions in one request. The settings are read as in production: from the process's environment. */
async function askHaproxy(suite: SuiteName, questions: readonly Question[]): Promise<readonly string[]> {
  const { outside, inside } = makeWorkDirectory(suite);
  const port = await freePort();
  const configuration = `global
  lua-load contract.lua
  tune.lua.session-timeout 60s
  tune.lua.forced-yield 10000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend contract
  bind 127.0.0.1:${port}
  http-request lua.contract
`;
  const files = {
    ...SURROUNDINGS.files,
    'contract.lua': bundleLua('contract-haproxy.ts'),
    'questions.lua': `return ${writeLua(questions)}\n`,
    'haproxy.cfg': configuration,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(outside, name), content);
  mkdirSync(join(outside, SURROUNDINGS.directory));
  const running = startIn(suite, ['haproxy', '-db', '-f', 'haproxy.cfg'], {
    cwd: inside,
    env: { ...SURROUNDINGS.environment, CONTRACT_QUESTIONS: 'questions.lua' },
  });
  try {
    await waitForPort(port, running);
    const { status, body } = await request({ port });
    if (status !== 200) throw new Error(`status ${status}: ${running.output()}`);
    return body.trimEnd().split('\n');
  } finally {
    await running.stop();
  }
}

for (const suite of SUITES) {
  expectContract(`HAProxy of ${suite}`, (questions) => askHaproxy(suite, questions), ['EdDSA']);
}
