// `jwtverify init` for the proxies of each suite: what it writes is read by them, and guards what it says it guards.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { checkNginxConf } from '../../../cli/desk/nginx-conf';
import { init, type InitOptions } from '../../../cli/commands/init';
import type { ProxyName } from '../../../cli/ports/proxies';
import { createRecorder, type Recorder } from '../../unit/cli/recorder';
import { eventually } from '../helpers/keep-alive';
import { reachedBy, startEchoBackend, valuesOf, type EchoBackend } from '../helpers/echo-backend';
import { AUDIENCE, signWith, startIssuer, type IssuerServer } from '../helpers/issuer-server';
import {
  freePort,
  HAPROXY,
  makeWorkDirectory,
  request,
  startIn,
  suiteRoot,
  SUITES,
  waitForPort,
  type HttpAnswer,
  type Running,
  type SuiteName,
} from '../helpers/suite';

let issuer: IssuerServer;
let backend: EchoBackend;

beforeAll(async () => {
  issuer = await startIssuer();
  backend = await startEchoBackend();
});
afterAll(async () => {
  await backend.stop();
  await issuer.stop();
});

interface Made {
  readonly folder: string;
  readonly inside: string;
  readonly port: number;
  readonly recorder: Recorder;
  readonly options: InitOptions;
}

/** Runs `init` for the proxy that is inside a suite. */
async function initIn(suite: SuiteName, proxy: ProxyName): Promise<Made> {
  const work = makeWorkDirectory(suite);
  const { lua, js } = inject('artifacts');
  const [module, built] = proxy === 'haproxy' ? ['jwtverify.lua', lua] : ['jwtverify.js', js];
  cpSync(built, join(work.outside, module));
  const port = await freePort();
  const recorder = createRecorder();
  const options: InitOptions = {
    issuer: issuer.issuer,
    audience: [AUDIENCE],
    publicReads: true,
    writeScope: 'write:hamsters',
    backend: `127.0.0.1:${String(backend.port)}`,
    listen: `127.0.0.1:${String(port)}`,
    directory: `${work.inside}/gate`,
    root: suiteRoot(suite),
    module: `${work.inside}/${module}`,
    resolver: '127.0.0.53',
    caFile: '/etc/ssl/certs/ca-certificates.crt',
    allowHttp: true,
  };
  await init(proxy, options, recorder.output);
  return { folder: join(work.outside, 'gate'), inside: `${work.inside}/gate`, port, recorder, options };
}

function startProxy(suite: SuiteName, proxy: ProxyName, { inside }: Made): Running {
  if (proxy === 'haproxy') return startIn(suite, [...HAPROXY, '-f', `${inside}/haproxy.cfg`]);
  // Before njs 0.8.8 the policy's path comes from the environment of the service.
  const env = { OAUTH_POLICY: `${inside}/policy.json` };
  const globals = `daemon off; pid ${inside}/nginx.pid; error_log stderr notice;`;
  return startIn(suite, ['nginx', '-c', `${inside}/nginx.conf`, '-g', globals], { env });
}

const CASES = SUITES.flatMap((suite) => (['haproxy', 'nginx'] as const).map((proxy) => ({ suite, proxy })));

describe.each(CASES)('init $proxy in $suite', ({ suite, proxy }) => {
  let made: Made;
  let running: Running;

  beforeAll(async () => {
    made = await initIn(suite, proxy);
    running = startProxy(suite, proxy, made);
    await waitForPort(made.port, running);
    // Keys are fetched in the background: until they are there every token gets 503.
    const token = await tokenOf({ scope: 'write:hamsters' });
    await eventually('the proxy has the keys', async () => (await ask('POST', token)).status === 200);
  });
  afterAll(async () => {
    await running.stop();
  });

  function ask(method: string, token?: string): Promise<HttpAnswer> {
    const bearer = token === undefined ? [] : [['Authorization', `Bearer ${token}`] as const];
    const forged = ['X-Auth-Request-User', 'FORGED'] as const;
    return request({ port: made.port, method, path: '/hamsters/turbo', headers: [forged, ...bearer] });
  }

  const tokenOf = (claims: Readonly<Record<string, unknown>>, seconds = 600): Promise<string> =>
    signWith(issuer.keys()[0] ?? {}, issuer.issuer, seconds, claims);

  test('has the proxy read the configuration, and says so', () => {
    expect(made.recorder.stdout()).toContain(`${proxy} reads ${made.inside}/`);
    expect(made.recorder.stderr()).toBe('');
  });

  test('lets whoever has the scope write, whoever asks read, and nobody else do anything', async () => {
    const write = await tokenOf({ scope: 'write:hamsters' });
    const answers = {
      read: await ask('GET'),
      none: await ask('POST'),
      other: await ask('POST', await tokenOf({ scope: 'read:hamsters' })),
      over: await ask('DELETE', await tokenOf({ scope: 'write:hamsters' }, -120)),
      foreign: await ask('PUT', await tokenOf({ scope: 'write:hamsters', aud: 'https://other.example' })),
      good: await ask('POST', write),
    };
    const statuses = Object.entries(answers).map(([name, { status }]) => [name, status]);
    expect(Object.fromEntries(statuses)).toEqual({
      read: 200,
      none: 401,
      other: 403,
      over: 401,
      foreign: 401,
      good: 200,
    });
    expect(answers.none.headers['www-authenticate']).toContain('Bearer');
    expect(valuesOf(reachedBy(answers.read), 'X-Auth-Request-User')).toEqual([]);
    expect(valuesOf(reachedBy(answers.good), 'X-Auth-Request-User')).toEqual(['turbo']);
  });

  test('replaces nothing unless it is asked to', async () => {
    const name = proxy === 'haproxy' ? 'haproxy.cfg' : 'nginx.conf';
    const path = join(made.folder, name);
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, '# mine\n');
    const { output } = createRecorder();
    await expect(init(proxy, made.options, output)).rejects.toThrow(`${made.inside}/${name}`);
    expect(readFileSync(path, 'utf8')).toBe('# mine\n');
    await init(proxy, { ...made.options, force: true }, output);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  test('leaves nothing behind where the proxy does not read what would be written', async () => {
    const directory = `${made.inside}/other`;
    const { output } = createRecorder();
    const options = { ...made.options, directory, module: '/nowhere/jwtverify' };
    await expect(init(proxy, options, output)).rejects.toThrow('nothing was written');
    expect(() => readFileSync(join(suiteRoot(suite), directory, 'policy.json'))).toThrow('ENOENT');
  });

  test('writes for nginx what `check` finds nothing in', () => {
    if (proxy === 'haproxy') return;
    const path = join(made.folder, 'nginx.conf');
    const outside = readFileSync(path, 'utf8').replaceAll(made.inside, made.folder);
    writeFileSync(`${path}.conf`, outside);
    const severities = checkNginxConf(`${path}.conf`)?.map(({ severity }) => severity);
    expect(severities).toEqual([]);
  });
});
