// Wycheproof's tokens through HAProxy's own converter, in real HAProxy, with every key loaded as an operator would.
import { createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from '../../nginx/ports/text';
import { readJwkSet } from '../../src/keys/key-file';
import { bundleLua } from '../engine/build';
import type { Engine } from '../engine/engines';
import { writeLua } from '../engine/lua-data';
import {
  freePort,
  HAPROXY,
  makeWorkDirectory,
  request,
  startIn,
  suiteRoot,
  waitForPort,
  type SuiteName,
} from '../integration/helpers/suite';

interface Data {
  readonly keySets: readonly string[];
}

/** A key as PEM; undefined for one that OpenSSL refuses, as a point that is not on its curve: HAProxy would not start. */
function pemOf(spki: string): string | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });
    return key.export({ type: 'spki', format: 'pem' }).toString();
  } catch {
    return undefined;
  }
}

/** The public keys of the sets, as far as the core lets them in. */
function keysOf(keySets: readonly string[]): readonly string[] {
  const keys = keySets.flatMap((keySet) => readJwkSet(keySet, text).keys.map(({ spki }) => spki));
  return [...new Set(keys)].filter((spki) => pemOf(spki) !== undefined);
}

async function run(suite: SuiteName, data: Data): Promise<readonly string[]> {
  suiteRoot(suite);
  const { outside, inside } = makeWorkDirectory(suite);
  const port = await freePort();
  const keys = keysOf(data.keySets).map((spki, index) => ({
    path: `${inside}/${String(index)}.pem`,
    spki,
    variable: `proc.key${String(index)}`,
  }));
  const lines = keys.map(({ path, variable }) => `set-var ${variable} str(),jwt_verify(RS256,${path})`);
  const files: Record<string, string> = {
    'wycheproof.lua': bundleLua('wycheproof-haproxy.ts'),
    'keys.lua': `return ${writeLua(keys)}\n`,
    'vectors.lua': `return ${writeLua(data)}\n`,
    'haproxy.cfg': `global
  ${lines.join('\n  ')}
  lua-load wycheproof.lua
  tune.lua.session-timeout 60s
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend wycheproof
  bind 127.0.0.1:${port}
  http-request lua.wycheproof
`,
  };
  keys.forEach(({ spki }, index) => {
    files[`${String(index)}.pem`] = pemOf(spki) ?? '';
  });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(outside, name), content);
  const env = { WYCHEPROOF_VECTORS: 'vectors.lua', WYCHEPROOF_KEYS: 'keys.lua' };
  const running = startIn(suite, [...HAPROXY, '-f', 'haproxy.cfg'], { cwd: inside, env });
  try {
    await waitForPort(port, running);
    const { status, body } = await request({ port });
    if (status !== 200) throw new Error(`status ${status}: ${running.output()}`);
    return body.trimEnd().split('\n');
  } finally {
    await running.stop();
  }
}

/** HAProxy of a suite as an engine for these vectors alone. */
export function haproxyEngine(suite: SuiteName): Engine {
  return { name: `HAProxy of ${suite}`, run: (_, data) => run(suite, data as Data) };
}
