// The contract suites on HAProxy's adapters inside real HAProxy, where its converters do the work: once with each way of
// checking signatures, and with two of them, where the second has what the first lacks.
import { createPublicKey } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VerificationKey } from '../../../src/model/key';
import { expectContract } from '../../contract/expectations';
import type { Question } from '../../contract/case';
import { SIGNATURE_CASES } from '../../contract/signatures';
import { SURROUNDINGS } from '../../contract/settings-source';
import { bundleLua } from '../../engine/build';
import { writeLua } from '../../engine/lua-data';
import {
  freePort,
  HAPROXY,
  makeWorkDirectory,
  request,
  startIn,
  SUITES,
  waitForPort,
  type SuiteName,
} from '../helpers/suite';

/** What each lacks; it answers `unavailable` then. */
const BACKENDS = {
  luaossl: ['EdDSA'],
  native: ['PS256', 'PS384', 'PS512', 'EdDSA'],
  plain: [],
  'native, then plain': [],
} as const;

type Backend = keyof typeof BACKENDS;

/** The public keys that are asked about, as SubjectPublicKeyInfo in base64. */
const KEYS = [
  ...new Set(
    SIGNATURE_CASES.flatMap(({ question }) => {
      const { key } = (question as { request: { key: VerificationKey } }).request;
      return key.kind === 'public' ? [key.spki] : [];
    }),
  ),
];

const pemOf = (spki: string): string =>
  createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' }).export({
    type: 'spki',
    format: 'pem',
  }) as string;

/** Runs the questions in one request. The settings are read as in production: from the process's environment. */
async function askHaproxy(
  suite: SuiteName,
  backend: Backend,
  questions: readonly Question[],
): Promise<readonly string[]> {
  const { outside, inside } = makeWorkDirectory(suite);
  const port = await freePort();
  const keys = KEYS.map((spki, index) => ({
    path: `${inside}/${String(index)}.pem`,
    spki,
    variable: `proc.key${String(index)}`,
  }));
  const lines = keys.map(({ path, variable }) => `  set-var ${variable} str(),jwt_verify(RS256,${path})`);
  const configuration = `global
${lines.join('\n')}
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
    ...Object.fromEntries(KEYS.map((spki, index) => [`${String(index)}.pem`, pemOf(spki)])),
    'keys.lua': `return ${writeLua(keys)}\n`,
    'questions.lua': `return ${writeLua(questions)}\n`,
    'haproxy.cfg': configuration,
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(outside, name), content);
  mkdirSync(join(outside, SURROUNDINGS.directory));
  const running = startIn(suite, [...HAPROXY, '-f', 'haproxy.cfg'], {
    cwd: inside,
    env: {
      ...SURROUNDINGS.environment,
      CONTRACT_QUESTIONS: 'questions.lua',
      CONTRACT_KEYS: 'keys.lua',
      CONTRACT_BACKEND: backend,
    },
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
  for (const [backend, lacking] of Object.entries(BACKENDS)) {
    expectContract(
      `HAProxy of ${suite}, ${backend}`,
      (questions) => askHaproxy(suite, backend as Backend, questions),
      lacking,
    );
  }
}
